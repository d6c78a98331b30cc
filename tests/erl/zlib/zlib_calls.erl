%% Dictionaries, checksums, owners, and calls at the wrong time or with wrong arguments.
-module(zlib_calls).
-export([main/0]).

main() ->
    dictionaries(),
    owners(),
    checksums(),
    wrong_time(),
    wrong_arguments(),
    whole().

show(Name, F) -> io:format("~0p: ~0p~n", [Name, try F() catch C:R -> {C, R} end]).

dictionaries() ->
    Dict = "a dictionary of some words",
    [begin
         Z = zlib:open(),
         ok = zlib:deflateInit(Z, default, deflated, Bits, 8, default),
         show({Bits, set}, fun() -> zlib:deflateSetDictionary(Z, [Dict, <<" and more">>]) end),
         C = iolist_to_binary(zlib:deflate(Z, "some words of a dictionary", finish)),
         show(size, fun() -> byte_size(C) end),
         zlib:close(Z),
         I = zlib:open(),
         ok = zlib:inflateInit(I, Bits),
         show(inflate, fun() -> zlib:inflate(I, C) end),
         show(again, fun() -> zlib:inflate(I, []) end),
         show(wrong, fun() -> zlib:inflateSetDictionary(I, "wrong") end),
         show(right, fun() -> zlib:inflateSetDictionary(I, [Dict, " and more"]) end),
         show(more, fun() -> iolist_to_binary(zlib:inflate(I, [])) end),
         show(get, fun() -> zlib:inflateGetDictionary(I) end),
         show('end', fun() -> zlib:inflateEnd(I) end),
         zlib:close(I),
         J = zlib:open(),
         ok = zlib:inflateInit(J, Bits),
         show(option, fun() -> zlib:inflate(J, C, [{exception_on_need_dict, false}]) end),
         show(safe, fun() -> zlib:safeInflate(J, []) end),
         show(set, fun() -> zlib:inflateSetDictionary(J, [Dict, " and more"]) end),
         show(rest, fun() -> zlib:inflate(J, [], [{exception_on_need_dict, false}]) end),
         zlib:close(J)
     end || Bits <- [15, -15, 31]],
    %% Checksums that have the highest bit set.
    [begin
         Z = zlib:open(),
         ok = zlib:deflateInit(Z),
         show(high, fun() -> zlib:deflateSetDictionary(Z, binary:copy(<<255>>, N)) end),
         C = zlib:deflate(Z, "x", finish),
         I = zlib:open(),
         ok = zlib:inflateInit(I),
         show(high, fun() -> zlib:inflate(I, C, [{exception_on_need_dict, false}]) end)
     end || N <- [100, 200, 300, 500, 1000]].

owners() ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z),
    Self = self(),
    Elsewhere = fun(F) -> spawn(fun() -> Self ! {done, try F() catch C:R -> {C, R} end} end), receive {done, X} -> X end end,
    show(other, fun() -> [Elsewhere(F) || F <- [fun() -> zlib:deflate(Z, "x") end, fun() -> zlib:close(Z) end, fun() -> zlib:deflateEnd(Z) end, fun() -> zlib:crc32(Z) end,
                                                fun() -> zlib:set_controlling_process(Z, self()) end, fun() -> zlib:getBufSize(Z) end, fun() -> zlib:inflateInit(Z) end]] end),
    P = spawn(fun() -> receive go -> Self ! {out, iolist_to_binary(zlib:deflate(Z, "given away", finish)), zlib:set_controlling_process(Z, Self)} end end),
    show(give, fun() -> zlib:set_controlling_process(Z, P) end),
    show(mine, fun() -> zlib:deflate(Z, "x") end),
    P ! go,
    receive {out, B, R} -> show(out, fun() -> {R, zlib:uncompress(B)} end) end,
    show(back, fun() -> zlib:deflateEnd(Z) end),
    show(bad, fun() -> zlib:set_controlling_process(Z, foo) end),
    show(close, fun() -> zlib:close(Z) end).

checksums() ->
    Z = zlib:open(),
    show(none, fun() -> zlib:crc32(Z) end),
    ok = zlib:deflateInit(Z, default, deflated, -15, 8, default),
    show(raw, fun() -> {zlib:crc32(Z), _ = zlib:deflate(Z, "some text", finish), zlib:crc32(Z)} end),
    show(reset, fun() -> {zlib:deflateReset(Z), zlib:crc32(Z)} end),
    show(functions, fun() -> [zlib:crc32(Z, "abc"), zlib:crc32(Z, 5, "abc"), zlib:adler32(Z, "abc"), zlib:adler32(Z, 5, "abc"), zlib:crc32_combine(Z, 1, 2, 3), zlib:adler32_combine(Z, 1, 2, 3)] end),
    ok = zlib:close(Z),
    I = zlib:open(),
    ok = zlib:inflateInit(I, -15),
    show(inflate, fun() -> {iolist_to_binary(zlib:inflate(I, zlib:zip("some text"))), zlib:crc32(I)} end),
    show(closed, fun() -> {zlib:close(I), zlib:crc32(I)} end).

