# A release by systools: boot script, archive, unpacked, started, upgraded, stopped.
version() { mkdir -p "$1/ebin" && cat > "$1/ebin/some.app" <<EOF
{application, some, [{description, "some"}, {vsn, "$1"}, {modules, [some, some_sup, some_server]}, {registered, [some_sup]},
                     {applications, [kernel, stdlib, sasl]}, {mod, {some, []}}]}.
EOF
cat > some.erl <<'EOF'
-module(some).
-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> io:format("started ~p~n", [application:get_key(some, vsn)]), some_sup:start_link().
stop(_) -> io:format("stopped~n").
EOF
cat > some_sup.erl <<'EOF'
-module(some_sup).
-behaviour(supervisor).
-export([start_link/0, init/1]).
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).
init([]) -> {ok, {{one_for_one, 1, 1}, [#{id => a, start => {some_server, start_link, []}, modules => [some_server]}]}}.
EOF
cat > some_server.erl <<EOF
-module(some_server).
-behaviour(gen_server).
-export([start_link/0, init/1, handle_call/3, handle_cast/2, code_change/3]).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
init([]) -> {ok, started_as_$1}.
handle_call(_, _, S) -> {reply, {"$1", S}, S}.
handle_cast(_, S) -> {noreply, S}.
code_change(Old, S, Extra) -> io:format("change ~p ~p~n", [is_tuple(Old) orelse Old =/= none, Extra]), {ok, {changed, S}}.
EOF
erlc -o "$1/ebin" some.erl some_sup.erl some_server.erl
erl -noshell -eval "V = fun(A) -> application:load(A), element(2, application:get_key(A, vsn)) end, file:write_file(\"r$1.rel\", io_lib:format(\"~p.~n\",
    [{release, {\"some\", \"$1\"}, {erts, erlang:system_info(version)}, [{A, V(A)} || A <- [kernel, stdlib, sasl]] ++ [{some, \"$1\"}]}])), halt()."
}
version 1
version 2
echo '{"2", [{"1", [{update, some_server, {advanced, up}}]}], [{"1", [{update, some_server, {advanced, down}}]}]}.' > 2/ebin/some.appup
make='[io:format("~p~n", [R]) || R <- [systools:make_script("r1", [{path, ["1/ebin"]}]), systools:make_tar("r1", [{path, ["1/ebin"]}, {erts, code:root_dir()}]),
    systools:make_script("r2", [{path, ["2/ebin"]}]), systools:make_relup("r2", ["r1"], ["r1"], [{path, ["1/ebin", "2/ebin"]}]),
    systools:make_tar("r2", [{path, ["2/ebin"]}])]], halt().'
erl -noshell -eval "$make"
cat r1.script relup
tar tzf r1.tar.gz | sort
tar tzf r2.tar.gz | sort
erl -noshell -boot ./r1 -pa 1/ebin -eval 'io:format("~p~n", [{release_handler:which_releases(), gen_server:call(some_server, x)}]), init:stop().'
mkdir -p inst/bin inst/log && tar xzf r1.tar.gz -C inst
[ -z "$LINTEL" ] || "$LINTEL" link-otp inst/erts-*/bin > /dev/null
cp inst/releases/1/start.boot inst/bin/
for name in erl start start_erl; do
    sed "s|%FINAL_ROOTDIR%|$PWD/inst|; s|^ROOTDIR=.*|ROOTDIR=$PWD/inst|" inst/erts-*/bin/$name.src > inst/bin/$name && chmod +x inst/bin/$name
done
ls inst/bin
echo '[].' > inst/releases/1/sys.config
echo "$(ls inst | sed -n 's/^erts-//p') 1" > inst/releases/start_erl.data
inst/bin/erl -noshell -eval 'io:format("~p~n", [release_handler:create_RELEASES(code:root_dir(), code:root_dir() ++ "/releases", code:root_dir() ++ "/releases/r1.rel", [])]), init:stop().'
cp r2.tar.gz inst/releases/
echo '[].' > sys.config
upgrade='Ask = fun() -> io:format("~p~n", [{gen_server:call(some_server, x), [{N, V, S} || {N, V, _, S} <- release_handler:which_releases()]}]) end,
    Ask(), io:format("~p~n", [release_handler:unpack_release("r2")]), Ask(), io:format("~p~n", [release_handler:install_release("2")]), Ask(),
    io:format("~p~n", [release_handler:install_release("1")]), Ask(), io:format("~p~n", [release_handler:remove_release("2")]), Ask(), init:stop().'
inst/bin/erl -noshell -boot "$PWD/inst/releases/1/start" -config "$PWD/inst/releases/1/sys" -eval "$upgrade" 2>&1
