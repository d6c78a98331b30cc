%% A bank account as a gen_server under a supervisor: deposits, withdrawals, crashes, restarts, and a restart intensity that is
%% exceeded in the end.
-module(bank).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    {ok, Sup} = bank_sup:start_link(),
    ok = account:deposit(100),
    ok = account:deposit(50),
    io:format("balance after two deposits: ~p~n", [account:balance()]),
    io:format("withdraw 30: ~p~n", [account:withdraw(30)]),
    io:format("withdraw 500: ~p~n", [account:withdraw(500)]),

    First = whereis(account),
    crash(First),
    Second = wait_for_other(First),
    io:format("restarted: ~p, balance starts anew: ~p~n", [First =/= Second, account:balance()]),

    %% Two more crashes within the period: more than the supervisor allows.
    crash(Second),
    crash(wait_for_other(Second)),
    receive
        {'EXIT', Sup, Reason} -> io:format("the supervisor gave up: ~p~n", [Reason])
    after 5000 ->
        io:format("the supervisor is still alive~n"),
        halt(1)
    end.

crash(Pid) ->
    Ref = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Ref, process, Pid, Reason} -> io:format("account ended: ~p~n", [Reason]) end.

wait_for_other(Old) ->
    case whereis(account) of
        Pid when is_pid(Pid), Pid =/= Old -> Pid;
        _ -> timer:sleep(1), wait_for_other(Old)
    end.
