%% Files in memory: what the driver answers, what `file` and `ram_file` make of it, and erl_tar and zip on top.
-module(ram_files).
-export([main/0]).

main() ->
    driver(),
    options(),
    files(),
    archives(),
    many().

driver() ->
    P = open_port({spawn, "ram_file_drv"}, []),
    io:format("~p ~p~n", [erlang:port_info(P, name), erlang:port_info(P, os_pid)]),
    [io:format("~w ~w~n", [B, ask(P, B)]) || B <-
        [<<37>>, <<30>>, <<9>>, <<14>>, <<3, 1:32, 0:32>>, <<2, 5:32>>, <<4, "before">>, <<17, 0:32, 1:32>>, <<18, 0:32, 1>>, <<38, 0:64, 0:64, 0:32>>, <<39, 0:64, 5:64>>,
         <<1, 3:32, "hello">>, <<37>>, <<2, 3:32>>, <<2, 10:32>>, <<2, 10:32>>, <<2, 0:32>>, <<3, 2:32, 0:32>>, <<3, 1:32, 1:32>>, <<3, -1:32, 2:32>>, <<3, -9:32, 0:32>>,
         <<3, -90:32, 1:32>>, <<3, 4:32, 7:32>>, <<2, 2:32>>, <<3, 2147483647:32, 0:32>>, <<2, 1:32>>, <<3, 1:32, 0:32>>, <<4, "ABC">>, <<37>>, <<17, 0:32, 20:32>>,
         <<17, 3:32, 2:32>>, <<17, 30:32, 2:32>>, <<17, -3:32, 2:32>>, <<17, 1:32, -1:32>>, <<2, -1:32>>, <<18, 10:32, "xyz">>, <<17, 0:32, 20:32>>, <<18, -1:32, "q">>, <<30>>,
         <<3, 4:32, 0:32>>, <<14>>, <<30>>, <<9>>, <<19>>, <<38, 0:64, 0:64, 99:32>>, <<39, 0:64, 50:64>>, <<39, 0:64, -5:64>>, <<37>>, <<33>>, <<34>>, <<99>>, <<>>,
         <<3, 20:32, 0:32>>, <<2, 4:32>>, <<4, "end">>, <<37>>, <<30, 7>>, <<4>>, <<18, 0:32>>, <<3, 30:32, 0:32>>, <<14>>, <<30>>,
         <<1, 1:32, "again">>, <<4, "w">>, <<14>>, <<30>>, <<1, 2:32, "wo">>, <<2, 2:32>>, <<17, 0:32, 2:32>>, <<30>>, <<1, 0:32, "x">>, <<2, 1:32>>, <<1, 7:32, "y">>, <<2, 1:32>>]],
    io:format("~p~n", [catch_class(fun() -> port_control(P, 1, []) end)]),
    Me = self(),
    spawn(fun() -> port_command(P, <<37>>), Me ! sent end),
    io:format("~p~n", [receive {P, A} -> A end]),
    receive sent -> ok end,
    P ! {self(), {command, [30]}},
    io:format("~p~n", [receive {P, B} -> B end]),
    port_close(P),
    io:format("~p~n", [catch_class(fun() -> port_command(P, <<37>>) end)]).

ask(P, Command) ->
    port_command(P, Command),
    receive {P, {data, D}} -> D after 50 -> nothing end.

options() ->
    [io:format("~p ~p~n", [O, case catch_class(fun() -> open_port({spawn, "ram_file_drv and more"}, [O]) end) of
                                  P when is_port(P) -> {erlang:port_info(P, name), [ask(P, C) || C <- [<<1, 1:32, "ab">>, <<2, 0:32>>, <<2, 1:32>>, <<4, "x">>, <<9>>, <<30>>]]};
                                  E -> E
                              end]) || O <- [stream, exit_status, in, out, eof, binary, use_stdio, {args, ["a"]}, {arg0, "a"}, {cd, "/"}]],
    [io:format("~p~n", [catch_class(fun() -> open_port({spawn_driver, N}, O) end)]) || {N, O} <- [{"ram_file_drvx", []}, {"tcp_inet", [exit_status]}, {"tcp_inet", [{args, []}]}]].

files() ->
    {ok, F} = file:open(<<"one\ntwo">>, [ram, read, write, binary]),
    io:format("~p~n", [[file:read(F, 3), file:position(F, eof), file:write(F, "three"), file:pread(F, 0, 100), file:position(F, {cur, -2}), file:truncate(F), ram_file:get_file(F),
                        ram_file:get_size(F), file:position(F, bof), file:advise(F, 0, 0, normal), file:allocate(F, 0, 10), file:sync(F), file:datasync(F),
                        file:pwrite(F, 2, "zz"), file:pread(F, [{0, 3}, {100, 3}]), file:pwrite(F, [{0, "a"}, {30, "b"}]), ram_file:get_file(F), file:close(F), file:read(F, 1)]]),
    {ok, G} = file:open("abc", [ram]),
    io:format("~p~n", [[file:read(G, 2), file:write(G, "x"), file:close(G), file:read(G, 1), file:close(G)]]),
    {ok, H} = file:open("", [ram, write]),
    io:format("~p~n", [[file:read(H, 2), file:write(H, "x"), file:close(H)]]),
    {ok, I} = file:open(<<"FOO\n">>, [ram]),
    {ok, J} = file:open(<<>>, [ram, write, read]),
    io:format("~p~n", [[file:copy(I, J), ram_file:get_file(J), file:open(a, [ram]), file:open("a", [ram, append])]]).

archives() ->
    Tar = "ram_files.tar.gz",
    ok = erl_tar:create(Tar, [{"a.txt", <<"contents">>}, {"b.txt", binary:copy(<<"b">>, 1000)}], [compressed]),
    {ok, B} = file:read_file(Tar),
    file:delete(Tar),
    io:format("~P~n", [{erl_tar:extract({binary, B}, [memory, compressed]), erl_tar:table({binary, B}, [compressed])}, 30]),
    {ok, {_, Z}} = zip:create("z.zip", [{"a.txt", <<"contents">>}], [memory]),
    io:format("~p~n", [zip:extract(Z, [memory])]).

%% Large ones, and many.
many() ->
    {ok, F} = file:open(<<>>, [ram, read, write, binary]),
    [ok = file:write(F, binary:copy(<<N>>, 10000)) || N <- lists:seq(1, 200)],
    {ok, All} = ram_file:get_file(F),
    io:format("~p ~p~n", [byte_size(All), erlang:crc32(All)]),
    Files = [element(2, file:open(integer_to_list(N), [ram])) || N <- lists:seq(1, 200)],
    io:format("~p~n", [lists:sum([list_to_integer(element(2, file:read(G, 10))) || G <- Files])]).

catch_class(F) -> try F() catch C:R -> {C, R} end.
