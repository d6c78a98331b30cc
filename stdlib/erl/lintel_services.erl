%% Parts of OTP and Elixir that a bare VM starts when something of them is first used: the application controller, the logger,
%% global names, the settings of `inet`, the application `elixir`, and Elixir's own logger in an Elixir program. The VM calls call/4 in place of a function of a module
%% that is the front of a service (service_of in embed/bare_vm.cpp) when that module was just loaded.
%%
%% Each service is started by a process of its own, its keeper, to which it stays linked. Whoever needs the service waits for the
%% keeper. A keeper loads the service's front modules before it starts it, so that the service's own calls do not wait for the
%% keeper.
-module(lintel_services).
-export([call/4, logger/0, ensure/1, keep/1, get_env/2, flush_logger/0, stop_applications/0, start_elixir/1, at_exit/1, no_files/0]).

call(prim_socket, Module, Function, Args) ->
    prim_socket:info(),    % loads it, which starts the registry
    await_name(socket_registry),
    erlang:apply(Module, Function, Args);
call(Service, Module, Function, Args) ->
    ensure(Service),
    erlang:apply(Module, Function, Args).

await_name(Name) ->
    case erlang:whereis(Name) of
        undefined ->
            receive after 1 -> ok end,
            await_name(Name);
        _ -> ok
    end.

%% Waits until an event can be logged; logger_config:allow/2 calls it as long as the logger is not known to run. The processes of
%% services do not wait for the keeper, which may have something to ask them: they go on when the default handler is there.
logger() ->
    case belongs_to_service() of
        true ->
            await_handler(case erlang:whereis(keeper(logger)) of
                              undefined -> erlang:spawn(lintel_services, keep, [logger]);
                              Keeper -> Keeper
                          end);
        false ->
            ensure(logger),
            true
    end.

await_handler(Keeper) ->
    receive after 1 -> ok end,
    case persistent_term:get(lintel_services, undefined) of
        undefined ->
            (erlang:is_process_alive(Keeper) orelse erlang:whereis(keeper(logger)) =/= undefined) andalso await_handler(Keeper);
        _ -> true
    end.

belongs_to_service() ->
    Services = [application_controller | [keeper(S) || S <- [application_controller, elixir_config, logger]]],
    case erlang:process_info(erlang:self(), registered_name) of
        {registered_name, Name} -> lists:member(Name, Services);
        _ -> false
    end orelse
        case erlang:get('$ancestors') of
            [_ | _] = Ancestors -> lists:any(fun(Service) -> lists:member(Service, Ancestors) end, Services);
            _ -> false
        end.

%% Starts the service, if it is not there yet; ok, or the keeper's error.
ensure(Service) ->
    Name = keeper(Service),
    case erlang:whereis(Name) of
        undefined ->
            {Pid, Ref} = erlang:spawn_opt(lintel_services, keep, [Service], [monitor]),
            await(Pid, Ref, Name, Service);
        Pid when Pid =:= erlang:self() ->
            ok;
        Pid ->
            await(Pid, erlang:monitor(process, Pid), Name, Service)
    end.

await(Pid, Ref, Name, Service) ->
    Pid ! {ready, erlang:self(), Ref},
    receive
        {Ref, ready} ->
            erlang:demonitor(Ref, [flush]),
            ok;
        {'DOWN', Ref, process, _, lost} ->
            ensure(Service);    % somebody else was faster
        {'DOWN', Ref, process, _, Reason} ->
            erlang:error({Name, Reason})
    end.

keeper(application_controller) -> lintel_applications;
keeper(file) -> lintel_files;
keeper(elixir_config) -> lintel_elixir;
keeper(global) -> lintel_global;
keeper(inet_db) -> lintel_inet;
keeper(logger) -> lintel_logging.

%% A process with this function is the VM's, whoever has spawned it (is_service in sched/spawn.cpp): what it is asked for must be harmless.
keep(Service) ->
    case lintel_code:guest() of
        0 -> keep_ours(Service);
        _ -> erlang:exit(eperm)    % called in a process of a guest
    end.

keep_ours(log_to) -> lintel_boot:log_to(erlang:whereis(init));
keep_ours(on_load) -> lintel_code:run_on_load();
keep_ours({child, Child, From}) -> lintel_kernel_sup:start_for(Child, From);
keep_ours(Service) ->
    try erlang:register(keeper(Service), erlang:self()) of
        true ->
            true = erts_internal:group_leader(erlang:whereis(user), erlang:self()),
            [code:ensure_loaded(M) || M <- front(Service)],
            start(Service),
            serve()
    catch
        error:badarg -> erlang:exit(lost)
    end.

%% Its answers are the VM's own, so their form is not for the asker to choose.
serve() ->
    receive
        {ready, From, Ref} when erlang:is_pid(From), erlang:is_reference(Ref) -> From ! {Ref, ready};
        _ -> ok
    end,
    serve().

front(application_controller) -> [application_controller];
front(file) -> [file];
front(elixir_config) -> [elixir_config];
front(global) -> [global];
front(inet_db) -> [inet_db];
front(logger) ->
    [logger_server, logger_config, logger_backend | case erlang:whereis(elixir_sup) of
                                                        undefined -> [];
                                                        _ -> ['Elixir.Logger']
                                                    end].

