# mix without a network: a new project, its tests, coverage, format, an escript, an archive.
mix new hello --sup && cd hello || exit
sed -i 's/deps: deps()/deps: deps(), escript: [main_module: Hello]/' mix.exs
cat > lib/hello.ex <<'EOF'
defmodule Hello do
  @moduledoc "doc"
  @doc """
      iex> Hello.hello()
      :world
  """
  def hello, do: :world
  def main(args), do: IO.inspect({args, hello(), Application.get_application(__MODULE__)})
end
EOF
cat > test/hello_test.exs <<'EOF'
defmodule HelloTest do
  use ExUnit.Case, async: true
  import ExUnit.CaptureIO
  import ExUnit.CaptureLog
  doctest Hello
  setup do: {:ok, x: 1}
  test "ok", %{x: x}, do: assert x == 1
  test "fails", do: assert Hello.hello() == :mars
  test "raises", do: raise "oops"
  test "match", do: assert %{a: 1, b: _} = %{a: 2, b: Enum.to_list(1..3)}
  @tag :skip
  test "skipped", do: flunk("no")
  test "captured", do: assert capture_io(fn -> IO.puts("x") end) == "y\n"
  test "logged" do
    require Logger
    assert capture_log(fn -> Logger.error("words") end) =~ "words"
  end
  test "messages" do
    send(self(), {:a, 1})
    assert_receive {:b, _}, 10
  end
  test "exit", do: Process.exit(self(), :kill)
  @tag timeout: 50
  test "timeout", do: Process.sleep(1000)
  test "supervised" do
    pid = start_supervised!({Agent, fn -> 3 end})
    assert Agent.get(pid, & &1) == 3
  end
end
EOF
clean() { sed 's/([0-9.]*ms)/()/; s/Finished in .*/Finished/; s/#PID<[0-9.]*>/PID/; s/in [0-9]*ms/in ms/'; }
mix compile && mix test --seed 0 --trace 2>&1 | clean
mix test --seed 1 --cover 2>&1 | clean
mix format && mix format --check-formatted
echo "status $?"
cat lib/hello.ex
mix escript.build && ./hello a b
mix run -e 'IO.puts(Hello.hello())'
mix archive.build && mix xref graph && mix app.tree
echo 'defmodule Bad do def f(x), do: y end' > lib/bad.ex
mix compile
echo "status $?"
