%% adler32, crc32, md5 with all their arities.
-module(checksums).
-export([main/0, update/1]).
main() ->
    Data = [<<>>, [], "abc", <<"abc">>, [<<"a">>, $b, [[<<"c">>] | <<"d">>]], binary:copy(<<"x">>, 70000), lists:duplicate(5000, <<1, 2>>)],
    [bif_calls:call(erlang, F, [D]) || F <- [adler32, crc32, md5], D <- Data],
    [bif_calls:call(erlang, F, [Old, D]) || F <- [adler32, crc32], Old <- [0, 1, 16#ffffffff, 1 bsl 32, -1], D <- Data],
    [bif_calls:call(erlang, F, [A, B, N]) || F <- [adler32_combine, crc32_combine], A <- [0, 1, 16#ffffffff, 1 bsl 32],
                                             B <- [0, 5, 16#ffffffff, 1 bsl 32], N <- [0, 1, 65521, 1 bsl 31, 1 bsl 40, 1 bsl 62, 1 bsl 64, -1]],
    [bif_calls:wrong(erlang, F, [<<1>>]) || F <- [adler32, crc32, md5, md5_update, md5_final]],
    [bif_calls:wrong(erlang, F, [1, <<1>>]) || F <- [adler32, crc32]],
    [bif_calls:wrong(erlang, F, [1, 2, 3]) || F <- [adler32_combine, crc32_combine]],
    %% Pieces as well as the whole.
    Context = lists:foldl(fun(D, C) -> erlang:md5_update(C, D) end, erlang:md5_init(), Data),
    io:format("~p ~p~n", [erlang:md5_final(Context), erlang:md5(Data) =:= erlang:md5_final(Context)]),
    io:format("~p~n", [byte_size(erlang:md5_init())]),
    bif_calls:wrong(?MODULE, update, [<<1>>]),
    bif_calls:wrong(erlang, md5_final, [erlang:md5_init()]),
    bif_calls:call(erlang, md5_final, [binary:copy(<<0>>, 88)]),
    bif_calls:call(erlang, md5_final, [binary:copy(<<0>>, 87)]).

update(Data) -> erlang:md5_update(erlang:md5_init(), Data).
