# rebar3 without a network: a new application, its tests of both kinds, coverage, cross references, an escript, a release.
export TERM=dumb
rebar3 new app hello && cd hello || exit
cat > src/calc.erl <<'EOF'
-module(calc).
-export([add/2, fact/1]).
-ifdef(TEST).
-include_lib("eunit/include/eunit.hrl").
-endif.
add(A, B) -> A + B.
fact(0) -> 1;
fact(N) when N > 0 -> N * fact(N - 1).
-ifdef(TEST).
add_test() -> ?assertEqual(3, add(1, 2)).
fails_test() -> ?assertEqual(4, add(1, 2)).
-endif.
EOF
mkdir test
cat > test/calc_SUITE.erl <<'EOF'
-module(calc_SUITE).
-compile([export_all, nowarn_export_all]).
all() -> [two, {group, g}, crash].
groups() -> [{g, [parallel], [two, two]}].
two(_) -> 3 = calc:add(1, 2).
crash(_) -> calc:fact(-1).
EOF
rebar3 compile
rebar3 eunit --cover 2>&1 | sed 's/[0-9.]* seconds//'
rebar3 ct --cover 2>&1 | sed 's/20[-0-9_.]*/DATE/'
rebar3 cover -v
rebar3 xref
cd ..
rebar3 new escript esc && cd esc && rebar3 escriptize && _build/default/bin/esc a b
cd ..
rebar3 new release rel > /dev/null && cd rel && rebar3 tar
tar tzf _build/default/rel/rel/rel-0.1.0.tar.gz | grep -v 'lib/kernel\|lib/stdlib' | sort
