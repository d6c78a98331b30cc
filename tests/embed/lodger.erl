%% What the processes of tenants.c do: most of it is too much.
-module(lodger).
-compile(nowarn_unused_function).
-export([grow/0, hoard/1, fork_bomb/0, flood_atoms/1, tables/1, spin/0, idle/0, idlers/1, flood_self/0, flood_other/1, deep/1, read/1, read_server/1, halts/1,
         kill/1, suspend/1, flag/0, port/0, sum/1, make_binary/2, spawns/2, timers/1, below_root/1, below_root_only_reads/0, reach/2, surroundings/0, attack/1]).

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
attack(leader) -> raised(fun() -> group_leader(self(), whereis(init)) end).

raised(F) -> try F() catch error:E -> E end.
exited(F) -> try F() catch exit:{Reason, _} -> Reason end.
