%% BIFs that compilers make instructions of are not called, so nobody is told; the same BIFs by other ways are.
-module(instructions).
-export([main/0, used/2, called/3]).

-define(BIFS, [{element, 2}, {hd, 1}, {length, 1}, {'+', 2}, {is_tuple, 1}, {tuple_size, 1}, {setelement, 3}, {self, 0}, {node, 0}, {map_size, 1}, {byte_size, 1}]).

main() ->
    [begin
        io:format("~p ~p~n", [Flags, [erlang:trace_pattern({erlang, N, A}, true, Flags) || {N, A} <- ?BIFS]]),
        traced:run("as instructions", [call], fun() -> ?MODULE:used([1, 2], {a, b}) end),
        traced:run("called", [call], fun() -> ?MODULE:called(erlang, [1, 2], {a, b}) end),
        [erlang:trace_pattern({erlang, N, A}, false, Flags) || {N, A} <- ?BIFS]
     end || Flags <- [[global], [local]]].

used(L, T) when is_tuple(T), length(L) > 1, map_size(#{}) =:= 0 ->
    {hd(L), element(1, T), tuple_size(T), hd(L) + 1, setelement(1, T, x), self(), node(), byte_size(<<"ab">>)}.

called(M, L, T) ->
    {M:hd(L), M:element(1, T), apply(M, tuple_size, [T]), M:'+'(hd(L), 1), M:self(), [M:F() || F <- [node]], lists:map(fun erlang:byte_size/1, [<<"ab">>])}.
