# exit/1 with any reason.
# stderr
defmodule Exits.Exited do
  def main do
    exit({:some, "reason"})
  end
end
