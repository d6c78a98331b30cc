%% At most Burst downloads start in each window of Ms milliseconds; who comes later waits for one of the next windows.
-module(crawler_limiter).
-behaviour(gen_server).
-export([start_link/2, wait/0, rate_kept/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(state, {burst, ms, left, waiting = queue:new(), most = 0}).

start_link(Burst, Ms) -> gen_server:start_link({local, ?MODULE}, ?MODULE, {Burst, Ms}, []).

wait() -> gen_server:call(?MODULE, wait, infinity).
%% Whether no window has granted more than it may.
rate_kept() -> gen_server:call(?MODULE, rate_kept).

init({Burst, Ms}) ->
    _ = erlang:send_after(Ms, self(), window),
    {ok, #state{burst = Burst, ms = Ms, left = Burst}}.

handle_call(wait, From, S = #state{waiting = Waiting}) ->
    {noreply, grant(S#state{waiting = queue:in(From, Waiting)})};
handle_call(rate_kept, _From, S) ->
    {reply, S#state.most > 0 andalso S#state.most =< S#state.burst, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info(window, S = #state{burst = Burst, ms = Ms}) ->
    _ = erlang:send_after(Ms, self(), window),
    {noreply, grant(S#state{left = Burst})}.

grant(S = #state{left = 0}) -> S;
grant(S = #state{left = Left, waiting = Waiting}) ->
    case queue:out(Waiting) of
        {{value, From}, Rest} ->
            gen_server:reply(From, go),
            Used = S#state.burst - Left + 1,
            grant(S#state{left = Left - 1, waiting = Rest, most = max(Used, S#state.most)});
        {empty, _} -> S
    end.
