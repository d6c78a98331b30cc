%% Keeps the account alive: at most two restarts within ten seconds.
-module(bank_sup).
-behaviour(supervisor).
-export([start_link/0, init/1]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    {ok, {#{strategy => one_for_one, intensity => 2, period => 10},
          [#{id => account, start => {account, start_link, []}}]}}.
