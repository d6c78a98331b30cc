# Protocols: implementations for structs, built-ins, Any and derived; what is not implemented.
defprotocol Data.Size do
  @doc "How big"
  def size(x)
end

defprotocol Data.Describe do
  @fallback_to_any true
  def describe(x)
end

defimpl Data.Size, for: BitString do
  def size(b), do: byte_size(b)
end

defimpl Data.Size, for: [List, Map] do
  def size(x), do: Enum.count(x)
end

defimpl Data.Describe, for: Any do
  def describe(_), do: "anything"
end

defimpl Data.Describe, for: Integer do
  def describe(n), do: "integer #{n}"
end

defmodule Data.Box do
  defstruct [:inside]
end

defimpl Data.Size, for: Data.Box do
  def size(_), do: 1
end

defimpl String.Chars, for: Data.Box do
  def to_string(b), do: "[#{b.inside}]"
end

defimpl Enumerable, for: Data.Box do
  def count(_), do: {:ok, 1}
  def member?(b, x), do: {:ok, b.inside == x}
  def slice(_), do: {:error, __MODULE__}
  def reduce(b, acc, f), do: Enumerable.List.reduce([b.inside], acc, f)
end

defimpl Collectable, for: Data.Box do
  def into(b) do
    {b, fn acc, {:cont, x} -> %{acc | inside: x}
           acc, :done -> acc
           _, :halt -> :ok end}
  end
end

defmodule Data.Protocols do
  def main do
    IO.inspect({Data.Size.size("abc"), Data.Size.size([1, 2]), Data.Size.size(%{a: 1}), Data.Size.size(%Data.Box{})})
    IO.inspect({Data.Describe.describe(1), Data.Describe.describe(:x), Data.Describe.describe(%Data.Box{})})
    IO.puts("box: #{%Data.Box{inside: 7}}")
    IO.inspect(Enum.map(%Data.Box{inside: 4}, &(&1 * 2)))
    IO.inspect({Enum.count(%Data.Box{}), Enum.member?(%Data.Box{inside: 1}, 1)})
    IO.inspect(Enum.into([1, 2, 3], %Data.Box{}))
    IO.inspect(Data.Size.impl_for("x"))
    IO.inspect(Data.Size.impl_for(1))
    IO.inspect(Data.Size.__protocol__(:functions))
    IO.inspect(Enumerable.impl_for(%Data.Box{}))

    for f <- [fn -> Data.Size.size(1) end, fn -> Enum.map(1, & &1) end, fn -> to_string({}) end, fn -> Enum.into([1], 5) end] do
      try do
        f.()
      rescue
        e in Protocol.UndefinedError -> IO.puts(Exception.message(e))
      end
    end
  end
end
