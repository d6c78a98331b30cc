%% Small pieces of work whose instructions bench/instructions.py counts: main/1 takes the name of one; `nothing` is what all have in common.
-module(instructions).
-export([main/1]).

main([Name]) -> true = is_tuple(run(list_to_atom(Name))).

run(nothing) -> {};
run(calls) -> {fib(18)};
run(tail_calls) -> {sum(20000, 0)};
run(lists) -> {length(reverse(10, lists:seq(1, 200)))};
run(comprehensions) -> {length(sort([X * 7919 rem 1009 || X <- lists:seq(1, 1000)]))};
run(funs) -> {lists:foldl(fun(X, A) -> X + A end, 0, lists:map(fun(X) -> 2 * X end, lists:seq(1, 2000)))};
run(tuples) -> {record(5000, {r, 1, 2, 3})};
run(matching) -> {scan(binary:copy(<<"a bc,def;">>, 1000), 0)};
run(binaries) -> {byte_size(append(5000, <<>>))};
run(small_maps) -> {small_map(5000, #{a => 1, b => 2, c => 3})};
run(large_maps) -> {large_map(2000, #{})};
run(floats) -> {mandelbrot(0.1, 0.2, 2000)};
run(wide_arithmetic) -> {generator(5000, 42)};
run(bignums) -> {factorial(200) rem 1000003};
run(exceptions) -> {exceptions(2000, 0)};
run(messages) -> {messages(2000)};
run(spawning) -> {spawning(500)};
run(ets) -> {table(2000)}.

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

sum(0, A) -> A;
sum(N, A) -> sum(N - 1, A + N).

reverse(0, L) -> L;
reverse(N, L) -> reverse(N - 1, naive(L)).

naive([H | T]) -> append_lists(naive(T), [H]);
naive([]) -> [].

append_lists([H | T], L) -> [H | append_lists(T, L)];
append_lists([], L) -> L.

sort([]) -> [];
sort([P | T]) -> sort([X || X <- T, X < P]) ++ [P] ++ sort([X || X <- T, X >= P]).

record(0, R) -> R;
record(N, {r, A, B, C}) -> record(N - 1, setelement(3, {r, A + 1, B, C}, N)).

scan(<<$\s, R/binary>>, N) -> scan(R, N + 1);
scan(<<C, R/binary>>, N) when C >= $a, C =< $z -> scan(R, N + 2);
scan(<<_, R/binary>>, N) -> scan(R, N);
scan(<<>>, N) -> N.

append(0, B) -> B;
append(N, B) -> append(N - 1, <<B/binary, (N band 255)>>).

small_map(0, M) -> M;
small_map(N, #{c := C} = M) -> small_map(N - 1, M#{c := C + N}).

large_map(0, M) -> M;
large_map(N, M) -> large_map(N - 1, M#{N => maps:get(N + 1, M, 0)}).

mandelbrot(X, _, 0) -> X;
mandelbrot(X, Y, N) -> mandelbrot(X * X - Y * Y + 0.1, 2.0 * X * Y + 0.2, N - 1).

generator(0, S) -> S;
generator(N, S) -> generator(N - 1, (S * 6364136223846793005 + 1442695040888963407) band 16#ffffffffffffffff).

factorial(0) -> 1;
factorial(N) -> N * factorial(N - 1).

exceptions(0, A) -> A;
exceptions(N, A) -> exceptions(N - 1, try thrower(N) catch throw:X -> A + X; error:_ -> A end).

thrower(N) when N rem 2 =:= 0 -> throw(N);
thrower(N) -> N + 1.

messages(N) ->
    Self = self(),
    P = spawn(fun() -> echo(Self) end),
    ask(N, P).

ask(0, P) -> P ! stop, ok;
ask(N, P) -> P ! {self(), N}, receive {P, N} -> ask(N - 1, P) end.

echo(To) -> receive {To, N} -> To ! {self(), N}, echo(To); stop -> ok end.

spawning(0) -> ok;
spawning(N) ->
    Self = self(),
    P = spawn(fun() -> Self ! {self(), N} end),
    receive {P, N} -> spawning(N - 1) end.

table(N) ->
    T = ets:new(t, [set]),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 100)],
    look_up(T, N, 0).

look_up(_, 0, A) -> A;
look_up(T, N, A) -> [{_, V}] = ets:lookup(T, N rem 100 + 1), look_up(T, N - 1, A + V).
