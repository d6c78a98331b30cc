-module(handlers).
-export([main/0, log/2, adding_handler/1, removing_handler/1, filter/2]).
-include_lib("kernel/include/logger.hrl").
%% The logger's levels, handlers, filters, metadata: all events go to a handler of this module, which prints what it gets.
main() ->
    ok = logger:set_primary_config(level, notice),
    ok = logger:add_handler(mine, ?MODULE, #{level => info, formatter => {logger_formatter, #{template => [level, " ", msg], single_line => true}}}),
    logger:remove_handler(default),
    logger:error("plain ~p", [x]),
    ?LOG_WARNING("macro ~ts", ["å"]),
    ?LOG_INFO("hidden"),
    ok = logger:set_primary_config(level, info),
    ?LOG_INFO(#{a => 1, b => "two"}),
    ?LOG_INFO([{k, v}, {k2, "str"}]),
    ?LOG_ERROR(fun(X) -> {"lazy ~p", [X]} end, arg),
    io:format("~p~n", [maps:remove(metadata, logger:get_primary_config())]),
    io:format("~p~n", [logger:get_handler_ids()]),
    {ok, C} = logger:get_handler_config(mine),
    io:format("~p~n", [maps:with([id, module, level, filters, filter_default], C)]),
    ok = logger:set_module_level(?MODULE, error),
    ?LOG_WARNING("hidden by module"),
    ?LOG_ERROR("shown"),
    io:format("~p~n", [logger:get_module_level(?MODULE)]),
    ok = logger:unset_module_level(?MODULE),
    logger:set_process_metadata(#{me => 1}),
    io:format("~p~n", [logger:get_process_metadata()]),
    logger:notice("with metadata", #{other => 2}),
    logger:unset_process_metadata(),
    io:format("~p~n", [logger:compare_levels(error, info)]),
    io:format("~p~n", [logger:set_handler_config(nope, level, info)]),
    io:format("~p~n", [logger:set_primary_config(level, bad)]),
    io:format("~p~n", [logger:add_handler(mine, ?MODULE, #{})]),
    io:format("~p~n", [logger:add_handler(bad, no_such_module, #{})]),
    ok = logger:add_primary_filter(f, {fun ?MODULE:filter/2, stop_this}),
    logger:error("stop this"),
    logger:error("not this"),
    ok = logger:remove_primary_filter(f),
    error_logger:error_msg("old ~p~n", [api]),
    error_logger:info_report([{old, report}]),
    logger:log(critical, "by level"),
    io:format("~p~n", [logger:allow(debug, ?MODULE)]),
    register(main_program, self()),
    spawn(fun() -> error(in_a_process) end),
    receive printed -> ok end,
    ok = logger:remove_handler(mine).
filter(#{msg := {string, "stop this"}}, stop_this) -> stop;
filter(Event, _) -> Event.
adding_handler(C) -> io:format("adding ~p~n", [maps:get(id, C)]), {ok, C}.
removing_handler(C) -> io:format("removing ~p~n", [maps:get(id, C)]), ok.
log(#{level := L, meta := #{error_logger := #{emulator := true}}, msg := {F, [_, {R, _}]}}, _) ->
    io:format("emulator: ~p ~p ~p~n", [L, F, R]),
    main_program ! printed;
log(#{level := L, msg := M, meta := Meta} = E, #{formatter := {Mod, C}}) ->
    io:format("handler: ~p ~ts ~p ~p~n", [L, Mod:format(E, C), maps:with([me, other, line, mfa], Meta), message(M)]).
message({report, R}) -> R;
message({string, S}) -> S;
message({F, A}) -> {F, A}.
