# A scanner, a parser with precedence climbing, an evaluator with user functions, a stack machine, macros that build operators.
defmodule Apps.Calculator.Ops do
  defmacro defop(name, left, right, do: body) do
    quote do
      def power(unquote(name)), do: {unquote(left), unquote(right)}
      def apply_op(unquote(name), var!(a), var!(b)), do: unquote(body)
    end
  end

  defmacro __before_compile__(_env) do
    quote do
      def power(_), do: nil
    end
  end
end

defmodule Apps.Calculator.Table do
  import Apps.Calculator.Ops
  @before_compile Apps.Calculator.Ops

  defop(:+, 1, 2, do: a + b)
  defop(:-, 1, 2, do: a - b)
  defop(:*, 3, 4, do: a * b)
  defop(:/, 3, 4, do: a / b)
  defop(:^, 8, 7, do: if(is_integer(a) and is_integer(b) and b >= 0, do: Integer.pow(a, b), else: :math.pow(a, b)))
end

defmodule Apps.Calculator do
  alias Apps.Calculator.Table

  defmodule Error do
    defexception [:reason, :at]
    def message(%{reason: r, at: at}), do: "#{r} at #{at}"
  end

  def run(text, env \\ %{}) do
    text |> scan() |> parse() |> eval(env)
  rescue
    e in Error -> {:error, Exception.message(e)}
    e in ArithmeticError -> {:error, e.message}
    e in KeyError -> {:error, "unknown #{e.key}"}
  end

  def scan(text), do: text |> String.to_charlist() |> scan(1, [])
  defp scan([], at, acc), do: Enum.reverse([{:end, nil, at} | acc])
  defp scan([c | r], at, acc) when c in ' \t', do: scan(r, at + 1, acc)

  defp scan([c | _] = s, at, acc) when c in ?0..?9 do
    {digits, rest} = Enum.split_while(s, &(&1 in ?0..?9 or &1 == ?.))
    {n, ""} = if ?. in digits, do: Float.parse(to_string(digits)), else: Integer.parse(to_string(digits))
    scan(rest, at + length(digits), [{:number, n, at} | acc])
  end

  defp scan([c | _] = s, at, acc) when c in ?a..?z do
    {name, rest} = Enum.split_while(s, &(&1 in ?a..?z))
    scan(rest, at + length(name), [{:name, List.to_atom(name), at} | acc])
  end

  defp scan([c | r], at, acc) when c in '+-*/^(),=', do: scan(r, at + 1, [{:op, List.to_atom([c]), at} | acc])
  defp scan([c | _], at, _), do: raise(Error, reason: "bad character #{<<c::utf8>>}", at: at)

  def parse(tokens) do
    {tree, rest} = expr(tokens, 0)
    with [{kind, v, at} | _] when kind != :end <- rest, do: raise(Error, reason: "unexpected #{inspect(v)}", at: at)
    tree
  end

  defp expr(tokens, least) do
    {left, rest} = prefix(tokens)
    infix(left, rest, least)
  end

  defp infix(left, [{:op, op, _} | rest] = tokens, least) do
    case Table.power(op) do
      {l, r} when l >= least ->
        {right, rest} = expr(rest, r)
        infix({op, left, right}, rest, least)

      _ ->
        {left, tokens}
    end
  end

  defp infix(left, tokens, _), do: {left, tokens}

  defp prefix([{:number, n, _} | r]), do: {n, r}
  defp prefix([{:name, f, _}, {:op, :"(", _} | r]), do: args(r, f, [])
  defp prefix([{:name, v, _} | r]), do: {{:var, v}, r}
  defp prefix([{:op, :-, _} | r]), do: with({e, r} <- expr(r, 5), do: {{:-, 0, e}, r})

  defp prefix([{:op, :"(", _} | r]) do
    case expr(r, 0) do
      {e, [{:op, :")", _} | r]} -> {e, r}
      {_, [{_, _, at} | _]} -> raise Error, reason: "no )", at: at
    end
  end

  defp prefix([{kind, v, at} | _]), do: raise(Error, reason: "unexpected #{if kind == :end, do: "end", else: v}", at: at)

  defp args(tokens, f, acc) do
    case expr(tokens, 0) do
      {e, [{:op, :",", _} | r]} -> args(r, f, [e | acc])
      {e, [{:op, :")", _} | r]} -> {{:call, f, Enum.reverse([e | acc])}, r}
      {_, [{_, _, at} | _]} -> raise Error, reason: "no ) after arguments", at: at
    end
  end

  def eval(n, _) when is_number(n), do: n
  def eval({:var, v}, env), do: Map.fetch!(env, v)
  def eval({:call, f, args}, env), do: apply(Map.fetch!(env, f), Enum.map(args, &eval(&1, env)))
  def eval({op, a, b}, env), do: Table.apply_op(op, eval(a, env), eval(b, env))

  def compile(n) when is_number(n), do: [{:push, n}]
  def compile({:var, v}), do: [{:load, v}]
  def compile({op, a, b}), do: compile(a) ++ compile(b) ++ [op]

  def execute(code, env) do
    [result] =
      Enum.reduce(code, [], fn
        {:push, n}, s -> [n | s]
        {:load, v}, s -> [env[v] | s]
        op, [b, a | s] -> [Table.apply_op(op, a, b) | s]
      end)

    result
  end

  def main do
    env = %{x: 7, y: 0.5, max: &max/2, sqrt: &:math.sqrt/1, sum: &Kernel.+/2}

    for t <- ["1 + 2 * 3", "(1+2)*3", "-2^2", "2^3^2", "10/4", "x*x-y", "max(x, 3)", "sqrt(16)", "1/0", "z + 1", "1 +", "(1", "1 $ 2", "", "1 2", "max(1", "2^100", "1.5*2", "2^-1", "sum(1)", "sqrt(0-1)"] do
      IO.puts("#{String.pad_trailing(t, 12)} = #{inspect(try do run(t, env) rescue e -> e.__struct__ end)}")
    end

    code = "2 * (x + 3) - y / 4" |> scan() |> parse() |> compile()
    IO.inspect(code)
    IO.inspect(execute(code, x: 7, y: 0.5))
    IO.puts(Macro.to_string(quote do: 1 + 2 * unquote(Macro.var(:x, nil))))
    IO.inspect(Code.eval_string("a + Enum.sum(1..b)", a: 1, b: 4) |> elem(0))
    IO.inspect(Macro.prewalk(quote(do: 1 + 2 * 3), fn n when is_integer(n) -> n * 10; o -> o end) |> Macro.to_string())
  end
end
