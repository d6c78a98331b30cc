# A GenServer, for snapshots.c, events.c and bench/snapshot_bench.c.
defmodule Tally do
  use GenServer
  require Logger

  def note(what), do: Logger.warning("noted: #{inspect(what)}")

  def sum(numbers) do
    {:ok, pid} = GenServer.start_link(__MODULE__, 0)
    for n <- numbers, do: GenServer.call(pid, {:add, n})
    sum = GenServer.call(pid, :sum)
    GenServer.stop(pid)
    sum
  end

  @impl true
  def init(sum), do: {:ok, sum}

  @impl true
  def handle_call({:add, n}, _from, sum), do: {:reply, :ok, sum + n}
  def handle_call(:sum, _from, sum), do: {:reply, sum, sum}
end
