%% phash2 of many kinds of terms is the documented stable hash.
-module(phash2).
-export([main/0]).

main() ->
    L = [0, 1, -1, 16#ffffffff, 1 bsl 64, -(1 bsl 90), 1.5, -0.0, a, foo, 'ÅÄÖ', [], [1, 2, 3], "hello", {}, {a, b}, {1, {2, 3}},
         <<>>, <<"abc">>, <<5:3>>, <<1, 2, 3:5>>, #{}, #{a => 1}, #{1 => 2, x => y}, fun erlang:self/0, [a | b],
         list_to_tuple(lists:seq(1, 100)), lists:seq(1, 300), maps:from_list([{I, I} || I <- lists:seq(1, 50)]),
         binary:copy(<<"xyz">>, 1000), [[[[1]]], [2]], 12345678901234567890],
    [io:format("~p ~p~n", [erlang:phash2(T), erlang:phash2(T, 1000)]) || T <- L],
    io:format("~p~n", [[erlang:phash(T, 100000) || T <- [a, 1, [1], {b}, "abc", <<"q">>, 1.5]]]),
    io:format("~p~n", [[erlang:md5(<<"abc">>), erlang:crc32("abc"), erlang:adler32(["a", <<"bc">>])]]).
