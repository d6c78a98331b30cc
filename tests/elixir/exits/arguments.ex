# System.argv/0.
# arguments: one --two=2 -v drei ünï
defmodule Exits.Arguments do
  def main do
    IO.inspect(System.argv())
    IO.inspect(OptionParser.parse(System.argv(), switches: [two: :integer, v: :boolean], aliases: [v: :v]))
  end
end
