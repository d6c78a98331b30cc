%% tprof (OTP 27): calls and the words that they make.
-module(tprof_use).
-export([main/0, work/1, leaf/1]).

main() ->
    Work = fun() -> work(5) end,
    [io:format("~0tp~n", [sorted(tprof:profile(Work, #{type => Type, report => return}))]) || Type <- [call_count, call_memory]],
    io:format("~0tp~n", [sorted(tprof:profile(?MODULE, work, [3], #{type => call_memory, report => return, pattern => [{?MODULE, '_', '_'}]}))]),
    % As it is printed
    tprof:profile(fun() -> lists:seq(1, 16), work(4) end, #{type => call_memory, pattern => [{?MODULE, '_', '_'}, {lists, seq, '_'}]}),
    % With processes
    io:format("~0tp~n", [sorted(tprof:profile(fun() -> P = spawn_link(?MODULE, work, [4]), M = monitor(process, P), receive {'DOWN', M, _, _, _} -> work(1) end end,
        #{type => call_memory, report => return, set_on_spawn => true, pattern => [{?MODULE, work, 1}, {?MODULE, leaf, 1}]}))]),
    io:format("~0tp~n", [element(1, tprof:profile(Work, #{type => call_time, report => return}))]).

work(0) -> [];
work(N) -> [leaf(N) | work(N - 1)].
leaf(N) -> {N, lists:seq(1, N)}.

%% Pids by their order; without what loads and calls
sorted({Value, {Type, Rows}}) ->
    {Value, Type, lists:sort([{M, F, A, [{C, W} || {_, C, W} <- lists:sort(Of)]} || {M, F, A, Of} <- Rows, M =:= ?MODULE orelse M =:= lists])}.
