%% A pool of workers fed by a dispatcher: messages between schedulers and memory from both.
-module(par_pool).
-export([main/0]).

main() ->
    bench:wall(fun() ->
        Main = self(),
        Workers = [spawn_link(fun() -> worker(Main) end) || _ <- lists:seq(1, 4)],
        feed(3000, Workers, []),
        R = lists:sum([receive {done, X} -> X end || _ <- lists:seq(1, 3000)]),
        [W ! stop || W <- Workers],
        R
    end, 98144859).

feed(0, _, _) -> ok;
feed(N, [], Used) -> feed(N, lists:reverse(Used), []);
feed(N, [W | Ws], Used) -> W ! {job, lists:seq(1, 300), N}, feed(N - 1, Ws, [W | Used]).

worker(Main) ->
    receive
        {job, L, N} -> Main ! {done, lists:foldl(fun(X, A) -> (A + X * N) rem 65537 end, 0, lists:sort(fun(A, B) -> A bxor N =< B bxor N end, L))}, worker(Main);
        stop -> ok
    end.
