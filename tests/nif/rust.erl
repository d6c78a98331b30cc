%% Libraries written in Rust: one looks up the functions of the interface itself, as rustler's do, the other has them undefined.
-module(rust).
-include("rust_functions.hrl").

main() -> [try_all(M) || M <- [rust, rust_linked]].

try_all(M) ->
    show([M:add(1, 2), M:add(-5, 1 bsl 40), caught(M, add, [a, 1]), caught(M, add, [1 bsl 62, 1 bsl 62])]),
    show([M:squares([]), M:squares(lists:seq(1, 10)), caught(M, squares, [[1 | 2]]), caught(M, squares, [[x]]), lists:sum(M:squares(lists:seq(1, 100000)))]),
    Long = binary:copy(<<"0123456789">>, 100),
    show([M:reversed(<<>>), M:reversed(<<"abc">>), M:reversed(M:reversed(Long)) =:= Long, M:reversed({}), M:reversed({a, "b", #{}}), caught(M, reversed, [<<1:3>>])]),
    Map = maps:from_list([{I, {value, I}} || I <- lists:seq(1, 1000)]),
    show([M:swapped(#{}), M:swapped(#{a => 1, b => 2}), M:swapped(M:swapped(Map)) =:= Map, caught(M, swapped, [#{a => 1, b => 1}]), caught(M, swapped, [[]])]),
    show([caught(M, panic_with, [<<"with these words">>]), caught(M, dirty_panic, [<<"on a dirty thread">>]), caught(M, panic_with, [1])]),
    show([M:F() || F <- [thread_type, cpu_thread_type, io_thread_type]]),
    show([counted(M, M:new_counter()), caught(M, count, [make_ref(), 1])]),
    show([maker(M), none_left(M, 100)]),
    C = M:new_counter(),
    Pid = spawn(fun() -> receive stop -> ok end end),
    show([is_reference(C), M:watch(C, Pid), stop(Pid), message() =:= {down, Pid}, M:watch(C, Pid), M:count(C, 7)]),
    M:threads(20, {some, Long, #{term => [1.5]}}),
    Got = lists:sort([message() || _ <- lists:seq(1, 20)]),
    show([[N || {thread, N, {some, L, #{term := [1.5]}}} <- Got, L =:= Long], receive X -> X after 50 -> nothing end]).

counted(M, C) -> [M:count(C, I) || I <- [1, 10, 100]].

maker(M) -> {_, Ref} = spawn_monitor(fun() -> [M:count(M:new_counter(), I) || I <- lists:seq(1, 1000)] end), receive {'DOWN', Ref, _, _, Why} -> Why end.

%% The ones of this process go when it is collected.
none_left(M, 0) -> M:living();
none_left(M, N) ->
    erlang:garbage_collect(),
    case M:living() of 0 -> 0; _ -> timer:sleep(20), none_left(M, N - 1) end.

stop(Pid) -> Pid ! stop, stopped.
message() -> receive M -> M after 5000 -> nothing end.

caught(M, F, A) -> try apply(M, F, A) catch C:R:S -> {C, R, [length(As) || {Mod, _, As, _} <- [hd(S)], Mod =:= M, is_list(As)]} end.

show(T) -> io:format("~0tp~n", [T]).
