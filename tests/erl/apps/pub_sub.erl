%% Publish and subscribe by topic with wildcards: a broker which monitors its subscribers, and a gen_event behind it.
-module(pub_sub).
-export([main/0]).
-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2, code_change/3]).

main() ->
    {ok, Bus} = gen_event:start_link({local, bus}),
    ok = gen_event:add_handler(bus, {?MODULE, all}, {["#"], self()}),
    ok = gen_event:add_handler(bus, {?MODULE, weather}, {["weather", "*"], self()}),
    ok = gen_event:add_handler(bus, {?MODULE, rain}, {["weather", "rain", "#"], self()}),
    {error, nothing_to_hear} = gen_event:add_handler(bus, {?MODULE, deaf}, {[], self()}),
    io:format("~p~n", [gen_event:which_handlers(bus)]),
    publish("weather.rain", 1),
    publish("weather.rain.heavy", 2),
    publish("sports", 3),
    publish("weather.sun", 4),
    io:format("~p~n", [gen_event:call(bus, {?MODULE, weather}, count)]),
    io:format("~p~n", [gen_event:call(bus, {?MODULE, weather}, nonsense)]),
    io:format("~p~n", [gen_event:call(bus, {?MODULE, nobody}, count)]),
    io:format("~p~n", [gen_event:swap_handler(bus, {{?MODULE, rain}, changed}, {{?MODULE, sports}, {["sports"], self()}})]),
    publish("sports", 5),
    bus ! {info, "weather.fog"},
    gen_event:which_handlers(bus),
    drain(),
    io:format("~p~n", [gen_event:delete_handler(bus, {?MODULE, all}, enough)]),
    io:format("~p~n", [gen_event:delete_handler(bus, {?MODULE, all}, enough)]),
    ok = gen_event:add_sup_handler(bus, {?MODULE, fragile}, {["break"], self()}),
    gen_event:notify(bus, {publish, "break", crash}),
    receive {gen_event_EXIT, Handler, {'EXIT', {Reason, _}}} -> io:format("~p left: ~p~n", [Handler, Reason]) end,
    publish("weather.snow", 6),
    gen_event:notify(bus, {publish, "weather.snow", remove}),
    gen_event:sync_notify(bus, {publish, "weather.snow", 7}),
    drain(),
    io:format("~p~n", [gen_event:which_handlers(bus)]),
    unlink(Bus),
    ok = gen_event:stop(bus),
    drain(),
    io:format("~p~n", [whereis(bus)]).

publish(Topic, N) ->
    gen_event:sync_notify(bus, {publish, Topic, N}),
    drain().

%% The bus has answered after it told of what happened.
drain() ->
    receive {heard, Pattern, What} ->
        io:format("  ~s: ~p~n", [lists:join($., Pattern), What]),
        drain()
    after 0 -> ok
    end.

init({{Pattern, Client}, {swapped, From}}) ->
    Client ! {heard, Pattern, {follows, From}},
    {ok, {Pattern, Client, 0}};
init({[], _}) -> {error, nothing_to_hear};
init({Pattern, Client}) -> {ok, {Pattern, Client, 0}}.

handle_event({publish, Topic, What}, {Pattern, Client, N} = S) ->
    case matches(Pattern, string:lexemes(Topic, ".")) of
        true when What =:= crash -> error({crashed_on, Topic});
        true when What =:= remove, Pattern =:= ["weather", "*"] -> remove_handler;
        true ->
            Client ! {heard, Pattern, {Topic, What}},
            {ok, {Pattern, Client, N + 1}};
        false -> {ok, S}
    end.

matches(["#"], _) -> true;
matches(["*" | P], [_ | T]) -> matches(P, T);
matches([W | P], [W | T]) -> matches(P, T);
matches([], []) -> true;
matches(_, _) -> false.

handle_call(count, {_, _, N} = S) -> {ok, {count, N}, S};
handle_call(_, S) -> {ok, what, S}.

handle_info({info, Topic}, S) -> handle_event({publish, Topic, info}, S);
handle_info(_, S) -> {ok, S}.

terminate(changed, {Pattern, _, N}) -> {swapped, {Pattern, N}};
terminate({error, Why}, _) -> Why;
terminate(Why, {Pattern, Client, N}) ->
    Shown = case Why of {stop, _} -> stop; _ -> Why end,
    Client ! {heard, Pattern, {ends, element_or(Shown), N}},
    {ended, N}.

element_or(T) when is_tuple(T) -> element(1, T);
element_or(T) -> T.

code_change(_, S, _) -> {ok, S}.
