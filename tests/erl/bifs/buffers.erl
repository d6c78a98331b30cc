%% prim_buffer: queues of bytes that belong to one process.
-module(buffers).
-export([main/0]).

main() ->
    B = prim_buffer:new(),
    p([is_reference(B), prim_buffer:size(B)]),
    p(prim_buffer:write(B, [<<"hello">>, <<" ">>, <<"world">>])),
    p(prim_buffer:size(B)),
    p([prim_buffer:find_byte_index(B, C) || C <- [$h, $o, $d, $x, 0, 255]]),
    p([prim_buffer:read(B, N) || N <- [0, 1, 4, 3]]),
    p([prim_buffer:size(B), prim_buffer:find_byte_index(B, $o)]),
    p(prim_buffer:write(B, [])),
    p(prim_buffer:write(B, [<<>>, binary:copy(<<"x">>, 1000)])),
    p(prim_buffer:size(B)),
    p(byte_size(prim_buffer:read(B, 500))),
    p(prim_buffer:size(B)),
    p(prim_buffer:wipe(B)),
    p([prim_buffer:size(B), prim_buffer:read(B, 0), prim_buffer:find_byte_index(B, $x)]),
    p(prim_buffer:write(B, [<<"a,b">>])),
    p(prim_buffer:size(B)),
    Large = binary:copy(<<"0123456789">>, 10000),
    p(prim_buffer:write(B, [Large, Large])),
    p(erlang:md5(prim_buffer:read(B, 150000))),
    p(prim_buffer:find_byte_index(B, $9)),
    %% Of another process.
    {_, M} = spawn_monitor(fun() -> exit([catch_error(F) || F <- [fun() -> prim_buffer:size(B) end, fun() -> prim_buffer:read(B, 1) end,
        fun() -> prim_buffer:write(B, [<<"x">>]) end, fun() -> prim_buffer:wipe(B) end, fun() -> prim_buffer:size(make_ref()) end]]) end),
    receive {'DOWN', M, _, _, Answers} -> p(Answers) end.

catch_error(F) -> try F() catch C:R -> {C, R} end.
p(X) -> io:format("~p~n", [X]).
