%% What max_heap_size is where only a part of it is given: the rest is as erlang:system_flag/2 has it.
-module(heap_limit_defaults).
-export([main/0]).
main() ->
  P = fun(O) -> Q = spawn_opt(fun() -> receive x -> ok end end, O), R = process_info(Q,max_heap_size), exit(Q,kill), R end,
  F = fun(V) -> spawn(fun() -> process_flag(max_heap_size,V), io:format("flag ~p~n",[process_info(self(),max_heap_size)]) end), timer:sleep(50) end,
  All = fun(N) -> io:format("-- ~p~n",[N]), [io:format("~p ~p~n",[O,P(O)]) || O <- [[],[{max_heap_size,1024}],[{max_heap_size,#{size=>1024}}],[{max_heap_size,#{size=>1024,kill=>true}}],[{max_heap_size,#{size=>0}}]]],
     F(5000), F(#{size=>5000}), F(#{size=>5000,error_logger=>true}) end,
  All(none),
  io:format("~p~n",[erlang:system_flag(max_heap_size,#{size=>0,kill=>false})]), All(1),
  io:format("~p~n",[erlang:system_flag(max_heap_size,#{size=>100000})]), All(2),
  io:format("~p~n",[erlang:system_flag(max_heap_size,#{size=>0,error_logger=>false})]), All(3),
  io:format("~p~n",[erlang:system_flag(max_heap_size,0)]), All(4),
  ok.
