%% Numbers in pids, references and ports of this node and others, in the forms of the external format: which are too large.
-module(foreign_numbers).
-export([main/0]).

main() ->
    Nodes = [node(), x@y],
    [io:format("pid ~p ~p ~p~n", [Tag, Node, [is_term(pid(Tag, Node, N, S), fun is_pid/1) || {N, S} <- pairs()]]) || Tag <- [103, 88], Node <- Nodes],
    [io:format("ref ~p ~p ~p~n", [Tag, Node, [is_term(ref(Tag, Node, Ns), fun is_reference/1) || Ns <- references()]]) || Tag <- [114, 90], Node <- Nodes],
    [io:format("old ref ~p ~p~n", [Node, [is_term([131, 101, atom(Node), <<N:32, 2>>], fun is_reference/1) || N <- [0, 262143, 262144]]]) || Node <- Nodes],
    [io:format("port ~p ~p ~p~n", [Tag, Node, [is_term(port(Tag, Node, N), fun is_port/1) || N <- [1, 268435455, 268435456, 4294967295]]])
     || Tag <- [102, 89], Node <- Nodes],
    %% Creations of one byte
    [io:format("creation ~p ~p~n", [C, [is_term(T, fun(X) -> is_pid(X) orelse is_port(X) orelse is_reference(X) end) || T <- [
        [131, 103, atom(x@y), <<1:32, 2:32>>, C], [131, 102, atom(x@y), <<1:32>>, C], [131, 114, <<1:16>>, atom(x@y), C, <<7:32>>],
        [131, 101, atom(x@y), <<7:32>>, C]]]]) || C <- [3, 4, 255]].

pairs() -> [{1, 1}, {32767, 8191}, {32768, 17}, {4711, 8192}, {4710, 16#ffffffff}, {16#ffffffff, 1}].

references() ->
    [[N | Rest] || N <- [0, 262143, 262144, 16#ffffffff], Rest <- [[], [5], [5, 16#ffffffff]]] ++
        [[1, 2, 3, 4], [262144, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]].

pid(Tag, Node, Number, Serial) -> [131, Tag, atom(Node), <<Number:32, Serial:32>>, creation(Tag)].
ref(Tag, Node, Numbers) -> [131, Tag, <<(length(Numbers)):16>>, atom(Node), creation(Tag), [<<N:32>> || N <- Numbers]].
port(Tag, Node, Number) -> [131, Tag, atom(Node), <<Number:32>>, creation(Tag)].

atom(Node) -> Text = atom_to_binary(Node), [119, byte_size(Text), Text].

%% Local only if it is this node's own
creation(Tag) when Tag =:= 103; Tag =:= 114; Tag =:= 102 -> erlang:system_info(creation);
creation(_) -> <<(erlang:system_info(creation)):32>>.

is_term(Bytes, Is) ->
    try Is(binary_to_term(iolist_to_binary(Bytes))) catch error:badarg -> badarg end.
