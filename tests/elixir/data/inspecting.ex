# Inspect of everything that prints the same on every run.
defmodule Data.Inspecting do
  defmodule User do
    @derive {Inspect, only: [:name]}
    defstruct [:name, :password]
  end

  defmodule Secret do
    defstruct [:v]

    defimpl Inspect do
      import Inspect.Algebra
      def inspect(s, opts), do: concat(["#Secret<", to_doc(s.v, opts), ">"])
    end
  end

  defmodule Plain do
    defstruct a: 1, b: "two"
  end

  def main do
    IO.inspect({:a, :"b c", :"Elixir.Foo", Foo.Bar, nil, true, :+, :"é", :é, :a?, :b!})
    IO.inspect([a: 1, "b c": 2])
    IO.inspect(%{:a => 1, "b" => 2, 3 => [4]})
    IO.inspect([1 | 2])
    IO.inspect(<<1, 2, 3::4>>)
    IO.inspect(<<>>)
    IO.inspect(%User{name: "n", password: "p"})
    IO.inspect(%Secret{v: [1, 2]})
    IO.inspect(%Plain{})
    IO.inspect([%Plain{a: %Plain{}}])
    IO.inspect(&String.length/1)
    IO.inspect({:ok, "x", 'y', 1.5, ~r/a/, 1..2, MapSet.new([1])})
    IO.inspect(Enum.to_list(1..100))
    IO.inspect(Enum.to_list(1..10), limit: 3)
    IO.inspect(for(i <- 1..12, do: {i, "value number #{i}"}))
    IO.inspect(for(i <- 1..12, do: %{index: i, name: "value number #{i}"}), width: 40)
    IO.inspect(%{nested: %{map: %{with: [list: [of: %{things: "that are long enough to break the line"}]]}}}, pretty: true)
    IO.inspect("long " |> String.duplicate(30))
    IO.inspect("limit me please", printable_limit: 5)
    IO.puts(inspect(%Plain{}, structs: false))
    IO.puts(inspect([1, 2, 3], pretty: true, width: 1))
    IO.puts(inspect(%{a: 1}, syntax_colors: [atom: :red], pretty: true))
    IO.inspect(%ArgumentError{message: "m"})
    IO.inspect(quote do: 1 + x)
    IO.puts(Macro.to_string(quote do: if(a, do: b + 1, else: c |> d())))
    IO.inspect(Inspect.Algebra.format(Inspect.Algebra.group(Inspect.Algebra.glue("a", "b")), 80))
    IO.inspect(:x, label: "label")
    IO.inspect(Version.parse!("1.2.3"))
    IO.inspect(%{~D[2020-01-01] => 1})
    IO.inspect({{1, 2}, [[], {}], %{}})
    IO.inspect(%Stream{enum: [1], funs: []} |> Map.get(:enum))
    IO.puts("#{:atom} #{1} #{2.0} #{'chars'} #{["io", 'list']}")

    try do
      "#{{:tuple}}"
    rescue
      e -> IO.puts(Exception.message(e))
    end
  end
end
