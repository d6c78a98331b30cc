%% A web crawler: a frontier that knows what is left to visit, downloaders that ask it for work, a rate limiter before them,
%% and a supervisor that keeps them going while pages crash the downloaders and, once, the frontier.
-module(crawler).
-export([main/0]).

main() ->
    %% The crashes are the point, their reports are not: they hold pids and times.
    _ = logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    ok = crawler_web:start(),
    {ok, Sup} = crawler_sup:start_link(self()),
    receive
        crawled -> report(crawler_store:results());
        {'EXIT', Sup, Reason} -> io:format("the supervisor gave up: ~p~n", [Reason]), halt(1)
    after 20000 ->
        io:format("not done after 20 seconds~n"), halt(1)
    end,
    io:format("the frontier was started ~p times~n", [crawler_store:frontier_starts()]),
    io:format("rate kept: ~p~n", [crawler_limiter:rate_kept()]),
    Ref = monitor(process, Sup),
    exit(Sup, shutdown),
    receive {'DOWN', Ref, process, Sup, Why} -> io:format("supervisor ended: ~p~n", [Why]) end,
    io:format("left over: ~p~n", [[N || N <- [crawler_store, crawler_limiter, crawler_frontier], whereis(N) =/= undefined]]).

report(Results) ->
    Sorted = lists:sort(Results),
    [io:format("~-16s ~s~n", [Url, describe(Result)]) || {Url, Result} <- Sorted],
    Found = [Url || {Url, {page, _, _}} <- Sorted],
    io:format("~p pages, ~p missing, ~p given up~n",
              [length(Found), length([x || {_, missing} <- Sorted]), length([x || {_, given_up} <- Sorted])]).

describe({page, Title, Links}) -> io_lib:format("~ts (~p links)", [Title, length(Links)]);
describe(missing) -> "not there";
describe(given_up) -> "given up after too many crashes".
