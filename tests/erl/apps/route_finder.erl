%% Routes in a graph: Dijkstra on gb_sets, digraph and digraph_utils, breadth first with queue, a maze as text, topological order.
-module(route_finder).
-export([main/0]).

roads() ->
    [{arvika, karlstad, 70}, {karlstad, orebro, 110}, {orebro, stockholm, 200}, {karlstad, goteborg, 250}, {goteborg, malmo, 275}, {orebro, linkoping, 115},
     {linkoping, stockholm, 200}, {linkoping, malmo, 430}, {island, rock, 1}].

main() ->
    Map = lists:foldl(fun({A, B, D}, M) -> link(B, A, D, link(A, B, D, M)) end, #{}, roads()),
    [io:format("~p~n", [route(From, To, Map)]) || {From, To} <- [{arvika, stockholm}, {arvika, malmo}, {malmo, malmo}, {arvika, rock}, {nowhere, malmo}]],
    G = digraph:new(),
    [begin digraph:add_vertex(G, V), digraph:add_vertex(G, W), digraph:add_edge(G, V, W, D) end || {V, W, D} <- roads()],
    io:format("~p~n", [[lists:sort(L) || L <- [digraph:vertices(G), digraph:out_neighbours(G, karlstad), digraph_utils:reachable([linkoping], G), digraph:source_vertices(G), digraph:sink_vertices(G)]]]),
    io:format("~p~n", [lists:sort([lists:sort(C) || C <- digraph_utils:components(G)])]),
    io:format("~p~n", [{digraph:get_short_path(G, arvika, malmo), digraph:get_path(G, malmo, arvika), digraph_utils:is_acyclic(G), digraph_utils:is_tree(G)}]),
    io:format("~p~n", [ordered(digraph_utils:topsort(G), G)]),
    digraph:add_edge(G, malmo, karlstad),
    io:format("~p~n", [{digraph_utils:topsort(G), lists:sort([lists:sort(C) || C <- digraph_utils:cyclic_strong_components(G)]), digraph:get_cycle(G, karlstad) =/= false}]),
    io:format("~p~n", [digraph:no_edges(G)]),
    digraph:delete(G),
    Acyclic = digraph:new([acyclic]),
    [digraph:add_vertex(Acyclic, V) || V <- [a, b]],
    digraph:add_edge(Acyclic, a, b),
    io:format("~p~n", [digraph:add_edge(Acyclic, b, a)]),
    io:format("~p~n", [digraph:add_edge(Acyclic, b, zz)]),
    maze(["#########", "#S  #   #", "# # # # #", "# #   #E#", "#########"]),
    maze(["####", "#S##", "##E#", "####"]),
    io:format("~p~n", [knight({1, 1}, {8, 8})]),
    io:format("~p~n", [length(hanoi(10, a, b, c))]),
    io:format("~p~n", [hd(queens(8))]),
    io:format("~p~n", [length(queens(6))]),
    io:format("~w~n", [primes(60)]),
    io:format("~p~n", [life(8, [{1, 0}, {2, 1}, {0, 2}, {1, 2}, {2, 2}])]).

link(A, B, D, M) -> maps:update_with(A, fun(L) -> [{B, D} | L] end, [{B, D}], M).

route(From, To, Map) -> dijkstra(gb_sets:singleton({0, From, [From]}), #{}, To, Map).

dijkstra(Queue, Done, To, Map) ->
    case gb_sets:is_empty(Queue) of
        true -> {no_route, maps:size(Done)};
        false ->
            case gb_sets:take_smallest(Queue) of
                {{D, To, Path}, _} -> {D, lists:reverse(Path)};
                {{_, V, _}, Rest} when is_map_key(V, Done) -> dijkstra(Rest, Done, To, Map);
                {{D, V, Path}, Rest} ->
                    Next = [{D + E, W, [W | Path]} || {W, E} <- maps:get(V, Map, []), not is_map_key(W, Done)],
                    dijkstra(gb_sets:union(Rest, gb_sets:from_list(Next)), Done#{V => D}, To, Map)
            end
    end.

ordered(Order, G) ->
    Index = maps:from_list(lists:zip(Order, lists:seq(1, length(Order)))),
    lists:all(fun(E) -> {_, V, W, _} = digraph:edge(G, E), map_get(V, Index) < map_get(W, Index) end, digraph:edges(G)).

maze(Rows) ->
    Cells = maps:from_list([{{X, Y}, C} || {Y, R} <- lists:enumerate(Rows), {X, C} <- lists:enumerate(R)]),
    [Start] = [P || {P, $S} <- maps:to_list(Cells)],
    case walk(queue:from_list([{Start, [Start]}]), #{Start => x}, fun({X, Y}) -> [{X + 1, Y}, {X - 1, Y}, {X, Y + 1}, {X, Y - 1}] end,
              fun(P) -> maps:get(P, Cells, $#) =/= $# end, fun(P) -> map_get(P, Cells) =:= $E end) of
        none -> io:format("no way~n");
        Path ->
            [io:format("~s~n", [[case lists:member({X, Y}, Path) of true when C =:= $\s -> $.; _ -> C end || {X, C} <- lists:enumerate(R)]]) || {Y, R} <- lists:enumerate(Rows)],
            io:format("~p steps~n", [length(Path) - 1])
    end.

walk(Queue, Seen, Neighbours, Free, Goal) ->
    case queue:out(Queue) of
        {empty, _} -> none;
        {{value, {P, Path}}, Rest} ->
            case Goal(P) of
                true -> lists:reverse(Path);
                false ->
                    New = [N || N <- Neighbours(P), Free(N), not is_map_key(N, Seen)],
                    walk(lists:foldl(fun(N, Q) -> queue:in({N, [N | Path]}, Q) end, Rest, New), maps:merge(Seen, maps:from_keys(New, x)), Neighbours, Free, Goal)
            end
    end.

knight(From, To) ->
    Moves = [{1, 2}, {2, 1}, {-1, 2}, {-2, 1}, {1, -2}, {2, -1}, {-1, -2}, {-2, -1}],
    length(walk(queue:from_list([{From, [From]}]), #{From => x}, fun({X, Y}) -> [{X + A, Y + B} || {A, B} <- Moves] end,
                fun({X, Y}) -> X >= 1 andalso X =< 8 andalso Y >= 1 andalso Y =< 8 end, fun(P) -> P =:= To end)) - 1.

hanoi(0, _, _, _) -> [];
hanoi(N, A, B, C) -> hanoi(N - 1, A, C, B) ++ [{A, C}] ++ hanoi(N - 1, B, A, C).

queens(N) -> queens(N, N).
queens(_, 0) -> [[]];
queens(N, K) -> [[Q | Qs] || Qs <- queens(N, K - 1), Q <- lists:seq(1, N), safe(Q, 1, Qs)].
safe(_, _, []) -> true;
safe(Q, D, [R | Rs]) -> Q =/= R andalso abs(Q - R) =/= D andalso safe(Q, D + 1, Rs).

primes(N) -> sieve(lists:seq(2, N)).
sieve([P | Rest]) -> [P | sieve([X || X <- Rest, X rem P =/= 0])];
sieve([]) -> [].

life(0, Cells) -> lists:sort(Cells);
life(N, Cells) ->
    Around = lists:foldl(fun(C, M) -> maps:update_with(C, fun(K) -> K + 1 end, 1, M) end, #{},
                         [{X + A, Y + B} || {X, Y} <- Cells, A <- [-1, 0, 1], B <- [-1, 0, 1], {A, B} =/= {0, 0}]),
    life(N - 1, [C || {C, K} <- maps:to_list(Around), K =:= 3 orelse K =:= 2 andalso lists:member(C, Cells)]).
