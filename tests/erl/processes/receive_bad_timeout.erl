%% A receive that fails because of its timeout has looked at messages: the next one looks at them again.
-module(receive_bad_timeout).
-export([main/0]).

main() ->
    self() ! first,
    Bad = try receive nothing -> ok after bad -> ok end catch error:Why -> Why end,
    io:format("~p ~p~n", [Bad, receive first -> found after 0 -> lost end]),
    self() ! second,
    Worse = try receive nothing -> ok after id(worse) -> ok end catch error:Why2 -> Why2 end,
    Ref = make_ref(),
    self() ! Ref,
    io:format("~p ~p ~p~n", [Worse, receive second -> found after 0 -> lost end, receive Ref -> found after 0 -> lost end]).

id(X) -> X.
