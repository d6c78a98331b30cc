%% rest_for_one: each child needs those before it. When the frontier crashes, so go the downloaders that work for it, while
%% the store, which is before it, keeps what was found.
-module(crawler_sup).
-behaviour(supervisor).
-export([start_link/1, init/1]).

start_link(Client) -> supervisor:start_link(?MODULE, {tree, Client}).

init({tree, Client}) ->
    {ok, {#{strategy => rest_for_one, intensity => 3, period => 10},
          [#{id => store, start => {crawler_store, start_link, []}},
           #{id => limiter, start => {crawler_limiter, start_link, [4, 2]}},
           #{id => frontier, start => {crawler_frontier, start_link, ["/", Client]}},
           #{id => downloaders, type => supervisor,
             start => {supervisor, start_link, [?MODULE, {downloaders, 5}]}}]}};
init({downloaders, Count}) ->
    {ok, {#{strategy => one_for_one, intensity => 1000, period => 10},
          [#{id => {downloader, N}, start => {crawler_downloader, start_link, []}} || N <- lists:seq(1, Count)]}}.