operations(Z) ->
    [{deflateInit, fun() -> zlib:deflateInit(Z) end}, {inflateInit, fun() -> zlib:inflateInit(Z) end}, {deflate, fun() -> zlib:deflate(Z, "x") end}, {inflate, fun() -> zlib:inflate(Z, "x") end},
     {inflateChunk, fun() -> zlib:inflateChunk(Z) end}, {deflateReset, fun() -> zlib:deflateReset(Z) end}, {inflateReset, fun() -> zlib:inflateReset(Z) end},
     {deflateParams, fun() -> zlib:deflateParams(Z, 1, default) end}, {deflateSetDictionary, fun() -> zlib:deflateSetDictionary(Z, "x") end}, {inflateSetDictionary, fun() -> zlib:inflateSetDictionary(Z, "x") end},
     {inflateGetDictionary, fun() -> zlib:inflateGetDictionary(Z) end}, {crc32, fun() -> zlib:crc32(Z) end}, {getBufSize, fun() -> zlib:getBufSize(Z) end}, {setBufSize, fun() -> zlib:setBufSize(Z, 100) end},
     {deflateEnd, fun() -> zlib:deflateEnd(Z) end}, {inflateEnd, fun() -> zlib:inflateEnd(Z) end}].

wrong_time() ->
    [begin
         io:format("~p~n", [When]),
         [begin
              Z = zlib:open(),
              Prepare(Z),
              {_, F} = lists:nth(I, operations(Z)),
              show(Name, F)
          end || {I, Name} <- lists:zip(lists:seq(1, 16), [N || {N, _} <- operations(x)])]
     end || {When, Prepare} <- [{fresh, fun(_) -> ok end}, {deflating, fun(Z) -> zlib:deflateInit(Z) end}, {in_the_middle, fun(Z) -> zlib:deflateInit(Z), zlib:deflate(Z, "text") end},
                                {inflating, fun(Z) -> zlib:inflateInit(Z) end}, {half, fun(Z) -> zlib:inflateInit(Z), zlib:inflate(Z, binary:part(zlib:compress("text"), 0, 6)) end},
                                {whole, fun(Z) -> zlib:inflateInit(Z), zlib:inflate(Z, zlib:compress("text")) end}, {closed, fun(Z) -> zlib:close(Z) end}]].

wrong_arguments() ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z),
    I = zlib:open(),
    ok = zlib:inflateInit(I),
    [show({close, X}, fun() -> zlib:close(X) end) || X <- [foo, [], 1]],
    show(ref, fun() -> zlib:close(make_ref()) end),
    [show({deflate, D}, fun() -> zlib:deflate(Z, D) end) || D <- [foo, [foo], [256], [1 | 2], <<1:3>>, 1]],
    [show({inflate, D}, fun() -> zlib:inflate(I, D) end) || D <- [foo, [foo], [256], <<1:3>>]],
    [show({flush, F}, fun() -> zlib:deflate(Z, "x", F) end) || F <- [foo, 1, partial]],
    [show({init, A}, fun() -> Y = zlib:open(), erlang:apply(zlib, deflateInit, [Y | A]) end)
     || A <- [[10], [-1], [foo], [default, foo, 15, 8, default], [default, deflated, 7, 8, default], [default, deflated, 8, 8, default], [default, deflated, -8, 8, default], [default, deflated, 16, 8, default],
              [default, deflated, 47, 8, default], [default, deflated, 48, 8, default], [default, deflated, 15, 0, default], [default, deflated, 15, 10, default], [default, deflated, 15, 8, foo], [default, deflated, a, 8, default]]],
    [show({init, A}, fun() -> Y = zlib:open(), erlang:apply(zlib, inflateInit, [Y | A]) end) || A <- [[15], [7], [8], [-8], [16], [47], [48], [a], [15, foo], [15, cut], [32]]],
    [show({dictionary, D}, fun() -> zlib:deflateSetDictionary(Z, D) end) || D <- [foo, [256], <<>>, "", <<1:3>>]],
    [show({inflate_dictionary, D}, fun() -> zlib:inflateSetDictionary(I, D) end) || D <- [foo, "x", <<>>]],
    [show({params, A}, fun() -> erlang:apply(zlib, deflateParams, [Z | A]) end) || A <- [[10, default], [1, foo], [foo, default]]].

whole() ->
    [show({F, D}, fun() -> zlib:F(D) end) || F <- [compress, uncompress, zip, unzip, gzip, gunzip], D <- [foo, [foo], [256], "", <<>>, <<1, 2, 3>>, "long enough but wrong", <<1:3>>, [<<>>, []], zlib:compress(""), zlib:zip("")]].
