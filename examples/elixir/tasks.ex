# Tasks: await, a stream of them with a bound on how many run at once, a timeout and a crash.
defmodule Tasks do
  def main do
    task = Task.async(fn -> Enum.sum(1..100) end)
    IO.puts("await: #{Task.await(task)}")

    squares =
      1..10
      |> Task.async_stream(fn n -> n * n end, max_concurrency: 3)
      |> Enum.map(fn {:ok, square} -> square end)

    IO.puts("squares: #{inspect(squares)}")

    # Results come in the order of the input, however long each takes.
    naps =
      [30, 1, 20]
      |> Task.async_stream(fn ms -> Process.sleep(ms) && ms end, max_concurrency: 3)
      |> Enum.to_list()

    IO.puts("naps: #{inspect(naps)}")

    slow =
      [1, :forever]
      |> Task.async_stream(&nap/1, timeout: 2000, on_timeout: :kill_task)
      |> Enum.to_list()

    IO.puts("slow: #{inspect(slow)}")

    Process.flag(:trap_exit, true)
    dead = Task.async(fn -> exit({:shutdown, :enough}) end)
    IO.puts("crash: #{inspect(Task.yield(dead, 30_000))}")

    many = Task.await_many(for(word <- ~w(one two three), do: Task.async(String, :reverse, [word])))
    IO.puts("many: #{Enum.join(many, " ")}")
  end

  defp nap(:forever), do: Process.sleep(:infinity)
  defp nap(ms), do: Process.sleep(ms)
end
