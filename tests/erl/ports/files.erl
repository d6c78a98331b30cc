%% Ports on files: a name that stands alone.
-module(files).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    file:delete("port_file"),
    t("port_file", [in]),
    P = open_port("port_file", [out]),
    io:format("~p~n", [[erlang:port_info(P, I) || I <- [name, connected, links, os_pid]] =:= [{name, "port_file"}, {connected, self()}, {links, [self()]}, {os_pid, undefined}]]),
    P ! {self(), {command, "abc"}}, P ! {self(), close}, receive {P, closed} -> ok end,
    show(file:read_file("port_file")),
    t("port_file", [in]), t("port_file", [in, eof]), t("port_file", [in, binary, {line, 2}]), t(port_file, [in, binary, {packet, 1}]),
    [t(F, O) || {F, O} <- [{<<"port_file">>, [in]}, {"port_file", [in, exit_status]}, {"port_file", [in, {args, []}]}, {"/no/such/file", [in]},
                           {"/no/such/file", [out]}, {"/tmp", [out]}, {"", [in]}, {'', [in]}, {17, [in]}, {[a], [in]}]],
    Q = open_port("port_file", [out, {packet, 2}]), port_command(Q, "xyz"), port_close(Q), show(file:read_file("port_file")),
    file:delete("port_file").

t(N, O) ->
    io:format("~p ~p: ", [N, O]),
    try open_port(N, O) of P -> show(got(P)), catch port_close(P) catch C:E -> show({C, E}) end.

got(P) -> receive {P, eof} -> [eof]; {P, M} -> [M | got(P)]; {'EXIT', P, W} -> [{exit, W}] after 2000 -> [] end.

show(X) -> io:format("~p~n", [X]).
