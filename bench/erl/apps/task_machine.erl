%% A simulated operating system in the manner of the Richards benchmark: tasks in records, packets in queues, a scheduler.
-module(task_machine).
-export([main/0]).

-record(task, {id, priority, queue = [], state = ready, held = 0}).

main() -> bench:cpu(fun() -> loop(60000, [#task{id = I, priority = I * 7 rem 5, queue = [{work, I}]} || I <- lists:seq(1, 6)], 0, 0) end, {60000,60000,[3,11,17,13,5,43]}).

loop(0, Tasks, Steps, Sent) -> {Steps, Sent, [T#task.held || T <- lists:keysort(#task.id, Tasks)]};
loop(N, Tasks, Steps, Sent) ->
    case pick(Tasks, none) of
        none -> loop(N - 1, [wake(T, N) || T <- Tasks], Steps, Sent);
        Task = #task{id = Id} ->
            {Changed, Packets} = run(Task, N),
            Others = deliver(Packets, lists:keyreplace(Id, #task.id, Tasks, Changed)),
            loop(N - 1, Others, Steps + 1, Sent + length(Packets))
    end.

pick([], Best) -> Best;
pick([#task{state = waiting} | Ts], Best) -> pick(Ts, Best);
pick([#task{queue = []} | Ts], Best) -> pick(Ts, Best);
pick([T | Ts], none) -> pick(Ts, T);
pick([T = #task{priority = P} | Ts], #task{priority = Q}) when P > Q -> pick(Ts, T);
pick([_ | Ts], Best) -> pick(Ts, Best).

run(T = #task{queue = [{work, K} | Q], held = H}, N) when K rem 3 =:= 0 ->
    {T#task{queue = Q, held = H + 1, state = waiting}, [{device, N rem 6 + 1}]};
run(T = #task{queue = [{work, K} | Q], id = Id}, _) -> {T#task{queue = Q}, [{work, (K + Id) rem 11, K rem 6 + 1}]};
run(T = #task{queue = [{device, K} | Q], held = H}, N) -> {T#task{queue = Q, held = H + K, priority = N rem 5}, [{work, K + 1, (K * N) rem 6 + 1}]}.

deliver([], Tasks) -> Tasks;
deliver([{work, K, To} | Ps], Tasks) -> deliver(Ps, enqueue(To, {work, K}, Tasks));
deliver([{device, To} | Ps], Tasks) -> deliver(Ps, enqueue(To, {device, To}, Tasks)).

enqueue(To, Packet, [T = #task{id = To, queue = Q} | Ts]) -> [T#task{queue = Q ++ [Packet], state = ready} | Ts];
enqueue(To, Packet, [T | Ts]) -> [T | enqueue(To, Packet, Ts)].

wake(T = #task{id = Id, queue = Q}, N) -> T#task{state = ready, queue = [{work, N rem 7 + Id} | Q]}.
