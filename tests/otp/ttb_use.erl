%% ttb: traces to files, with their meta data, brought together and formatted.
-module(ttb_use).
-export([main/0, f/1, g/1]).
f(X) -> ?MODULE:g(X).
g(X) -> {g, X}.
main() ->
    Self = self(),
    io:format("~p~n", [mask(ttb:tracer(node(), [{file, "one"}, {handler, none}]))]),
    P = spawn(fun() -> loop() end),
    io:format("~p~n", [mask(ttb:p(P, [call, send]))]),
    io:format("~p~n", [mask(ttb:tp(?MODULE, f, []))]),
    io:format("~p~n", [mask(ttb:tpl(?MODULE, g, 1, [{'_', [], [{return_trace}]}]))]),
    [begin P ! {call, Self, N}, receive {P, _} -> ok end end || N <- [1, 2]],
    ttb:write_trace_info(key, fun() -> [some, info] end),
    {stopped, Dir} = ttb:stop([return_fetch_dir, {fetch_dir, "fetched"}]),
    io:format("~s ~p~n", [filename:basename(Dir), [filename:extension(F) || F <- lists:sort(element(2, file:list_dir(Dir)))]]),
    ok = ttb:format(Dir, [{out, standard_io}, {handler, {fun handle/4, 0}}]),
    io:format("~p~n", [try ttb:format("no_such_dir") catch C:R -> {C, R} end]).
loop() -> receive {call, From, X} -> From ! {self(), f(X)}, loop() end.
handle(_, end_of_trace, _, S) -> io:format("~p traces~n", [S]), S;
handle(_, T, _, S) -> io:format("~p~n", [mask(T)]), S + 1.
mask(P) when is_pid(P) -> pid;
mask({P, X, N}) when is_pid(P), is_atom(N) -> {pid, mask(X), node};
mask(T) when is_tuple(T), tuple_size(T) =:= 3, is_integer(element(1, T)), element(1, T) > 1000 -> time;
mask(T) when is_tuple(T) -> list_to_tuple(mask(tuple_to_list(T)));
mask([H | T]) -> [mask(H) | mask(T)];
mask(X) -> X.
