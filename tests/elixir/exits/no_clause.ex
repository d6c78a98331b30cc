# A function clause that is missing, with its blame.
# stderr
defmodule Exits.NoClause do
  def main do
    only(:three) + 1
  end

  def unused, do: only(:one)
  defp only(:one), do: 1
  defp only(n) when is_integer(n) and n > 2, do: 2
end
