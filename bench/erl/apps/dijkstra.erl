%% Shortest ways through a grid with OTP's gb_sets as the queue and maps as the distances.
-module(dijkstra).
-export([main/0]).

main() -> bench:cpu(fun() -> maps:get({59, 59}, search(gb_sets:singleton({0, {0, 0}}), #{}, 60)) end, 395).

search(Queue, Done, N) ->
    case gb_sets:is_empty(Queue) of
        true -> Done;
        false ->
            {{D, At = {X, Y}}, Rest} = gb_sets:take_smallest(Queue),
            case Done of
                #{At := _} -> search(Rest, Done, N);
                _ ->
                    Next = [{D + cost(P), P} || P = {A, B} <- [{X + 1, Y}, {X - 1, Y}, {X, Y + 1}, {X, Y - 1}],
                            A >= 0, B >= 0, A < N, B < N, not is_map_key(P, Done)],
                    search(lists:foldl(fun gb_sets:add_element/2, Rest, Next), Done#{At => D}, N)
            end
    end.

cost({X, Y}) -> 1 + (X * 7 + Y * 13) rem 9.
