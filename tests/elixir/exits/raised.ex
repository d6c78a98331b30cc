# An exception that nobody rescues.
# stderr
defmodule Exits.Raised do
  def main do
    IO.puts("before")
    raise ArgumentError, "not that"
  end
end
