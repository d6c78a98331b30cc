# Dialyzer: a table (PLT) of erts and kernel, a module that is wrong in many ways, OTP's own applications.
cat > wrong.erl <<'END'
-module(wrong).
-export([f/1, g/0, h/2, k/1, m/0, s/1, loop/0]).
-type color() :: red | green.
-record(r, {a :: integer(), b = x :: atom()}).
-spec f(integer()) -> atom().
f(X) -> X + 1.
g() -> f(a).
-spec h(color(), integer()) -> color().
h(red, N) when N > 3 -> blue;
h(green, _) -> case file:open(1, 2) of [] -> red end.
k(X) when is_atom(X), is_integer(X) -> X;
k(#r{a = A}) -> #r{a = atom_to_list(A)}.
m() -> case application:which_applications() of {_, _} -> 1; _ -> 2 end.
-spec s([integer()]) -> binary().
s(L) -> file:delete("x"), ok, length(L), list_to_binary(L), L.
loop() -> receive {a, X} -> erlang:send(X, X + a), loop(); stop -> ets:new(a, [b]) end.
END
erlc +debug_info wrong.erl
# How long it took is not the same.
analyse() {
    dialyzer "$@" > out 2>&1
    echo "$*: $?"
    sed 's/ done in .*/ done/' out
}
libraries=$(erl -noshell -eval 'io:put_chars(code:lib_dir()), halt().')
analyse --build_plt --output_plt plt --apps erts kernel
analyse --plt plt --plt_info
analyse --plt plt -Wunmatched_returns -Wunderspecs -Werror_handling wrong.beam
analyse --plt plt --src wrong.erl --raw
analyse --plt plt -Wunmatched_returns -r "$libraries"/eunit-*/ebin
analyse --no_such_option
