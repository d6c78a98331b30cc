%% The end of what a program writes is told once, whether the program ends before or after it; a port on a descriptor that is not open ends when
%% somebody writes to it.
-module(ends).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    [io:format("~p ~p~n~p~n", [Command, Options, told(open_port({spawn, Command}, Options))])
     || Command <- ["sh -c 'echo a; exec >&-; sleep 0.2'", "sh -c 'sleep 0.3 & exit 3'", "true"],
        Options <- [[eof], [eof, exit_status], [exit_status], []]],
    P = open_port({fd, 97, 97}, [out]),
    io:format("~p~n", [{is_port(P), port_command(P, "x"), told(P)}]).

told(P) ->
    receive
        {P, What} -> [What | told(P)];
        {'EXIT', P, Why} -> [{exit, Why} | told(P)]
    after 700 ->
        catch port_close(P),
        receive {'EXIT', P, Why} -> [{closed, Why}] after 0 -> [] end
    end.
