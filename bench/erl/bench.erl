%% What every program of bench/erl shares: running its piece of work, checking the answer, timing it.
%%
%% Run by hand, a program prints the milliseconds of each round: `lintel run -pa build/bench build/bench/fib.beam`.
%% Under bench/run.py (LINTEL_BENCH is the number of rounds) it says `ready` before and `done` after each round and waits
%% for a line on stdin each time: the script reads the CPU time or the memory of the process while it is quiet.
-module(bench).
-export([cpu/2, wall/2, memory/2]).

%% One thread's work: Fun, run in a process of its own, must return Expected; its CPU time counts.
cpu(Fun, Expected) -> rounds(cpu, 1, Fun, Expected).

%% Work for several schedulers, or with waiting in it: elapsed time counts.
wall(Fun, Expected) -> rounds(wall, 1, Fun, Expected).

%% Memory: Fun makes N things and returns a function that forgets them; the growth of the resident set by thing counts.
memory(N, Fun) -> rounds(memory, N, Fun, undefined).

rounds(Metric, Things, Fun, Expected) ->
    case os:getenv("LINTEL_BENCH") of
        false ->
            [io:format("~.1f ms~n", [element(2, round(Metric, Fun, Expected)) / 1000]) || _ <- lists:seq(1, 5)];
        Rounds ->
            io:format("bench ~p ~p~n", [Metric, Things]),
            %% The first round loads code and warms caches up.
            Metric =/= memory andalso round(Metric, Fun, Expected),
            %% What a round of things has left in the allocator would spoil a second one.
            Count = case Metric of memory -> 1; _ -> list_to_integer(Rounds) end,
            [supervised(Metric, Fun, Expected) || _ <- lists:seq(1, Count)]
    end,
    ok.

supervised(Metric, Fun, Expected) ->
    ask("ready\n"),
    {Forget, Micros} = round(Metric, Fun, Expected),
    ask(io_lib:format("done ~p~n", [Micros])),
    Forget().

ask(Line) ->
    io:put_chars(Line),
    "\n" = io:get_line("").

round(memory, Fun, _Expected) ->
    Start = erlang:monotonic_time(microsecond),
    Forget = Fun(),
    {Forget, erlang:monotonic_time(microsecond) - Start};
round(_Metric, Fun, Expected) ->
    {Pid, Monitor} = spawn_monitor(fun() ->
        Start = erlang:monotonic_time(microsecond),
        Result = Fun(),
        exit({result, Result, erlang:monotonic_time(microsecond) - Start})
    end),
    receive
        {'DOWN', Monitor, process, Pid, {result, Expected, Micros}} ->
            {fun() -> ok end, Micros};
        {'DOWN', Monitor, process, Pid, {result, Other, _}} ->
            io:format("wrong result: ~p~n", [Other]),
            halt(1);
        {'DOWN', Monitor, process, Pid, Reason} ->
            io:format("failed: ~p~n", [Reason]),
            halt(1)
    end.
