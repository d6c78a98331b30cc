%% Programs as ports: bytes there and back in every framing, how they end, what cannot be started.
-module(programs).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    io:format("stream ~p~n", [talk({spawn, "cat"}, [], ["hello", [<<" ">>, $w, "orld"]], 11)]),
    io:format("binary ~p~n", [talk({spawn, "cat"}, [binary], ["hello"], 5)]),
    [io:format("packet ~p ~p~n", [N, packets(N)]) || N <- [1, 2, 4]],
    [io:format("lines of ~p ~p~n", [N, all(sh("printf 'ab\\ncdefg\\n\\nhij'", [{line, N}]))]) || N <- [1, 3, 5, 100]],
    io:format("line by line ~p~n", [all(sh("echo a; echo b; exit 3", [{line, 80}, exit_status, binary]))]),
    io:format("eof ~p~n", [all(sh("echo a", [eof, exit_status]))]),
    io:format("status ~p~n", [[all(sh(C, [exit_status])) || C <- ["exit 0", "exit 255", "kill -9 $$", "exec 1>&-; exit 2"]]]),
    io:format("errors ~p~n", [all(sh("echo err >&2; echo out", [stderr_to_stdout]))]),
    io:format("only in ~p~n", [all(sh("cat; echo done", [in]))]),
    io:format("only out ~p~n", [only_out()]),
    io:format("nouse_stdio ~p~n", [talk({spawn_executable, "/bin/sh"}, [nouse_stdio, {args, ["-c", "cat <&3 >&4"]}], ["x"], 1)]),
    io:format("environment ~p~n", [all(sh("echo $A-$B", [{env, [{"A", "one"}, {"B", false}]}]))]),
    io:format("directory ~p~n", [all(sh("pwd", [{cd, "/tmp"}]))]),
    io:format("name ~p~n", [all(open_port({spawn_executable, "/bin/sh"}, [{arg0, "other"}, {args, ["-c", "echo $0 $1", "a", "b c"]}, exit_status]))]),
    io:format("arguments ~p~n", [all(open_port({spawn_executable, <<"/bin/echo">>}, [{args, ["a b", <<"c">>, "ü"]}, binary]))]),
    io:format("not there ~p~n", [[failure(N, O) || {N, O} <-
        [{{spawn_executable, "/no/such"}, []}, {{spawn_executable, "/etc/passwd"}, []}, {{spawn, "x"}, [foo]}, {{spawn, "x"}, foo},
         {{spawn, "x"}, [{packet, 3}]}, {{spawn, "x"}, [{line, 0}]}, {{spawn_driver, "none"}, []}, {{spawn, []}, []}, {{a, "b"}, []}, {5, []},
         {{spawn, "x"}, [{args, []}]}, {{fd, -1, 0}, []}, {{fd, a, 0}, []}]]]),
    Write = fun(F, Text) -> ok = file:write_file(F, Text), ok = file:change_mode(F, 8#755) end,
    Write("no_interpreter", "#!/no/such/interpreter"), Big = lists:duplicate(300000, $x),
    io:format("not started ~p~n", [[[all(open_port(N, [exit_status | O])) || {N, O} <- [{{spawn, "pwd"}, [{cd, "/no/such"}]}, {{spawn_executable, "/bin/pwd"}, [{cd, "/etc/passwd"}]},
        {{spawn, "pwd"}, [{cd, "/no/such"}, in]}, {{spawn_executable, "no_interpreter"}, []}, {{spawn, "ls"}, [{env, [{"BIG", Big}]}]},
        {{spawn_executable, "/bin/true"}, [{args, [Big]}]}]]]]),
    io:format("not started ~p~n", [all(open_port({spawn, "pwd"}, [{cd, "/no/such"}, eof]))]),
    Write("no_interpreter", "#!/bin/sh\necho here"),
    io:format("by name ~p~n", [all(open_port({spawn_executable, "no_interpreter"}, []))]),
    file:delete("no_interpreter"),
    io:format("limits ~p~n", [[catch is_port(open_port({spawn, "true"}, [{T, O}])) || T <- [busy_limits_port, busy_limits_msgq],
        O <- [{2, 1}, {1, 2}, disabled]] ++ [failure({spawn, "true"}, [{T, O}]) || T <- [busy_limits_port, busy_limits_msgq],
        O <- [{0, 2}, {2, 0}, {-1, 2}, {a, 2}, {1, 2, 3}, x, {1, 1 bsl 64}, {1, (1 bsl 64) - 1}]] ++ [failure({spawn_driver, "ram_file_drv"}, [{busy_limits_port, {1, 2}}])]]),
    io:format("busy ~p~n", [[busy(O) || O <- [[], [{busy_limits_port, {1, 1}}], [{busy_limits_port, {1000, 1 bsl 22}}], [{busy_limits_port, disabled}, {busy_limits_msgq, disabled}]]]]),
    io:format("much ~p~n", [much()]),
    io:format("os:cmd ~p~n", [{os:cmd("echo a; echo b >&2"), os:cmd("cat"), os:cmd("printf 'ü'")}]).

%% Who sends 200 kB to a program that does not read.
busy(Options) ->
    Port = open_port({spawn_executable, "/bin/sleep"}, [{args, ["10"]} | Options]),
    Me = self(),
    Sender = spawn(fun() -> [port_command(Port, binary:copy(<<"x">>, 1000)) || _ <- lists:seq(1, 200)], Me ! {self(), sent} end),
    Status = receive {Sender, sent} -> sent after 500 -> process_info(Sender, status) end,
    exit(Sender, kill),
    {os_pid, Pid} = erlang:port_info(Port, os_pid), os:cmd("kill " ++ integer_to_list(Pid)), catch port_close(Port),
    receive {'EXIT', Port, _} -> ok end,
    Status.

sh(Command, Options) -> open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", Command]} | Options]).

%% What comes back, in one piece, until Size bytes have come.
talk(Name, Options, Commands, Size) ->
    Port = open_port(Name, Options),
    [true = port_command(Port, C) || C <- Commands],
    Bytes = collect(Port, Size, []),
    Port ! {self(), close},
    {Bytes, receive {Port, closed} -> closed end, receive {'EXIT', Port, Reason} -> Reason end}.

collect(_, 0, Parts) -> lists:append(lists:reverse(Parts));
collect(Port, Left, Parts) ->
    receive {Port, {data, D}} ->
        L = case D of <<_/binary>> -> binary_to_list(D); _ -> D end,
        collect(Port, Left - length(L), [L | Parts])
    end.

packets(N) ->
    Port = open_port({spawn, "cat"}, [{packet, N}, binary]),
    Sizes = [S || S <- [0, 1, 255, 256, 65535, 65536, 200000], S bsr (8 * N) =:= 0],
    [port_command(Port, binary:copy(<<S>>, S)) || S <- Sizes],
    Answer = [receive {Port, {data, B}} -> B =:= binary:copy(<<S>>, S) end || S <- Sizes],
    port_close(Port),
    {Answer, receive {'EXIT', Port, Reason} -> Reason after 0 -> none end}.

%% All messages, those of data that follow each other in one, until the port ends or nothing comes any more.
all(Port) -> all(Port, []).
all(Port, Messages) ->
    receive
        {Port, {data, D}} when is_list(D), Messages =/= [], is_list(hd(Messages)) -> all(Port, [hd(Messages) ++ D | tl(Messages)]);
        {Port, {data, D}} -> all(Port, [D | Messages]);
        {Port, M} -> all(Port, [M | Messages]);
        {'EXIT', Port, Reason} -> lists:reverse(Messages, [{exit, Reason}])
    after 1000 -> port_close(Port), lists:reverse(Messages)
    end.

only_out() ->
    File = "/tmp/lintel_port_" ++ os:getpid(),
    Port = sh("cat > " ++ File ++ "; mv " ++ File ++ " " ++ File ++ ".done", [out]),
    port_command(Port, "text"),
    port_close(Port),
    Text = wait_for(File ++ ".done", 100),
    os:cmd("rm -f " ++ File ++ ".done"),
    Text.

wait_for(_, 0) -> nothing;
wait_for(File, N) ->
    case os:cmd("cat " ++ File ++ " 2>/dev/null") of
        "" -> receive after 20 -> wait_for(File, N - 1) end;
        Text -> Text
    end.

failure(Name, Options) ->
    try open_port(Name, Options) of Port -> {port, is_port(Port)}
    catch error:Reason:Trace -> {Reason, element(4, hd(Trace))}
    end.

%% More than a pipe holds: the sender waits, nothing is lost.
much() ->
    Port = open_port({spawn, "cat"}, [binary]),
    Block = binary:copy(<<"0123456789">>, 10000),
    Me = self(),
    Sender = spawn_link(fun() -> [port_command(Port, Block) || _ <- lists:seq(1, 50)], Me ! sent end),
    Sum = count(Port, 50 * byte_size(Block), 0),
    receive sent -> ok end,
    receive {'EXIT', Sender, normal} -> ok end,
    port_close(Port),
    Sum.

count(_, 0, Crc) -> Crc;
count(Port, Left, Crc) -> receive {Port, {data, D}} -> count(Port, Left - byte_size(D), erlang:crc32(Crc, D)) end.
