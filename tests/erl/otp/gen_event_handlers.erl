%% gen_event: handlers, notify, call, swap, delete.
-module(gen_event_handlers).
-export([main/0]).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2, terminate/2]).

main() ->
    {ok, P} = gen_event:start_link(),
    io:format("~p~n", [gen_event:add_handler(P, ?MODULE, [])]),
    gen_event:notify(P, one),
    gen_event:sync_notify(P, two),
    io:format("~p~n", [gen_event:call(P, ?MODULE, get)]),
    io:format("~p~n", [gen_event:which_handlers(P)]),
    io:format("~p~n", [gen_event:call(P, nobody, get)]),
    io:format("~p~n", [gen_event:delete_handler(P, ?MODULE, bye)]),
    io:format("~p~n", [gen_event:stop(P)]).

init(_) -> {ok, []}.

handle_event(E, S) -> {ok, [E | S]}.

handle_call(get, S) -> {ok, lists:reverse(S), S}.

terminate(Why, S) -> {terminated, Why, S}.
