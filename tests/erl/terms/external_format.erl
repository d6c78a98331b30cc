%% term_to_binary round trips and exact bytes.
-module(external_format).
-export([main/0]).

main() ->
    L = [0, 255, 256, -1, 16#7fffffff, 16#80000000, 1 bsl 100, -(1 bsl 3000), 1.5, a, 'å', [], [1, 2], "abc", [1, 300], [a | b], {},
         {a, {b}}, <<>>, <<"abc">>, <<1:3>>, #{}, #{a => 1, b => [x]}, fun lists:map/2, lists:duplicate(70000, $x),
         list_to_tuple(lists:seq(1, 300)), maps:from_list([{I, -I} || I <- lists:seq(1, 40)])],
    [io:format("~p~n", [binary_to_term(term_to_binary(T)) =:= T]) || T <- L],
    [io:format("~w~n", [term_to_binary(T)]) || T <- L, erlang:external_size(T) < 60],
    io:format("~p~n", [[erlang:external_size(T) || T <- L]]),
    [io:format("~w~n", [term_to_binary(T, [{minor_version, 1}])]) || T <- [1.5, å, abc]],
    Z = term_to_binary(lists:duplicate(1000, abc), [compressed]),
    io:format("~p ~p~n", [byte_size(Z) < 200, length(binary_to_term(Z))]),
    io:format("~p~n", [binary_to_term(<<131, 97, 5, 9, 9>>, [used])]),
    [io:format("~p~n", [catch binary_to_term(B)]) || B <- [<<>>, <<131>>, <<130, 97, 1>>, <<131, 104, 2, 97, 1>>, <<131, 255>>]],
    io:format("~p~n", [catch binary_to_term(<<131, 119, 10, "unknown_zq">>, [safe])]).
