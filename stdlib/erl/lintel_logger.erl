%% What the VM has to do with OTP's logger: a handler that tells the host (lintel_config.log), and events that a process of their
%% own logs.
-module(lintel_logger).
-export([heap_limit/3, attach/0, take_over/0, adding_handler/1, log/2, unlogged/1]).

%% Once OTP has booted.
attach() ->
    lintel_host:booted(),
    take_over().

%% A handler for the host, unless the logger is configured with one, in place of that which writes to stdout. It has a name of its own,
%% as Elixir's logger removes the handler `default`.
take_over() ->
    Handlers = logger:get_handler_config(),
    [logger:remove_handler(default) || #{id := default, module := logger_std_h, config := #{type := standard_io}} <- Handlers],
    case [Id || #{id := Id, module := lintel_logger} <- Handlers] of
        [] -> ok = logger:add_handler(lintel, lintel_logger, #{filters => [{remote_gl, {fun logger_filters:remote_gl/2, stop}}]});
        _ -> ok
    end.

%% A handler's callbacks: its configuration when it is added, and, in the process that logs, an event.
adding_handler(#{formatter := {logger_formatter, Config}} = Handler) ->
    {ok, Handler#{formatter := {logger_formatter, maps:merge(#{single_line => false, template => [msg]}, Config)}}};
adding_handler(Handler) -> {ok, Handler}.

log(#{level := Level, meta := Meta} = Event, #{formatter := {Formatter, Config}}) ->
    Text = case unicode:characters_to_binary(Formatter:format(Event, Config)) of
               Binary when erlang:is_binary(Binary) -> Binary;
               {_, Binary, _} -> Binary
           end,
    lintel_logger:tell(Level, maps:get(pid, Meta, undefined), Text).

%% An event of the VM's in a VM that has no logger.
unlogged({log, Level, _Format, Args, Meta}) ->
    lintel_logger:tell_unlogged(Level, maps:get(pid, Meta, undefined), Args).

%% Process Pid is beyond its max_heap_size: the text that OTP logs.
heap_limit(Pid, Kill, [Max, Total, Messages | Sizes]) ->
    Names = [old_heap_block_size, heap_block_size, mbuf_size, recent_size, stack_size, old_heap_size, heap_size,
             bin_vheap_size, bin_old_vheap_size],
    Format = "     Process:            ~p ~n     Context:            maximum heap size reached~n"
             "     Max Heap Size:      ~p~n     Total Heap Size:    ~p~n     Kill:               ~p~n"
             "     Error Logger:       true~n     Message Queue Len:  ~p~n     GC Info:            ~p~n",
    logger:log(error, Format, [Pid, Max, Total, Kill, Messages, lists:zip(Names, Sizes)],
               #{pid => Pid, error_logger => #{emulator => true, tag => error}}).
