%% Stack traces of what erlang:apply/2,3 and calls of funs raise: in tail position, in a body, by spawn, through apply itself.
-module(apply_frames).
-export([main/0, tail3/3, tail3x/3, tail2/2, deep3/3, deep2/2, id/1, boom/1, boom/0, bif/1, tailfun/2, deepfun/2]).

main() ->
    M = ?MODULE,
    [show(N, F) || {N, F} <- [
      {tail3_undef, fun() -> tail3(M, nosuch, [1]) end},
      {tail3_boom, fun() -> tail3(M, boom, [1]) end},
      {tail3_boom0, fun() -> tail3(M, boom, []) end},
      {tail3_improper, fun() -> tail3(M, boom, [1|2]) end},
      {tail3_nolist, fun() -> tail3(M, boom, 7) end},
      {tail3_badmod, fun() -> tail3({x}, boom, [1]) end},
      {tail3_badfun, fun() -> tail3(M, 12, [1]) end},
      {tail3_toolong, fun() -> tail3(M, boom, lists:seq(1, 300)) end},
      {tail3_255, fun() -> tail3(M, boom, lists:seq(1, 255)) end},
      {tail3_256, fun() -> tail3(M, boom, lists:seq(1, 256)) end},
      {tail3_bif, fun() -> tail3(erlang, atom_to_list, [1]) end},
      {tail3_bif2, fun() -> tail3(lists, reverse, [1, 2]) end},
      {tail3_error, fun() -> tail3(erlang, error, [foo]) end},
      {tail3_apply, fun() -> tail3(erlang, apply, [M, boom, [1]]) end},
      {tail3_apply2, fun() -> tail3(erlang, apply, [foo, [1]]) end},
      {tail3x_undef, fun() -> tail3x(M, nosuch, 1) end},
      {tail3x_badmod, fun() -> tail3x(1, nosuch, 1) end},
      {tail3x_boom, fun() -> tail3x(M, boom, 1) end},
      {deep3_undef, fun() -> deep3(M, nosuch, [1]) end},
      {deep3_boom, fun() -> deep3(M, boom, [1]) end},
      {deep3_improper, fun() -> deep3(M, boom, [1|2]) end},
      {deep3_badmod, fun() -> deep3({x}, boom, [1]) end},
      {deep3_toolong, fun() -> deep3(M, boom, lists:seq(1, 300)) end},
      {deep3_bif, fun() -> deep3(erlang, atom_to_list, [1]) end},
      {deep3_apply, fun() -> deep3(erlang, apply, [M, boom, [1]]) end},
      {tail2_bad, fun() -> tail2(foo, [1]) end},
      {tail2_badnum, fun() -> tail2(17, []) end},
      {tail2_arity, fun() -> tail2(fun boom/1, []) end},
      {tail2_boom, fun() -> tail2(fun boom/1, [a]) end},
      {tail2_ext, fun() -> tail2(fun ?MODULE:nosuch/1, [a]) end},
      {tail2_extarity, fun() -> tail2(fun ?MODULE:boom/1, [a, b]) end},
      {tail2_improper, fun() -> tail2(fun boom/1, [a|b]) end},
      {tail2_nolist, fun() -> tail2(fun boom/1, b) end},
      {tail2_tuple, fun() -> tail2({?MODULE, boom}, [b]) end},
      {tail2_long, fun() -> tail2(fun boom/1, lists:seq(1, 300)) end},
      {tail2_256, fun() -> tail2(fun boom/1, lists:seq(1, 256)) end},
      {deep2_bad, fun() -> deep2(foo, [1]) end},
      {deep2_arity, fun() -> deep2(fun boom/1, []) end},
      {deep2_boom, fun() -> deep2(fun boom/1, [a]) end},
      {deep2_ext, fun() -> deep2(fun ?MODULE:nosuch/1, [a]) end},
      {deep2_improper, fun() -> deep2(fun boom/1, [a|b]) end},
      {deep2_long, fun() -> deep2(fun boom/1, lists:seq(1, 300)) end},
      {tailfun_bad, fun() -> tailfun(foo, 1) end},
      {tailfun_arity, fun() -> tailfun(fun boom/0, 1) end},
      {tailfun_ext, fun() -> tailfun(fun ?MODULE:nosuch/1, 1) end},
      {deepfun_bad, fun() -> deepfun(foo, 1) end},
      {deepfun_arity, fun() -> deepfun(fun boom/0, 1) end},
      {deepfun_ext, fun() -> deepfun(fun ?MODULE:nosuch/1, 1) end}]],
    %% as the first function of a process
    [spawned(N, A) || {N, A} <- [
      {s_apply2, [erlang, apply, [foo, [1]]]}, {s_apply2b, [erlang, apply, [fun boom/1, [1]]]},
      {s_apply2c, [erlang, apply, [fun boom/1, 1]]}, {s_apply2d, [erlang, apply, [fun boom/1, []]]},
      {s_apply3, [erlang, apply, [M, boom, [1]]]}, {s_apply3b, [erlang, apply, [M, nosuch, [1]]]},
      {s_apply3c, [erlang, apply, [M, boom, a]]}, {s_apply3d, [erlang, apply, [1, boom, []]]}]].

show(Name, F) ->
    try {Name, F()} of R -> io:format("~p~n", [R])
    catch C:R:S -> io:format("~p ~p ~P~n", [Name, C, R, 12]), [io:format("    ~P~n", [E, 14]) || E <- frames(S)]
    end.

spawned(Name, [M, F, A]) ->
    {P, R} = spawn_monitor(fun() -> X = try erlang:M(M, F, A) catch _:_ -> ok end, exit(X) end),
    receive {'DOWN', R, process, P, _} -> ok end,
    {P1, R1} = spawn_opt(M, F, A, [monitor]),
    receive {'DOWN', R1, process, P1, Why} -> io:format("~p ~P~n", [Name, Why, 40]) end.

frames(S) -> [begin case E of {M,F,A,L} -> {M,F,A,[X || {K, _} = X <- L, K =/= file, K =/= error_info]}; _ -> E end end || E <- S].

tail3(M, F, A) -> apply(M, F, A).
tail3x(M, F, A) -> M:F(A).
tail2(F, A) -> apply(F, A).
tailfun(F, X) -> F(X).
deep3(M, F, A) -> id(apply(M, F, A)).
deep2(F, A) -> id(apply(F, A)).
deepfun(F, A) -> id(F(A)).
id(X) -> X.
boom(X) -> error({boom, X}).
boom() -> error(boom).
bif(X) -> atom_to_list(X).
