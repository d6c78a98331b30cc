%% The first process of the bare profile: starts the I/O server, runs the program, ends the VM. Under the name `init` it
%% answers what OTP's init process would be asked (init:get_arguments/0, init:stop/1, …).
-module(lintel_boot).
-export([start/4, report/1]).

%% Runs apply(Module, Function, Args) as `lintel run` does. Never returns.
start(Module, Function, Args, Encoding) ->
    erlang:register(init, erlang:self()),
    Io = erlang:spawn(lintel_io, start, [Encoding]),
    erlang:group_leader(Io, erlang:self()),
    lintel_code:start(),
    erlang:register(user, Io),
    erlang:spawn(lintel_kernel_sup, start, []),
    {Pid, Ref} = erlang:spawn_opt(Module, Function, Args, [monitor]),
    loop(Io, Pid, Ref, plain_arguments(Args)).

plain_arguments([Arguments]) -> Arguments;
plain_arguments([]) -> [].

loop(Io, Pid, Ref, Plain) ->
    receive
        {'DOWN', Ref, process, Pid, Reason} ->
            finish(Io, Reason);
        {stop, {stop, Status}} ->
            stop(Io, Status);
        {stop, stop} ->
            stop(Io, 0);
        {stop, _RestartOrReboot} ->
            stop(Io, 0);
        {From, Request} when erlang:is_pid(From) ->
            From ! {init, answer(Request, Plain)},
            loop(Io, Pid, Ref, Plain);
        _Other ->
            loop(Io, Pid, Ref, Plain)
    end.

answer(get_plain_arguments, Plain) -> Plain;
answer(get_arguments, _) -> [];
answer({get_argument, _}, _) -> error;
answer(get_status, _) -> {started, started};
answer(script_id, _) -> {"Lintel, bare profile", "0.1.0"};
answer(_, _) -> error.

finish(Io, normal) -> stop(Io, 0);
finish(Io, shutdown) -> stop(Io, 0);
finish(Io, {shutdown, _}) -> stop(Io, 0);
finish(Io, Reason) ->
    %% In a process of its own: formatting asks `init`, which is this process.
    {Pid, Ref} = erlang:spawn_opt(lintel_boot, report, [Reason], [monitor]),
    await_report(Io, Pid, Ref).

await_report(Io, Pid, Ref) ->
    receive
        {'DOWN', Ref, process, Pid, _} ->
            stop(Io, 1);
        {From, Request} when erlang:is_pid(From) ->
            From ! {init, answer(Request, [])},
            await_report(Io, Pid, Ref)
    end.

report(Reason) ->
    Text = try unicode:characters_to_binary(io_lib:format("lintel: the program ended: ~tp~n", [Reason]))
           catch _:_ -> <<"lintel: the program ended with an error\n">>    % there is no io_lib without an OTP
           end,
    lintel_io:write_error(Text).

%% All that was sent to the I/O server before is written before the VM halts.
stop(Io, Status) ->
    Ref = erlang:monitor(process, Io),
    Io ! {io_request, erlang:self(), Ref, flush},
    receive
        {io_reply, Ref, _} -> ok;
        {'DOWN', Ref, process, _, _} -> ok
    end,
    erlang:halt(Status).
