%% A door with a code lock as a gen_statem: three buttons open it, after a while it locks itself again.
-module(door).
-behaviour(gen_statem).
-export([main/0]).
-export([callback_mode/0, init/1, locked/3, open/3]).

main() ->
    {ok, Door} = gen_statem:start_link(?MODULE, [1, 2, 3], []),
    show(Door),
    [gen_statem:cast(Door, {button, B}) || B <- [1, 2, 4]],
    show(Door),
    [gen_statem:cast(Door, {button, B}) || B <- [1, 2, 3]],
    show(Door),
    wait_until_locked(Door),
    show(Door),
    ok = gen_statem:stop(Door).

show(Door) -> io:format("the door is ~p~n", [gen_statem:call(Door, state)]).

wait_until_locked(Door) ->
    case gen_statem:call(Door, state) of
        locked -> ok;
        open -> timer:sleep(10), wait_until_locked(Door)
    end.

callback_mode() -> state_functions.
init(Code) -> {ok, locked, #{code => Code, pressed => []}}.

locked(cast, {button, B}, #{code := Code, pressed := Pressed} = Data) ->
    Now = lists:sublist(Pressed ++ [B], length(Code)),
    if
        Now =:= Code -> {next_state, open, Data#{pressed := []}, [{state_timeout, 1000, lock}]};
        length(Now) =:= length(Code) -> {keep_state, Data#{pressed := []}};
        true -> {keep_state, Data#{pressed := Now}}
    end;
locked({call, From}, state, _) -> {keep_state_and_data, [{reply, From, locked}]}.

open(state_timeout, lock, Data) -> {next_state, locked, Data};
open(cast, {button, _}, _) -> keep_state_and_data;
open({call, From}, state, _) -> {keep_state_and_data, [{reply, From, open}]}.
