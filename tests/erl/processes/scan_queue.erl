%% Receives that pass over messages: backwards, with clauses that match late, with guards, time limits, and messages that come meanwhile.
-module(scan_queue).
-export([main/0]).

main() ->
    [self() ! {item, I, {nested, [I, integer_to_binary(I)]}} || I <- lists:seq(1, 300)],
    io:format("~p~n", [erlang:phash2([receive {item, I, {nested, [I, B]}} -> {I, B} end || I <- lists:seq(300, 1, -1)])]),
    io:format("~p~n", [mailbox()]),
    [self() ! M || M <- [a, 1, <<"b">>, {c}, [d], 2.5, 1 bsl 70, #{k => v}, fun() -> ok end, {item, x}, {other, y}]],
    io:format("~p~n", [[receive M when is_integer(M) -> M after 0 -> none end || _ <- [1, 2, 3]]]),
    io:format("~p~n", [receive {K, y} -> K after 0 -> none end]),
    io:format("~p~n", [receive M2 when is_binary(M2), byte_size(M2) =:= 1 -> M2 after 0 -> none end]),
    io:format("~p~n", [receive M3 when map_size(M3) =:= 1; tuple_size(M3) =:= 2 -> is_map(M3) after 0 -> none end]),
    io:format("~p~n", [[receive _ -> x after 10 -> none end || _ <- lists:seq(1, 9)]]),
    io:format("~p~n", [mailbox()]),
    %% While it waits behind messages that nobody wants, the right one comes.
    [self() ! {wrong, I} || I <- lists:seq(1, 200)],
    Self = self(),
    [begin
         spawn(fun() -> erlang:yield(), Self ! {wrong, N}, Self ! {right, N} end),
         receive {right, N} -> ok end
     end || N <- lists:seq(1, 50)],
    io:format("~p~n", [mailbox()]),
    io:format("~p~n", [receive {right, _} -> x after 5 -> none end]),
    %% What has been looked at lives on through collections.
    Kept = [begin garbage_collect(), receive {wrong, I} = M4 -> M4 end end || I <- [200, 100, 1, 150]],
    io:format("~p ~p~n", [Kept, mailbox()]),
    io:format("~p~n", [catch receive {wrong, N1} when N1 > 198 -> error({seen, N1}) end]),
    io:format("~p~n", [catch receive {wrong, N2} -> hd(N2) end]),
    io:format("~p~n", [drain(0)]).

mailbox() -> element(2, process_info(self(), message_queue_len)).

drain(N) -> receive _ -> drain(N + 1) after 0 -> N end.
