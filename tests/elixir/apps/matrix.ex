# Matrices over any field by a behaviour: rationals, integers modulo a prime, floats; property checks with a seeded generator.
defmodule Apps.Field do
  @callback zero :: term
  @callback one :: term
  @callback add(term, term) :: term
  @callback mul(term, term) :: term
  @callback neg(term) :: term
  @callback inv(term) :: term
  @optional_callbacks inv: 1

  defmacro __using__(_) do
    quote do
      @behaviour Apps.Field
      def sub(a, b), do: add(a, neg(b))
      def sum(list), do: Enum.reduce(list, zero(), &add/2)
      defoverridable sub: 2
    end
  end
end

defmodule Apps.Rational do
  use Apps.Field
  def new(n, d \\ 1) do
    g = Integer.gcd(n, d) * if(d < 0, do: -1, else: 1)
    {div(n, g), div(d, g)}
  end
  @impl true
  def zero, do: {0, 1}
  @impl true
  def one, do: {1, 1}
  @impl true
  def add({a, b}, {c, d}), do: new(a * d + c * b, b * d)
  @impl true
  def mul({a, b}, {c, d}), do: new(a * c, b * d)
  @impl true
  def neg({a, b}), do: {-a, b}
  @impl true
  def inv({0, _}), do: raise(ArithmeticError, "no inverse of 0")
  def inv({a, b}), do: new(b, a)
end

defmodule Apps.Mod7 do
  use Apps.Field
  @impl true
  def zero, do: 0
  @impl true
  def one, do: 1
  @impl true
  def add(a, b), do: Integer.mod(a + b, 7)
  @impl true
  def mul(a, b), do: Integer.mod(a * b, 7)
  @impl true
  def neg(a), do: Integer.mod(-a, 7)
  @impl true
  def inv(a), do: Enum.find(1..6, &(mul(&1, a) == 1)) || raise(ArithmeticError, "no inverse of 0")
end

defmodule Apps.Matrix do
  def identity(f, n), do: for(i <- 1..n, do: for(j <- 1..n, do: if(i == j, do: f.one(), else: f.zero())))
  def transpose(m), do: Enum.zip_with(m, & &1)
  def mul(f, a, b), do: for(r <- a, do: for(c <- transpose(b), do: f.sum(Enum.zip_with(r, c, &f.mul/2))))

  def det(f, m), do: det(f, m, f.one())
  defp det(_, [], acc), do: acc

  defp det(f, rows, acc) do
    case Enum.split_while(rows, fn [h | _] -> h == f.zero() end) do
      {_, []} ->
        f.zero()

      {above, [[p | pivot] | below]} ->
        sign = if rem(length(above), 2) == 0, do: p, else: f.neg(p)
        rest = for [h | t] <- above ++ below, do: Enum.zip_with(t, pivot, &f.sub(&1, f.mul(f.mul(h, f.inv(p)), &2)))
        det(f, rest, f.mul(acc, sign))
    end
  end

  def solve(f, m, v) do
    m |> Enum.zip_with(v, &(&1 ++ [&2])) |> reduce(f, 0, length(v)) |> Enum.map(&List.last/1)
  end

  defp reduce(rows, _, n, n), do: rows

  defp reduce(rows, f, k, n) do
    i = Enum.find_index(Enum.drop(rows, k), &(Enum.at(&1, k) != f.zero())) || throw(:singular)
    {pivot, rows} = List.pop_at(rows, k + i)
    scale = f.inv(Enum.at(pivot, k))
    pivot = Enum.map(pivot, &f.mul(scale, &1))
    rows |> Enum.map(fn r -> Enum.zip_with(r, pivot, &f.sub(&1, f.mul(Enum.at(r, k), &2))) end) |> List.insert_at(k, pivot) |> reduce(f, k + 1, n)
  end

  def main do
    q = Apps.Rational
    a = for r <- [[2, 1, 3], [0, 4, 1], [5, 0, 2]], do: Enum.map(r, &q.new/1)
    IO.inspect(det(q, a))
    IO.inspect(mul(q, a, transpose(a)))
    x = solve(q, a, Enum.map([1, 2, 3], &q.new/1))
    IO.inspect(x)
    IO.inspect(mul(q, a, Enum.map(x, &[&1])))
    IO.inspect(det(Apps.Mod7, [[1, 2], [3, 6]]))
    IO.inspect(solve(Apps.Mod7, [[1, 2], [3, 5]], [3, 4]))
    IO.inspect(catch_throw(fn -> solve(Apps.Mod7, [[1, 2], [3, 6]], [3, 4]) end))
    :rand.seed(:exsss, {1, 2, 3})

    results =
      for n <- 1..4, _ <- 1..5 do
        m = for _ <- 1..n, do: for(_ <- 1..n, do: q.new(:rand.uniform(19) - 10, :rand.uniform(5)))
        k = for _ <- 1..n, do: for(_ <- 1..n, do: q.new(:rand.uniform(19) - 10))
        ^m = mul(q, m, identity(q, n))
        true = det(q, mul(q, m, k)) == q.mul(det(q, m), det(q, k))
        det(q, transpose(m)) == det(q, m)
      end

    IO.inspect(Enum.frequencies(results))
    IO.inspect(Enum.shuffle(1..10) |> Enum.take_random(3))
    IO.inspect(:rand.uniform())
  end

  defp catch_throw(f) do
    f.()
  catch
    x -> {:thrown, x}
  end
end
