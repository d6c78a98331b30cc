%% Bit strings that grow by parts of bytes: of comprehensions, of a loop, with older values and other processes that look on.
-module(append_bits).
-export([main/0]).

main() ->
    io:format("~p~n", [[erlang:phash2(<< <<X:S>> || X <- lists:seq(1, 300) >>) || S <- lists:seq(1, 70)]]),
    io:format("~p~n", [[erlang:phash2(grow(N, <<>>, 3, [])) || N <- [1, 20, 200, 800]]]),
    io:format("~p~n", [[erlang:phash2(grow(200, <<>>, S, [])) || S <- [1, 5, 7, 9, 12, 63]]]),
    Self = self(),
    Echo = spawn(fun() -> echo(Self) end),
    B = shared(300, binary:copy(<<"x">>, 70), Echo, []),
    io:format("~p ~p~n", [bit_size(B), erlang:phash2(B)]),
    A = binary:copy(<<"y">>, 80),
    L = <<A/binary, 1:3>>,
    io:format("~p~n", [[bit_size(X) || X <- [<<L/bits, 2:5>>, <<L/bits, 3:5>>, <<L/bits, 0:13>>, L]]]),
    io:format("~p~n", [{<<L/bits, 2:5>> =:= <<L/bits, 3:5>>, <<L/bits, 21:5>> =:= <<A/binary, 53>>}]).

%% Every value that has been is kept, and looked at in the end.
grow(0, B, _, Old) -> {B, lists:all(fun({N, O}) -> bit_size(O) =:= N andalso is_prefix(O, B) end, Old)};
grow(N, B, S, Old) -> grow(N - 1, <<B/bits, N:S>>, S, if N rem 17 =:= 0 -> [{bit_size(B), B} | Old]; true -> Old end).

is_prefix(O, B) ->
    S = bit_size(O),
    <<P:S/bits, _/bits>> = B,
    P =:= O.

%% Another process has a copy of it now and then.
shared(0, B, Echo, Sent) ->
    Answers = [receive {answer, K, Hash} -> Hash =:= erlang:phash2(X) end || {K, X} <- lists:reverse(Sent)],
    io:format("~p~n", [lists:all(fun(X) -> X end, Answers)]),
    Echo ! stop,
    B;
shared(N, B, Echo, Sent) when N rem 23 =:= 0 ->
    Echo ! {hash, N, B},
    shared(N - 1, <<B/bits, N:7>>, Echo, [{N, B} | Sent]);
shared(N, B, Echo, Sent) ->
    shared(N - 1, <<B/bits, N:7>>, Echo, Sent).

echo(To) ->
    receive
        {hash, K, B} ->
            To ! {answer, K, erlang:phash2(B)},
            echo(To);
        stop -> ok
    end.
