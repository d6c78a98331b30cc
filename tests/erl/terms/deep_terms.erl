%% Very deep lists and tuples: compare, hash, size, copy to a process.
-module(deep_terms).
-export([main/0]).

main() ->
    D = deep(200000, end_of_it),
    E = deep(200000, end_of_it),
    io:format("~p~n", [D =:= E]),
    io:format("~p~n", [D < deep(200000, zzz)]),
    io:format("~p~n", [erlang:phash2(D) =:= erlang:phash2(E)]),
    io:format("~p~n", [binary_to_term(term_to_binary(D)) =:= E]),
    Self = self(),
    Pid = spawn(fun() -> receive T -> Self ! {got, T} end end),
    Pid ! D,
    receive {got, T} -> io:format("~p~n", [T =:= E]) end,
    io:format("~p~n", [erts_debug:flat_size(D)]).

deep(0, T) -> T;
deep(N, T) when N rem 2 =:= 0 -> deep(N - 1, {T});
deep(N, T) -> deep(N - 1, [T]).
