%% A monitor of a port of an earlier life of this node; what process_info says of monitors of ports.
-module(old_port).
-export([main/0]).

main() ->
    Node = atom_to_binary(node()),
    Old = binary_to_term(<<131, 89, 119, (byte_size(Node)), Node/binary, 4711:32, 17:32>>),
    Ref = monitor(port, Old),
    io:format("~p~n", [receive {'DOWN', Ref, port, Old, Why} -> Why after 1000 -> none end]),
    {Tagged, Alias} = {monitor(port, Old, [{tag, {my, tag}}, {alias, explicit_unalias}]), self()},
    io:format("~p~n", [receive {{my, tag}, Tagged, port, Old, Why2} -> {Why2, is_pid(Alias)} after 1000 -> none end]),
    Tagged ! through,
    io:format("~p~n", [receive through -> through after 1000 -> none end]),
    Other = binary_to_term(<<131, 89, 119, 9, "other@one", 4711:32, 17:32>>),
    io:format("~p~n", [try monitor(port, Other) catch error:E -> E end]).
