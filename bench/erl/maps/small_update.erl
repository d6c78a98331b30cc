%% A state of six atom keys, read and updated, as servers keep it.
-module(small_update).
-export([main/0]).

main() ->
    bench:cpu(fun() -> loop(1500000, #{count => 0, name => "x", total => 0, last => none, mode => normal, size => 1}) end, {2250000,562500750000}).

loop(0, #{count := C, total := T}) -> {C, T};
loop(N, State = #{count := C, total := T, mode := normal}) when N band 1 =:= 0 -> loop(N - 1, State#{count := C + 1, total := T + N});
loop(N, State = #{count := C}) -> loop(N - 1, State#{count := C + 2, last => N}).
