# A GenServer that counts, with an Agent that remembers what was asked of it.
defmodule Counter do
  use GenServer

  def start_link(options), do: GenServer.start_link(__MODULE__, options)
  def bump(counter, by \\ 1), do: GenServer.cast(counter, {:bump, by})
  def value(counter), do: GenServer.call(counter, :value)

  @impl true
  def init(options) do
    {:ok, history} = Agent.start_link(fn -> [] end)
    {:ok, %{value: Keyword.get(options, :from, 0), history: history}}
  end

  @impl true
  def handle_cast({:bump, by}, state) do
    Agent.update(state.history, &[by | &1])
    {:noreply, %{state | value: state.value + by}}
  end

  @impl true
  def handle_call(:value, _from, state), do: {:reply, state.value, state}

  def handle_call(:history, _from, state) do
    {:reply, Agent.get(state.history, &Enum.reverse/1), state}
  end

  def main do
    {:ok, counter} = start_link(from: 10)
    Enum.each(1..4, &bump(counter, &1))
    bump(counter)
    IO.puts("value: #{value(counter)}")
    IO.puts("history: #{inspect(GenServer.call(counter, :history))}")

    {:ok, word} = Agent.start_link(fn -> "abc" end)
    Agent.update(word, &String.upcase/1)
    IO.puts("agent: #{Agent.get_and_update(word, fn text -> {text, text <> "!"} end)}")
    IO.puts("agent: #{Agent.get(word, &String.length/1)} letters")

    :ok = Agent.stop(word)
    :ok = GenServer.stop(counter)
    IO.puts("still there: #{Process.alive?(counter)}")
  end
end
