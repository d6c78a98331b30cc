# A release by mix: made, started, called, stopped.
mix new hello --sup > /dev/null && cd hello || exit
sed -i 's/deps: deps()/deps: deps(), releases: [hello: [cookie: "secret"]]/' mix.exs
cat > lib/hello.ex <<'EOF'
defmodule Hello do
  def hello, do: {node() |> to_string() |> String.split("@") |> hd(), Application.get_env(:hello, :key)}
end
EOF
mkdir config
printf 'import Config\nconfig :hello, key: :compiled\n' > config/config.exs
printf 'import Config\nconfig :hello, key: System.get_env("KEY", "none")\n' > config/runtime.exs
MIX_ENV=prod mix release 2>&1
release=$PWD/_build/prod/rel/hello
[ -z "$LINTEL" ] || "$LINTEL" link-otp "$release"/erts-*/bin > /dev/null
program=$release/bin/hello
until_up() { for _ in $(seq 100); do "$program" pid > /dev/null 2>&1 && return; sleep 0.2; done; echo "does not come up"; }
$program eval 'IO.inspect(Hello.hello())'
$program version
KEY=given $program start > out 2>&1 &
until_up
$program rpc 'IO.inspect(Hello.hello())'
$program rpc 'IO.inspect(Application.started_applications() |> Enum.map(&elem(&1, 0)) |> Enum.sort())'
$program rpc 'raise "oops"' 2>&1 | grep -v '^ '
$program stop
wait $!
echo "status $?"
cat out
$program rpc '1'
echo "status $?"
$program daemon
until_up
echo 'Hello.hello()' | $program remote 2>&1 | sed 's/rem-[0-9a-f]*/rem-N/g; s/@[-a-z0-9]*/@HOST/g'
$program stop
