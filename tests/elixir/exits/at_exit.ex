# System.at_exit/1: hooks run when the program has ended by itself.
defmodule Exits.AtExit do
  def main do
    System.at_exit(fn status -> IO.puts("first hook: #{status}") end)
    System.at_exit(fn status -> IO.puts("second hook: #{status}") end)
    IO.puts("main")
  end
end
