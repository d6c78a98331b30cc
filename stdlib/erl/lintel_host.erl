%% What runs in Erlang for a host program: docs/design/embedding.md. The first arguments are references to objects of the host's.
-module(lintel_host).
-export([call/4, mailbox/1, await/1, booted/0]).

call(Call, Module, Function, Arguments) ->
    try erlang:apply(Module, Function, Arguments) of
        Value -> lintel_host:done(Call, ok, Value)
    catch
        Class:Reason:Stack -> lintel_host:done(Call, Class, {Reason, without_caller(Stack)})
    end.

without_caller([{lintel_host, call, 4, _}]) -> [];
without_caller([Frame | Frames]) -> [Frame | without_caller(Frames)];
without_caller([]) -> [].

mailbox(Mailbox) ->
    erlang:process_flag(trap_exit, true),
    receive_all(Mailbox).

receive_all(Mailbox) ->
    receive
        {Mailbox, link, Pid} -> erlang:link(Pid);
        {Mailbox, unlink, Pid} -> erlang:unlink(Pid);
        {Mailbox, monitor, Pid} -> erlang:monitor(process, Pid);
        {Mailbox, close, Reason} -> erlang:exit(Reason);
        Message -> lintel_host:put(Mailbox, Message)
    end,
    receive_all(Mailbox).

%% Returns when OTP has booted, of which this process may be the first to run.
booted() ->
    case erlang:whereis(init) of
        undefined ->
            erlang:yield(),
            booted();
        _ ->
            case init:notify_when_started(erlang:self()) of
                started -> ok;
                ok -> receive {init, started} -> ok end
            end
    end.

await(Promise) ->
    receive
        {Promise, ok, Value} -> Value;
        {Promise, Class, Reason} -> erlang:raise(Class, Reason, [])
    end.
