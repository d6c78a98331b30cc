%% Garbage collections keep live data: large terms, binaries, messages, dictionary.
-module(garbage).
-export([main/0]).

main() ->
    put(keep, lists:seq(1, 1000)),
    L = churn(300, maps:from_list([{I, integer_to_binary(I)} || I <- lists:seq(1, 100)])),
    io:format("~p ~p~n", [L, lists:sum(get(keep))]),
    erlang:garbage_collect(),
    io:format("~p~n", [erlang:phash2(get(keep))]),
    B = binary:copy(<<"0123456789">>, 100000),
    Parts = [binary:part(B, I * 10, 10) || I <- lists:seq(1, 100)],
    erlang:garbage_collect(),
    io:format("~p~n", [lists:usort(Parts)]),
    S = self(),
    P = spawn(fun() -> receive {go, Bin} -> erlang:garbage_collect(), S ! binary:part(Bin, 5, 10) end end),
    P ! {go, B},
    io:format("~p~n", [receive X -> X end]).

churn(0, M) -> map_size(M);
churn(N, M) ->
    _ = [{N, X, <<X:64>>} || X <- lists:seq(1, 1000)],
    churn(N - 1, M#{N rem 100 => lists:seq(1, N)}).
