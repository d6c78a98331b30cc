%% What is logged when processes of all kinds fail: events as a handler gets them, and as the default formatter prints them.
%% Pids, references, times and stack depths are taken out.
-module(crash_reports).
-export([main/0, log/2, crasher/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_event/4, callback_mode/0]).

main() ->
    logger:set_primary_config(level, all),
    logger:remove_handler(default),
    ok = logger:add_handler(catcher, ?MODULE, #{config => #{to => self()}}),
    spawned(1, fun() -> error({bad, luck}) end),
    spawned(0, fun() -> exit(quiet) end),
    spawned(1, fun() -> throw(ball) end),
    spawned(1, fun() -> lists:nth(0, [a]) end),
    proc(1, fun() -> error(oh) end),
    proc(0, fun() -> exit(normal) end),
    proc(0, fun() -> exit({shutdown, x}) end),
    proc(1, fun() -> exit(why) end),
    proc(1, fun() -> throw(up) end),
    proc(1, fun() -> proc_lib:set_label(x) end),
    server(2, crash),
    server(2, {stop, bad}),
    server(0, {stop, shutdown}),
    server(2, bad_return),
    server(2, no_clause),
    server(2, exit),
    {ok, S} = gen_server:start(?MODULE, server, []),
    S ! unexpected_message,
    gen_server:cast(S, stop_now),
    shown(2),
    {ok, M} = gen_statem:start(?MODULE, statem, []),
    gen_statem:cast(M, {die, [1, 2, 3]}),
    shown(2),
    io:format("~p~n", [gen_server:start(?MODULE, fails, [])]),
    shown(1),
    error_logger:error_msg("old ~p~n", [style]),
    error_logger:info_report([{a, 1}, {b, "two"}, c]),
    error_logger:warning_report(my_type, "text"),
    logger:notice(#{what => report, n => 1}),
    logger:debug("~s ~w", ["formatted", [1, 2]], #{domain => [my]}),
    logger:info("no args ~p"),
    logger:error("bad args ~d", [x]),
    shown(7),
    ok = logger:remove_handler(catcher).

init(server) -> {ok, state};
init(statem) -> {ok, waiting, #{data => 1}};
init(fails) -> error(cannot_start).
handle_call(crash, _, _) -> error({crash, here});
handle_call({stop, Why}, _, S) -> {stop, Why, S};
handle_call(bad_return, _, _) -> not_a_reply;
handle_call(exit, _, _) -> exit(own_exit);
handle_call(called, _, S) -> {reply, ok, S}.
handle_cast(stop_now, S) -> {stop, {because, [deep, {reason, S}]}, S}.
handle_info(_, S) -> {noreply, S}.
callback_mode() -> handle_event_function.
handle_event(cast, {die, L}, _, _) -> lists:foldl(fun(X, A) -> A / (X - 2) end, 1, L).

spawned(Events, F) ->
    {P, R} = spawn_monitor(F),
    receive {'DOWN', R, process, P, _} -> ok end,
    shown(Events).

proc(Events, F) ->
    P = proc_lib:spawn(?MODULE, crasher, [F, "argument"]),
    R = monitor(process, P),
    receive {'DOWN', R, process, P, _} -> ok end,
    shown(Events).

crasher(F, _) ->
    put(key, value),
    F().

server(Events, Request) ->
    {ok, S} = gen_server:start(?MODULE, server, []),
    catch gen_server:call(S, Request, 30000),
    shown(Events).

log(Event, #{config := #{to := To}}) -> To ! {event, Event}.

%% So many events, and what else there is.
shown(Least) ->
    receive
        {event, #{level := Level, msg := Msg, meta := Meta} = Event} ->
            io:format("~n~p ~p~n~p~n", [Level, lists:sort(maps:keys(Meta)), clean(Msg)]),
            Clean = Event#{msg := clean(Msg)},    % the text is cut and broken by widths, so nothing in it may vary in width
            Text = logger_formatter:format(Clean#{meta := Meta#{time := 0}}, #{legacy_header => true, single_line => false, depth => 30,
                                                                              time_offset => "Z"}),
            io:format("~ts", [clean_text(Text)]),
            Single = logger_formatter:format(Clean, #{template => [level, "|", domain, "|", msg, "\n"], chars_limit => 300}),
            io:format("~ts", [clean_text(Single)]),
            shown(Least - 1)
    after if Least > 0 -> infinity; true -> 0 end -> ok
    end.

clean(T) when is_pid(T) -> pid;
clean(T) when is_reference(T) -> ref;
clean(T) when is_function(T) -> function;
clean({N, V}) when N =:= stack_size; N =:= heap_size; N =:= reductions -> {N, is_integer(V)};
clean(T) when is_tuple(T) -> list_to_tuple(clean(tuple_to_list(T)));
clean([H | T]) -> [clean(H) | clean(T)];
clean(M) when is_map(M) -> maps:map(fun(_, V) -> clean(V) end, M);
clean(T) -> T.

clean_text(Text) ->
    lists:foldl(fun({From, To}, T) -> re:replace(T, From, To, [global, unicode, {return, binary}]) end,
                unicode:characters_to_binary(Text),
                [{"<\\d+\\.\\d+\\.\\d+>", "<pid>"}, {"#Ref<[^>]*>", "<ref>"}, {"#Fun<([a-z_]+)\\.[^>]*>", "<fun \\1>"},
                 {"(heap_size|stack_size|reductions): \\d+", "\\1: N"}, {"\\{(heap_size|stack_size|reductions),\\d+\\}", "{\\1,N}"},
                 {"===.*===", "==="}]).
