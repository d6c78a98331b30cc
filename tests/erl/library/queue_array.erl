%% queue and array.
-module(queue_array).
-export([main/0]).

main() ->
    Q = queue:in(3, queue:in(2, queue:in(1, queue:new()))),
    io:format("~p~n", [[Q, queue:out(Q), queue:to_list(queue:in_r(0, Q)), queue:len(Q), queue:reverse(Q), queue:peek_r(Q), queue:out(queue:new()), queue:split(1, Q), queue:member(2, Q)]]),
    A = array:set(15, x, array:from_list([a, b, c])),
    io:format("~p~n", [[array:size(A), array:get(15, A), array:get(9, A), array:sparse_to_orddict(A), array:to_list(array:resize(5, A)), catch array:get(-1, A)]]),
    io:format("~p~n", [array:foldl(fun(I, V, S) -> S + I * V end, 0, array:from_list(lists:seq(1, 100)))]).
