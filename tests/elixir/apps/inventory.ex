# Structs, protocols, behaviours, comprehensions, pipes, with, guards, sigils, ranges and streams in one small shop.
defmodule Apps.Inventory.Item do
  @enforce_keys [:name, :price]
  defstruct [:name, :price, count: 0, tags: []]
  @type t :: %__MODULE__{name: String.t(), price: number, count: non_neg_integer, tags: [atom]}
end

defprotocol Apps.Inventory.Describe do
  @fallback_to_any true
  def describe(thing)
end

defimpl Apps.Inventory.Describe, for: Apps.Inventory.Item do
  def describe(%{name: n, price: p, count: c}), do: "#{c} x #{n} à #{:erlang.float_to_binary(p / 1, decimals: 2)}"
end

defimpl Apps.Inventory.Describe, for: [List, MapSet] do
  def describe(many), do: many |> Enum.map(&Apps.Inventory.Describe.describe/1) |> Enum.join("; ")
end

defimpl Apps.Inventory.Describe, for: Any do
  def describe(other), do: "? " <> inspect(other)
end

defimpl String.Chars, for: Apps.Inventory.Item do
  def to_string(item), do: String.upcase(item.name)
end

defimpl Inspect, for: Apps.Inventory.Item do
  import Inspect.Algebra
  def inspect(item, opts), do: concat(["#Item<", to_doc(item.name, opts), ", ", to_doc(item.tags, opts), ">"])
end

defimpl Enumerable, for: Apps.Inventory.Item do
  def count(_), do: {:error, __MODULE__}
  def member?(%{tags: tags}, tag), do: {:ok, tag in tags}
  def slice(_), do: {:error, __MODULE__}
  def reduce(%{tags: tags}, acc, fun), do: Enumerable.List.reduce(tags, acc, fun)
end

defmodule Apps.Inventory do
  alias Apps.Inventory.{Describe, Item}

  defguardp is_cheap(price) when is_number(price) and price < 10

  def main do
    items = [
      %Item{name: "chair", price: 49.5, count: 3, tags: [:wood, :seat]},
      %Item{name: "lamp", price: 9, count: 10, tags: [:light]},
      %Item{name: "ångström", price: 1.25, count: 0}
    ]

    IO.puts(Describe.describe(items))
    IO.puts(Describe.describe(MapSet.new([hd(items)])))
    IO.puts(Describe.describe({:tuple, 1}))
    IO.puts("#{hd(items)} #{inspect(items)}")
    IO.inspect(Enum.at(items, 0), structs: false)
    IO.inspect({Enum.count(hd(items)), :wood in hd(items), Enum.to_list(hd(items)), Enum.at(hd(items), 1)})
    IO.inspect(for %Item{price: p, name: n} when is_cheap(p) <- items, do: n)
    IO.inspect(for i <- items, tag <- i.tags, into: %{}, do: {tag, i.name})
    IO.inspect(for i <- items, reduce: 0, do: (acc -> acc + i.price * i.count))
    IO.inspect(for(<<c <- "hello">>, c > ?h, into: "", do: <<c - 32>>))
    IO.inspect(Enum.group_by(items, &(&1.count > 0), &to_string/1))
    IO.inspect(Enum.min_max_by(items, & &1.price) |> Tuple.to_list() |> Enum.map(& &1.name))
    IO.inspect(Enum.zip_with([1..3, ~w(a b c), [:x, :y, :z]], & &1))
    IO.inspect(find(items, "lamp") |> then(&{:found, &1.count}))
    IO.inspect(sell(items, "lamp", 3))
    IO.inspect(sell(items, "lamp", 30))
    IO.inspect(sell(items, "sofa", 1))
    IO.inspect(put_in(Enum.at(items, 1).tags, [:cheap]).name)
  rescue
    e in [UndefinedFunctionError, ArgumentError, Protocol.UndefinedError] -> IO.puts("rescued " <> Exception.message(e))
  else
    last -> IO.inspect(last)
  after
    IO.puts("after")
    rest()
  end

  defp find(items, name), do: Enum.find(items, &(&1.name == name))

  defp sell(items, name, n) do
    with %Item{count: count} = item <- find(items, name),
         {:enough, true} <- {:enough, count >= n},
         sold = %{item | count: count - n} do
      {:ok, sold.count, n * sold.price}
    else
      nil -> {:error, :no_such_item}
      {:enough, false} -> {:error, :too_few}
    end
  end

  defp rest do
    IO.inspect(catch_error(fn -> struct!(Item, name: "x") end))
    IO.inspect(catch_error(fn -> struct!(Item, nam: "x", name: 1, price: 2) end))
    IO.inspect(catch_error(fn -> Map.fetch!(%{a: 1}, :b) end))
    IO.inspect(catch_error(fn -> Enum.to_list(5) end))
    IO.inspect(catch_error(fn -> to_string({1, 2}) end))
    IO.inspect(update_in(%{a: [%{b: 1}, %{b: 2}]}, [:a, Access.all(), :b], &(&1 * 10)))
    IO.inspect(get_in(%{a: [%{b: 1}, %{b: 2}]}, [:a, Access.at(1), :b]))
    IO.inspect(pop_in(%{a: %{b: 1, c: 2}}, [:a, :b]))
    IO.inspect(Keyword.merge([a: 1, b: 2], b: 3, c: 4))
    IO.inspect(~r/(?<y>\d+)-(?<m>\d+)/ |> Regex.named_captures("on 2024-02"))
    IO.inspect([~w(a b)a, ~c"charlist", ~D[2024-02-29], ~T[12:00:00.5], ~N[2024-02-29 12:00:00], ~U[2024-02-29 12:00:00Z], ~s(a "b" #{1 + 1}), ~S(#{no})])
    IO.inspect(1..10//3 |> Enum.to_list() |> Enum.chunk_every(2, 1, :discard))
    IO.inspect(Stream.iterate(1, &(&1 * 2)) |> Stream.reject(&(rem(&1, 3) == 1)) |> Stream.with_index() |> Enum.take(4))
    IO.inspect(Stream.unfold({0, 1}, fn {a, b} -> {a, {b, a + b}} end) |> Stream.take_while(&(&1 < 100)) |> Enum.sum())
    IO.inspect(Stream.resource(fn -> 3 end, fn 0 -> {:halt, 0}; n -> {[n, n], n - 1} end, fn _ -> IO.puts("closed") end) |> Enum.to_list())
    IO.inspect(Stream.zip(1..3, Stream.cycle([:a, :b])) |> Enum.into([]))
    IO.inspect(Stream.transform(1..10, 0, fn i, acc -> if acc > 10, do: {:halt, acc}, else: {[acc], acc + i} end) |> Enum.to_list())
  end

  defp catch_error(fun) do
    fun.()
  rescue
    e -> {e.__struct__, Exception.message(e)}
  end
end
