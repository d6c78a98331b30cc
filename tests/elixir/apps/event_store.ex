# Commands, events and projections with GenServer and Agent; a Task.Supervisor for slow handlers; telemetry by send.
defmodule Apps.EventStore do
  use GenServer

  defmodule Event do
    defstruct [:stream, :version, :type, data: %{}]
  end

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts, name: __MODULE__)
  def append(stream, expected, events), do: GenServer.call(__MODULE__, {:append, stream, expected, events})
  def read(stream), do: GenServer.call(__MODULE__, {:read, stream})
  def subscribe(pid \\ self()), do: GenServer.call(__MODULE__, {:subscribe, pid})

  @impl true
  def init(_), do: {:ok, %{streams: %{}, subscribers: %{}}}

  @impl true
  def handle_call({:append, stream, expected, events}, _from, state) do
    current = state.streams |> Map.get(stream, []) |> length()

    if expected in [:any, current] do
      new = for {{type, data}, i} <- Enum.with_index(events, current + 1), do: %Event{stream: stream, version: i, type: type, data: Map.new(data)}
      for {_ref, pid} <- state.subscribers, e <- new, do: send(pid, {:event, e})
      {:reply, {:ok, current + length(new)}, update_in(state.streams[stream], &((&1 || []) ++ new))}
    else
      {:reply, {:error, {:wrong_version, expected: expected, actual: current}}, state}
    end
  end

  def handle_call({:read, stream}, _from, state), do: {:reply, Map.fetch(state.streams, stream), state}

  def handle_call({:subscribe, pid}, _from, state) do
    {:reply, :ok, put_in(state.subscribers[Process.monitor(pid)], pid)}
  end

  @impl true
  def handle_info({:DOWN, ref, :process, _, _}, state) do
    {:noreply, %{state | subscribers: Map.delete(state.subscribers, ref)}}
  end

  def main do
    Logger.configure(level: :none)
    {:ok, _} = Supervisor.start_link([__MODULE__, {Task.Supervisor, name: Apps.EventStore.Tasks}], strategy: :rest_for_one)
    {:ok, totals} = Agent.start_link(fn -> %{} end)
    parent = self()

    projector =
      spawn(fn ->
        :ok = subscribe()
        send(parent, :subscribed)
        project(totals, parent)
      end)

    receive do: (:subscribed -> :ok)
    IO.inspect(append("cart-1", 0, created: [], added: [item: :apple, n: 2]))
    IO.inspect(append("cart-1", 0, added: [item: :apple, n: 2]))
    IO.inspect(append("cart-1", 2, added: [item: :pear, n: 1]))
    IO.inspect(append("cart-2", :any, created: [], added: [item: :apple, n: 40], removed: [item: :apple, n: 1]))
    IO.inspect(read("cart-1"))
    IO.inspect(read("cart-3"))
    send(projector, {:stop, self()})
    receive do: ({:stopped, n} -> IO.puts("projected #{n}"))
    IO.inspect(Agent.get(totals, & &1))
    IO.inspect(Agent.get_and_update(totals, &Map.pop(&1, :pear)))
    Agent.update(totals, &Map.put(&1, :plum, 1))
    IO.inspect(Agent.get(totals, Map, :keys, []) |> Enum.sort())
    wait(fn -> :sys.get_state(__MODULE__).subscribers == %{} end)

    IO.inspect(Task.Supervisor.async_stream_nolink(Apps.EventStore.Tasks, 1..6, fn n -> n * n end, max_concurrency: 2) |> Enum.to_list())
    IO.inspect(Task.Supervisor.async_stream_nolink(Apps.EventStore.Tasks, [1, 0, 2], fn n -> if n == 0, do: exit(:zero), else: n end) |> Enum.to_list())
    IO.inspect(Task.async_stream([1, 60_000], fn ms -> Process.sleep(ms) end, timeout: 3000, on_timeout: :kill_task) |> Enum.to_list())
    tasks = for n <- 1..3, do: Task.Supervisor.async(Apps.EventStore.Tasks, fn -> n * 100 end)
    IO.inspect(Task.await_many(tasks))
    slow = Task.Supervisor.async_nolink(Apps.EventStore.Tasks, fn -> Process.sleep(:infinity) end)
    IO.inspect({Task.yield(slow, 10), Task.shutdown(slow, :brutal_kill)})
    IO.inspect(Task.Supervisor.children(Apps.EventStore.Tasks))
  end

  defp wait(f), do: f.() || (Process.sleep(1) && wait(f))

  defp project(totals, parent, n \\ 0) do
    receive do
      {:event, %Event{type: :added, data: %{item: item, n: k}}} ->
        Agent.update(totals, fn t -> Map.update(t, item, k, &(&1 + k)) end)
        project(totals, parent, n + 1)

      {:event, %Event{type: :removed, data: %{item: item, n: k}}} ->
        Agent.update(totals, fn t -> Map.update!(t, item, &(&1 - k)) end)
        project(totals, parent, n + 1)

      {:event, _} ->
        project(totals, parent, n)

      {:stop, from} ->
        send(from, {:stopped, n})
    end
  end
end
