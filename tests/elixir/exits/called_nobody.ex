# A call to a server that is not there.
# stderr
defmodule Exits.CalledNobody do
  def main do
    GenServer.call(:nobody, :anything)
  end
end
