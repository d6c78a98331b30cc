# A simulation with virtual time: priority queue in :gb_sets, state machine in :gen_statem, ETS counters, reports with dates.
defmodule Apps.Elevator do
  @behaviour :gen_statem
  def start_link(floors), do: :gen_statem.start_link(__MODULE__, floors, [])
  def call(pid, floor), do: :gen_statem.call(pid, {:to, floor})
  def tick(pid), do: :gen_statem.call(pid, :tick)

  @impl true
  def callback_mode, do: [:state_functions, :state_enter]
  @impl true
  def init(floors), do: {:ok, :idle, %{floor: 0, floors: floors, stops: [], log: []}}

  def idle(:enter, old, data), do: {:keep_state, log(data, {old, :idle})}
  def idle({:call, from}, {:to, f}, %{floors: n}) when f < 0 or f >= n, do: {:keep_state_and_data, {:reply, from, {:error, :no_such_floor}}}
  def idle({:call, from}, {:to, f}, data), do: {:next_state, :moving, %{data | stops: [f]}, {:reply, from, :ok}}
  def idle({:call, from}, :tick, data), do: {:keep_state_and_data, {:reply, from, {:idle, data.floor}}}

  def moving(:enter, old, data), do: {:keep_state, log(data, {old, :moving})}
  def moving({:call, from}, {:to, f}, data), do: {:keep_state, %{data | stops: data.stops ++ [f]}, {:reply, from, {:queued, length(data.stops)}}}

  def moving({:call, from}, :tick, %{stops: [f | rest], floor: f} = data) do
    next = if rest == [], do: :idle, else: :moving
    {:next_state, next, %{data | stops: rest}, {:reply, from, {:stopped, f}}}
  end

  def moving({:call, from}, :tick, %{stops: [f | _], floor: now} = data) do
    step = if f > now, do: 1, else: -1
    {:keep_state, %{data | floor: now + step}, {:reply, from, {:at, now + step}}}
  end

  @impl true
  def terminate(reason, state, data), do: IO.inspect({reason, state, Enum.reverse(data.log)})
  defp log(data, what), do: %{data | log: [what | data.log]}
end

defmodule Apps.SchedulerSim do
  defstruct now: ~U[2024-02-28 23:59:50Z], queue: :gb_sets.new(), seq: 0, done: []

  def at(sim, seconds, job) do
    %{sim | queue: :gb_sets.add({DateTime.add(sim.now, seconds, :second) |> DateTime.to_unix(), sim.seq, job}, sim.queue), seq: sim.seq + 1}
  end

  def run(sim) do
    if :gb_sets.is_empty(sim.queue) do
      sim
    else
      {{time, _, job}, queue} = :gb_sets.take_smallest(sim.queue)
      sim = %{sim | queue: queue, now: DateTime.from_unix!(time)}
      run(%{perform(job, sim) | done: [{sim.now, job} | sim.done]})
    end
  end

  defp perform({:every, n, times, what}, sim) when times > 1, do: sim |> count(what) |> at(n, {:every, n, times - 1, what})
  defp perform({:every, _, _, what}, sim), do: count(sim, what)
  defp perform({:spawn, jobs}, sim), do: Enum.reduce(jobs, sim, fn {t, j}, s -> at(s, t, j) end)
  defp perform(what, sim), do: count(sim, what)

  defp count(sim, what) do
    :ets.update_counter(:counts, what, 1, {what, 0})
    sim
  end

  def main do
    :ets.new(:counts, [:named_table, :ordered_set])

    sim =
      %__MODULE__{}
      |> at(5, :once)
      |> at(5, :same_time)
      |> at(1, {:every, 7, 4, :tick})
      |> at(0, {:spawn, [{3, :child}, {86_400, :tomorrow}]})
      |> run()

    for {t, job} <- Enum.reverse(sim.done), do: IO.puts("#{Calendar.strftime(t, "%a %d %b %Y %H:%M:%S")} #{inspect(job)}")
    IO.inspect(:ets.tab2list(:counts))
    IO.inspect(DateTime.diff(sim.now, ~U[2024-02-28 23:59:50Z]))
    IO.inspect(Date.range(~D[2024-02-27], ~D[2024-03-02]) |> Enum.map(&{Date.day_of_week(&1), &1.day}))
    IO.inspect({Date.add(~D[2024-02-29], 365), Date.diff(~D[2025-01-01], ~D[2024-01-01]), Date.beginning_of_week(~D[2024-02-29]), Date.leap_year?(~D[2100-01-01])})
    IO.inspect(for s <- ["2024-02-30", "2024-02-29", "24-1-1", ""], do: Date.from_iso8601(s))
    IO.inspect(NaiveDateTime.truncate(~N[2024-01-01 10:11:12.345678], :millisecond) |> NaiveDateTime.to_string())
    IO.inspect(Time.compare(~T[10:00:00], ~T[09:59:59.999]))
    IO.inspect(Enum.sort([~D[2024-03-01], ~D[2023-12-31], ~D[2024-02-29]], {:desc, Date}))
    {:ok, lift} = Apps.Elevator.start_link(5)
    IO.inspect([Apps.Elevator.call(lift, 9), Apps.Elevator.call(lift, 3), Apps.Elevator.call(lift, 1)])
    IO.inspect(for _ <- 1..8, do: Apps.Elevator.tick(lift))
    :gen_statem.stop(lift)
  end
end
