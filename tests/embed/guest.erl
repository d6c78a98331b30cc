%% What the C programs of this folder run.
-module(guest).
-export([main/1, hello/0, echo/0, crash/0, stop/0, complain/0, fill/0, count/1, leave/0, files/1, network/1, sockets/1, signals/0, abort/0, slogan/0]).

main(Args) -> io:format("~p~n", [Args]).

hello() -> io:format("hello~n").

%% Every line back, until the end of the input.
echo() ->
    case io:get_line("") of
        eof -> io:format("end~n");
        Line ->
            io:put_chars(["<", Line]),
            echo()
    end.

crash() -> error(on_purpose).

stop() -> halt(7).

slogan() -> halt("The End").

complain() -> erlang:display(here), lintel_no_such_module:f().

%% Makes processes until the VM has no more: catches system_limit and says how many there were.
fill() -> fill(0).

fill(N) ->
    try spawn(fun() -> receive stop -> ok end end) of
        _ -> fill(N + 1)
    catch
        error:system_limit -> io:format("~p~n", [N > 900 andalso N =< 1024])
    end.

count([N]) -> io:format("~p~n", [length([X || X <- lists:seq(1, list_to_integer(N)), X rem 2 =:= 0])]).

%% Ends while somebody still waits for input.
leave() ->
    spawn(fun() -> io:get_line("") end),
    receive after 20 -> ok end,
    halt(3).

%% What there is to be had of files; Directory is for those that are written.
files([Directory]) ->
    Beam = code:which(lists),
    Name = filename:join(Directory, "written"),
    {ok, Bytes} = prim_file:read_file(Beam),
    {ok, {lists, _}} = beam_lib:chunks(Beam, [exports]),
    {ok, Raw} = file:open(Beam, [read, raw, binary]),
    Size = byte_size(Bytes),
    io:format("~0p~n", [[file:read(Raw, 4), file:position(Raw, eof) =:= {ok, Size}, file:pread(Raw, 0, 4), file:close(Raw), file:close(Raw)]]),
    io:format("~0p~n", [[file:write_file(Name, "text"), file:read_file(Name), prim_file:read_file(Name), prim_file:read_file_info("/dev/null") =:= {error, eacces}]]),
    io:format("~0p~n", [[case file:open(N, [raw | M]) of {ok, D} -> {file:write(D, "x"), file:sync(D), file:close(D)}; E -> E end
                         || {N, M} <- [{Name, [read]}, {Name, [append]}, {Beam, [read]}, {filename:join(filename:dirname(Beam), "none"), [read]}, {"/dev/zero", [read]}]]]),
    io:format("~0p~n", [[file:make_dir(filename:join(Directory, "new")), file:delete(Name), file:del_dir(filename:join(Directory, "new")), element(1, file:get_cwd()), file:set_cwd("/")]]).

%% What the host has to say of signals; then the menu comes, for which it has been asked while this waits.
signals() ->
    io:format("~0p~n", [[catch_error(fun() -> os:set_signal(S, O) end) || {S, O} <- [{sigusr2, handle}, {sighup, ignore}, {sigterm, default}, {sigint, handle}, {sigusr2, other}]]]),
    receive after infinity -> ok end.

catch_error(F) ->
    try F() catch error:E -> E end.

abort() -> halt(abort).

%% What a program gets without the right to the network, and with it.
network([]) ->
    io:format("~0p~n", [[case F() of {ok, S} -> inet:close(S); E -> E end
                         || F <- [fun() -> gen_tcp:listen(0, []) end, fun() -> gen_udp:open(0) end, fun() -> gen_udp:open(0, [local]) end,
                                  fun() -> gen_tcp:listen(0, [{fd, 0}]) end]]]),
    P = open_port({spawn_driver, "tcp_inet"}, [binary]),
    io:format("~0p~n", [[prim_inet:sockname(P), prim_inet:getifaddrs(P), element(1, prim_inet:gethostname(P))]]).

%% Sockets and names of hosts.
sockets([_]) ->
    Open = [element(1, socket:open(D, T)) || {D, T} <- [{inet, stream}, {inet6, dgram}, {local, seqpacket}]],
    io:format("~0p~n", [[prim_socket:open(99999, #{domain => inet, type => stream}) =:= {error, eacces} | Open]]),
    io:format("~0p~n", [[case X of {ok, _} -> ok; _ -> X end || X <- [net:getaddrinfo("127.0.0.1"), net:getnameinfo(#{family => inet, addr => loopback}, [numerichost]),
                                                                   net:getifaddrs(), net:if_names(), net:if_name2index("lo"), net:gethostname()]]]),
    io:format("~0p~n", [socket:number_of()]).
