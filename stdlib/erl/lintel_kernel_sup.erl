%% Stands in for kernel's supervisors in the bare profile, where modules start servers of their own on first use (timer:start/0
%% starts timer_server under kernel_sup, dets its server under kernel_safe_sup). An idle process until it is first asked; then OTP's
%% supervisor, without children, behind what a guest (a tenant without control) may ask it: which children there are, and to start
%% what OTP starts there for everybody.
-module(lintel_kernel_sup).
-export([start/1, start_for/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3, format_status/2]).

start(Name) ->
    receive
        Request -> erlang:self() ! Request
    end,
    erlang:process_flag(trap_exit, true),
    erlang:put('$ancestors', [init]),
    erlang:put('$initial_call', {supervisor, lintel_kernel_sup, 1}),
    {ok, State} = supervisor:init({{local, Name}, lintel_kernel_sup, Name}),
    gen_server:enter_loop(lintel_kernel_sup, [], State, {local, Name}).

%% The supervisor's: what it starts with.
init(kernel_sup) -> {ok, {#{strategy => one_for_one, intensity => 3, period => 10}, []}};
init(kernel_safe_sup) -> {ok, {#{strategy => one_for_one, intensity => 4, period => 3600}, []}}.

handle_call(Request, From, State) ->
    case lintel_code:guest() of
        0 -> supervisor:handle_call(Request, From, State);
        _ -> asked_by_guest(Request, From, State)
    end.

asked_by_guest(which_children = Request, From, State) -> supervisor:handle_call(Request, From, State);
asked_by_guest(count_children = Request, From, State) -> supervisor:handle_call(Request, From, State);
asked_by_guest({get_childspec, _} = Request, From, State) -> supervisor:handle_call(Request, From, State);
asked_by_guest({start_child, Spec}, From, State) ->
    Start = start_of(Spec),
    case child(Start) of
        {_, Name, _} ->
            case erlang:whereis(Name) of
                undefined ->
                    %% It is to be the VM's.
                    try erlang:spawn(lintel_services, keep, [{child, Start, From}]) of
                        _ -> {noreply, State}
                    catch
                        error:Why -> {reply, {error, Why}, State}
                    end;
                Pid -> {reply, {error, {already_started, Pid}}, State}
            end;
        none -> {reply, {error, eperm}, State}
    end;
asked_by_guest(_, _, State) -> {reply, {error, eperm}, State}.

start_of(#{start := Start}) -> Start;
start_of({_, Start, _, _, _, _}) -> Start;
start_of(_) -> none.

%% What OTP starts on first use: the supervisor, the name that the process has, which is the child's, and the rest of its specification.
child({timer, start_link, []}) -> {kernel_sup, timer_server, #{shutdown => 1000}};
child({dets_sup, start_link, []}) -> {kernel_safe_sup, dets_sup, #{shutdown => 1000, type => supervisor}};
child({dets_server, start_link, []}) -> {kernel_safe_sup, dets, #{shutdown => 2000}};
child({disk_log_sup, start_link, []}) -> {kernel_safe_sup, disk_log_sup, #{shutdown => 1000, type => supervisor}};
child({disk_log_server, start_link, []}) -> {kernel_safe_sup, disk_log_server, #{shutdown => 2000}};
child({inet_gethost_native, start_link, []}) ->
    {kernel_safe_sup, inet_gethost_native_sup, #{restart => temporary, shutdown => 1000}};
child(_) -> none.

%% In a process of the VM: asks for the child and passes the answer on. Anybody may have spawned it, so the answer has the form of one.
start_for(Start, {To, Tag} = From) when erlang:is_pid(To) ->
    case Tag of
        [alias | Ref] when erlang:is_reference(Ref) -> answer(Start, From);
        Ref when erlang:is_reference(Ref) -> answer(Start, From)
    end.

answer({Module, _, _} = Start, From) ->
    {Supervisor, Name, Rest} = child(Start),
    Spec = maps:merge(#{id => Name, start => Start, restart => permanent, modules => [Module]}, Rest),
    gen_server:reply(From, supervisor:start_child(Supervisor, Spec)).

handle_cast(Message, State) ->
    case lintel_code:guest() of
        0 -> supervisor:handle_cast(Message, State);
        _ -> {noreply, State}
    end.

%% Exits of guests' processes do not come over links: what looks like one is none.
handle_info(Message, State) ->
    case lintel_code:guest() of
        0 -> supervisor:handle_info(Message, State);
        _ -> {noreply, State}
    end.

terminate(Reason, State) -> supervisor:terminate(Reason, State).
code_change(Old, State, Extra) -> supervisor:code_change(Old, State, Extra).

%% As the supervisor of OTP 25 and 26 has it; supervisor:get_callback_module/1 of all looks for it.
format_status(terminate, [_, State]) -> State;
format_status(_, [_, State]) -> [{data, [{"State", State}]}, {supervisor, [{"Callback", lintel_kernel_sup}]}].
