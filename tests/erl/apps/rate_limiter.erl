%% Token buckets as a gen_server with a clock of its own, which the test turns.
-module(rate_limiter).
-behaviour(gen_server).
-export([main/0]).
-export([init/1, handle_call/3, handle_cast/2, format_status/1]).

main() ->
    {ok, L} = gen_server:start_link(?MODULE, [{rate, 2}, {burst, 5}], []),
    io:format("~p~n", [[ask(L, alice) || _ <- lists:seq(1, 7)]]),
    io:format("~p~n", [[ask(L, bob) || _ <- [1, 2]]]),
    advance(L, 1000),
    io:format("~p~n", [[ask(L, alice) || _ <- lists:seq(1, 3)]]),
    advance(L, 250),
    io:format("~p~n", [ask(L, alice)]),
    advance(L, 250),
    io:format("~p~n", [ask(L, alice)]),
    advance(L, 100000),
    io:format("~p~n", [gen_server:call(L, {ask, alice, 5})]),
    io:format("~p~n", [gen_server:call(L, {ask, alice, 6})]),
    io:format("~p~n", [gen_server:call(L, {ask, carol, 6})]),
    io:format("~p~n", [sys:get_state(L)]),
    {status, L, {module, gen_server}, [_, running, _, [], Misc]} = sys:get_status(L),
    io:format("~p~n", [[S || {data, [{"State", S}]} <- Misc]]),
    io:format("~p~n", [gen_server:call(L, forget)]),
    unlink(L),
    R = gen_server:stop(L),
    io:format("~p ~p~n", [R, is_process_alive(L)]).

ask(L, Who) -> gen_server:call(L, {ask, Who, 1}).
advance(L, Milliseconds) -> gen_server:cast(L, {advance, Milliseconds}).

init(Options) ->
    [Rate, Burst] = [proplists:get_value(K, Options) || K <- [rate, burst]],
    {ok, #{rate => Rate, burst => Burst, now => 0, buckets => #{}}}.

handle_call({ask, Who, N}, _, #{buckets := Buckets, burst := Burst, rate := Rate, now := Now} = S) ->
    {Tokens0, Since} = maps:get(Who, Buckets, {Burst * 1.0, 0}),
    Tokens = min(Burst * 1.0, Tokens0 + Rate * (Now - Since) / 1000),
    if N > Burst -> {reply, {error, never}, S};
       Tokens >= N -> {reply, ok, S#{buckets := Buckets#{Who => {Tokens - N, Now}}}};
       true -> {reply, {retry_after, ceil((N - Tokens) * 1000 / Rate)}, S#{buckets := Buckets#{Who => {Tokens, Now}}}}
    end;
handle_call(forget, _, #{buckets := Buckets, now := Now} = S) ->
    Kept = maps:filter(fun(_, {_, Since}) -> Now - Since < 50000 end, Buckets),
    {reply, {forgotten, maps:keys(maps:without(maps:keys(Kept), Buckets))}, S#{buckets := Kept}}.

handle_cast({advance, Milliseconds}, #{now := Now} = S) -> {noreply, S#{now := Now + Milliseconds}}.

format_status(#{state := #{buckets := B}} = Status) -> Status#{state := {buckets, lists:sort(maps:keys(B))}}.
