#!/usr/bin/env escript
%% First inputs of dist_fuzz: dist_seeds.escript DIRECTORY. Each is a file of packets, with all control messages among them.
main([Directory]) ->
    All = [packet(P) || P <- packets()],
    Plain = [plain(P) || P <- packets()],
    [write(Directory, io_lib:format("one~2..0b", [N]), [0, P]) || {N, P} <- lists:enumerate(All)],
    write(Directory, "all", [0 | All]),
    write(Directory, "plain", [1 | Plain]),
    write(Directory, "fragments", [0 | fragments()]),
    write(Directory, "atoms", [0, frame([131, 68, 2, 16#88, 0, 5, 1, "a", 6, 3, "b@c", 104, 3, 97, 2, 82, 0, 82, 1, 82, 1]),
                               frame([131, 68, 1, 0, 6, 104, 3, 97, 2, 82, 0, 82, 0, 106])]).

write(Directory, Name, Bytes) -> ok = file:write_file(filename:join(Directory, Name), Bytes).

frame(Bytes) -> B = iolist_to_binary(Bytes), [<<(byte_size(B)):16>>, B].
term(T) -> <<131, B/binary>> = term_to_binary(T, [{minor_version, 2}]), B.
packet({Control}) -> frame([131, 68, 0, term(Control)]);
packet({Control, Message}) -> frame([131, 68, 0, term(Control), term(Message)]).
plain({Control}) -> frame([112, 131, term(Control)]);
plain({Control, Message}) -> frame([112, 131, term(Control), 131, term(Message)]).

theirs(N) -> binary_to_term(<<131, 88, 119, 3, "c@d", N:32, 0:32, 2:32>>).
ours(N) -> binary_to_term(<<131, 88, 119, 3, "a@b", N:32, 0:32, 1:32>>).
ref(Node, Creation, Numbers) ->
    binary_to_term(iolist_to_binary([<<131, 90, (length(Numbers)):16, 119, 3>>, Node, <<Creation:32>>, [<<N:32>> || N <- Numbers]])).

packets() ->
    T = theirs(7), R = ref("c@d", 2, [1, 2, 3]), Mine = ref("a@b", 1, [1, 0, 0]), Alias = ref("a@b", 1, [1, 0, 0, 2, 0]),
    lists:append([[
        {{1, T, O}}, {{35, 5, T, O}}, {{36, 5, T, O}}, {{4, T, O}},
        {{2, '', O}, hello}, {{22, T, O}, {T, [R, <<1, 2, 3>>]}}, {{12, '', O, token}, x}, {{23, T, O, token}, x},
        {{3, T, O, why}}, {{13, T, O, token, why}}, {{24, T, O}, {why, [1]}}, {{25, T, O, token}, why},
        {{8, T, O, why}}, {{18, T, O, token, why}}, {{26, T, O}, kill}, {{27, T, O, token}, why},
        {{19, T, O, R}}, {{20, T, O, R}}, {{21, T, O, Mine, why}}, {{28, T, O, Mine}, {why, #{a => 1}}},
        {{7, T, O}}, {{31, Mine, O, 3, T}}, {{32, Mine, O, 3, error, token}}
    ] || O <- [ours(1), ours(2), ours(3), ours(99)]]) ++ [
        {{6, T, '', net_kernel}, {hi}}, {{16, T, '', logger, token}, {hi}}, {{33, T, Alias}, x}, {{34, T, Alias, token}, x},
        {{19, T, logger, R}}, {{20, T, logger, R}}, {{28, logger, ours(1), Mine}, x},
        {{29, R, T, T, {m, f, 1}, [link, monitor, {priority, high}]}, [a]}, {{29, R, T, T, {m, f, 1}, [nonsense]}, [a]},
        {{30, R, T, ours(1), {m, f, 1}, [], token}, [a]}
    ].

fragments() ->
    Terms = [term({22, theirs(7), ours(1)}), term(lists:duplicate(50, <<"piece">>))],
    <<A:40/binary, B:40/binary, C/binary>> = iolist_to_binary(Terms),
    [frame([131, 69, <<9:64, 3:64>>, 0, A]), frame([131, 70, <<9:64, 2:64>>, B]), frame([131, 70, <<9:64, 1:64>>, C])].
