%% What the processes of tenants.c do: most of it is too much.
-module(lodger).
-compile(nowarn_unused_function).
-export([grow/0, hoard/1, fork_bomb/0, flood_atoms/1, tables/1, spin/0, idle/0, idlers/1, flood_self/0, flood_other/1, deep/1, read/1, read_server/1, halts/1,
         kill/1, suspend/1, flag/0, port/0, sum/1, make_binary/2, spawns/2, timers/1, below_root/1, below_root_only_reads/0, reach/2, surroundings/0, attack/1, servers/0, serve/0, use_timer/0, chars/1, spied/1, lines/0]).

grow() -> grow([]).
grow(List) -> grow([make_ref() | List]).

%% Binaries until there may be no more: how many.
hoard(Bytes) -> hoard(Bytes, []).
hoard(Bytes, Held) ->
    try binary:copy(<<0>>, Bytes) of
        Binary -> hoard(Bytes, [Binary | Held])
    catch error:system_limit -> length(Held)
    end.

%% Each process makes two, and waits for ever.
fork_bomb() ->
    catch spawn(fun fork_bomb/0),
    catch spawn(fun fork_bomb/0),
    idle().

spawns(Count, Made) ->
    try spawn(fun idle/0) of
        _ when Count > 1 -> spawns(Count - 1, Made + 1);
        _ -> Made + 1
    catch error:system_limit -> {system_limit, Made}
    end.

flood_atoms(N) ->
    try list_to_atom("flood" ++ integer_to_list(N)) of
        _ -> flood_atoms(N + 1)
    catch error:system_limit -> N
    end.

tables(N) ->
    try ets:new(table, [public]) of
        Table ->
            ets:insert(Table, [{I, lists:seq(1, 20)} || I <- lists:seq(1, 100)]),
            tables(N + 1)
    catch error:system_limit -> N
    end.

spin() -> spin().

idle() -> receive stop -> ok end.
idlers(Count) -> [spawn_link(fun idle/0) || _ <- lists:seq(1, Count)], idle().

flood_self() -> self() ! flood, flood_self().

flood_other(Pid) -> Pid ! lists:seq(1, 100), flood_other(Pid).

deep(-1) -> 0;    % or the compiler would see that it never returns
deep(N) -> 1 + deep(N + 1).

%% By the natives, and by the file server, which is nobody's in particular.
read(File) -> prim_file:read_file(File).
read_server(File) -> file:read_file(File).

halts(Status) -> halt(Status).
kill(Pid) -> exit(Pid, kill).
suspend(Pid) -> try erlang:suspend_process(Pid) catch error:Reason -> Reason end.
flag() -> try erlang:system_flag(fullsweep_after, 1) catch error:Reason -> Reason end.
port() -> try open_port({spawn, "true"}, []) catch error:Reason -> Reason end.

%% Environment, input, clock.
surroundings() ->
    {os:getenv("PATH") =/= false, length(os:getenv()) > 1, try os:putenv("LODGER", "x") catch error:E -> E end, os:getenv("LODGER"),
     io:get_line(""), element(1, erlang:date()) < 2005, erlang:localtime() =:= erlang:universaltime()}.

sum(N) -> lists:sum(lists:seq(1, N)).

make_binary(To, Bytes) -> To ! binary:copy(<<1>>, Bytes), ok.

%% Timers whose messages are never received, and some that are cancelled.
timers(Count) ->
    Refs = [erlang:send_after(60000, self(), lists:seq(1, 50)) || _ <- lists:seq(1, Count)],
    [erlang:cancel_timer(Ref) || Ref <- Refs],
    ok.