start(application_controller) ->
    %% OTP's kernel without what it starts: that is the business of this module.
    {application, kernel, Kernel} = specification("kernel.app"),
    {ok, _} = application_controller:start({application, kernel, lists:keydelete(mod, 1, Kernel)}),
    load(["stdlib.app"]),
    [ok = application:start_boot(App, permanent) || App <- [kernel, stdlib]];
start(file) ->
    case prim_file:get_cwd() of
        {error, eacces} ->     % the VM has no right to files
            Server = erlang:spawn_link(lintel_services, no_files, []),
            erlang:register(file_server_2, Server);
        _ ->
            {ok, _} = file_server:start_link()
    end;
start(global) ->
    {ok, _} = global:start_link();    % names and locks of this node
start(inet_db) ->
    try erlang:open_port({spawn_executable, "/"}, [])
    catch
        error:eperm ->
            %% No program may be started, so OTP's resolver, which is one, neither: names come from files and by DNS.
            {ok, _} = gen_server:start_link({local, inet_db}, inet_db, [], []),
            ok = inet_db:set_lookup([file, dns]);
        error:_ ->
            {ok, _} = inet_db:start_link()    % reads the host's name and how names are looked up
    end;
start(elixir_config) ->
    ensure(application_controller),
    load(["compiler.app", "elixir.app"]),
    {ok, _} = application:ensure_all_started(elixir);
start(logger) ->
    %% As logger:internal_init_logger/0 and logger:add_handlers/1 do it, but without a call of the application controller, which may
    %% be waiting for the logger (belongs_to_service).
    {ok, _} = logger_server:start_link(),
    ok = logger:set_primary_config(level, application:get_env(kernel, logger_level, notice)),
    ok = logger:set_primary_config(metadata, application:get_env(kernel, logger_metadata, #{})),
    {ok, _} = logger_sup:start_link(),
    Handlers = application:get_env(kernel, logger, [default_handler()]),
    ok = logger:add_handlers(Handlers),
    HasHost = lintel_logger:has_host(),
    case HasHost of
        true -> lintel_logger:take_over();
        false -> ok
    end,
    persistent_term:put(lintel_services, logger),    % for logger_config:allow/2
    ensure(application_controller),
    ok = application:set_env(kernel, logger, Handlers),
    case erlang:whereis(elixir_sup) of
        undefined -> ok;
        _ ->
            case HasHost of
                true ->
                    %% Nothing is written to stdout besides.
                    application:load(logger),
                    application:set_env(logger, backends, []);
                false -> ok
            end,
            application:start(logger)
    end,
    init ! logger_ready.

%% The file server of a VM without the right to files.
no_files() ->
    receive
        {'$gen_call', {From, Tag}, Request} when erlang:is_pid(From) ->
            %% Which the VM refuses, too, and tells its host.
            catch prim_file:read_link_info(erlang:element(2, Request)),
            From ! {Tag, {error, eacces}};
        _ -> ok
    end,
    no_files().

default_handler() ->
    {handler, default, logger_std_h,
     #{config => #{type => standard_io}, formatter => {logger_formatter, #{legacy_header => true, single_line => false}}}}.

%% Applications that are started anyway: the application controller would read their descriptions with OTP's parser.
load([File | Files]) ->
    try application:load(specification(File))
    catch _:_ -> ok    % it is started or fails as if we had not been here
    end,
    load(Files);
load([]) -> ok.

specification(File) ->
    Path = code:where_is_file(File),
    case lintel_code:consult(Path) of
        {ok, Specification} -> Specification;
        error ->
            {ok, Bytes, _} = erl_prim_loader:get_file(Path),
            {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Bytes)),
            {ok, Specification} = erl_parse:parse_term(Tokens),
            Specification
    end.

%% application_controller:get_env/2 once there is one.
get_env(Application, Key) ->
    case ets:lookup(ac_tab, {env, Application, Key}) of
        [{_, Value}] -> {ok, Value};
        [] -> undefined
    end.

%% What an Elixir program finds when it starts under `elixir`. Args are its arguments.
start_elixir(Args) ->
    ensure(elixir_config),
    elixir_config:put(argv, [unicode:characters_to_binary(A) || A <- Args]).

%% Runs what System.at_exit/1 has kept, the newest first, and what that keeps meanwhile.
at_exit(Status) ->
    case elixir_config:get_and_put(at_exit, []) of
        [] -> ok;
        Hooks ->
            [Hook(Status) || Hook <- Hooks],
            at_exit(Status)
    end.

%% All that was logged before is written before this returns.
flush_logger() ->
    sys:get_state(logger),
    lists:foreach(
        fun(#{id := Id, module := logger_std_h}) -> logger_std_h:filesync(Id);
           (_) -> ok
        end, logger:get_handler_config()),
    case erlang:whereis('Elixir.Logger') of
        undefined -> ok;
        _ -> 'Elixir.Logger':flush()
    end.

%% Stops the applications as init:stop/0 does: their supervisors end their children.
stop_applications() ->
    case erlang:whereis(application_controller) of
        undefined -> ok;
        Controller ->
            Ref = erlang:monitor(process, Controller),
            erlang:exit(erlang:whereis(keeper(application_controller)), shutdown),
            receive {'DOWN', Ref, process, _, _} -> ok end
    end.
