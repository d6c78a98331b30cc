%% Helpers for programs that watch processes: what cannot be the same twice (pids, references, stack traces) becomes an atom.
-module(what_happens).
-export([f/1, p/1, w/0, flush/1, norm/1, waits/1]).

%% The result, or {Class, Reason}.
f(X) -> try X() catch C:E -> {C,E} end.

p(X) -> io:format("~p~n", [norm(X)]).

%% A process that ends as it is told.
w() -> receive stop -> ok; {die,R} -> exit(R); {err,R} -> error(R); {thr,R} -> throw(R) end.

%% At least so many messages, and what else is there. One that should not have come shows later at the latest.
flush(0) -> receive M -> [norm(M) | flush(0)] after 0 -> [] end;
flush(N) -> receive M -> [norm(M) | flush(N - 1)] end.

%% The process, when it waits for messages and has none to look at.
waits(P) ->
    case process_info(P, [status, message_queue_len]) of
        [{status, waiting}, {message_queue_len, 0}] -> P;
        _ -> timer:sleep(1), waits(P)
    end.

norm({'EXIT',P,R}) when is_pid(P) -> {'EXIT',pid,norm(R)};
norm({'DOWN',R,T,I,W}) when is_reference(R) -> {'DOWN',ref,T,norm(I),norm(W)};
norm({Tag,R,T,I,W}) when is_reference(R) -> {Tag,ref,T,norm(I),norm(W)};
norm({Tag,R,ok,P}) when is_reference(R), is_pid(P) -> {Tag,ref,ok,pid};
norm({Tag,R,error,X}) when is_reference(R) -> {Tag,ref,error,X};
norm({R,St}) when is_list(St) -> {R,st};
norm(P) when is_pid(P) -> pid;
norm(R) when is_reference(R) -> ref;
norm(X) -> X.
