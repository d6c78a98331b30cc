%% Locks as gen_statem processes: state functions and handle_event_function, enter calls, postponed events, state, event and
%% named timeouts, stop with a reply, a bank of locks opened together.
-module(lock_bank).
-behaviour(gen_statem).
-export([main/0, start/2]).
-export([init/1, callback_mode/0, handle_event/4, terminate/3]).

main() ->
    Log = self(),
    {ok, L} = start("123", Log),
    press(L, "12"),
    press(L, "9"),
    io:format("~p~n", [gen_statem:call(L, count)]),
    press(L, "123"),
    io:format("~p~n", [gen_statem:call(L, count)]),
    press(L, "45"),       % postponed while it is open
    step(),
    press(L, "6"),
    io:format("~p~n", [gen_statem:call(L, {later, 10})]),
    io:format("~p~n", [gen_statem:call(L, state)]),
    wait_until(L, closed),
    [press(L, "000") || _ <- [1, 2]],
    io:format("~p~n", [gen_statem:call(L, state)]),
    {'EXIT', {timeout, {gen_statem, call, [L, never, 30]}}} = (catch gen_statem:call(L, never, 30)),
    gen_statem:cast(L, repaired),
    press(L, "123"),
    Monitor = monitor(process, L),
    io:format("~p~n", [gen_statem:call(L, stop)]),
    receive {'DOWN', Monitor, _, _, _} -> steps() end,
    Locks = [begin {ok, P} = start(Code, Log), P end || Code <- ["1", "22", "333"]],
    Requests = lists:foldl(fun({P, N}, C) -> gen_statem:send_request(P, count, N, C) end, gen_statem:reqids_new(), lists:zip(Locks, [a, b, c])),
    io:format("~p requests~n", [gen_statem:reqids_size(Requests)]),
    answers(Requests, []),
    [press(P, Code) || {P, Code} <- lists:zip(Locks, ["1", "22", "333"])],
    io:format("~p~n", [[gen_statem:call(P, state) || P <- Locks]]),
    [gen_statem:stop(P) || P <- Locks],
    steps(),
    io:format("~p~n", [gen_statem:start(?MODULE, bad, [])]),
    io:format("~p~n", [gen_statem:start(?MODULE, ignored, [])]).

answers(Requests, Got) ->
    case gen_statem:receive_response(Requests, 30000, true) of
        no_request -> io:format("~p~n", [lists:sort(Got)]);
        {{reply, R}, Label, Rest} -> answers(Rest, [{Label, R} | Got])
    end.

start(Code, Log) -> gen_statem:start(?MODULE, {Code, Log}, []).
press(L, Keys) -> [gen_statem:cast(L, {key, K}) || K <- Keys].
step() -> receive {log, T} -> io:format("  ~p~n", [T]) after 30000 -> io:format("  nothing~n") end.
steps() -> receive {log, T} -> io:format("  ~p~n", [T]), steps() after 0 -> ok end.

wait_until(L, State) ->
    case gen_statem:call(L, state) of
        State -> ok;
        _ -> timer:sleep(20), wait_until(L, State)
    end.

init(bad) -> {stop, bad_code};
init(ignored) -> ignore;
init({Code, Log}) -> {ok, closed, #{code => Code, typed => [], log => Log, wrong => 0, events => 0}, {{timeout, age}, 60000, old}}.

callback_mode() -> [handle_event_function, state_enter].

log(#{log := Log}, What) -> Log ! {log, What}.

handle_event(enter, Old, State, Data) ->
    log(Data, {Old, State}),
    case State of
        open -> {keep_state, Data#{typed := []}, {state_timeout, 2000, close}};
        blocked -> {keep_state, Data#{typed := []}};
        closed -> {keep_state, Data#{typed := []}}
    end;
handle_event(cast, {key, _}, open, _) -> {keep_state_and_data, postpone};
handle_event(cast, {key, _}, blocked, Data) ->
    log(Data, ignored_key),
    keep_state_and_data;
handle_event(cast, {key, K}, closed, #{code := Code, typed := Typed, wrong := Wrong, events := N} = Data0) ->
    Data = Data0#{events := N + 1},
    case lists:reverse([K | Typed]) of
        Code -> {next_state, open, Data#{wrong := 0}};
        Long when length(Long) >= length(Code), Wrong >= 2 -> {next_state, blocked, Data};
        Long when length(Long) >= length(Code) ->
            log(Data, {wrong, Long}),
            {keep_state, Data#{typed := [], wrong := Wrong + 1}};
        Part -> {keep_state, Data#{typed := lists:reverse(Part)}, {timeout, 60000, forget}}
    end;
handle_event(timeout, forget, _, Data) -> {keep_state, Data#{typed := []}};
handle_event(state_timeout, close, open, Data) -> {next_state, closed, Data};
handle_event(cast, repaired, blocked, Data) -> {next_state, closed, Data#{wrong := 0}};
handle_event({call, From}, count, _, #{events := N}) -> {keep_state_and_data, [{reply, From, N}]};
handle_event({call, From}, state, State, _) -> {keep_state_and_data, [{reply, From, State}]};
handle_event({call, From}, {later, Time}, _, _) ->
    {keep_state_and_data, [{{timeout, later}, Time, {reply_to, From}}, {next_event, internal, {noted, Time}}]};
handle_event(internal, {noted, Time}, _, Data) ->
    log(Data, {noted, Time}),
    keep_state_and_data;
handle_event({timeout, later}, {reply_to, From}, State, _) -> {keep_state_and_data, {reply, From, {at_last, State}}};
handle_event({call, _}, never, _, _) -> keep_state_and_data;
handle_event({call, From}, stop, _, Data) -> {stop_and_reply, normal, {reply, From, stopping}, Data#{last => words}}.

terminate(Why, State, Data) -> log(Data, {ends, Why, State, maps:get(last, Data, none)}).
