%% What was found so far, and how often each page has crashed a downloader. Outlives the frontier.
-module(crawler_store).
-behaviour(gen_server).
-export([start_link/0, put/2, crashed/1, results/0, frontier_started/0, frontier_starts/0]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {results = #{}, crashes = #{}, starts = 0}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

put(Url, Result) -> gen_server:call(?MODULE, {put, Url, Result}).
%% The number of crashes at Url, this one included.
crashed(Url) -> gen_server:call(?MODULE, {crashed, Url}).
results() -> gen_server:call(?MODULE, results).
frontier_started() -> gen_server:call(?MODULE, frontier_started).
frontier_starts() -> gen_server:call(?MODULE, frontier_starts).

init([]) -> {ok, #state{}}.

handle_call({put, Url, Result}, _From, S = #state{results = Results}) ->
    {reply, ok, S#state{results = Results#{Url => Result}}};
handle_call({crashed, Url}, _From, S = #state{crashes = Crashes}) ->
    More = maps:update_with(Url, fun(N) -> N + 1 end, 1, Crashes),
    {reply, maps:get(Url, More), S#state{crashes = More}};
handle_call(results, _From, S) ->
    {reply, maps:to_list(S#state.results), S};
handle_call(frontier_started, _From, S = #state{starts = N}) ->
    {reply, ok, S#state{starts = N + 1}};
handle_call(frontier_starts, _From, S) ->
    {reply, S#state.starts, S}.

handle_cast(_, S) -> {noreply, S}.
