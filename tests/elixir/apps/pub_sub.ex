# Publish and subscribe with a duplicate Registry; subscribers that come, go and crash; a listener process; via names.
defmodule Apps.PubSub do
  @registry Apps.PubSub.Registry

  def subscribe(topic, meta \\ nil), do: Registry.register(@registry, topic, meta)
  def unsubscribe(topic), do: Registry.unregister(@registry, topic)

  def publish(topic, message) do
    Registry.dispatch(@registry, topic, fn entries ->
      for {pid, meta} <- Enum.sort_by(entries, &elem(&1, 1)), do: send(pid, {:published, topic, meta, message})
    end)
  end

  defmodule Client do
    use GenServer
    def start_link({name, topics}), do: GenServer.start_link(__MODULE__, {name, topics, self()}, name: name)

    @impl true
    def init({name, topics, owner}) do
      for t <- topics, do: {:ok, _} = Apps.PubSub.subscribe(t, name)
      {:ok, %{name: name, owner: owner, seen: []}}
    end

    @impl true
    def handle_info({:published, _topic, _, :crash}, _), do: exit(:told_to)
    def handle_info({:published, topic, _, what}, s), do: {:noreply, update_in(s.seen, &[{topic, what} | &1])}

    @impl true
    def handle_call(:seen, _, s), do: {:reply, Enum.reverse(s.seen), s}
    def handle_call({:leave, topic}, _, s), do: {:reply, Apps.PubSub.unsubscribe(topic), s}
  end

  def main do
    Process.flag(:trap_exit, true)
    Logger.configure(level: :none)
    {:ok, _} = Registry.start_link(keys: :duplicate, name: @registry, partitions: 2, meta: [version: {1, 0}])
    clients = for {n, t} <- [a: ["news"], b: ["news", "sport"], c: ["sport", "sport", "weather"]], do: Client.start_link({n, t})
    IO.inspect(Enum.map(clients, &elem(&1, 0)))
    publish("news", 1)
    publish("sport", 2)
    publish("nothing", 3)
    IO.inspect(for n <- [:a, :b, :c], do: GenServer.call(n, :seen))
    IO.inspect(GenServer.call(:c, {:leave, "sport"}))
    publish("sport", 4)
    IO.inspect(for n <- [:a, :b, :c], do: length(GenServer.call(n, :seen)))
    IO.inspect(Registry.meta(@registry, :version))
    IO.inspect(Registry.put_meta(@registry, :version, {1, 1}))
    IO.inspect(Registry.lookup(@registry, "news") |> Enum.map(&elem(&1, 1)) |> Enum.sort())
    IO.inspect(Registry.keys(@registry, Process.whereis(:b)) |> Enum.sort())
    IO.inspect(Registry.values(@registry, "news", Process.whereis(:a)))
    IO.inspect(Registry.match(@registry, "sport", :b) |> length())
    IO.inspect(Registry.count_match(@registry, "news", :_))
    publish("weather", :crash)
    receive do: ({:EXIT, _, why} -> IO.inspect(why))
    wait(fn -> Registry.count(@registry) == 3 end)
    IO.inspect(Registry.lookup(@registry, "weather"))
    IO.inspect(Registry.update_value(@registry, "news", & &1) == :error)
  rescue
    e -> IO.puts("#{inspect(e.__struct__)}: #{Exception.message(e)}")
  end

  defp wait(f), do: f.() || (Process.sleep(1) && wait(f))
end
