%% The code server of the bare profile: a process registered as code_server, to which OTP's module `code` talks. Modules are found
%% and read by the VM (embed/code_path.h); this process keeps what OTP's code server keeps besides: who waits for an on_load
%% function, where a module came from, what is sticky.
%%
%% It must not call a module that may wait for its on_load function: that would wait for the server itself.
-module(lintel_code).
-export([start/0, init/0, ensure_loaded/1, ensure_modules_loaded/1, which/1, after_on_load/3, root_dir/0]).
-export([system_process/2, purger/0, literal_collector/0, run_on_load/0, warn/2, complain/2]).

%% Starts what OTP starts with the VM: the code server and the two processes that purge code. They hibernate until they are asked.
%% Only BIFs are called, since there may be no OTP.
start() ->
    erlang:register(code_server, erlang:spawn(lintel_code, system_process, [lintel_code, init])),
    Purger = erts_internal:spawn_system_process(lintel_code, system_process, [lintel_code, purger]),
    erlang:register(erts_code_purger, Purger),
    erts_internal:spawn_system_process(lintel_code, literal_collector, []).

system_process(Module, Function) ->
    erlang:process_flag(trap_exit, true),
    erlang:hibernate(Module, Function, []).

%% OTP's purger while there is something to purge, and otherwise nobody whom a message could end. What of a guest comes meanwhile may
%% end a purge, whose asker is told that there was none.
purger() ->
    receive
        {Kind, _, From, Ref} = Request when Kind =:= purge orelse Kind =:= soft_purge orelse Kind =:= finish_after_on_load,
                                            erlang:is_pid(From), erlang:is_reference(Ref) ->
            lintel_code:guest() =:= 0 andalso purge(Request);
        _ -> ok
    after 60000 -> erlang:hibernate(lintel_code, purger, [])
    end,
    purger().

purge({Kind, What, From, Ref} = Request) ->
    erlang:self() ! Request,
    try erts_code_purger:wait_for_request()
    catch
        error:_ ->
            {Module, Result} = case {Kind, What} of
                                   {purge, M} -> {M, {false, false}};
                                   {soft_purge, M} -> {M, false};
                                   {finish_after_on_load, {M, _}} -> {M, ok}
                               end,
            catch erts_internal:purge_module(Module, abort),
            From ! {reply, Kind, Result, Ref}    % nobody waits for it if the request was done
    end.

%% By the code server: Kind of request to the purger, which leaves OTP's loop afterwards by the error of this message.
purged(Kind, Args) ->
    Result = erlang:apply(erts_code_purger, Kind, Args),
    erts_code_purger ! {change_prio, no_process, erlang:make_ref(), normal},
    Result.

literal_collector() ->
    lintel_code:collect_literals(),   % by this process
    erlang:hibernate(erts_literal_area_collector, start, []).

%% ---- callers

ensure_loaded(Module) -> call({ensure_loaded, Module}).

ensure_modules_loaded(Modules) ->
    case ensure_each(Modules, []) of
        [] -> ok;
        [_ | _] = Errors -> {error, Errors};
        bad -> erlang:error(function_clause, [Modules])
    end.

ensure_each([Module | Modules], Errors) when erlang:is_atom(Module) ->
    case code:ensure_loaded(Module) of
        {module, _} -> ensure_each(Modules, Errors);
        {error, Why} -> ensure_each(Modules, [{Module, Why} | Errors])
    end;
ensure_each([], Errors) -> Errors;
ensure_each(_, _) -> bad.

which(Module) when erlang:is_atom(Module) ->
    case call({is_loaded, Module}) of
        {file, File} -> File;
        false ->
            case lintel_code:find_file(Module) of
                false -> non_existing;
                File -> File
            end
    end;
which(Module) -> erlang:error(function_clause, [Module]).

%% A call of a function of a module that waits for its on_load function.
after_on_load(Module, Function, Args) ->
    case call({ensure_loaded, Module}) of
        {module, _} -> erlang:apply(Module, Function, Args);
        {error, _} -> error_handler:raise_undef_exception(Module, Function, Args)
    end.

call(Request) ->
    Ref = erlang:monitor(process, code_server),
    code_server ! {code_call, erlang:self(), Request},
    receive
        {code_server, Reply} ->
            erlang:demonitor(Ref, [flush]),
            Reply;
        {'DOWN', Ref, process, _, _} ->
            erlang:exit({'DOWN', code_server, Request})
    end.

%% ---- the server