%% What files there are below a root, and ways to lead out of it: none does.
below_root(Outside) ->
    Out = unicode:characters_to_list(Outside),
    Write = file:write_file("/a", "text"),
    Links = [prim_file:make_symlink(To, Link) || {To, Link} <- [{Outside, "out"}, {"/a", "in"}, {filename:dirname(Outside), "outdir"}, {"../../../../../../etc", "up"}]],
    [Write, file:read_file("a"), file:read_file("//a"), file:read_file("../../a"), Links,
     [R || {ok, R} <- [file:read_file(N) || N <- [Out, "out", ["outdir/", filename:basename(Out)], "up/passwd", "../../../../../../../etc/passwd", "/proc/self/root/etc/passwd"]]],
     file:read_file("in"), file:read_link("out") =:= {ok, Out}, element(1, file:read_file_info("out")), element(1, file:read_link_info("out")),
     file:change_mode("out", 8#777), file:delete("out"), file:make_dir("d"), file:rename("a", "d/b"), file:rename("d/b", "/../c"),
     {ok, lists:sort(element(2, file:list_dir("/")))}, file:list_dir("d/../d/"), file:get_cwd(), file:set_cwd("d"), file:del_dir("d"), file:del_dir("/"),
     [file:delete(F) || F <- ["in", "outdir", "up", "c"]], file:list_dir("."),
     try open_port({spawn, "true"}, []) catch error:E -> E end].

below_root_only_reads() ->
    [file:read_file("/x"), file:write_file("/x", "no"), file:write_file("/y", "no"), file:delete("/x"), file:make_dir("/d"), file:rename("/x", "/y"),
     file:make_symlink("/x", "/l"), file:make_link("/x", "/l"), file:change_mode("/x", 8#777), element(1, file:open("/x", [append])), element(1, file:open("/x", [read])),
     file:list_dir("/")].

%% Who may be reached: Port is that of somebody who listens, Other of nobody.
reach(Port, Other) ->
    Loopback = {127, 0, 0, 1},
    Said = fun({ok, Socket}) -> inet:close(Socket), ok; (Error) -> Error end,
    {ok, Udp} = gen_udp:open(0),
    {ok, Stream} = socket:open(inet, stream),
    Answer = [Said(gen_tcp:connect(Loopback, Port, [])), Said(gen_tcp:connect(Loopback, Other, [])), Said(gen_tcp:connect({127, 0, 0, 2}, Port, [])),
              Said(gen_tcp:listen(0, [])), Said(gen_tcp:listen(Other, [])), gen_udp:send(Udp, Loopback, Port, "x"), gen_udp:send(Udp, Loopback, Other, "x"),
              socket:connect(Stream, #{family => inet, addr => Loopback, port => Other}), socket:connect(Stream, #{family => inet, addr => Loopback, port => Port})],
    socket:close(Stream),
    gen_udp:close(Udp),
    Answer.

%% Ways out of a tenant, by servers of the VM or natives: what comes of them.
attack(init) -> init ! {stop, {stop, 0}}, receive after 60000 -> ok end;
attack(timer) -> {ok, _} = timer:apply_after(0, erlang, halt, [0]), receive after 60000 -> ok end;
attack(code_server) ->
    code_server ! {code_call, self(), stop},
    receive {code_server, Reply} -> Reply end;
attack(load) -> code:load_binary(lists, "lists", <<>>);
attack(delete) -> code:delete(lists);
attack(path) -> [raised(fun() -> lintel_code:add_path(first, "/etc") end), raised(fun() -> lintel_code:del_path("/etc") end), prim_file:read_file("/etc/passwd")];
attack(natives) ->
    Kernel = code:where_is_file("kernel.app"),
    {ok, _} = lintel_code:consult(Kernel),
    %% The same file, by a name that is not on the code path.
    [raised(fun() -> lintel_code:autoload(1) end), raised(fun() -> lintel_code:load([]) end),
     lintel_code:consult(filename:dirname(Kernel) ++ "/../ebin/kernel.app")];
attack(sys) ->
    file:read_file("/none"),
    exited(fun() -> sys:get_state(file_server_2, 200) end);
attack(supervisor) ->
    element(1, supervisor:start_child(kernel_safe_sup, #{id => x, start => {prim_file, write_file, ["/tmp/lodger", "y"]}, restart => temporary}));
attack(descriptor) -> [prim_file:file_desc_to_ref_nif(N) || N <- [0, 1, 2]];
attack(heap) -> process_flag(max_heap_size, 0), grow();
attack(link) -> [catch link(whereis(Name)) || Name <- [user, init, code_server, standard_error]], exit(boom);
attack(spawn_link) -> spawn_link(lintel_services, keep, [logger]), receive after 50 -> exit(boom) end;
attack(names) -> [raised(fun() -> unregister(Name) end) || Name <- [user, init, code_server]];
attack(driver) -> erl_ddll:try_load("/tmp", "evil", []);
attack(signal) -> raised(fun() -> os:set_signal(sigterm, ignore) end);
attack(leader) -> raised(fun() -> group_leader(self(), whereis(init)) end);
%% Messages to servers that are to run code of ours, or to end them.
attack(io_apply) ->
    [begin
         Said = ask(Server, Request),
         receive {spied, Pid, Read, Written} -> {Pid =:= whereis(Server), Read, Written, Said} end
     end || Server <- [user, standard_error],
            Request <- [{put_chars, unicode, ?MODULE, spied, [self()]}, {put_chars, ?MODULE, spied, [self()]},
                        {requests, [{put_chars, unicode, <<"a">>}, {requests, [{put_chars, unicode, ?MODULE, spied, [self()]}]}]}]];
attack(io_endless) ->
    [Server ! {io_request, self(), x, Request}
     || Server <- [user, standard_error],
        Request <- [{put_chars, unicode, ?MODULE, spin, []}, {requests, [{put_chars, unicode, ?MODULE, grow, []}]},
                    {put_chars, unicode, lists:duplicate(100000, binary:copy(<<"x">>, 1000000))}]],
    %% Of which nobody else notices, nor do other processes of the tenant.
    Self = self(),
    spawn(fun() -> Self ! {said, io:format("from a guest~n")} end),
    receive {said, ok} -> idle() after 60000 -> silence end;
attack(io_end) ->
    %% Their processes end, and so the requests.
    user ! {io_request, self(), x, {put_chars, unicode, ?MODULE, chars, [exit]}},
    receive {io_reply, x, Reply} -> Reply end;
attack(io_order) ->
    Requests = [{put_chars, unicode, ?MODULE, chars, [slow]}, {put_chars, unicode, <<"-two">>}, {put_chars, unicode, "-three"},
                {requests, [{put_chars, unicode, ?MODULE, chars, [slow]}, {put_chars, "-four"}]}, flush, {put_chars, unicode, ?MODULE, chars, [error]},
                {put_chars, unicode, <<"-five\n">>}],
    [user ! {io_request, self(), I, R} || {I, R} <- lists:enumerate(Requests)],
    [receive {io_reply, I, Reply} -> {I, Reply} end || _ <- Requests];
attack(io_requests) ->
    [ask(user, R) || R <- [{requests, [{put_chars, unicode, "begun"}, {put_chars, unicode, ?MODULE, chars, [error]}, {put_chars, unicode, "not said"}]},
                           {put_chars, unicode, [-1]}, {put_chars, unicode, [<<"x">> | y]}, {put_chars, nonsense, "x"}, {put_chars, 1, 2, 3, 4, 5}, {requests, [flush | x]}]];
attack(io_settings) -> [ask(user, {setopts, [{encoding, latin1}]}), ask(user, {setopts, [binary]}), element(1, hd(ask(user, getopts)))];
attack(io_input) ->
    Fun = fun(_) -> exit(whereis(user), kill) end,
    [ask(user, R) || R <- [{get_until, unicode, '', ?MODULE, spied, []}, {get_until, '', ?MODULE, spied, [self()]},
                           {get_until, unicode, '', erl_scan, tokens, [1, [{reserved_word_fun, Fun}]]}, {get_until, unicode, '', io_lib, fread, ["~d"]},
                           {get_line, unicode, ''}, {get_chars, unicode, {format, "~s", ["x"]}, 1}]];
attack(io_senders) ->
    [Server ! {io_request, From, x, Request} || Server <- [user, standard_error], From <- [nobody, [], {x}, make_ref()], Request <- [flush, x, {}]],
    [ask(user, R) || R <- [{}, {get_line}, {get_chars, x, y, z}, {requests, x}]];
attack(down) ->
    init ! {'DOWN', undefined, process, undefined, normal},
    receive after 50 -> ok end;
attack(init_messages) ->
    [begin init ! M, init ! {code_server, 5} end
     || M <- [{self(), {get_argument, bindir}}, {self(), {get_argument, x}}, {self(), x}, {nobody, x}, logger_ready, {}, {log, 1}, {'EXIT', self(), kill}]],
    receive {init, _} -> ok end;
attack(first_event) ->
    init ! logger_ready,
    init ! {log, error, "told by ~p~n", [guest], #{pid => self(), gl => group_leader(), time => 0}},
    receive after 50 -> ok end;
attack(code_messages) ->
    Requests = [{ensure_loaded, 5}, {ensure_loaded, "x"}, {is_loaded, 5}, {is_sticky, {}}, {get_object_code, <<>>}, {dir, {lib_dir, 5}}, {dir, x}, {dir, {priv_dir, [x]}}],
    Errors = [begin
                  code_server ! {code_call, self(), R},
                  receive {code_server, Reply} -> element(1, Reply) end
              end || R <- Requests],
    [code_server ! {code_call, From, R} || From <- [nobody, [], x, make_ref()], R <- [x | Requests]],
    code_server ! {on_load, nobody, x},
    code_server ! {on_load, self(), make_ref()},
    code_server ! {'DOWN', make_ref(), process, self(), ok},
    spawn(lintel_services, keep, [on_load]),
    {Errors, is_list(code:which(lists)), code:is_sticky(lists)};
attack(code_changes) ->
    [begin
         code_server ! {code_call, self(), R},
         receive {code_server, Reply} -> Reply end
     end || R <- [{load_file, lists}, {load_binary, lists, "x", <<>>}, {load_abs, "x", lists}, {finish_loading, [], false}, {delete, lists}, {purge, lists}, {soft_purge, lists},
                  {stick_mod, x}, {unstick_mod, lists}, {stick_dir, "x"}, {unstick_dir, "x"}, {add_path, first, "x"}, {add_paths, last, x}, {del_path, "x"}, stop, x]];
attack(purger) ->
    [begin
         erts_code_purger ! {purge, M, self(), make_ref()},
         erts_code_purger ! {soft_purge, M, self(), make_ref()},
         erts_code_purger ! {test_purge, M, self(), true, make_ref()},
         erts_code_purger ! {finish_after_on_load, {M, false}, self(), make_ref()},
         [P ! Message || P <- processes(), Message <- [{change_prio, nobody, make_ref(), low}, copy_literals, {copy_literals, {undefined, init, self()}, ok}, {get_status, x, self()}]]
     end || M <- [lists, 5]],
    receive _ -> answered after 50 -> ok end;
attack(keepers) ->
    file:read_file("/none"),
    catch supervisor:which_children(kernel_safe_sup),
    [Keeper ! {ready, From, Ref} || Keeper <- keepers(), From <- [nobody, whereis(init)], Ref <- [stop, notify, x]],
    [spawn(lintel_services, keep, [Service]) || Service <- [x, logger, file, {child, {erlang, halt, []}, {self(), make_ref()}}, {child, {timer, start_link, []}, {whereis(init), stop}}, on_load]],
    receive after 50 -> ok end,
    try lintel_services:keep(logger) catch exit:eperm -> eperm end;
attack(file_server) ->
    [file_server_2 ! {'$gen_call', {From, stop}, Request} || From <- [nobody, x], Request <- [x, {}, {read_link_info, 1}]],
    file:read_file("/none");
attack(kernel_sup) ->
    Evil = #{id => x, start => {?MODULE, spied, [self()]}, restart => temporary},
    Calls = [{start_child, Evil}, {start_child, {x, {?MODULE, spied, [self()]}, temporary, 1000, worker, []}}, {start_child, x}, {start_child, #{id => timer_server, start => {timer, start_link, [x]}}},
             {restart_child, timer_server}, {terminate_child, timer_server}, {delete_child, timer_server}, x],
    {ok, _} = timer:send_after(1, tick),
    Said = [gen_server:call(Sup, Call) || Sup <- [kernel_sup, kernel_safe_sup], Call <- Calls],
    [begin
         Sup ! {'EXIT', whereis(timer_server), kill},
         gen_server:cast(Sup, x),
         Sup ! x
     end || _ <- lists:seq(1, 20), Sup <- [kernel_sup, kernel_safe_sup]],
    receive tick -> lists:usort(Said) end.

ask(Server, Request) ->
    Ref = make_ref(),
    Server ! {io_request, self(), Ref, Request},
    receive {io_reply, Ref, Reply} -> Reply end.

%% Run wherever a server would run it: who that is, and what it may do there.
spied(Boss) ->
    Boss ! {spied, self(), prim_file:read_file("/etc/passwd"), prim_file:write_file("/tmp/lodger", "x")},
    "spied\n".

chars(slow) -> receive after 30 -> <<"one">> end;
chars(error) -> error(chars);
chars(exit) -> spawn_kill(self()), idle().
spawn_kill(Pid) -> spawn(fun() -> exit(Pid, kill) end).

keepers() -> [whereis(Name) || Name <- [lintel_logging, lintel_files, lintel_applications], whereis(Name) =/= undefined].

%% The servers of the VM, and that they serve.
servers() -> [{Name, whereis(Name)} || Name <- [init, user, standard_error, code_server, erts_code_purger, kernel_sup, kernel_safe_sup]] ++ io:getopts(user).

serve() ->
    Children = [is_list(supervisor:which_children(S)) || S <- [kernel_sup, kernel_safe_sup]],
    {init:get_status(), io:put_chars(user, "served\n"), io:format(standard_error, "~s", ["served\n"]), code:is_loaded(lists) =/= false,
     code:ensure_loaded(ordsets), code:soft_purge(ordsets), file:read_file("/none"), Children, timer:send_after(0, x) =/= error, logger:get_primary_config() =/= x}.

%% Starts timer_server, which is everybody's from then on.
use_timer() ->
    {ok, _} = timer:send_after(1, tick),
    receive tick -> whereis(timer_server) end.

%% With the right to input.
lines() -> [io:get_line({format, "~s", ["more"]}), io:get_chars('', 2), io:get_line("? "), io:read(""), io:fread("", "~d"), io:get_line("")].

raised(F) -> try F() catch error:E -> E end.
exited(F) -> try F() catch exit:{Reason, _} -> Reason end.
