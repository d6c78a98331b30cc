%% The module zstd of OTP 28: what it answers, but for compressed bytes, which depend on the version of the library.
-module(compression).
-export([main/0]).
-compile(nowarn_deprecated_catch).

main() ->
    case code:ensure_loaded(zstd) of
        {module, zstd} -> lists:foreach(fun(F) -> F() end, tests());
        {error, _} -> io:format("no zstd before OTP 28~n")
    end.

%% Through apply: the module is not there in all releases that this is compiled on.
z(F, A) -> apply(zstd, F, A).
show(What, F) ->
    io:format("~p: ~p~n", [What, listed(try F() of V -> V catch C:R -> {C, R} end)]).

%% Releases write maps in orders of their own.
listed(M) when is_map(M) -> {map, [{K, listed(V)} || {K, V} <- lists:sort(maps:to_list(M))]};
listed(T) when is_tuple(T) -> list_to_tuple(listed(tuple_to_list(T)));
listed([H | T]) -> [listed(H) | listed(T)];
listed(Other) -> Other.

tests() ->
    [fun wholes/0, fun streams/0, fun rests/0, fun parameters/0, fun dictionaries/0, fun headers/0, fun errors/0, fun owners/0, fun many/0].

bytes(N) -> << <<(erlang:phash2({X, here}, 256))>> || X <- lists:seq(1, N) >>.
text(N) -> iolist_to_binary([["line ", integer_to_list(X), " of many\n"] || X <- lists:seq(1, N)]).
joined(F, A) -> iolist_to_binary(z(F, A)).
same(Data) -> same(Data, #{}).
same(Data, Options) -> joined(decompress, [z(compress, [Data, Options])]) =:= iolist_to_binary(Data).

wholes() ->
    show(sizes, fun() -> [same(bytes(N)) || N <- [0, 1, 5, 64, 65, 4000, 131071, 131072, 131073, 500000]] end),
    show(texts, fun() -> [{N, same(text(N)), iolist_size(z(compress, [text(N)])) < byte_size(text(N)) div 2} || N <- [100, 5000, 100000]] end),
    show(lists, fun() -> [same(["abc", <<"def">>, [[], [$g]]]), same([]), same([bytes(70000), bytes(70000) | bytes(70000)])] end),
    show(levels, fun() -> [same(text(2000), #{compressionLevel => L}) || L <- [-22, -1, 0, 1, 3, 9, 19, 22]] end),
    show(better, fun() -> iolist_size(z(compress, [text(20000), #{compressionLevel => 19}])) < iolist_size(z(compress, [text(20000), #{compressionLevel => -5}])) end),
    show(strategies, fun() -> [same(text(500), #{strategy => S}) || S <- [default, fast, dfast, greedy, lazy, lazy2, btlazy2, btopt, btultra, btultra2]] end),
    show(checksum, fun() -> same(text(500), #{checksumFlag => true, contentSizeFlag => false, dictIDFlag => false}) end),
    show(bits, fun() -> B = text(300), <<_:3, Shifted:(byte_size(B))/binary, _/bits>> = <<0:3, B/binary, 0:5>>, same(Shifted) end),
    show(shapes, fun() -> [length(z(compress, [bytes(300000)])) > 1, [byte_size(B) || B <- z(decompress, [z(compress, [bytes(300000)])])]] end),
    show(known, fun() -> z(decompress, [<<40,181,47,253,32,2,17,0,0,97,98>>]) end),
    show(frames, fun() -> joined(decompress, [[z(compress, ["abc"]), z(compress, ["def"])]]) end).

streams() ->
    show(stream, fun() ->
        {ok, C} = z(context, [compress]),
        {continue, A} = z(stream, [C, "a"]), {continue, B} = z(stream, [C, <<"b">>]), {done, D} = z(finish, [C, ["c", "d"]]),
        {ok, U} = z(context, [decompress]),
        All = iolist_to_binary([A, B, D]),
        Pieces = [z(stream, [U, <<X>>]) || <<X>> <= All],
        {[element(1, P) || P <- Pieces], iolist_to_binary([element(2, P) || P <- Pieces]), z(finish, [U, <<>>])}
    end),
    show(again, fun() ->
        {ok, C} = z(context, [compress]), {ok, U} = z(context, [decompress]),
        [begin {done, D} = z(finish, [C, bytes(N)]), {done, B} = z(finish, [U, iolist_to_binary(D)]), iolist_to_binary(B) =:= bytes(N) end || N <- [10, 200000, 0, 7]]
    end),
    show(reset, fun() ->
        {ok, C} = z(context, [compress]), z(stream, [C, "lost"]), ok = z(reset, [C]), {done, D} = z(finish, [C, "kept"]),
        {ok, U} = z(context, [decompress]), z(stream, [U, <<40,181,47>>]), ok = z(reset, [U]), {joined(decompress, [D]), joined(decompress, [D, U])}
    end),
    show(flush, fun() ->
        case erlang:function_exported(zstd, flush, 2) of
            true ->
                {ok, C} = z(context, [compress]), {continue, A} = z(flush, [C, "hello"]), {continue, B} = z(flush, [C, [" ", <<"world">>]]),
                {continue, E} = z(flush, [C, []]), {ok, U} = z(context, [decompress]),
                {z(stream, [U, A]), z(stream, [U, iolist_to_binary([B, E])]), byte_size(E)};
            false -> {{continue, <<"hello">>}, {continue, <<" world">>}, 0}
        end
    end),
    show(closed, fun() -> {ok, C} = z(context, [compress]), ok = z(close, [C]), [catch element(1, element(2, catch z(F, A))) || {F, A} <- [{close, [C]}, {stream, [C, "x"]}, {reset, [C]}]] end).

rests() ->
    show(rest_compress, fun() ->
        {ok, C} = z(context, [compress]),
        case z(stream, [C, bytes(1000000)]) of {continue, R, O} -> {byte_size(iolist_to_binary(R)) > 0, byte_size(O) > 100000} end
    end),
    show(rest_decompress, fun() ->
        All = iolist_to_binary(z(compress, [binary:copy(<<0>>, 1000000)])), {ok, U} = z(context, [decompress]), follow(z(stream, [U, All]), U, 0)
    end).

follow({continue, R, O}, U, N) -> follow(z(stream, [U, R]), U, N + byte_size(O));
follow({continue, <<>>}, _, N) -> N;
follow({continue, O}, U, N) -> follow(z(stream, [U, <<>>]), U, N + byte_size(O)).

parameters() ->
    show(defaults, fun() -> {ok, C} = z(context, [compress]),
        [{K, z(get_parameter, [C, K])} || K <- [compressionLevel, windowLog, hashLog, chainLog, searchLog, minMatch, targetLength, strategy, targetCBlockSize,
            enableLongDistanceMatching, ldmHashLog, ldmMinMatch, ldmBucketSizeLog, ldmHashRateLog, contentSizeFlag, checksumFlag, dictIDFlag]] end),
    show(set, fun() -> {ok, C} = z(context, [compress]),
        [{z(set_parameter, [C, K, V]), z(get_parameter, [C, K])} || {K, V} <- [{compressionLevel, 15}, {compressionLevel, 1000}, {compressionLevel, -1000000}, {windowLog, 20}, {strategy, btopt},
            {strategy, default}, {checksumFlag, true}, {enableLongDistanceMatching, true}, {ldmHashLog, 10}, {targetLength, 100}]] end),
    show(wrong, fun() -> {ok, C} = z(context, [compress]), {ok, U} = z(context, [decompress]),
        [try z(set_parameter, [X, K, V]) catch error:R -> R end || {X, K, V} <- [{C, compressionLevel, x}, {C, windowLog, 100}, {C, windowLog, -1}, {C, nothing, 1}, {C, 1, 1}, {C, "windowLog", 1}, {C, strategy, 1},
            {C, strategy, fastest}, {C, checksumFlag, 1}, {C, windowLog, 1 bsl 40}, {C, pledgedSrcSize, -1}, {C, pledgedSrcSize, x}, {C, pledgedSrcSize, 1 bsl 70}, {U, windowLogMax, 100}, {U, windowLogMax, x},
            {U, windowLog, 1}, {U, windowLogMax, 20}, {{other, context}, windowLog, 1}, {{compress, make_ref()}, windowLog, 10}, {{compress, element(2, U)}, windowLog, 10}]] end),
    show(get, fun() -> {ok, C} = z(context, [compress]), {ok, U} = z(context, [decompress]),
        [try z(get_parameter, [X, K]) catch error:R -> R end || {X, K} <- [{U, windowLogMax}, {U, windowLog}, {C, nothing}, {C, dictionary}, {C, windowLogMax}, {x, windowLog}]] end),
    show(pledged, fun() -> {ok, C} = z(context, [compress, #{pledgedSrcSize => 3}]), z(stream, [C, "ab"]), z(finish, [C, "cd"]) end),
    show(pledged_right, fun() -> {ok, C} = z(context, [compress, #{pledgedSrcSize => 4}]), z(stream, [C, "ab"]), {done, D} = z(finish, [C, "cd"]), joined(decompress, [D]) end),
    show(too_late, fun() -> {ok, C} = z(context, [compress]), z(stream, [C, "ab"]), z(set_parameter, [C, dictionary, "abc"]) end),
    show(too_late_flag, fun() -> {ok, C} = z(context, [compress]), z(stream, [C, "ab"]), z(set_parameter, [C, checksumFlag, true]) end),
    show(window, fun() -> Big = z(compress, [text(100000), #{windowLog => 22, contentSizeFlag => false}]), joined(decompress, [Big, #{windowLogMax => 10}]) end).

%% A dictionary without a header: its bytes alone.
dictionary() -> iolist_to_binary([text(30), "the end"]).

dictionaries() ->
    show(plain, fun() -> D = dictionary(), C = z(compress, [text(40), #{dictionary => D}]),
        {joined(decompress, [C, #{dictionary => D}]) =:= text(40), iolist_size(C) < iolist_size(z(compress, [text(40)]))} end),
    show(without, fun() -> C = z(compress, [text(40), #{dictionary => dictionary()}]), joined(decompress, [C]) =:= text(40) end),
    show(made, fun() -> {ok, C} = z(dict, [compress, dictionary()]), {ok, C9} = z(dict, [compress, dictionary(), #{compressionLevel => 9}]), {ok, U} = z(dict, [decompress, dictionary()]),
        {[joined(decompress, [z(compress, [text(40), #{dictionary => D}]), #{dictionary => U}]) =:= text(40) || D <- [C, C9, dictionary()]], [z(get_dict_id, [D]) || D <- [C, C9, U, dictionary()]]} end),
    show(kept, fun() -> {ok, Ctx} = z(context, [compress, #{dictionary => element(2, z(dict, [compress, dictionary()]))}]), {ok, U} = z(context, [decompress, #{dictionary => element(2, z(dict, [decompress, dictionary()]))}]),
        [begin erlang:garbage_collect(), joined(decompress, [z(compress, [text(N), Ctx]), U]) =:= text(N) end || N <- [1, 50, 1000]] end),
    show(replaced, fun() -> {ok, Ctx} = z(context, [compress, #{dictionary => element(2, z(dict, [compress, dictionary()]))}]), ok = z(set_parameter, [Ctx, dictionary, <<>>]), erlang:garbage_collect(),
        joined(decompress, [z(compress, [text(40), Ctx])]) =:= text(40) end),
    show(wrong_kind, fun() -> {ok, C} = z(dict, [compress, dictionary()]), z(decompress, [z(compress, ["abc"]), #{dictionary => C}]) end),
    show(no_binary, fun() -> [catch element(1, element(2, catch z(dict, A))) || A <- [[compress, "abc"], [decompress, x], [compress, <<"abc">>, #{compressionLevel => x}], [compress, <<1:3>>]]] end),
    show(broken, fun() -> [try z(dict, [M, <<16#37, 16#a4, 16#30, 16#ec, 1, 0, 0, 0, "no dictionary at all, really not">>]) catch error:R -> R end || M <- [compress, decompress]] end),
    show(broken_plain, fun() -> {ok, C} = z(context, [decompress]), z(set_parameter, [C, dictionary, <<16#37, 16#a4, 16#30, 16#ec, 1, 0, 0, 0, "no dictionary at all, really not">>]) end),
    show(ids, fun() -> [z(get_dict_id, [X]) || X <- [z(compress, ["abc"]), "abc", <<>>, <<16#37, 16#a4, 16#30, 16#ec, 7, 0, 0, 0, "more">>]] end).

headers() ->
    show(header, fun() -> z(get_frame_header, [z(compress, ["abc"])]) end),
    show(header_flags, fun() -> z(get_frame_header, [z(compress, [text(1000), #{checksumFlag => true, contentSizeFlag => false, windowLog => 15}])]) end),
    show(skippable, fun() -> {ok, H} = z(get_frame_header, [<<16#50, 16#2a, 16#4d, 16#18, 4, 0, 0, 0, "abcd">>]), maps:remove(headerSize, H) end),
    show(skipped, fun() -> joined(decompress, [[<<16#50, 16#2a, 16#4d, 16#18, 4, 0, 0, 0, "abcd">>, z(compress, ["after"])]]) end),
    show(no_header, fun() -> [z(get_frame_header, [X]) || X <- ["no frame at all", <<1, 2, 3, 4, 5, 6, 7, 8>>]] end),
    show(bad_header, fun() -> z(get_frame_header, [x]) end).

errors() ->
    show(garbage, fun() -> z(decompress, ["this is no frame"]) end),
    show(cut, fun() -> C = iolist_to_binary(z(compress, [bytes(1000)])), joined(decompress, [binary:part(C, 0, 500)]) end),
    show(changed, fun() -> C = iolist_to_binary(z(compress, [text(1000), #{checksumFlag => true}])), N = byte_size(C) - 1, <<H:N/binary, L>> = C, z(decompress, [<<H/binary, (L bxor 1)>>]) end),
    show(atoms, fun() -> [try z(F, A) catch C:R -> {C, R} end || {F, A} <- [{compress, [x]}, {decompress, [x]}, {compress, ["abc", #{nothing => 1}]}, {decompress, ["abc", #{nothing => 1}]}, {context, [other]}, {stream, [x, "a"]}, {get_dict_id, [x]}]] end),
    show(after_error, fun() -> {ok, U} = z(context, [decompress]), catch z(stream, [U, "this is no frame"]), joined(decompress, [z(compress, ["fine"]), U]) end),
    show(bits, fun() -> {ok, C} = z(context, [compress]), z(stream, [C, <<1:3>>]) end).

owners() ->
    show(other, fun() -> {ok, C} = z(context, [compress]), Me = self(), spawn(fun() -> Me ! (catch z(stream, [C, "a"])) end), receive {'EXIT', {R, _}} -> R end end),
    show(sent, fun() -> Me = self(), spawn(fun() -> Me ! z(context, [decompress]) end), receive {ok, U} -> try z(reset, [U]) catch C:R -> {C, R} end end end),
    show(shared_dictionary, fun() -> {ok, D} = z(dict, [compress, dictionary()]), Me = self(),
        [spawn(fun() -> Me ! joined(decompress, [z(compress, [text(N), #{dictionary => D}]), #{dictionary => dictionary()}]) =:= text(N) end) || N <- lists:seq(1, 20)],
        lists:usort([receive X -> X end || _ <- lists:seq(1, 20)]) end).

many() ->
    show(contexts, fun() -> lists:usort([same(text(20)) || _ <- lists:seq(1, 300)]) end),
    show(dropped, fun() -> [z(context, [compress]) || _ <- lists:seq(1, 100)], [z(stream, [element(2, z(context, [compress])), "abc"]) || _ <- lists:seq(1, 20)], erlang:garbage_collect(), done end).
