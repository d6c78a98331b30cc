%% Log events of the bare profile, which does not start OTP's logger: OTP's own formatter makes the text, as its default
%% handler has it, and the I/O server prints it.
-module(lintel_logger).
-export([log_allowed/4, set_primary_config/2, heap_limit/3]).

%% Stands in for logger:log_allowed/4. Message is a string, a report (map, or list of pairs), {Format, Args}, or
%% {Fun, Argument}, whose result is one of the others.
log_allowed(Location, Level, Message, Meta) ->
    Defaults = #{pid => erlang:self(), gl => erlang:group_leader(),
                 time => erlang:system_time(microsecond)},
    Full = maps:merge(maps:merge(Defaults, Location), Meta),
    Text = logger_formatter:format(#{level => Level, msg => message(Message), meta => Full},
                                   #{legacy_header => true, single_line => false}),
    case erlang:whereis(user) of
        undefined -> ok;
        User -> io:put_chars(User, Text), ok
    end.

%% Process Pid is beyond its max_heap_size: the text that OTP logs.
heap_limit(Pid, Kill, [Max, Total, Messages | Sizes]) ->
    Names = [old_heap_block_size, heap_block_size, mbuf_size, recent_size, stack_size, old_heap_size, heap_size,
             bin_vheap_size, bin_old_vheap_size],
    Format = "     Process:            ~p ~n     Context:            maximum heap size reached~n"
             "     Max Heap Size:      ~p~n     Total Heap Size:    ~p~n     Kill:               ~p~n"
             "     Error Logger:       true~n     Message Queue Len:  ~p~n     GC Info:            ~p~n",
    case logger_config:allow(error, ?MODULE) of
        true -> log_allowed(#{}, error, {Format, [Pid, Max, Total, Kill, Messages, lists:zip(Names, Sizes)]},
                            #{pid => Pid, error_logger => #{tag => error}});
        false -> ok
    end.

message({Fun, Argument}) when is_function(Fun, 1) ->
    try Fun(Argument) of
        {Fun2, _} = Again when is_function(Fun2, 1) -> {"LAZY_FUN ERROR: ~tp", [Again]};
        Message -> message(Message)
    catch
        C:R -> {"LAZY_FUN CRASH: ~tp; Reason: ~tp", [{Fun, Argument}, {C, R}]}
    end;
message({string, _} = Message) -> Message;
message({report, _} = Message) -> Message;
message({Format, Args}) when is_list(Args) -> {Format, Args};
message(Report) when is_map(Report) -> {report, Report};
message([First | _] = Report) when is_tuple(First) -> {report, Report};
message(String) -> {string, String}.

%% Stands in for logger:set_primary_config/2. The level is kept as a number where logger_config:allow/2 looks for it; filters
%% and metadata are not supported.
set_primary_config(level, Level) ->
    case level_number(Level) of
        invalid -> {error, {invalid_level, Level}};
        Number -> persistent_term:put(?MODULE, Number)
    end;
set_primary_config(Key, _) when Key =:= filters; Key =:= filter_default; Key =:= metadata -> {error, notsup};
set_primary_config(Key, Value) -> {error, {invalid_primary_config, {Key, Value}}}.

level_number(none) -> -1;
level_number(emergency) -> 0;
level_number(alert) -> 1;
level_number(critical) -> 2;
level_number(error) -> 3;
level_number(warning) -> 4;
level_number(notice) -> 5;
level_number(info) -> 6;
level_number(debug) -> 7;
level_number(all) -> 10;
level_number(_) -> invalid.
