# Words, anagrams, wrapping, Levenshtein, Caesar, run lengths, roman numbers, a Markdown subset, tables in columns, bitstrings.
defmodule Apps.TextTools do
  @roman [{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}]

  def wrap(text, width) do
    text
    |> String.split()
    |> Enum.chunk_while([], fn w, line ->
      new = line ++ [w]
      if line != [] and new |> Enum.join(" ") |> String.length() > width, do: {:cont, Enum.join(line, " "), [w]}, else: {:cont, new}
    end, fn line -> {:cont, Enum.join(line, " "), []} end)
  end

  def distance(a, b) do
    b = String.graphemes(b)

    a
    |> String.graphemes()
    |> Enum.with_index(1)
    |> Enum.reduce(Enum.to_list(0..length(b)), fn {x, i}, row ->
      [row, tl(row), b]
      |> Enum.zip()
      |> Enum.scan(i, fn {diagonal, above, y}, left -> Enum.min([left + 1, above + 1, diagonal + if(x == y, do: 0, else: 1)]) end)
      |> then(&[i | &1])
    end)
    |> List.last()
  end

  def caesar(text, n) do
    for <<c::utf8 <- text>>, into: "" do
      case c do
        c when c in ?a..?z -> <<rem(c - ?a + n + 26, 26) + ?a>>
        c when c in ?A..?Z -> <<rem(c - ?A + n + 26, 26) + ?A>>
        c -> <<c::utf8>>
      end
    end
  end

  def rle(text), do: text |> String.graphemes() |> Enum.chunk_by(& &1) |> Enum.map_join(fn [g | _] = l -> "#{length(l)}#{g}" end)
  def unrle(text), do: Regex.replace(~r/(\d+)(.)/u, text, fn _, n, g -> String.duplicate(g, String.to_integer(n)) end)

  def roman(0), do: ""
  def roman(n), do: with({v, r} <- Enum.find(@roman, fn {v, _} -> v <= n end), do: r <> roman(n - v))

  def html(markdown) do
    markdown
    |> String.split(~r/\n{2,}/, trim: true)
    |> Enum.map_join("\n", fn
      "# " <> title -> "<h1>#{inline(title)}</h1>"
      "- " <> _ = list -> "<ul>" <> (list |> String.split("\n", trim: true) |> Enum.map_join(&"<li>#{&1 |> String.trim_leading("- ") |> inline()}</li>")) <> "</ul>"
      para -> "<p>#{inline(para)}</p>"
    end)
  end

  defp inline(text) do
    text
    |> String.replace(["&", "<", ">"], fn "&" -> "&amp;"; "<" -> "&lt;"; ">" -> "&gt;" end)
    |> then(&Regex.replace(~r/\*\*(.+?)\*\*/, &1, "<b>\\1</b>"))
    |> then(&Regex.replace(~r/`([^`]*)`/, &1, "<code>\\g{1}</code>"))
  end

  def table(rows) do
    widths = rows |> Enum.zip_with(& &1) |> Enum.map(fn column -> column |> Enum.map(&String.length/1) |> Enum.max() end)
    for row <- rows, do: row |> Enum.zip(widths) |> Enum.map_join(" | ", fn {c, w} -> if c =~ ~r/^\d/, do: String.pad_leading(c, w), else: String.pad_trailing(c, w) end)
  end

  def main do
    text = "The quick brown fox jumps över the lazy dog, and the dog does nöt mind at all; so it goes."
    Enum.each(wrap(text, 24), &IO.puts("|#{String.pad_trailing(&1, 24)}|"))
    IO.inspect(for {a, b} <- [{"kitten", "sitting"}, {"", "abc"}, {"flaw", "lawn"}, {"äö", "ao"}], do: distance(a, b))
    IO.puts(caesar("Hello, Wörld!", 3) <> " " <> caesar(caesar("Hello, Wörld!", 3), -3))
    IO.inspect({rle("aaabccddddé"), unrle(rle("aaabccddddé"))})
    IO.inspect(Enum.map([1, 4, 1990, 2024, 3999], &roman/1))
    IO.puts(html("# Title & more\n\nSome **bold** text with `code <x>`.\n\n- one\n- **two**\n"))
    Enum.each(table([["name", "n", "what"], ["å", "12", "x"], ["longer name", "7", ""]]), &IO.puts/1)
    words = ~w(listen silent enlist google elgoog abc cab)
    IO.inspect(words |> Enum.group_by(&(&1 |> String.graphemes() |> Enum.sort() |> Enum.join())) |> Map.values() |> Enum.filter(&(length(&1) > 1)) |> Enum.sort())
    IO.inspect(text |> String.downcase() |> String.split(~r/[^\p{L}]+/u, trim: true) |> Enum.frequencies() |> Enum.sort_by(fn {w, n} -> {-n, w} end) |> Enum.take(4))
    IO.inspect(String.split("a1b22c333", ~r/\d+/, include_captures: true))
    IO.inspect({String.jaro_distance("dwayne", "duane"), String.myers_difference("fox hops", "fox jumps")})
    IO.inspect({String.capitalize("éA"), String.reverse("añb"), String.at("héllo", -1), String.slice("héllo", 1..-2), String.normalize("e\u0301", :nfc) == "é"})
    IO.inspect(String.splitter("1,2;3", [",", ";"]) |> Enum.map(&String.to_integer/1))
    IO.inspect({String.valid?(<<255>>), String.printable?("a\u0000"), String.codepoints("e\u0301"), String.graphemes("e\u0301👨‍👩‍👧"), byte_size("👍")})
    IO.inspect(<<1::4, 2::4, 300::16-little, 1.5::float-32, "x"::binary>>)
    <<version::4, _::4, len::16-little, f::float-32, rest::bitstring>> = <<1::4, 2::4, 300::16-little, 1.5::float-32, 5::3>>
    IO.inspect({version, len, f, rest, bit_size(rest)})
    IO.inspect(Base.encode16("hi") <> Base.encode64("hi?") <> Base.url_encode64(<<255, 254>>) <> Base.encode32("x") <> inspect(Base.decode64("!!")))
    IO.inspect(Integer.digits(1234, 10) |> Enum.map(&Integer.to_string(&1, 2)))
    IO.inspect({Integer.parse("12abc"), Float.parse("1.5e2x"), Integer.gcd(12, 18), Integer.mod(-5, 3), Float.round(2.675, 2), Float.ratio(0.75), Float.ceil(-1.5)})
    IO.puts(inspect(%{long: Enum.to_list(1..60), text: String.duplicate("ab", 50), nested: %{a: [b: %{c: {1, 2}}]}}, pretty: true, width: 60, limit: 20))
    IO.inspect(Enum.map_reduce(1..5, 0, &{&1 * &2, &1 + &2}))
    IO.inspect(:io_lib.format("~-8s|~8.3f|~4..0b", ["ab", 3.14159, 42]) |> IO.iodata_to_binary())
  end
end
