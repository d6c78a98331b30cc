# System.stop/1 and what comes after it until the VM is gone.
defmodule Exits.Stopped do
  def main do
    IO.puts("before")
    System.stop(5)
    Process.sleep(:infinity)
  end
end
