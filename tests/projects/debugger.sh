# OTP's debugger without its windows: interpreted code, breakpoints, steps, the stack.
cat > fac.erl <<'END'
-module(fac).
-export([fac/1, go/1, bad/1, rec/0, comp/1, funs/1, bits/1, maps/1]).
fac(0) -> 1;
fac(N) ->
    M = N - 1,
    R = fac(M),
    N * R.
go(Parent) ->
    X = fac(4),
    Y = [A * 2 || A <- lists:seq(1, 3), A =/= X],
    Parent ! {result, X, Y},
    ok.
bad(X) ->
    try 1 / X catch C:R:S -> {C, R, [{M, F} || {M, F, _, _} <- S]} after put(done, X) end.
rec() -> receive {a, X} when X > 3 -> {got, X}; stop -> stopped after 50 -> timeout end.
comp(L) -> {[{X, Y} || X <- L, Y <- [a, b], X > 1], << <<X>> || X <- L >>, maps:from_list([{X, X} || X <- L])}.
funs(N) -> F = fun G(0) -> []; G(K) -> [K | G(K - 1)] end, lists:foldl(fun(X, A) -> X + A end, N, F(N)).
bits(<<A:3, B:5/signed, R/binary>>) -> {A, B, <<R/binary, A:8>>};
bits(_) -> error(nomatch).
maps(#{a := A} = M) -> M#{a => A + 1, b => [A]};
maps(M) when is_map(M) -> case M of #{c := C} -> C; _ -> if map_size(M) > 0 -> big; true -> empty end end.
END
cat > t.erl <<'END'
-module(t).
-export([main/0, attached/2]).
main() ->
    {module, fac} = int:i(fac),
    p(interpreted, int:interpreted()),
    p(plain, [fac:bad(2), fac:bad(0), fac:rec(), fac:comp([1, 2, 3]), fac:funs(5), fac:bits(<<1:3, -2:5, "xyz">>), fac:maps(#{a => 1}), fac:maps(#{c => 5}), fac:maps(#{}),
              (catch fac:bits(1)), (try fac:fac(a) catch C:R -> {C, R} end), (catch fac:nosuch())]),
    ok = int:break(fac, 7),
    ok = int:break(fac, 10),
    p(err, [int:break(fac, 1000), int:break(nosuch, 1)]),
    p(breaks, int:all_breaks()),
    p(cond_, int:test_at_break(fac, 10, {lists, member})),
    int:test_at_break(fac, 10, {erlang, is_list}),
    Self = self(),
    int:auto_attach([break], {?MODULE, attached, [Self]}),
    P = spawn(fac, go, [Self]),
    receive {meta, M} -> ok end,
    drive(P, M, 60),
    receive {result, X, Y} -> p(result, {X, Y}) end,
    int:no_break(fac), int:auto_attach(false),
    p(breaks, int:all_breaks()),
    p(snapshot, length(int:snapshot())),
    int:clear(),
    int:break_in(fac, fac, 1),
    ok = int:stack_trace(all), p(trace, int:stack_trace()),
    int:n(fac), p(interpreted, int:interpreted()), p(native, fac:fac(20)),
    p(bad, [int:i(nosuch), int:interpretable(lists), int:interpretable(fac), int:interpretable(erlang)]).
attached(Pid, Self) ->
    {ok, Meta} = int:attached(Pid),
    Self ! {meta, Meta},
    relay(Self).
relay(Self) -> receive M -> Self ! {relayed, M}, relay(Self) end.
%% The messages go to the attached process; commands may come from any.
drive(_, _, 0) -> p(enough, ok);
drive(P, M, N) ->
    receive
        {relayed, {M, {break_at, Mod, Line, Level}}} ->
            p(break_at, {Mod, Line, Level}),
            int:meta(M, case N rem 5 of 0 -> next; 1 -> finish; 2 -> step; _ -> continue end),
            drive(P, M, N - 1);
        {relayed, {M, {exit_at, W, R, L}}} -> p(exit_at, {W, R, L}), ok;
        {relayed, {M, running}} -> drive(P, M, N);
        {relayed, {M, Other}} -> p(other, Other), drive(P, M, N - 1);
        {result, _, _} = R -> self() ! R
    after 1000 -> p(silent, int:snapshot() =/= [])
    end.
p(T, X) -> io:format("~p: ~p~n", [T, X]).
END
erlc +debug_info fac.erl t.erl
erl -noshell -s t main -s init stop 2>&1 | sed 's/<[0-9.]*>/<PID>/g'
