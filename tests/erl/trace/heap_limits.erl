%% Collections that find the heap larger than max_heap_size allows: sizes are not the same, what is told of the last one is.
-module(heap_limits).
-export([main/0]).

main() ->
    [io:format("~p ~p~n", [Kill, collections(#{size => 5000, kill => Kill, error_logger => false})]) || Kill <- [true, false]].

%% The collection in which the limit was found first, and whether anything followed
collections(Limit) ->
    {P, M} = spawn_opt(fun() -> receive go -> ok end, grow(10000, []) end, [monitor, {max_heap_size, Limit}]),
    erlang:trace(P, true, [garbage_collection]),
    P ! go,
    Why = receive {'DOWN', M, _, _, R} -> R end,
    Tags = [{Tag, [K || {K, V} <- Info, is_integer(V)]} || {trace, _, Tag, Info} <- traced:flush(P)],
    {Before, [{gc_max_heap_size, Keys} | After]} = lists:splitwith(fun({Tag, _}) -> Tag =/= gc_max_heap_size end, Tags),
    {Start, _} = lists:last(Before),
    [{Why, before_limit, lists:member(Start, [gc_minor_start, gc_major_start])}, {Why, limit, Keys}, {Why, behind, After =/= []}].

grow(0, L) -> length(L);
grow(N, L) -> grow(N - 1, [N | L]).
