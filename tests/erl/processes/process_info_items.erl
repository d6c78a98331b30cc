%% process_info/1,2: every item, of others and of oneself, and of processes in every state; options of spawn_opt and what they show.
-module(process_info_items).
-export([main/0, wait/0, hib/0]).
f(X) -> try X() catch C:E -> {C,E} end.
p(X)->io:format("~p~n",[X]).
wait() -> receive stop -> ok end.
hib() -> receive X -> X end.
types(P) ->
  [case f(fun()->process_info(P,I) end) of {I,V}->{I,type(I,V)}; O->{I,O} end || I <- items()].
items()->[async_dist,binary,backtrace,catchlevel,current_function,current_location,current_stacktrace,dictionary,error_handler,garbage_collection,garbage_collection_info,group_leader,heap_size,initial_call,last_calls,links,memory,message_queue_data,message_queue_len,messages,min_bin_vheap_size,min_heap_size,monitored_by,monitors,parent,priority,reductions,registered_name,sequential_trace_token,stack_size,status,suspending,total_heap_size,trace,trap_exit,fullsweep_after,max_heap_size,nosuch].
type(I,V) when I==backtrace -> is_binary(V);
type(I,V) when I==memory;I==reductions;I==heap_size;I==stack_size;I==total_heap_size -> is_integer(V) andalso V>0;
type(I,V) when I==group_leader;I==parent-> is_pid(V);
type(monitored_by,V)->length(V);
type(current_stacktrace,L) when length(L) > 1 -> many;
type(garbage_collection_info,V)->[K||{K,N}<-V,is_integer(N)];
type(garbage_collection,V)->[case K of minor_gcs->K; _->{K,N} end||{K,N}<-V];
type(current_location,{M,F,A,L})->{M,F,A,[K||{K,_}<-L]};
type(current_stacktrace,L)->[{M,F,A,[K||{K,_}<-Q]}||{M,F,A,Q}<-L];
type(_,V)->V.
%% Waits until a process waits for a message, so that nothing shown below depends on how soon it ran.
waits(P) -> case process_info(P,[status,message_queue_len]) of [{_,waiting},{_,0}] -> P; _ -> timer:sleep(1), waits(P) end.
busy(P) -> case process_info(P,current_function) of {_,{?MODULE,_,_}} -> P; _ -> timer:sleep(1), busy(P) end.
dead(P) -> M=monitor(process,P), receive {'DOWN',M,_,_,_} -> P end.
main() ->
  P=waits(spawn(?MODULE,wait,[])),
  [p(X)||X<-types(P)],
  p(self_),
  [p(X)||X<-types(self()), element(1,X)=/=backtrace,element(1,X)=/=current_stacktrace,element(1,X)=/=binary],
  p([K||{K,_}<-process_info(P)]),
  register(nm,P), p([K||{K,_}<-process_info(P)]),
  p(process_info(P,[registered_name,links,status])),
  p(f(fun()->process_info(P,[]) end)),p(f(fun()->process_info(P,[status,nosuch]) end)),p(f(fun()->process_info(P,[status|x]) end)),p(f(fun()->process_info(x,status) end)),p(f(fun()->process_info(P,1) end)),p(f(fun()->process_info(P,{dictionary,x}) end)),
  p(process_info(P,[status,status])),
  D=dead(spawn(fun()->ok end)), p(process_info(D)), p(process_info(D,status)), p(process_info(D,registered_name)),p(process_info(D,[status])), p(f(fun()->process_info(D,nosuch) end)),
  H=waits(spawn(fun()->erlang:hibernate(?MODULE,hib,[]) end)),
  [p(X)||X<-types(H),lists:member(element(1,X),[current_function,current_location,current_stacktrace,status,initial_call,heap_size])],
  S=waits(spawn(fun()->receive after infinity->ok end end)), erlang:suspend_process(S), p(process_info(S,status)), p([{C,A}||{_,C,A}<-element(2,process_info(self(),suspending))]), erlang:suspend_process(S), p([{C,A}||{_,C,A}<-element(2,process_info(self(),suspending))]),erlang:resume_process(S),
  p(process_info(S,[current_function,initial_call])),
  B=busy(spawn(fun B()->B() end)), p([process_info(B,status),process_info(B,current_function)]), erlang:suspend_process(B), p(process_info(B,status)), exit(B,kill),
  P ! a, P ! {b,<<1:800>>}, p(process_info(P,[message_queue_len,messages])),
  link(P), M=monitor(process,P), p(element(2,process_info(P,links))==[self()]), p(element(2,process_info(P,monitored_by))==[self()]), p(element(2,process_info(self(),monitors))==[{process,P}]), demonitor(M),
  M2=monitor(process,nm),p(element(2,process_info(self(),monitors))), demonitor(M2),
  unlink(P),
  Q=spawn(fun()->put(a,1),put({k,"x"},[1,2]),process_flag(trap_exit,true),process_flag(priority,high),catch receive stop->ok end end), waits(Q), p(lists:sort(element(2,process_info(Q,dictionary)))), p(process_info(Q,[trap_exit,priority,catchlevel])),
  p(f(fun()->process_info(Q,[{dictionary,a}]) end)),
  Own=waits(spawn_opt(fun()->receive x->x end end,[{min_heap_size,1000},{min_bin_vheap_size,46422},{fullsweep_after,7},{message_queue_data,off_heap},{max_heap_size,#{size=>5000,kill=>false,error_logger=>false}}])),
  p(process_info(Own,[min_heap_size,min_bin_vheap_size,fullsweep_after,message_queue_data,max_heap_size,heap_size])),p(lists:keydelete(minor_gcs,1,element(2,process_info(Own,garbage_collection)))),
  [p(f(fun()->element(1,process_info(spawn_opt(fun()->receive x->x end end,[O]),status)) end))||O<-[{min_heap_size,-1},{min_heap_size,a},{fullsweep_after,-1},{max_heap_size,10},{max_heap_size,0},{max_heap_size,#{}},{max_heap_size,#{size=>a}},{max_heap_size,#{size=>1000,bad=>1}},{max_heap_size,#{size=>1000,kill=>1}},{priority,foo},{message_queue_data,x},{message_queue_data,mixed},foo,{foo,1},{scheduler,1},{scheduler,0},{scheduler,-1},{scheduler,1000},{monitor,[{tag,x}]},{monitor,[{alias,foo}]},{monitor,foo},link,monitor,{link,x}]],
  p(f(fun()->spawn_opt(fun()->ok end,foo) end)), p(f(fun()->spawn_opt(fun()->ok end,[link|foo]) end)),
  [p({min_heap,N,process_info(spawn_opt(fun()->receive x->x end end,[{min_heap_size,N}]),min_heap_size)})||N<-[0,1,12,13,100,233,234,300,1000,10000,100000]],
  ok.
