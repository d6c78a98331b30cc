%% system_flag/2, statistics/1, memory/0,1: what they accept, and the shape of what they answer.
-module(system_flags).
-export([main/0]).

f(X) -> try X() catch C:E -> {C,E} end.
p(X)->io:format("~p~n",[X]).
main() ->
  [p({K,V,f(fun()->T=erlang:system_flag(K,V), T end)})||{K,V}<-[{fullsweep_after,65535},{fullsweep_after,-1},{fullsweep_after,65535},{min_heap_size,233},{min_heap_size,-1},{min_heap_size,500},{min_heap_size,233},{min_bin_vheap_size,46422},{max_heap_size,0},{max_heap_size,#{size=>0,kill=>false}},{max_heap_size,#{size=>0,kill=>true,error_logger=>true}},{max_heap_size,10},{backtrace_depth,10},{backtrace_depth,8},{backtrace_depth,-1},{trace_control_word,5},{trace_control_word,0},{trace_control_word,-1},{trace_control_word,1 bsl 40},{scheduler_wall_time,true},{scheduler_wall_time,false},{scheduler_wall_time,1},{time_offset,finalize},{time_offset,x},{outstanding_system_requests_limit,7},{outstanding_system_requests_limit,100},{outstanding_system_requests_limit,0},{outstanding_system_requests_limit,x},{dirty_cpu_schedulers_online,0},{schedulers_online,0},{schedulers_online,1000},{schedulers_online,x},{scheduler_bind_type,unbound},{scheduler_bind_type,xx},{system_logger,1},{reset_seq_trace,true},{nosuch,1},{{1,2},3}]],
  p([f(fun()->statistics(X) end)||X<-[nosuch,1,run_queue_x]]),
  [p({X,sty(f(fun()->statistics(X) end))})||X<-[active_tasks,active_tasks_all,context_switches,exact_reductions,garbage_collection,io,reductions,run_queue,run_queue_lengths,run_queue_lengths_all,runtime,scheduler_wall_time,scheduler_wall_time_all,total_active_tasks,total_active_tasks_all,total_run_queue_lengths,total_run_queue_lengths_all,wall_clock]],
  [p({X,sty(f(fun()->erlang:memory(X) end))})||X<-[total,processes,processes_used,system,atom,atom_used,binary,code,ets,maximum,low,foo,[total,binary],[foo],x]],
  p([K||{K,V2}<-erlang:memory(),is_integer(V2)]),
  T=erlang:memory(total), p(T==T),
  p(is_list(processes())), p(f(fun()->erlang:system_info(foo) end)).
sty(X) when is_integer(X)->int; sty(X) when is_list(X),length(X)>0->{list,sty(hd(X))}; sty(X) when is_tuple(X)->list_to_tuple([sty(E)||E<-tuple_to_list(X)]); sty(X)->X.
