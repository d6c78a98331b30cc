# Regex on the VM's `re`.
defmodule Text.Regexes do
  def main do
    IO.inspect(Regex.run(~r/(\d+)-(\w+)/, "x 12-ab y"))
    IO.inspect(Regex.run(~r/(\d+)-(\w+)/, "x 12-ab y", return: :index))
    IO.inspect(Regex.run(~r/nope/, "x"))
    IO.inspect(Regex.scan(~r/\d/, "a1b2c3"))
    IO.inspect(Regex.scan(~r/(\w)(\d)/, "a1b2c3", capture: :all_but_first))
    IO.inspect(Regex.named_captures(~r/(?<year>\d{4})-(?<month>\d\d)/, "on 2023-07-01"))
    IO.inspect(Regex.names(~r/(?<b>x)(?<a>y)/))
    IO.inspect(Regex.replace(~r/(a)(b)?/, "ab a", "<\\1|\\2>"))
    IO.inspect(Regex.replace(~r/a/, "banana", fn x -> String.upcase(x) end, global: false))
    IO.inspect(Regex.split(~r/[,;]\s*/, "a, b;c"))
    IO.inspect(Regex.split(~r/(-)/, "a-b-c", include_captures: true))
    IO.inspect(Regex.split(~r{/}, "a/b//c", trim: true))
    IO.inspect(Regex.split(~r/x/, "axbxc", parts: 2))
    IO.inspect(Regex.match?(~r/å+/u, "xÅå"))
    IO.inspect(Regex.match?(~r/Å/iu, "å"))
    IO.inspect(Regex.run(~r/./u, "é"))
    IO.inspect(Regex.run(~r/^b.*$/m, "a\nbcd\ne"))
    IO.inspect(Regex.run(~r/a.b/s, "a\nb"))
    IO.inspect(Regex.run(~r/a b # comment
      c/x, "abc"))
    IO.inspect(Regex.run(~r/<.+>/U, "<a><b>"))
    IO.inspect(Regex.compile("("))
    IO.inspect(Regex.compile("a", "i"))
    IO.inspect(Regex.escape("a.b*c?"))
    IO.inspect(Regex.source(~r/a/), label: "source")
    IO.inspect(Regex.opts(~r/a/iu))
    IO.inspect(~r/foo\/bar/i)
    IO.inspect(Regex.run(~r/(?<=a)b(?!c)/, "abc ab"))
    IO.inspect(Regex.run(~r/(.)\1/, "abccd"))
    IO.inspect("a1" =~ ~r/\d/)
    IO.inspect("abc" =~ "bc")

    try do
      Regex.compile!("a(")
    rescue
      e in Regex.CompileError -> IO.puts(Exception.message(e))
    end

    case "key: value" do
      text -> IO.inspect(Regex.run(~r/^(?<k>\w+):\s*(?<v>.*)$/, text, capture: :all_names))
    end
  end
end
