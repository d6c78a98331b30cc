%% Tags and aliases of monitors: when an alias ends, which options are refused.
-module(monitor_options).
-export([main/0,w/0]).
-import(what_happens, [f/1, flush/1, norm/1, p/1]).

w() -> what_happens:w().

main() ->
  process_flag(trap_exit,true), {D,DM}=spawn_monitor(fun()->ok end), receive {'DOWN',DM,_,_,_}->ok end,
  %% tags, aliases
  monitor(process,D,[{tag,mytag}]), p(flush(1)), monitor(process,D,[{tag,{t,[1,"x"]}}]), p(flush(1)),
  A1=alias(), A1!hi, p(flush(1)), p(unalias(A1)), p(unalias(A1)), A1!no, p(flush(0)),
  A2=alias([reply]), A2!one, A2!two, p(flush(1)), p(unalias(A2)),
  W2=spawn(?MODULE,w,[]), A3=monitor(process,W2,[{alias,explicit_unalias}]), A3!a, W2!stop, p(flush(2)), A3!b, p(flush(1)), p(unalias(A3)),
  W3=spawn(?MODULE,w,[]), A4=monitor(process,W3,[{alias,demonitor}]), A4!a, W3!stop, p(flush(2)), A4!b, p(flush(0)),
  W4=spawn(?MODULE,w,[]), A5=monitor(process,W4,[{alias,reply_demonitor}]), A5!a, p(flush(1)), W4!stop, A5!b, p(flush(0)), p(demonitor(A5)),
  W5=spawn(?MODULE,w,[]), A6=monitor(process,W5,[{alias,demonitor}]), p(demonitor(A6,[info])), A6!x, W5!stop, p(flush(0)),
  [p(f(fun()->monitor(process,D,O) end))||O<-[[{alias,x}],[foo],foo,[{tag}],[{tag,a}|b]]],
  [p(f(fun()->alias(O) end))||O<-[[x],x,[reply|x]]], p(f(fun()->unalias(x) end)), p(f(fun()->unalias(make_ref()) end)),
  [p(f(fun()->norm(demonitor(A,O)) end))||{A,O}<-[{make_ref(),[]},{make_ref(),[flush,info]},{make_ref(),[x]},{x,[]},{make_ref(),x}]], p(f(fun()->demonitor(x) end)).
