%% proplists.
-module(proplists_module).
-export([main/0]).

main() ->
    P = [a, {b, 2}, {c, [1]}, {b, 3}, {d, false}],
    io:format("~p~n", [[proplists:get_value(a, P), proplists:get_value(b, P), proplists:get_value(z, P, def), proplists:get_all_values(b, P), proplists:get_bool(d, P), proplists:delete(b, P), proplists:is_defined(c, P),
                        proplists:compact([{x, true}]), proplists:unfold([x]), proplists:to_map(P), proplists:lookup(b, P), lists:sort(proplists:get_keys(P)), proplists:split(P, [b])]]).
