%% The first process of the bare profile: starts the I/O servers, runs the program, ends the VM. Under the name `init` it
%% answers what OTP's init process would be asked (init:get_arguments/0, init:stop/1, …), and it passes the VM's own log events on to
%% OTP's logger, which it has started when the first comes.
-module(lintel_boot).
-export([start/5, serve/3, report/3, log_to/1, say_terminated/0]).

-record(s, {main, ref,                % the program's first process
            plain = [],               % arguments of the command
            elixir = false,           % whether the program is an Elixir module
            crashed = false,          % main ended by an error of its own
            logger = none,            % none | starting | ready
            events = []}).            % log events that wait for the logger, newest first

%% Runs Module:Function as `lintel run` does, with Plain, the arguments of the command, if it takes an argument. Never returns.
start(Module, Function, Arity, Plain, Encoding) ->
    start_servers(Encoding),
    S0 = #s{plain = Plain, elixir = is_elixir(erlang:atom_to_list(Module))},
    S = case S0#s.elixir of
            true -> run(lintel_services, start_elixir, [S0#s.plain], S0);
            false -> S0
        end,
    start_supervisors(),
    {Pid, Ref} = erlang:spawn_opt(Module, Function, case Arity of 1 -> [Plain]; 0 -> [] end, [monitor]),
    loop(S#s{main = Pid, ref = Ref}).

%% As start/5, without a function to run: the host of the VM is told that it may begin.
serve(Host, Plain, Encoding) ->
    start_servers(Encoding),
    start_supervisors(),
    lintel_host:done(Host, ok, erlang:self()),
    loop(#s{plain = Plain}).

start_servers(Encoding) ->
    erlang:register(init, erlang:self()),
    Io = erlang:spawn(lintel_io, start, [output, Encoding]),
    true = erts_internal:group_leader(Io, erlang:self()),    % erlang:group_leader/2 would load a large module
    erlang:register(user, Io),
    erlang:register(standard_error, erlang:spawn(lintel_io, start, [error, Encoding])),
    lintel_code:start().

start_supervisors() ->
    [erlang:register(Name, erlang:spawn(lintel_kernel_sup, start, [Name])) || Name <- [kernel_sup, kernel_safe_sup]].

is_elixir([$E, $l, $i, $x, $i, $r, $. | _]) -> true;
is_elixir(_) -> false.

%% Answers requests until the function has returned, in a process of its own; that may ask what this process answers.
run(Module, Function, Args, S) ->
    {_, Ref} = erlang:spawn_opt(Module, Function, Args, [monitor]),
    run_until(Ref, S).

run_until(Ref, S) ->
    receive
        {'DOWN', Ref, process, _, _} -> S;
        {stop, Status} ->
            case is_told() of
                true -> stop(status(Status), S#s{logger = none});
                false -> run_until(Ref, S)
            end;
        Message when not (erlang:is_tuple(Message) andalso
                          (erlang:element(1, Message) =:= 'DOWN' orelse erlang:element(1, Message) =:= notify)) ->
            run_until(Ref, handle(Message, S))
    end.

loop(#s{main = Pid, ref = Ref} = S) ->
    receive
        {'DOWN', Ref, process, Pid, Reason} when erlang:is_reference(Ref) -> finish(Reason, S);    % else there is no such process
        Message when erlang:is_tuple(Message), erlang:element(1, Message) =:= stop orelse erlang:element(1, Message) =:= notify ->
            case is_told() of
                true -> told(Message, S);
                false -> loop(S)
            end;
        Message -> loop(handle(Message, S))
    end.

%% Whether who asks for the end may have it. Who may not ends his own tenant.
is_told() ->
    case lintel_code:may_control() of
        true -> true;
        false ->
            erlang:halt(0),
            false
    end.

told(Message, S) ->
    case Message of
        {stop, Status} -> stop(status(Status), stop_applications(S));
        {notify, sigusr1} -> erlang:halt("Received SIGUSR1");
        {notify, sigquit} -> erlang:halt();
        {notify, sigterm} -> stop(0, stop_applications(run(lintel_boot, say_terminated, [], S)));
        _ -> loop(handle(Message, S))
    end.

%% What OTP's erl_signal_handler says.
say_terminated() -> error_logger:info_msg("SIGTERM received - shutting down~n").

stop_applications(S) ->
    case erlang:whereis(application_controller) of
        undefined -> S;
        _ -> run(lintel_services, stop_applications, [], S)
    end.

status({stop, Status}) -> Status;
status(_StopRestartOrReboot) -> 0.

handle({log, _, _, _, #{pid := Pid}}, #s{main = Pid} = S) -> S#s{crashed = true};    % told at the end
handle({log, _, _, _, _} = Event, #s{logger = ready} = S) ->
    send(Event),
    S;
handle({log, _, _, _, _} = Event, #s{logger = none} = S) ->
    try start_logger(lintel_code:guest()) of
        _ -> S#s{logger = starting, events = [Event]}
    catch
        error:system_limit -> S    % nobody is left to tell it
    end;
handle({log, _, _, _, _} = Event, S) -> S#s{events = [Event | S#s.events]};
handle(logger_ready, S) ->
    case lintel_code:guest() of
        0 ->
            send_all(S#s.events),
            S#s{logger = ready, events = []};
        _ -> S
    end;
handle({From, Request}, S) when erlang:is_pid(From) ->
    From ! {init, answer(Request, S#s.plain)},
    S;
handle(_, S) -> S.

send_all([Event | Older]) ->
    send_all(Older),
    send(Event);
send_all([]) -> ok.

send(Event) ->
    case erlang:whereis(logger) of
        undefined -> lintel_logger:unlogged(Event);
        Logger -> Logger ! Event
    end.

%% A guest's event may be the first; its tenant may be at its limits, or end before the logger is there.
start_logger(0) -> erlang:spawn(lintel_boot, log_to, [erlang:self()]);
start_logger(_) -> erlang:spawn(lintel_services, keep, [log_to]).

log_to(Init) ->
    try lintel_services:ensure(logger)
    catch _:_ -> Init ! logger_ready    % there is no logger without an OTP
    end.

answer(get_plain_arguments, Plain) -> Plain;
answer(get_arguments, _) -> [];
answer({get_argument, bindir}, _) ->      % where inet_gethost is
    case lintel_code:root_dir() of
        "" -> error;
        Root -> {ok, [[Root ++ "/erts-" ++ erlang:system_info(version) ++ "/bin"]]}
    end;
answer({get_argument, _}, _) -> error;
answer(get_status, _) -> {started, started};
answer(script_id, _) -> {"Lintel, bare profile", "0.1.0"};
answer(_, _) -> error.

%% The end of the program's first process. In Elixir, exit({shutdown, Status}) is how a program sets its status.
finish(Reason, #s{elixir = Elixir} = S0) ->
    {Status, Silent} = case Reason of
                           normal -> {0, true};
                           shutdown -> {0, true};
                           {shutdown, N} when Elixir, erlang:is_integer(N) -> {N, true};
                           {shutdown, _} when not Elixir -> {0, true};
                           _ -> {1, false}
                       end,
    S1 = case Silent of
             true -> S0;
             false -> run(lintel_boot, report, [Reason, S0#s.crashed, Elixir], S0)
         end,
    S2 = case Elixir of
             true -> run(lintel_services, at_exit, [Status], S1);
             false -> S1
         end,
    stop(Status, S2).

%% Tells how the program ended, as far as OTP and Elixir are there to help.
report(Reason, Crashed, Elixir) ->
    {Class, Why, Stack} = case {Crashed, Reason} of
                              {true, {{nocatch, Thrown}, Trace}} -> {throw, Thrown, Trace};
                              {true, {Error, Trace}} -> {error, Error, Trace};
                              _ -> {exit, Reason, []}
                          end,
    Text = try text(Elixir, Class, Why, Stack)
           catch _:_ ->
               try ["lintel: the program ended: ", io_lib:format("~tp~n", [Reason])]
               catch _:_ -> "lintel: the program ended with an error\n"
               end
           end,
    lintel_io:write_error(unicode:characters_to_binary(Text)).

text(true, Class, Why, []) -> ['Elixir.Exception':format_banner(Class, Why, []), $\n];
text(true, Class, Why, Stack) -> 'Elixir.Kernel.CLI':format_error(Class, Why, Stack);
text(false, Class, Why, Stack) ->
    ["lintel: ", erl_error:format_exception(Class, Why, Stack), $\n].

%% All that was sent to the logger and to the I/O servers before is written before the VM halts.
stop(Status, S0) ->
    S = case S0#s.logger =:= starting orelse S0#s.logger =:= none andalso erlang:whereis(lintel_logging) =/= undefined of
            true -> await_logger(S0);
            false -> S0
        end,
    case S#s.logger of
        ready -> run(lintel_services, flush_logger, [], S);
        _ -> ok
    end,
    flush(user),
    flush(standard_error),
    erlang:halt(Status).

await_logger(S) -> await_logger(erlang:start_timer(2000, erlang:self(), logger), S).

await_logger(Timer, S) ->
    receive
        {timeout, Timer, logger} -> S;
        Message ->
            case handle(Message, S) of
                #s{logger = ready} = New -> New;
                New -> await_logger(Timer, New)
            end
    end.

flush(Name) ->
    case erlang:whereis(Name) of
        undefined -> ok;
        Io ->
            Ref = erlang:monitor(process, Io),
            Io ! {io_request, erlang:self(), Ref, flush},
            receive
                {io_reply, Ref, _} -> ok;
                {'DOWN', Ref, process, _, _} -> ok
            end
    end.
