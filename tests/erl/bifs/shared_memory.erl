%% atomics, counters, persistent_term: right arguments, limits, wrong arguments.
-module(shared_memory).
-export([main/0]).
main() ->
    S = atomics:new(3, []), U = atomics:new(2, [{signed, false}]),
    show(info, maps:without([memory], atomics:info(S))), show(info, maps:without([memory], atomics:info(U))),
    Calls = [{put, [1, 5]}, {add, [1, 2]}, {add_get, [1, -10]}, {get, [1]}, {sub, [1, 1]}, {sub_get, [1, 1]}, {exchange, [1, 77]}, {get, [1]},
             {compare_exchange, [1, 77, 78]}, {compare_exchange, [1, 77, 79]}, {put, [2, (1 bsl 63) - 1]}, {add_get, [2, 1]}, {put, [2, 1 bsl 63]},
             {put, [2, -(1 bsl 63)]}, {sub_get, [2, 1]}, {add, [2, 1 bsl 64]}, {add, [2, (1 bsl 64) - 1]}, {get, [2]}, {put, [2, -(1 bsl 63) - 1]},
             {get, [0]}, {get, [4]}, {get, [3]}, {get, [1 bsl 70]}, {get, [-1]}],
    [bif_calls:call(atomics, F, [R | A]) || R <- [S, U], {F, A} <- Calls],
    [bif_calls:wrong(atomics, F, [S | A]) || {F, A} <- [{get, [1]}, {put, [1, 2]}, {add, [1, 2]}, {add_get, [1, 2]}, {sub, [1, 2]}, {sub_get, [1, 2]},
                                                        {exchange, [1, 2]}, {compare_exchange, [1, 2, 3]}, {info, []}]],
    bif_calls:wrong(atomics, new, [1, []]),
    bif_calls:calls(atomics, [{new, [N, O]} || N <- [0, -1, 1 bsl 70], O <- [[]]] ++ [{new, [1, O]} || O <- [[{signed, x}], [x], [{signed, true} | x]]]),
    [begin
         C = counters:new(2, O),
         show(info, maps:without([memory], counters:info(C))),
         bif_calls:calls(counters, [{F, [C | A]} || {F, A} <- [{put, [1, 5]}, {add, [1, 3]}, {sub, [1, 10]}, {get, [1]}, {get, [2]}, {get, [3]}, {get, [0]},
                                                               {put, [2, (1 bsl 63) - 1]}, {add, [2, 1]}, {get, [2]}, {put, [2, 1 bsl 63]},
                                                               {add, [2, 1 bsl 64]}, {sub, [2, -(1 bsl 63)]}, {get, [2]}]]),
         [bif_calls:wrong(counters, F, [C | A]) || {F, A} <- [{get, [1]}, {put, [1, 2]}, {add, [1, 2]}, {sub, [1, 2]}, {info, []}]]
     end || O <- [[], [atomics], [write_concurrency]]],
    bif_calls:calls(counters, [{new, A} || A <- [[0, []], [-1, []], [a, []], [1, [x]], [1, x], [1 bsl 70, []], [1, [atomics | x]]]]),
    bif_calls:calls(erts_internal, [{counters_new, [N]} || N <- [0, -1, a, 1 bsl 70]]),
    W = erts_internal:counters_new(1),
    [bif_calls:wrong(erts_internal, F, [W | A]) || {F, A} <- [{counters_get, [1]}, {counters_add, [1, 2]}, {counters_put, [1, 2]}, {counters_info, []}]],
    terms().

terms() ->
    bif_calls:calls(persistent_term, [{get, [nosuch]}, {get, [nosuch, default]}, {put, [k, {1, "x"}]}, {get, [k]}, {get, [k, d]}, {put, [k, {1, "x"}]},
                                      {put, [k, other]}, {get, [k]}, {erase, [k]}, {erase, [k]}, {get, [k]}, {put, [1.5, <<1, 2, 3>>]}, {get, [1.5]},
                                      {put, [1, one]}, {put, [1.0, float]}, {get, [1]}, {get, [1.0]}, {erase, [1]}, {get, [1.0]},
                                      {put, [{a, [b]}, fun lists:map/2]}, {get, [{a, [b]}]}]),
    #{count := N0} = persistent_term:info(),
    [persistent_term:put({many, I}, I) || I <- lists:seq(1, 1000)],
    #{count := N1} = persistent_term:info(),
    show(count, N1 - N0), show(sum, lists:sum([persistent_term:get({many, I}) || I <- lists:seq(1, 1000)])),
    [persistent_term:erase({many, I}) || I <- lists:seq(1, 1000)],
    #{count := N2, memory := M} = persistent_term:info(),
    show(count, {N2 - N0, is_integer(M)}),
    show(listed, {lists:member({1.5, <<1, 2, 3>>}, persistent_term:get()), lists:keymember(many, 1, persistent_term:get())}),
    show(sorted, lists:sort(maps:keys(persistent_term:info()))).

show(What, Term) -> io:format("~p ~p~n", [What, Term]).
