# GenServer, Supervisor, DynamicSupervisor, Task.Supervisor, PartitionSupervisor with Elixir's child specifications.
defmodule Otp.Stack do
  use GenServer
  def start_link(opts), do: GenServer.start_link(__MODULE__, Keyword.get(opts, :items, []), name: opts[:name])
  @impl true
  def init(items), do: {:ok, items, {:continue, :ready}}
  @impl true
  def handle_continue(:ready, s), do: {:noreply, [:ready | s]}
  @impl true
  def handle_call(:pop, _, [h | t]), do: {:reply, h, t}
  def handle_call(:boom, _, _), do: raise("boom")
  def handle_call(:defer, from, s) do
    spawn(fn -> GenServer.reply(from, :later) end)
    {:noreply, s}
  end
  @impl true
  def handle_cast({:push, x}, s), do: {:noreply, [x | s]}
  @impl true
  def handle_info({:ping, pid}, s) do
    send(pid, :pong)
    {:noreply, s, 10}
  end
  def handle_info(:timeout, s) do
    send(:main_program, :timed_out)
    {:noreply, [:timeout | s]}
  end
  @impl true
  def terminate(reason, _) do
    if pid = Process.whereis(:main_program), do: send(pid, {:terminated, reason})
  end
  @impl true
  def format_status(_, [_, s]), do: s
end

defmodule Otp.Supervision do
  def main do
    Process.register(self(), :main_program)
    Logger.configure(level: :none)
    :logger.set_primary_config(:level, :none)
    {:ok, sup} = Supervisor.start_link([{Otp.Stack, name: :stack, items: [1, 2]}, %{id: :agent, start: {Agent, :start_link, [fn -> 0 end, [name: :ag]]}}], strategy: :one_for_one, max_restarts: 2)
    IO.inspect(GenServer.call(:stack, :pop))
    IO.inspect(GenServer.call(:stack, :pop))
    GenServer.cast(:stack, {:push, :x})
    IO.inspect(GenServer.call(:stack, :pop))
    IO.inspect(GenServer.call(:stack, :defer))
    send(:stack, {:ping, self()})
    receive do: (:pong -> IO.puts("pong"))
    receive do: (:timed_out -> :ok)
    IO.inspect(:sys.get_state(:stack))
    old = Process.whereis(:stack)
    ref = Process.monitor(old)
    try do
      GenServer.call(:stack, :boom)
    catch
      :exit, {{%RuntimeError{message: m}, _}, {GenServer, :call, _}} -> IO.puts("call exited: #{m}")
    end
    receive do: ({:DOWN, ^ref, _, _, {%RuntimeError{}, _}} -> IO.puts("down"))
    IO.puts("restarted: #{wait_for(:stack, old)}")
    IO.inspect(Supervisor.count_children(sup))
    IO.inspect(for {id, pid, type, mods} <- Supervisor.which_children(sup), do: {id, is_pid(pid), type, mods})
    IO.inspect(Supervisor.terminate_child(sup, :agent))
    IO.inspect(Supervisor.restart_child(sup, :agent) |> elem(0))
    IO.inspect(Supervisor.delete_child(sup, :nope))
    IO.inspect(Otp.Stack.child_spec([]))
    IO.inspect(Supervisor.stop(sup))

    {:ok, dyn} = DynamicSupervisor.start_link(strategy: :one_for_one)
    for i <- 1..3, do: {:ok, _} = DynamicSupervisor.start_child(dyn, {Agent, fn -> i end})
    IO.inspect(DynamicSupervisor.count_children(dyn))
    IO.inspect(for {_, pid, _, _} <- DynamicSupervisor.which_children(dyn), do: Agent.get(pid, & &1))
    DynamicSupervisor.stop(dyn)

    {:ok, ts} = Task.Supervisor.start_link()
    IO.inspect(Task.Supervisor.async(ts, fn -> 6 * 7 end) |> Task.await())
    IO.inspect(Task.Supervisor.async_stream_nolink(ts, 1..3, fn 2 -> exit(:two); n -> n end) |> Enum.to_list())
    t = Task.Supervisor.async_nolink(ts, fn -> raise "in task" end)
    {:exit, {%RuntimeError{message: "in task"}, _}} = Task.yield(t, 1000)
    IO.inspect(Task.shutdown(Task.Supervisor.async_nolink(ts, fn -> Process.sleep(:infinity) end), :brutal_kill))

    {:ok, _} = PartitionSupervisor.start_link(child_spec: {Agent, fn -> 0 end}, name: Parts, partitions: 2)
    IO.inspect(Agent.get({:via, PartitionSupervisor, {Parts, 1}}, & &1))
    IO.inspect(PartitionSupervisor.partitions(Parts))

    {:ok, _} = Registry.start_link(keys: :unique, name: Reg, partitions: 2)
    {:ok, _} = Registry.register(Reg, :k, :v)
    IO.inspect(Registry.select(Reg, [{{:"$1", :_, :"$3"}, [], [{{:"$1", :"$3"}}]}]))
    IO.inspect(Registry.match(Reg, :k, :v) |> length())
    IO.inspect(Registry.keys(Reg, self()))
    IO.inspect(Registry.update_value(Reg, :k, fn v -> {v, 2} end))
    IO.inspect(Registry.meta(Reg, :x))
    Registry.unregister(Reg, :k)
    IO.inspect(Registry.lookup(Reg, :k))
    IO.inspect(GenServer.whereis(:main_program) == self())
    {:ok, em} = GenEvent_free.start()
    IO.inspect(em)
  end

  defp wait_for(name, old) do
    case Process.whereis(name) do
      pid when is_pid(pid) and pid != old -> true
      _ -> Process.sleep(1) && wait_for(name, old)
    end
  end
end

defmodule GenEvent_free do
  def start, do: {:ok, :none}
end
