# Exceptions: raising, rescuing, messages, blame, formatting.
defmodule Data.Errors do
  defmodule Odd do
    defexception [:n, message: "odd"]
    @impl true
    def message(e), do: "#{e.n} is odd"
  end

  def main do
    cases = [
      fn -> raise "plain" end,
      fn -> raise ArgumentError, "bad" end,
      fn -> raise Odd, n: 3 end,
      fn -> throw(:ball) end,
      fn -> exit(:gone) end,
      fn -> 1 / zero() end,
      fn -> String.to_integer("x") end,
      fn -> Map.fetch!(%{a: 1}, :b) end,
      fn -> %{a: 1}.b end,
      fn -> only_one(2) end,
      fn -> case zero() do 1 -> :one end end,
      fn -> if true, do: (1 = zero()) end,
      fn -> cond do zero() == 1 -> 1 end end,
      fn -> NoSuch.function(1) end,
      fn -> String.no_such("x") end,
      fn -> apply(zero(), :x, []) end,
      fn -> zero().(1) end,
      fn -> (fn x -> x end).(1, 2) end,
      fn -> struct!(Data.Errors.Odd, zz: 1) end,
      fn -> Enum.fetch!([1], 9) end,
      fn -> hd([]) end,
      fn -> :erlang.binary_to_atom(1) end,
      fn -> <<zero()::binary>> end,
      fn -> with :ok <- zero() do 1 else 5 -> 5 end end,
      fn -> Keyword.fetch!([a: 1], :b) end,
      fn -> Integer.parse(1.5) end,
      fn -> List.first(:a) end,
      fn -> Access.get(1, :a) end,
      fn -> put_in(%{a: 1}, [:b, :c], 1) end,
      fn -> GenServer.call(:no_server, :x) end,
      fn -> exit({:shutdown, :why}) end,
      fn -> Process.exit(self(), :kill) |> Kernel.==(1) && raise(RuntimeError) end |> then(fn _ -> fn -> raise RuntimeError end end),
      fn -> :erlang.error(:badarg) end,
      fn -> :erlang.error({:custom, 1}) end,
      fn -> String.duplicate("a", -1) end,
      fn -> Date.from_iso8601!("nope") end,
      fn -> :ets.lookup(:no_table, 1) end,
      fn -> Enum.max([]) end,
      fn -> String.to_existing_atom("never seen anywhere 123") end,
      fn -> Function.capture(:a, :b, 1).(1) end,
      fn -> raise %Odd{n: 1} end,
      fn -> reraise "again", [] end,
      fn -> System.fetch_env!("NO_SUCH_VARIABLE") end,
      fn -> Registry.start_link(keys: :bad, name: X) end,
      fn -> Code.ensure_loaded!(NoSuchModule) end,
      fn -> Module.concat(["A", "B"]).x end,
      fn -> Bitwise.bsl(1, :a) end,
      fn -> Float.round(1, 3) end,
      fn -> :lists.nth(0, [1]) end,
      fn -> Map.put(:not_a_map, 1, 2) end,
      fn -> Map.update!(%{}, :a, & &1) end,
      fn -> Agent.get(:nobody, & &1) end,
      fn -> Task.await(%Task{owner: nil, ref: make_ref(), pid: nil, mfa: nil}, 1) end
    ]

    for {f, i} <- Enum.with_index(cases) do
      try do
        f.()
        IO.puts("#{i}: no error")
      catch
        kind, reason ->
          {blamed, _} = Exception.blame(kind, reason, __STACKTRACE__)
          text = Exception.format_banner(kind, blamed, __STACKTRACE__)
          IO.puts("#{i}: #{Regex.replace(~r/#(PID|Reference|Function)<[^>]*>/, text, "#\\1")}")
      end
    end

    try do
      only_one(5)
    rescue
      e in [FunctionClauseError] ->
        IO.puts(Exception.format(:error, e, [{Data.Errors, :only_one, 1, [file: ~c"f.ex", line: 3]}, {:lists, :map, 2, []}]))
    after
      IO.puts("after")
    end

    result =
      try do
        :fine
      rescue
        _ -> :rescued
      else
        :fine -> :else
      end

    IO.inspect(result)
    IO.puts(Exception.format_stacktrace([{Foo, :bar, [1, "x"], [file: ~c"lib/foo.ex", line: 10]}, {:m, :"-f/1-fun-0-", 2, []}, {fn -> 1 end |> then(fn _ -> Enum end), :map, 2, []}]))
    IO.puts(Exception.format_mfa(Foo, :"b c", 2))
    IO.puts(Exception.format_exit({:timeout, {GenServer, :call, [:x, :y, 5]}}))
    IO.puts(Exception.format_exit({{:badmatch, 1}, [{A, :b, 1, []}]}))
    IO.puts(Exception.format_exit(:noproc))
    IO.puts(Exception.format_exit({:shutdown, :x}))
    IO.inspect(Exception.normalize(:error, :badarith))
    IO.inspect(Exception.message(%RuntimeError{message: "m"}))
    IO.inspect(is_exception(%RuntimeError{}))
    IO.inspect(catch_it(fn -> throw(1) end))
    IO.inspect(Process.info(self(), :message_queue_len))
  end

  defp catch_it(f) do
    f.()
  catch
    x -> {:caught, x}
  end

  defp zero, do: Process.get(:zero, 0)
  defp only_one(1), do: 1
end
