%% erlang:system_flag(backtrace_depth, N): how much is shown of what raises in all ways, given traces included; 0 shows what is running.
-module(backtrace_depth).
-export([main/0, f/2, g/1, h/2, apply1/2, apply2/2, ap/3, ap2/3, fa/2, fb/2, fcl/1,fb3/3, fc/2, nn/1]).
main() ->
  {_, Monitor} = spawn_monitor(fun run/0),
  receive {'DOWN', Monitor, _, _, Why} -> io:format("~p~n", [Why]) end.
run() ->
  Ways = [{error1, fun() -> error(x) end}, {error2, fun() -> g(a) end}, {arith, fun() -> h(1, a) end}, {bif, fun() -> length(nn(a)) end},
     {bif2, fun() -> atom_to_list(nn(1)) end}, {bif3, fun() -> ets:insert(nn(foo), {a}) end}, {clause, fun() -> fcl(2) end}, {undef, fun() -> ?MODULE:nope(1) end},
     {undefapply, fun() -> apply(nn(?MODULE), nope, [1]) end},{badfun, fun() -> (nn(a))(1) end},{badar, fun() -> (nn(fun() -> 1 end))(1) end},
     {raise, fun() -> erlang:raise(error, x, [{a,b,1,[]},{a,c,1,[]},{a,d,1,[]},{a,e,2,[]},{a,f,2,[]},{a,g,2,[]}]) end},
     {raise2, fun() -> erlang:raise(error, x, nn([{a,b,1,[]},{a,c,1,[]},{a,d,1,[]},{a,e,2,[]},{a,f,2,[]},{a,g,2,[]}])) end},
     {again, fun() -> try error(y) catch C:R:S -> erlang:raise(C,R,S) end end},
     {again2, fun() -> try error(y) catch C:R:S -> erlang:raise(C,R,[hd(S)|tl(S)]) end end},
     {exit, fun() -> exit(x) end}, {throw, fun() -> throw(x) end}, {lists, fun() -> lists:map(fun(X) -> X + nn(a) end, [1]) end},
     {error3, fun() -> error(x, [1,2], [{error_info, #{}}]) end}, {error3n, fun() -> error(x, none, [{error_info, #{}}]) end}, {badmatch, fun() -> {a} = nn(1) end}, {spawn, fun() -> spawn(1,2,3) end},
     {binary, fun() -> <<(nn(a)):8>> end}, {map, fun() -> maps:get(nn(a), #{}) end}, {map2, fun() -> (nn(#{}))#{a := 1} end}, {send, fun() -> nn(foo) ! a end}, {applylist, fun() -> apply(lists, map, nn([a|b])) end},
     {apply1, fun() -> apply1(?MODULE, a) end}, {apply2, fun() -> apply2(?MODULE, 1) end}, {ap, fun() -> ap(?MODULE, ap2, [?MODULE, fcl, [2]]) end},
     {fa, fun() -> fa(fun fb/2, [1,2]) end}, {fc, fun() -> fc(fun fb/2, 1) end}, {ap4, fun() -> ap(?MODULE, ap2, [?MODULE, h, [2,a]]) end}, {ap5, fun() -> ap(?MODULE, ap2, [erlang, atom_to_list, [2]]) end},
     {ap6, fun() -> ap(?MODULE, ap2, [?MODULE, nope, [2]]) end}, {ap7, fun() -> ap(erlang, apply, [?MODULE, nope, [2]]) end}, {ap8, fun() -> ap(erlang, apply, [?MODULE, h, [2, a]]) end}, {ap9, fun() -> ap(erlang, apply, [fun fb/2, [2, a]]) end}],
  [begin erlang:system_flag(backtrace_depth, D), 
     R = try f(3, F) catch _:E:S -> {E, S} end, io:format("~p ~p ~p~n", [D, N, R]) end || D <- [0,1,2,3,8], {N, F} <- Ways],
  erlang:system_flag(backtrace_depth, 8),
  ok.
nn(X) -> case get(nope) of undefined -> X; _ -> ok end.
f(0, F) -> F(); f(N, F) -> [f(N-1, F)].
g(X) -> error(x, [X]).
h(A, B) -> [A + B].
fcl(1) -> ok.
apply1(M, A) -> ?MODULE:apply2(M, A).
apply2(M, A) -> apply(M, ap, [erlang, atom_to_list, [A]]).
ap(M, F, A) -> apply(M, F, A).
ap2(M, F, A) -> apply(M, F, A).
fa(F, A) -> apply(F, A).
fb(A, B) -> [A | h(A, nn(B)) + a].
fb3(A,B,_) -> h(A,B).
fc(F, A) -> F(A, A).
