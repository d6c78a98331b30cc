%% File descriptors to be told of (enif_select), and queues of bytes to be written.
-module(events).
-export([main/0]).
-on_load(init/0).

init() -> erlang:load_nif("./events", 0).

-define(STUB, erlang:nif_error(not_loaded)).
open_pipe() -> ?STUB.
choose(_, _, _, _, _) -> ?STUB.
choose_x(_, _, _, _) -> ?STUB.
read_some(_) -> ?STUB.
close_side(_, _) -> ?STUB.
open_sockets() -> ?STUB.
write_some(_, _) -> ?STUB.
enqueue(_, _, _) -> ?STUB.
enqueue_binary(_, _, _) -> ?STUB.
dequeue(_, _) -> ?STUB.

-define(READ, 1).
-define(WRITE, 2).
-define(STOP, 4).
-define(CANCEL, 8).
-define(ERROR, 32).

main() ->
    P = open_pipe(),
    Ref = make_ref(),
    show([read_some(P), choose(P, 0, ?READ, self(), Ref), message(100), write_some(P, "hello"), message(2000) =:= {select, P, Ref, ready_input}, read_some(P), read_some(P)]),
    show([choose(P, 1, ?WRITE, none, undefined), message(2000) =:= {select, P, undefined, ready_output}]),
    % Wanted twice: the later one counts
    show([choose(P, 0, ?READ, self(), make_ref()), choose(P, 0, ?READ, self(), Ref), write_some(P, "again"), message(2000) =:= {select, P, Ref, ready_input}, message(100), read_some(P)]),
    show([choose_x(P, 0, ?READ, [some, <<"message">>]), write_some(P, "x"), message(2000), read_some(P)]),
    % Another process
    Self = self(),
    Other = spawn(fun() -> receive {select, R, Ref, What} -> Self ! {other, R =:= P, What} end end),
    show([choose(P, 0, ?READ, Other, Ref), write_some(P, "y"), message(2000), read_some(P)]),
    % Nothing more is wanted
    show([choose(P, 0, ?READ, self(), Ref), choose(P, 0, ?READ bor ?CANCEL, self(), Ref), choose(P, 0, ?READ bor ?CANCEL, self(), Ref), write_some(P, "z"), message(100), read_some(P)]),
    % A full pipe
    fill(P),
    show([choose(P, 1, ?WRITE, self(), Ref), message(100), drain(P) > 1000, message(2000) =:= {select, P, Ref, ready_output}]),
    show(rounds(P, 500)),
    show([choose(P, 0, ?STOP, self(), Ref), message(1000), choose(P, 1, ?STOP, none, Ref), message(1000)]),
    % Stopped while somebody waits
    Q = open_pipe(),
    show([choose(Q, 0, ?READ, self(), Ref), choose(Q, 0, ?STOP, self(), Ref) > 0, message(1000), choose(Q, 1, ?STOP, self(), Ref), message(1000), message(50)]),
    {_, Monitor} = spawn_monitor(fun() -> tuple_size(errors(Ref)) end),
    receive {'DOWN', Monitor, _, _, Why} -> show(Why) end,
    queue(open_pipe()),
    erlang:garbage_collect(),
    show(message(1000)).

errors(Ref) ->
    % All there from the beginning to the end: no number of a descriptor is used twice
    All = {A, B, C, D, E, F} = {open_pipe(), open_pipe(), open_pipe(), open_pipe(), open_pipe(), open_sockets()},
    Select = fun(P, Side, Flags) -> choose(P, Side, Flags, self(), Ref) end,
    % Nobody reads any more, and that is still so when it is asked for again
    show([Select(A, 1, ?ERROR), message(100), close_side(A, 0), ready(A, 2000), ready(A, 100), Select(A, 1, ?ERROR), ready(A, 2000), Select(A, 1, ?STOP), message(1000)]),
    % Bytes are no error; nobody waits any more
    show([Select(B, 0, ?READ bor ?ERROR), write_some(B, "x"), ready(B, 2000), ready(B, 100), read_some(B), Select(B, 0, ?CANCEL bor ?READ bor ?ERROR),
          Select(B, 0, ?CANCEL bor ?ERROR), Select(B, 0, ?READ bor ?ERROR), Select(B, 0, ?CANCEL bor ?ERROR), Select(B, 0, ?CANCEL bor ?READ)]),
    show([Select(B, 0, ?READ bor ?ERROR), Select(B, 0, ?STOP), message(1000), Select(B, 1, ?STOP), message(1000)]),
    % An error is no readiness, if it is waited for; else it is
    fill(C),
    show([Select(C, 1, ?WRITE bor ?ERROR), ready(C, 100), close_side(C, 0), ready(C, 2000), ready(C, 100), Select(C, 1, ?STOP), message(1000)]),
    fill(D),
    show([Select(D, 1, ?WRITE), ready(D, 100), close_side(D, 0), ready(D, 2000), ready(D, 100), Select(D, 1, ?STOP), message(1000)]),
    % A message of our own; the other end of a connection
    show([choose_x(E, 1, ?ERROR, [some, "words"]), close_side(E, 0), message(2000), message(100), Select(E, 1, ?STOP), message(1000)]),
    show([Select(F, 0, ?ERROR), ready(F, 100), close_side(F, 1), ready(F, 2000), Select(F, 0, ?READ bor ?ERROR), lists:sort([ready(F, 2000), ready(F, 2000)]), Select(F, 0, ?STOP),
          message(1000)]),
    All.

%% What of P is ready.
ready(P, Ms) -> receive {select, P, _, Ready} -> Ready after Ms -> nothing end.

fill(P) -> case write_some(P, lists:duplicate(1000, $a)) of 1000 -> fill(P); _ -> full end.
drain(P) -> case read_some(P) of again -> 0; L -> length(L) + drain(P) end.

rounds(_, 0) -> done;
rounds(P, N) ->
    0 = choose(P, 0, ?READ, self(), N),
    1 = write_some(P, "r"),
    receive {select, P, N, ready_input} -> ok end,
    "r" = read_some(P),
    rounds(P, N - 1).

queue(P) ->
    Long = binary:copy(<<"0123456789">>, 30),
    <<_:16, Part:1000/bitstring, _/bits>> = Long,
    <<_:3, Unaligned:1000/bitstring, _/bits>> = Long,
    show([dequeue(P, 0), dequeue(P, 1)]),
    show([enqueue(P, [<<"short">>, Long, <<>>, Part, <<"s">>, Unaligned], 0), dequeue(P, 7), dequeue(P, 500)]),
    show(enqueue(P, [<<I>> || I <- lists:seq(1, 30)], 5)),
    show([enqueue(P, [], 0), reason(catch enqueue(P, [a], 0)), reason(catch enqueue(P, [<<1>> | <<2>>], 0)), enqueue(P, [<<"abc">>], 4)]),
    show([enqueue_binary(P, <<"a binary">>, 2), enqueue_binary(P, Long, 299), enqueue_binary(P, <<"x">>, 2), dequeue(P, 100000), dequeue(P, 1), dequeue(P, 40)]),
    show(enqueue(P, [Long || _ <- lists:seq(1, 20)], 0)).

message(Ms) -> receive M -> M after Ms -> nothing end.

reason({'EXIT', {R, [{M, F, _, _} | _]}}) -> {R, M, F};
reason(Other) -> Other.

show(T) -> io:format("~0tp~n", [T]).
