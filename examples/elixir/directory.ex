# A Registry: unique names for processes, values beside them, and messages to all who subscribed to a topic.
defmodule Directory do
  def main do
    {:ok, _} = Registry.start_link(keys: :unique, name: Directory.Names)
    {:ok, _} = Registry.start_link(keys: :duplicate, name: Directory.Topics)

    name = {:via, Registry, {Directory.Names, "adder", :v1}}
    {:ok, pid} = Agent.start_link(fn -> 1 end, name: name)
    Agent.update(name, &(&1 + 41))
    IO.puts("by name: #{Agent.get(name, & &1)}")
    [{^pid, value}] = Registry.lookup(Directory.Names, "adder")
    IO.puts("value: #{inspect(value)}, names: #{Registry.count(Directory.Names)}")
    {:error, {:already_started, ^pid}} = Agent.start_link(fn -> 2 end, name: name)

    parent = self()

    listeners =
      for n <- 1..3 do
        spawn_link(fn ->
          {:ok, _} = Registry.register(Directory.Topics, "news", n)
          send(parent, {:ready, n})
          receive do: (text -> send(parent, {:heard, n, text}))
        end)
      end

    for n <- 1..length(listeners), do: receive(do: ({:ready, ^n} -> :ok))

    Registry.dispatch(Directory.Topics, "news", fn entries ->
      for {pid, n} <- Enum.sort_by(entries, &elem(&1, 1)), do: send(pid, "hello #{n}")
    end)

    for n <- 1..3, do: receive(do: ({:heard, ^n, text} -> IO.puts("listener #{n}: #{text}")))

    :ok = Agent.stop(name)
    IO.puts("after its end: #{inspect(gone(100))}")
  end

  # The registry forgets a process when it hears of its exit, which may be a moment later.
  defp gone(0), do: Registry.lookup(Directory.Names, "adder")

  defp gone(tries) do
    case Registry.lookup(Directory.Names, "adder") do
      [] -> []
      _ -> Process.sleep(1) && gone(tries - 1)
    end
  end
end
