%% prim_buffer: random operations, and what comes out in which pieces.
-module(buffers).
-export([main/0]).

main() ->
    rand:seed(exsss, {7, 8, 9}),
    [run(I) || I <- lists:seq(1, 60)],
    wrong().

run(I) ->
    B = prim_buffer:new(),
    Log = [step(B) || _ <- lists:seq(1, 60)],
    io:format("~p ~p ~0p~n", [I, erlang:phash2(Log), lists:sublist(Log, 4)]),
    [io:format(" ~0p~n", [Log]) || I =< 3].

step(B) ->
    Size = prim_buffer:size(B),
    case rand:uniform(9) of
        N when N =< 4 ->
            Vector = [piece(rand:uniform(12)) || _ <- lists:seq(1, rand:uniform(4))],
            {write, iolist_size(Vector), prim_buffer:write(B, Vector)};
        5 -> {read, plain(catch prim_buffer:read(B, rand:uniform(Size + 10) - 1))};
        6 -> {vector, plain(catch prim_buffer:read_iovec(B, rand:uniform(Size + 10) - 1))};
        7 -> {skip, catch_(fun() -> prim_buffer:skip(B, rand:uniform(min(Size, 300) + 5) - 1) end)};
        8 -> {find, prim_buffer:find_byte_index(B, rand:uniform(256) - 1), prim_buffer:size(B)};
        9 when Size > 20000 -> {wipe, prim_buffer:wipe(B)};
        9 -> {all, erlang:md5(prim_buffer:read(B, Size)), prim_buffer:size(B)}
    end.

%% Only binaries that OTP keeps apart: large ones, or single small ones.
piece(12) -> binary:copy(<<(rand:uniform(256) - 1)>>, 3000 + rand:uniform(3000));
piece(11) -> binary:copy(<<(rand:uniform(256) - 1)>>, 900 + rand:uniform(300));
piece(N) -> binary:copy(<<(rand:uniform(256) - 1)>>, 64 + N * 10).

catch_(F) -> try F() catch C:R -> {C, R} end.

plain({'EXIT', {R, _}}) -> {exit, R};
plain(L) when is_list(L) -> [{byte_size(X), erlang:crc32(X)} || X <- L];
plain(X) -> {byte_size(X), erlang:crc32(X)}.

wrong() ->
    B = prim_buffer:new(),
    Calls = [{F, A} || F <- [size, wipe, try_lock, unlock], A <- [[foo], [make_ref()], [1]]] ++
        [{write, [B, X]} || X <- [foo, [foo], [<<"a">> | foo], [<<1:3>>], [[<<"a">>]], "a", [<<>>], [], <<"a">>]] ++
        [{read, [B, X]} || X <- [-1, 1, 0, foo, 1.0, 100, 1 bsl 64]] ++ [{skip, [B, X]} || X <- [-1, 1, 0, foo, 1 bsl 64, 1 bsl 70]] ++
        [{find_byte_index, [B, X]} || X <- [-1, 256, foo, 1 bsl 40, $a]] ++ [{F, [B]} || F <- [unlock, try_lock, try_lock, unlock, unlock, try_lock]],
    [io:format("~p ~0p~n", [F, try apply(prim_buffer, F, A) catch C:R -> {C, R} end]) || {F, A} <- Calls].
