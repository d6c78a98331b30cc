-module(very_deep).
-export([main/0]).

%% Terms deeper than a C stack is: everything that walks a term does so without recursion on its depth.
-define(DEPTH, 150000).

main() ->
    [one(Name, nest(Wrap, Seed, ?DEPTH), nest(Wrap, Other, ?DEPTH)) ||
        {Name, Wrap} <- [{list, fun(T) -> [T] end}, {tail, fun(T) -> [x | T] end}, {tuple, fun(T) -> {T, 1} end},
                         {last, fun(T) -> {1, T} end}, {map, fun(T) -> #{k => T} end}, {big, fun big_tuple/1}],
        {Seed, Other} <- [{[], 1.0}]],
    F = nest(fun(T) -> fun() -> T end end, [], ?DEPTH),
    io:format("fun ~p ~p~n", [F =:= F, erts_debug:flat_size(F) > ?DEPTH]),
    G = send(F),
    io:format("fun sent ~p~n", [is_function(G, 0)]).

big_tuple(T) -> {a, [b], <<"c">>, T, 1.5, 1 bsl 70}.

nest(_, T, 0) -> T;
nest(Wrap, T, N) -> nest(Wrap, Wrap(T), N - 1).

one(Name, A, B) ->
    io:format("~p~n", [Name]),
    io:format("  order ~p ~p ~p ~p~n", [A =:= B, A == B, A < B, B < A]),
    A2 = send(A),
    io:format("  sent ~p ~p~n", [A2 =:= A, A2 == A]),
    io:format("  hash ~p ~p~n", [erlang:phash2(A) =:= erlang:phash2(A2), erlang:phash2(A)]),
    Encoded = term_to_binary(A),
    io:format("  encoded ~p ~p~n", [byte_size(Encoded), binary_to_term(Encoded) =:= A]),
    io:format("  size ~p ~p~n", [erlang:external_size(A) >= byte_size(Encoded), erts_debug:flat_size(A) =:= erts_debug:flat_size(A2)]),
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{A, 1}, {B, 2}]),
    io:format("  table ~p ~p~n", [ets:lookup(T, A2) =:= [{A, 1}], ets:info(T, size)]),
    ets:delete(T),
    M = #{A => 1, B => 2},
    io:format("  key ~p ~p~n", [maps:get(A2, M), map_size(M)]),
    put(A, kept),
    garbage_collect(),
    io:format("  dictionary ~p~n", [get(A2)]),
    erase(),
    io:format("  iolist ~p~n", [try iolist_size([A]) catch error:E -> E end]),
    io:format("  exit ~p~n", [begin {_, R} = spawn_monitor(fun() -> exit(A) end), receive {'DOWN', R, _, _, W} -> W =:= A end end]),
    io:format("  caught ~p~n", [try error(A) catch error:A3 -> A3 =:= A end]).

send(T) ->
    Self = self(),
    spawn(fun() -> receive {x, X} -> Self ! {y, X} end end) ! {x, T},
    receive {y, Y} -> Y end.
