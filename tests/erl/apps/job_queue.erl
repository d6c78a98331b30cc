%% A bounded job queue: producers wait when it is full, workers ask for jobs, failed jobs are tried again.
-module(job_queue).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Queue = spawn_link(fun() -> queue(#{limit => 4, jobs => queue:new(), idle => [], waiting => queue:new(), most => 0}) end),
    Self = self(),
    Workers = [spawn_link(fun() -> worker(Queue, Self) end) || _ <- lists:seq(1, 3)],
    Jobs = [{square, N} || N <- lists:seq(1, 12)] ++ [{fail_twice, 5}, {always_fails, 1}, {sum, lists:seq(1, 1000)}],
    Producer = spawn_link(fun() -> [submit(Queue, {Id, Job, 0}) || {Id, Job} <- lists:zip(lists:seq(1, length(Jobs)), Jobs)] end),
    Results = collect(length(Jobs), []),
    receive {'EXIT', Producer, Why} -> io:format("producer: ~p~n", [Why]) end,
    [io:format("~2w ~-32s ~p~n", [Id, io_lib:format("~P", [lists:nth(Id, Jobs), 6]), R]) || {Id, R} <- lists:sort(Results)],
    Queue ! {stop, self()},
    receive {most, N} -> io:format("at most 4 waiting: ~p~n", [N =< 4]) end,
    receive {'EXIT', Queue, Reason} -> io:format("queue: ~p~n", [Reason]) end,
    [exit(W, shutdown) || W <- Workers],
    io:format("workers end: ~p~n", [[receive {'EXIT', W, R} -> R end || W <- Workers]]).

collect(0, Results) -> Results;
collect(N, Results) ->
    receive {result, Id, R} -> collect(N - 1, [{Id, R} | Results])
    after 5000 -> [timeout | Results]
    end.

submit(Queue, Job) ->
    Ref = make_ref(),
    Queue ! {submit, {self(), Ref}, Job},
    receive {Ref, ok} -> ok end.

queue(#{jobs := Jobs, idle := Idle, waiting := Waiting, limit := Limit, most := Most} = S) ->
    Length = queue:len(Jobs),
    receive
        {submit, From, Job} when Length < Limit ->
            reply(From),
            queue(dispatch(S#{jobs := queue:in(Job, Jobs), most := max(Most, Length + 1)}));
        {submit, From, Job} ->
            queue(S#{waiting := queue:in({From, Job}, Waiting)});
        {again, Job} ->
            queue(dispatch(S#{jobs := queue:in_r(Job, Jobs)}));
        {ready, Worker} ->
            queue(dispatch(S#{idle := [Worker | Idle]}));
        {stop, From} ->
            From ! {most, Most},
            exit(shutdown)
    end.

reply({Pid, Ref}) -> Pid ! {Ref, ok}.

dispatch(#{idle := []} = S) -> S;
dispatch(#{idle := [W | Idle], jobs := Jobs, waiting := Waiting} = S) ->
    case queue:out(Jobs) of
        {empty, _} -> S;
        {{value, Job}, Rest} ->
            W ! {job, Job},
            case queue:out(Waiting) of
                {{value, {From, Next}}, Others} ->
                    reply(From),
                    dispatch(S#{idle := Idle, jobs := queue:in(Next, Rest), waiting := Others});
                {empty, _} ->
                    dispatch(S#{idle := Idle, jobs := Rest})
            end
    end.

worker(Queue, Client) ->
    Queue ! {ready, self()},
    receive
        {job, {Id, Job, Tries} = J} ->
            try work(Job, Tries) of
                Result -> Client ! {result, Id, {ok, Result, Tries}}
            catch
                error:_ when Tries < 3 -> Queue ! {again, setelement(3, J, Tries + 1)};
                Class:Why -> Client ! {result, Id, {Class, Why, Tries}}
            end,
            worker(Queue, Client)
    end.

work({square, N}, _) -> N * N;
work({sum, L}, _) -> lists:sum(L);
work({fail_twice, N}, Tries) when Tries >= 2 -> {at_last, N};
work({fail_twice, N}, Tries) -> error({not_yet, N, Tries});
work({always_fails, N}, _) -> N / (N - 1).
