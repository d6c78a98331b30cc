# A JSON library: a protocol to encode, a parser on binaries, errors with line and column, round trips.
defmodule Apps.Json do
  defmodule ParseError do
    defexception [:message, :line, :column]

    @impl true
    def exception(opts) do
      %__MODULE__{line: opts[:line], column: opts[:column], message: "#{opts[:what]} at line #{opts[:line]}, column #{opts[:column]}"}
    end
  end

  defprotocol Encoder do
    @spec encode(t) :: iodata
    def encode(term)
  end

  defimpl Encoder, for: Atom do
    def encode(a) when a in [nil], do: "null"
    def encode(a) when a in [true, false], do: Atom.to_string(a)
    def encode(a), do: Encoder.encode(Atom.to_string(a))
  end

  defimpl Encoder, for: [Integer, Float] do
    def encode(n), do: to_string(n)
  end

  defimpl Encoder, for: BitString do
    def encode(s), do: [?", for(<<c::utf8 <- s>>, do: escape(c)), ?"]
    defp escape(?"), do: "\\\""
    defp escape(?\\), do: "\\\\"
    defp escape(?\n), do: "\\n"
    defp escape(c) when c < 32, do: ["\\u", c |> Integer.to_string(16) |> String.pad_leading(4, "0")]
    defp escape(c), do: <<c::utf8>>
  end

  defimpl Encoder, for: List do
    def encode(l), do: [?[, Enum.intersperse(Enum.map(l, &Encoder.encode/1), ","), ?]]
  end

  defimpl Encoder, for: Map do
    def encode(m), do: [?{, m |> Enum.sort() |> Enum.map(fn {k, v} -> [Encoder.encode(to_string(k)), ?:, Encoder.encode(v)] end) |> Enum.intersperse(?,), ?}]
  end

  def encode!(term), do: term |> Encoder.encode() |> IO.iodata_to_binary()

  def decode(text) do
    {:ok, decode!(text)}
  rescue
    e in ParseError -> {:error, e.message}
  end

  def decode!(text) do
    {value, rest} = text |> skip() |> value(text)
    if skip(rest) == "", do: value, else: fail("trailing text", rest, text)
  end

  defp skip(<<c, rest::binary>>) when c in ' \n\r\t', do: skip(rest)
  defp skip(rest), do: rest

  defp value("null" <> r, _), do: {nil, r}
  defp value("true" <> r, _), do: {true, r}
  defp value("false" <> r, _), do: {false, r}
  defp value("\"" <> r, t), do: string(r, [], t)
  defp value("[" <> r, t), do: list(skip(r), [], t)
  defp value("{" <> r, t), do: object(skip(r), %{}, t)

  defp value(<<c, _::binary>> = r, t) when c in ?0..?9 or c == ?- do
    case Float.parse(r) do
      {f, rest} ->
        used = binary_part(r, 0, byte_size(r) - byte_size(rest))
        {if(used =~ ~r/[.eE]/, do: f, else: String.to_integer(used)), rest}

      :error ->
        fail("bad number", r, t)
    end
  end

  defp value(r, t), do: fail("unexpected #{inspect(String.first(r))}", r, t)

  defp list("]" <> r, [], _), do: {[], r}

  defp list(r, acc, t) do
    {v, r} = value(skip(r), t)

    case skip(r) do
      "," <> r -> list(skip(r), [v | acc], t)
      "]" <> r -> {Enum.reverse([v | acc]), r}
      r -> fail("no comma", r, t)
    end
  end

  defp object("}" <> r, acc, _) when acc == %{}, do: {acc, r}

  defp object("\"" <> r, acc, t) do
    {k, r} = string(r, [], t)
    r = skip(r)
    String.starts_with?(r, ":") || fail("no colon", r, t)
    {v, r} = r |> binary_part(1, byte_size(r) - 1) |> skip() |> value(t)

    case skip(r) do
      "," <> r -> object(skip(r), Map.put(acc, k, v), t)
      "}" <> r -> {Map.put(acc, k, v), r}
      r -> fail("no comma", r, t)
    end
  end

  defp object(r, _, t), do: fail("no name", r, t)

  defp string("\"" <> r, acc, _), do: {acc |> Enum.reverse() |> IO.iodata_to_binary(), r}
  defp string("\\n" <> r, acc, t), do: string(r, ["\n" | acc], t)
  defp string(<<"\\u", hex::binary-size(4), r::binary>>, acc, t), do: string(r, [<<String.to_integer(hex, 16)::utf8>> | acc], t)
  defp string(<<"\\", c, r::binary>>, acc, t) when c in '"\\/', do: string(r, [c | acc], t)
  defp string(<<c::utf8, r::binary>>, acc, t) when c >= 32 and c != ?\\, do: string(r, [<<c::utf8>> | acc], t)
  defp string(r, _, t), do: fail("bad string", r, t)

  defp fail(what, rest, text) do
    before = binary_part(text, 0, byte_size(text) - byte_size(rest))
    lines = String.split(before, "\n")
    raise ParseError, what: what, line: length(lines), column: String.length(List.last(lines)) + 1
  end

  def main do
    doc = %{"name" => "Lintel ü", list: [1, 2.5, nil, true, "a\"b\n\t", []], nested: %{"x" => %{}}, big: 1.0e30, neg: -0.001}
    text = encode!(doc)
    IO.puts(text)
    IO.inspect(decode!(text))
    IO.inspect(decode(~S({"a": [1, -2.5e3, {"b": "\u00e5\n\"é"}], "c": null})))
    for bad <- ["", "[1,", "{\"a\" 1}", "[1\n, 2\n  x]", "tru", "\"ab", "[1] 2", "{1:2}", "-", "[\"é\", }"], do: IO.inspect(decode(bad))
    IO.inspect(try do decode!("[") rescue e -> e end)
    IO.puts(try do encode!({1, 2}) rescue e -> Exception.message(e) end)
    many = for i <- 1..300, do: %{id: i, tags: Enum.map(1..rem(i, 5)//1, &"t#{&1}"), half: i / 2}
    json = encode!(many)
    IO.inspect({byte_size(json), :erlang.crc32(json), decode!(json) |> Enum.map(& &1["half"]) |> Enum.sum()})
  end
end
