# System.halt/1.
defmodule Exits.Halted do
  def main do
    IO.puts("before")
    System.halt(9)
    IO.puts("after")
  end
end