-record(state, {files = #{},      % Module => File, for modules loaded from memory
                sticky = #{},     % Module => boolean(), where somebody has said so
                unstuck = [],     % directories that are not sticky any more, or are
                on_load = []}).   % {Pid, Ref, Module, [Waiting]}: on_load functions that run, and what goes on afterwards

init() -> loop(#state{}).

loop(S) ->
    receive
        {code_call, From, Request} when erlang:is_pid(From) ->
            case only_asks(Request) orelse lintel_code:may_control() of
                true -> serve(From, Request, S);
                false ->
                    From ! {code_server, {error, eperm}},
                    loop(S)
            end;
        {'DOWN', Ref, process, Pid, Result} ->
            loop(on_load_done(Pid, Ref, Result, S));
        {on_load, Pid, Ref} when erlang:is_pid(Pid), erlang:is_reference(Ref) ->
            Pid ! {Ref, case lists:keyfind(Pid, 1, S#state.on_load) of
                            {Pid, _, M, _} -> {module, M};
                            false -> none
                        end},
            loop(S);
        _Other ->
            loop(S)
    end.

%% What changes the VM's code is not for its tenants.
only_asks({ensure_loaded, _}) -> true;
only_asks({get_object_code, _}) -> true;
only_asks({is_loaded, _}) -> true;
only_asks({is_sticky, _}) -> true;
only_asks({dir, _}) -> true;
only_asks(all_loaded) -> true;
only_asks(get_mode) -> true;
only_asks(get_path) -> true;
only_asks(_) -> false.

serve(From, stop, _) ->
    From ! {code_server, stopped},
    erlang:exit(shutdown);
serve(From, Request, S) ->
    %% Anybody may ask anything.
    try handle(Request, From, S) of
        {reply, Reply, S1} ->
            From ! {code_server, Reply},
            loop(S1);
        {wait, S1} ->
            loop(S1)
    catch
        error:Why ->
            From ! {code_server, {error, Why}},
            loop(S)
    end.

handle({ensure_loaded, M}, From, S) when erlang:is_atom(M) -> when_free(M, From, fun ensure/3, S);
handle({load_file, M}, From, S) when erlang:is_atom(M) -> when_free(M, From, fun load_file/3, S);
handle({load_binary, M, File, Bin}, From, S) when erlang:is_atom(M) ->
    erlang:module_loaded(M) andalso purged(purge, [M]),
    when_free(M, From, fun(Module, Who, S1) -> load_binary(Module, File, Bin, Who, S1) end, S);
handle({load_abs, _File, _M}, _, S) -> {reply, {error, nofile}, S};
handle({finish_loading, Prepared, Ensure}, _, S) -> finish_loading(Prepared, Ensure, S);
handle({get_object_code, M}, _, S) when erlang:is_atom(M) ->
    {reply, case lintel_code:object_code(M) of
                {Bin, File} -> {M, Bin, File};
                error -> error
            end, S};
handle({is_loaded, M}, _, S) when erlang:is_atom(M) ->
    {reply, case file_of(M, S) of
                false -> false;
                File -> {file, File}
            end, S};
handle(all_loaded, _, S) ->
    {reply, [{M, file_of(M, S)} || M <- erlang:loaded(), erlang:module_loaded(M)], S};
handle({delete, M}, _, S) when erlang:is_atom(M) ->
    case catch erlang:delete_module(M) of
        true -> {reply, true, S#state{files = maps:remove(M, S#state.files)}};
        _ -> {reply, false, S}
    end;
handle({purge, M}, _, S) when erlang:is_atom(M) ->
    {_WasOld, DidKill} = purged(purge, [M]),
    {reply, DidKill, S};
handle({soft_purge, M}, _, S) when erlang:is_atom(M) -> {reply, purged(soft_purge, [M]), S};
handle({is_sticky, M}, _, S) when erlang:is_atom(M) -> {reply, is_sticky(M, S), S};
handle({stick_mod, M}, _, S) when erlang:is_atom(M) -> {reply, true, S#state{sticky = maps:put(M, true, S#state.sticky)}};
handle({unstick_mod, M}, _, S) when erlang:is_atom(M) -> {reply, true, S#state{sticky = maps:put(M, false, S#state.sticky)}};
handle({stick_dir, Dir}, _, S) -> {reply, ok, S#state{unstuck = lists:delete(Dir, S#state.unstuck)}};
handle({unstick_dir, Dir}, _, S) -> {reply, ok, S#state{unstuck = [Dir | lists:delete(Dir, S#state.unstuck)]}};
handle(get_mode, _, S) -> {reply, interactive, S};
handle(get_path, _, S) -> {reply, lintel_code:path(), S};
handle({add_path, Where, Dir}, _, S) -> {reply, lintel_code:add_path(Where, text(Dir)), S};
handle({add_paths, Where, Dirs}, _, S) ->
    InOrder = case Where of
                  first -> lists:reverse(Dirs);
                  last -> Dirs
              end,
    [lintel_code:add_path(Where, text(Dir)) || Dir <- InOrder],
    {reply, ok, S};
handle({del_path, Dir}, _, S) -> {reply, lintel_code:del_path(text(Dir)), S};
handle({dir, What}, _, S) -> {reply, dir(What), S};
handle(Request, _, S) -> {reply, {error, {notsup, Request}}, S}.

text(Atom) when erlang:is_atom(Atom) -> erlang:atom_to_list(Atom);
text(List) -> List.

%% ---- loading

%% Does Action(Module, From, State) now, or when the module's on_load function has ended.
when_free(M, From, Action, S) ->
    case lists:keyfind(M, 3, S#state.on_load) of
        false -> Action(M, From, S);
        {From, _, M, _} -> {reply, {error, deadlock}, S};   % the on_load function calls its own module
        {Pid, Ref, M, Waiting} ->
            OnLoad = lists:keyreplace(M, 3, S#state.on_load, {Pid, Ref, M, [{From, Action} | Waiting]}),
            {wait, S#state{on_load = OnLoad}}
    end.

ensure(M, From, S) ->
    case erlang:module_loaded(M) of
        true -> {reply, {module, M}, S};
        false ->
            case lintel_code:autoload(M) of
                loaded -> {reply, {module, M}, S};
                on_load -> start_on_load(M, From, undefined, S);
                Why -> {reply, {error, Why}, S}
            end
    end.

load_file(M, From, S) ->
    case lintel_code:object_code(M) of
        {Bin, File} -> load_binary(M, File, Bin, From, S);
        error -> {reply, {error, nofile}, S}
    end.

load_binary(M, File, Bin, From, S) ->
    case is_sticky(M, S) of
        true ->
            error_message("Can't load module '~w' that resides in sticky dir\n", [M]),
            {reply, {error, sticky_directory}, S};
        false ->
            case erlang:load_module(M, Bin) of
                {module, M} = Loaded -> {reply, Loaded, loaded_from(M, File, S)};
                {error, on_load} -> start_on_load(M, From, File, S);
                {error, Why} = Error ->
                    error_message("Loading of ~ts failed: ~p\n", [File, Why]),
                    {reply, Error, S}
            end
    end.

loaded_from(_, undefined, S) -> S;
loaded_from(M, File, S) -> S#state{files = maps:put(M, File, S#state.files)}.

finish_loading(Prepared0, Ensure, S) ->
    Prepared = [P || {M, _} = P <- Prepared0, not (Ensure andalso erlang:module_loaded(M))],
    case [{M, pending_on_load} || {M, _} <- Prepared, lists:keymember(M, 3, S#state.on_load)] ++
         [{M, sticky_directory} || {M, _} <- Prepared, is_sticky(M, S)] of
        [] ->
            case erlang:finish_loading([Code || {_, {Code, _}} <- Prepared]) of
                ok ->
                    {reply, ok, lists:foldl(fun({M, {_, File}}, S1) -> loaded_from(M, File, S1) end, S, Prepared)};
                {Why, Modules} ->
                    {reply, {error, [{M, Why} || M <- Modules]}, S}
            end;
        Errors ->
            {reply, {error, Errors}, S}
    end.

%% The function is run by a process of the VM, whoever was the first to call the module: a tenant could end its own.
start_on_load(M, From, File, S) ->
    {Pid, Ref} = erlang:spawn_opt(lintel_services, keep, [on_load], [monitor]),
    Waiting = fun(_, _, {done, Result, S1}) ->
                  case Result of
                      {module, _} -> {reply, Result, loaded_from(M, File, S1)};
                      _ -> {reply, Result, S1}
                  end
              end,
    {wait, S#state{on_load = [{Pid, Ref, M, [{From, {first, Waiting}}]} | S#state.on_load]}}.

on_load_done(Pid, Ref, Result, S) ->
    case lists:keytake(Ref, 2, S#state.on_load) of
        {value, {Pid, Ref, M, Waiting}, OnLoad} ->
            Keep = Result =:= ok,
            purged(finish_after_on_load, [M, Keep]),
            Reply = case Keep of
                        true -> {module, M};
                        false ->
                            report_on_load(M, Result),
                            {error, on_load_failure}
                    end,
            go_on(lists:reverse(Waiting), M, Reply, S#state{on_load = OnLoad});
        _ ->
            S
    end.

go_on([{From, {first, Action}} | Waiting], M, Result, S) ->
    {reply, Reply, S1} = Action(M, From, {done, Result, S}),
    From ! {code_server, Reply},
    go_on(Waiting, M, Result, S1);
go_on([{From, Action} | Waiting], M, Result, S) ->
    %% Again when_free: what was done for one of them may have started another on_load function.
    case when_free(M, From, Action, S) of
        {reply, Reply, S1} ->
            From ! {code_server, Reply},
            go_on(Waiting, M, Result, S1);
        {wait, S1} ->
            go_on(Waiting, M, Result, S1)
    end;
go_on([], _, _, S) ->
    S.

%% Which module's it is the server says, and to whom it has started only.
run_on_load() ->
    Ref = erlang:make_ref(),
    code_server ! {on_load, erlang:self(), Ref},
    receive
        {Ref, {module, M}} -> erlang:exit(erlang:call_on_load_function(M));
        {Ref, none} -> ok
    end.

report_on_load(_, Atom) when erlang:is_atom(Atom) -> ok;
report_on_load(M, Term) ->
    erlang:spawn(lintel_code, warn, ["The on_load function for module ~s returned:~n~P\n", [M, Term, 10]]).

error_message(Format, Args) -> erlang:spawn(lintel_code, complain, [Format, Args]).

%% In processes of their own: the logger may call modules that are not loaded yet.
warn(Format, Args) -> error_logger:warning_msg(Format, Args).
complain(Format, Args) -> error_logger:error_msg(Format, Args).

%% ---- what is known of modules

file_of(M, S) ->
    case S#state.files of
        #{M := File} -> File;
        #{} ->
            case lintel_code:loaded_file(M) of
                false -> false;
                File ->
                    case lists:member(M, erlang:pre_loaded()) of
                        true -> preloaded;
                        false -> File
                    end
            end
    end.

is_sticky(M, #state{sticky = Sticky, unstuck = Unstuck}) ->
    case Sticky of
        #{M := Is} -> Is andalso erlang:module_loaded(M);
        #{} ->
            case lintel_code:loaded_file(M) of
                false -> false;
                File ->
                    Dir = directory(File),
                    not lists:member(Dir, Unstuck) andalso
                        lists:any(fun(App) -> is_application(Dir, App) end, ["kernel", "stdlib", "compiler"])
            end
    end.

%% ---- directories

directory(File) -> up(lists:reverse(File)).

up([$/ | Rest]) -> lists:reverse(Rest);
up([_ | Rest]) -> up(Rest);
up([]) -> "".

%% Whether Dir is .../App-Vsn/ebin or .../App/ebin.
is_application(Dir, App) ->
    Parent = directory(Dir),
    case lists:nthtail(erlang:length(directory(Parent)), Parent) of
        [$/ | Name] -> Name =:= App orelse lists:prefix(App ++ "-", Name);
        _ -> false
    end.

root_dir() -> dir(root_dir).

dir(root_dir) ->
    case application_dir("erts") of
        false -> "";
        Dir -> directory(directory(Dir))
    end;
dir(lib_dir) -> dir(root_dir) ++ "/lib";
dir(compiler_dir) -> dir({lib_dir, compiler});
dir({lib_dir, App}) ->
    case application_dir(text(App)) of
        false -> {error, bad_name};
        Dir -> Dir
    end;
dir({lib_dir, App, Sub}) -> sub_dir(App, Sub);
dir({priv_dir, App}) ->
    case sub_dir(App, priv) of
        {error, _} = Error -> Error;
        Dir -> lintel_code:unpacked(Dir)
    end;
dir(_) -> {error, bad_name}.

sub_dir(App, Sub) ->
    case dir({lib_dir, App}) of
        {error, _} = Error -> Error;
        Dir -> Dir ++ "/" ++ erlang:atom_to_list(Sub)
    end.

application_dir(App) ->
    case [Dir || Dir <- lintel_code:path(), is_application(Dir, App)] of
        [Dir | _] -> directory(Dir);
        [] -> false
    end.
