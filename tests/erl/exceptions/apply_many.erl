%% apply and spawn with more arguments than a function can have, and of functions that only raise.
-module(apply_many).
-export([main/0, tail3/3, tail2/2, id/1, boom/1]).
main() ->
  [begin L = lists:seq(1, N),
    [show({K,N}, F) || {K,F} <- [{t3, fun() -> tail3(?MODULE, boom, L) end}, {d3, fun() -> id(apply(?MODULE, id(boom), L)) end},
     {b3, fun() -> id(apply(erlang, id(atom_to_list), L)) end},
     {t2, fun() -> tail2(fun boom/1, L) end}, {t2e, fun() -> tail2(fun ?MODULE:boom/1, L) end}, {t2b, fun() -> tail2(foo, L) end}, {d2, fun() -> id(apply(fun boom/1, L)) end}]] end
    || N <- [255, 256, 300, 1022, 1023, 1024, 1025, 5000]],
  [show({F,A}, fun() -> tail3(erlang, F, A) end) || {F, A} <- [{error,[a]},{error,[a,[b]]},{error,[a,[b],[]]},{error,[a,none,[{error_info,#{}}]]},{exit,[a]},{throw,[a]},{raise,[error,a,[]]},{raise,[error,a,b]},{nif_error,[a]},{nif_error,[a,[x]]},{exit,[a,b]}, {error, []}]],
  [show({F,A}, fun() -> id(apply(erlang, id(F), A)) end) || {F, A} <- [{error,[a]},{error,[a,[b]]},{raise,[error,a,[]]},{nif_error,[a]}]],
  [show({F,A}, fun() -> id(erlang:F(id(A))) end) || {F, A} <- [{error,a},{throw,a}]],
  [show({F,A}, fun() -> tail2(erlang:make_fun(erlang,F,length(A)), A) end) || {F, A} <- [{error,[a]},{error,[a,[b]]},{exit,[a]},{throw,[a]},{raise,[error,a,[]]},{raise,[error,a,b]},{nif_error,[a]},{atom_to_list,[1]}]],
  [begin L = lists:seq(1, N), 
    Sp = fun(S) -> try S() catch C:E:St -> io:format("~p ~p ~P~n", [N,{C,E},St,10]) end end,
    Sp(fun() -> {P,R} = spawn_monitor(?MODULE, boom, L), receive {'DOWN',R,_,P,Why} -> io:format("~p ~P~n", [N, Why,10]) end end),
    Sp(fun() -> {P,R} = spawn_opt(?MODULE, boom, L, [monitor]), receive {'DOWN',R,_,P,Why} -> io:format("~p ~P~n", [N, Why,10]) end end)
    end || N <- [255,256,257,1022,1023,1024,1025,5000]],
  nif_errors().
show(Name, F) ->
    try {Name, F()} of R -> io:format("~p~n", [R])
    catch C:R:S -> io:format("~p ~p ~P~n", [Name, C, R, 12]), [io:format("    ~P~n", [E, 14]) || E <- lists:sublist(frames(S),3)]
    end.
frames(S) -> [begin case E of {M,F,A,L} -> {M,F,A,[X || {K, _} = X <- L, K =/= file, K =/= error_info]}; _ -> E end end || E <- S].
tail3(M, F, A) -> apply(M, F, A).
tail2(F, A) -> apply(F, A).
id(X) -> X.
boom(X) -> error({boom, X}).
nif_errors() ->
  [io:format("~p~n", [try F() catch C:E:S -> {C, E, lists:sublist(S, 2)} end])
   || F <- [fun() -> erlang:nif_error(x) end, fun() -> erlang:nif_error(x, [7]) end, fun() -> erlang:nif_error(x, 7) end]].
