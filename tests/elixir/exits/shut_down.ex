# exit({:shutdown, status}) sets the exit status.
# stderr
defmodule Exits.ShutDown do
  def main do
    exit({:shutdown, 3})
  end
end
