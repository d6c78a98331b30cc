# Process, send, receive, links, monitors, timers, Node.
defmodule Otp.Processes do
  def main do
    me = self()
    pid = spawn(fn -> receive do {:hi, from} -> send(from, :hello) end end)
    send(pid, {:hi, me})
    receive do: (:hello -> IO.puts("hello"))
    {pid, ref} = spawn_monitor(fn -> exit(:bye) end)
    receive do: ({:DOWN, ^ref, :process, ^pid, why} -> IO.inspect(why))
    Process.flag(:trap_exit, true)
    p = spawn_link(fn -> Process.sleep(:infinity) end)
    Process.exit(p, :kill)
    receive do: ({:EXIT, ^p, why} -> IO.inspect(why))
    Process.send_after(me, :tick, 5)
    receive do
      :tick -> IO.puts("tick")
    after
      1000 -> IO.puts("late")
    end
    t = Process.send_after(me, :never, 10_000)
    IO.inspect(is_integer(Process.cancel_timer(t)))
    IO.inspect(Process.cancel_timer(t))
    Process.put(:k, 1)
    IO.inspect({Process.get(:k), Process.delete(:k), Process.get(:k, :default), Process.get_keys()})
    IO.inspect(Process.alive?(p))
    IO.inspect(Process.info(p))
    IO.inspect(Process.info(me, :trap_exit))
    IO.inspect(Process.list() |> Enum.member?(me))
    Process.register(me, :me)
    IO.inspect({Process.whereis(:me) == me, Process.registered() |> Enum.member?(:me), Process.unregister(:me)})
    IO.inspect({Node.self(), Node.alive?(), Node.list()})
    a = :erlang.alias()
    send(a, :via_alias)
    receive do: (:via_alias -> IO.puts("alias"))
    :erlang.unalias(a)
    receive do
      _ -> IO.puts("unexpected")
    after
      0 -> IO.puts("nothing")
    end
    task = Task.async(fn -> Process.get(:"$callers") == [me] end)
    IO.inspect(Task.await(task))
    IO.inspect(Task.yield_many([Task.async(fn -> 1 end)], 100) |> Enum.map(fn {_, r} -> r end))
    {:ok, ag} = Agent.start_link(fn -> %{} end)
    Agent.update(ag, Map, :put, [:a, 1])
    IO.inspect(Agent.get(ag, & &1))
    Agent.cast(ag, &Map.put(&1, :b, 2))
    IO.inspect(Agent.get_and_update(ag, &{map_size(&1), %{}}))
    IO.inspect(Task.completed(3) |> Task.await())
    IO.inspect(:timer.tc(fn -> :x end) |> elem(1))
    IO.inspect(System.unique_integer([:positive]) > 0)
  end

  def woken(_), do: :ok
end
