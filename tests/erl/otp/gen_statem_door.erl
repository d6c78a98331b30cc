%% gen_statem: states, events, postpone, state timeout, enter calls.
-module(gen_statem_door).
-export([main/0]).
-behaviour(gen_statem).
-export([init/1, callback_mode/0, locked/3, open/3, terminate/3]).

main() ->
    {ok, P} = gen_statem:start_link(?MODULE, "12", []),
    io:format("~p~n", [gen_statem:call(P, {button, $9})]),
    gen_statem:cast(P, knock),
    io:format("~p~n", [gen_statem:call(P, {button, $1})]),
    Reply = gen_statem:call(P, {button, $2}),
    wait_until_locked(P),
    io:format("~p~n", [Reply]),
    io:format("~p~n", [element(1, sys:get_state(P))]),
    io:format("~p~n", [gen_statem:stop(P)]).

wait_until_locked(P) ->
    case sys:get_state(P) of
        {locked, _} -> ok;
        _ -> timer:sleep(5), wait_until_locked(P)
    end.

callback_mode() -> [state_functions, state_enter].

init(Code) -> {ok, locked, {Code, Code}}.

locked(enter, Old, _) -> io:format("enter locked from ~p~n", [Old]), keep_state_and_data;
locked(cast, knock, _) -> {keep_state_and_data, postpone};
locked({call, F}, {button, D}, {[D], Code}) -> {next_state, open, {Code, Code}, [{reply, F, opened}, {state_timeout, 30, lock}]};
locked({call, F}, {button, D}, {[D | More], Code}) -> {keep_state, {More, Code}, {reply, F, good}};
locked({call, F}, {button, _}, {_, Code}) -> {keep_state, {Code, Code}, {reply, F, bad}}.

open(enter, Old, _) -> io:format("enter open from ~p~n", [Old]), keep_state_and_data;
open(cast, knock, _) -> io:format("knock answered~n"), keep_state_and_data;
open(state_timeout, lock, D) -> {next_state, locked, D}.

terminate(Why, State, _) -> io:format("terminate ~p ~p~n", [Why, State]).
