%% process_flag/2,3, garbage_collect/1,2, hibernate/3, suspend and resume, group leaders, monitors of other things: good and bad arguments.
-module(process_flags).
-export([main/0]).

f(X) -> try X() catch C:E -> {C,E} end.
p(X)->io:format("~p~n",[X]).
main() ->
  [p({K,V,f(fun()->process_flag(K,V) end), f(fun()->process_flag(K,V) end)})||{K,V}<-[
   {trap_exit,true},{trap_exit,1},{trap_exit,false},{error_handler,foo},{error_handler,error_handler},{error_handler,1},
   {fullsweep_after,10},{fullsweep_after,-1},{fullsweep_after,1 bsl 70},{fullsweep_after,65535},
   {min_heap_size,500},{min_heap_size,-1},{min_heap_size,233},{min_heap_size,1 bsl 70},{min_bin_vheap_size,46422},{min_bin_vheap_size,x},
   {max_heap_size,10},{max_heap_size,500000},{max_heap_size,#{size=>0}},{max_heap_size,#{size=>1000000,kill=>false,error_logger=>false,include_shared_binaries=>true}},{max_heap_size,#{kill=>true}},{max_heap_size,0},{max_heap_size,1 bsl 59},{max_heap_size,#{size=>1 bsl 59}},{max_heap_size,(1 bsl 59)-1},{max_heap_size,0},
   {message_queue_data,off_heap},{message_queue_data,on_heap},{message_queue_data,z},{priority,high},{priority,low},{priority,max},{priority,normal},{priority,z},
   {save_calls,10},{save_calls,0},{save_calls,-1},{save_calls,20000},{sensitive,true},{sensitive,false},{sensitive,1},{scheduler,-1},{scheduler,99},{nosuch,1},{1,2}]],
  P=spawn(fun()->receive x->x end end),
  [p({A,f(fun()->process_flag(Q,K,V) end)})||{A,Q,K,V}<-[{1,P,save_calls,10},{2,P,save_calls,0},{3,P,save_calls,-1},{4,P,trap_exit,true},{5,x,save_calls,1},{6,self(),save_calls,5},{7,self(),save_calls,0},{8,P,foo,1}]],
  Killed=monitor(process,P), exit(P,kill), receive {'DOWN',Killed,_,_,_}->ok end, p(f(fun()->process_flag(P,save_calls,10) end)),
  [p({X,f(fun()->erlang:bump_reductions(X) end)})||X<-[1,0,-1,a,100000,1 bsl 70]],
  p(f(fun()->erlang:yield() end)),
  p([f(fun()->erlang:hibernate(A,B,C) end)||{A,B,C}<-[{1,a,[]},{a,1,[]},{a,b,x},{a,b,[1|2]}]]),
  p([f(fun()->erlang:garbage_collect() end),f(fun()->erlang:garbage_collect(self()) end),f(fun()->erlang:garbage_collect(x) end),f(fun()->erlang:garbage_collect(P) end)]),
  L=spawn(fun()->receive x->x end end),
  p([f(fun()->erlang:garbage_collect(L,O) end)||O<-[[],[{async,r1}],[{type,minor}],[{type,major},{async,r2}],[{type,x}],[foo],foo,[{async,r3},{async,r4}]]]),
  p([receive {garbage_collect,R,V}->{R,V} after 30000->no end||R<-[r1,r2,r4]]),
  p([f(fun()->erlang:garbage_collect(P,[{async,d}]) end),receive {garbage_collect,d,Vx}->Vx after 30000->no end]),
  p([f(fun()->erlang:garbage_collect(self(),[{async,d}]) end),receive {garbage_collect,d,Vy}->Vy after 30000->no end]),
  R=erlang:monitor(time_offset,clock_service), p(is_reference(R)), p(demonitor(R)), p(f(fun()->erlang:monitor(time_offset,x) end)),p(f(fun()->erlang:monitor(foo,x) end)),p(f(fun()->erlang:monitor(process,1) end)),p(f(fun()->erlang:monitor(port,x) end)==x),
  p(f(fun()->erlang:monitor_node(node(),true) end)),p(f(fun()->erlang:monitor_node(node(),false) end)),p(f(fun()->erlang:monitor_node(node(),x) end)),p(f(fun()->erlang:monitor_node(1,true) end)),p(f(fun()->erlang:monitor_node(node(),true,[]) end)),p(f(fun()->erlang:monitor_node(node(),true,[x]) end)),
  p(f(fun()->erlang:monitor_node(foo@bar,true) end)),p(receive {nodedown,N}->N after 50->no end),
  p([f(fun()->halt(X) end)||X<-[-1,{a},[1|2],[foo]]]),p([f(fun()->halt(0,X) end)||X<-[x,[x],[{flush,x}],[{flush,true}|x]]]),
  p([f(fun()->erlang:is_process_alive(X) end)||X<-[x,L,P,self()]]),
  p([f(fun()->erlang:suspend_process(X,O) end)||{X,O}<-[{x,[]},{P,[]},{self(),[]},{L,[foo]},{L,foo},{L,[]},{L,[unless_suspending]},{L,[asynchronous]},{L,[{asynchronous,tt}]}]]),
  p(receive tt->x; Y={tt,_}->Y after 30000->no end),
  p([f(fun()->erlang:resume_process(X) end)||X<-[x,P,L,L,L,L,self()]]),
  p(f(fun()->erlang:process_display(L,foo) end)),p(f(fun()->erlang:process_display(foo,backtrace) end)),
  p([f(fun()->group_leader(A,B) end)||{A,B}<-[{x,L},{self(),x},{L,P},{group_leader(),L}]]).
