# A DynamicSupervisor: children started on demand, restarted when they crash, counted and stopped.
defmodule Workers.Worker do
  use GenServer, restart: :transient

  def start_link({name, owner}), do: GenServer.start_link(__MODULE__, {name, owner}, name: name)

  @impl true
  def init({name, owner}) do
    send(owner, {:started, name})
    {:ok, 0}
  end

  @impl true
  def handle_call({:add, n}, _from, sum), do: {:reply, sum + n, sum + n}

  @impl true
  def handle_cast(:done, sum), do: {:stop, :normal, sum}
end

defmodule Workers do
  alias Workers.Worker

  def main do
    # What a killed child makes its supervisor report is not part of the show.
    {:ok, pool} = DynamicSupervisor.start_link(strategy: :one_for_one, max_restarts: 10)

    for name <- [:ann, :bob, :cid] do
      {:ok, _} = DynamicSupervisor.start_child(pool, {Worker, {name, self()}})
      started(name)
    end

    IO.puts("children: #{inspect(count(pool))}")

    IO.puts("ann: #{GenServer.call(:ann, {:add, 2})}, #{GenServer.call(:ann, {:add, 3})}")
    Process.exit(Process.whereis(:ann), :kill)
    started(:ann)
    IO.puts("ann after her restart: #{GenServer.call(:ann, {:add, 1})}")

    gone = Process.monitor(:bob)
    GenServer.cast(:bob, :done)

    receive do
      {:DOWN, ^gone, :process, {name, _node}, reason} -> IO.puts("#{name} ended: #{reason}")
    end

    :ok = DynamicSupervisor.terminate_child(pool, Process.whereis(:cid))
    IO.puts("children: #{inspect(count(pool))}")
    IO.puts("again: #{inspect(elem(DynamicSupervisor.start_child(pool, {Worker, {:ann, self()}}), 0))}")
    :ok = DynamicSupervisor.stop(pool)
    IO.puts("ann is #{inspect(Process.whereis(:ann))}")
  end

  defp count(pool), do: DynamicSupervisor.count_children(pool) |> Enum.sort()

  defp started(name) do
    receive do
      {:started, ^name} -> IO.puts("started #{name}")
    after
      5000 -> IO.puts("#{name} did not start")
    end
  end
end
