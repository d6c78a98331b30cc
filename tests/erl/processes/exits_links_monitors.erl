%% Exit signals of every kind with and without trap_exit, links and monitors of what is and what is not there.
-module(exits_links_monitors).
-export([main/0,w/0]).
-import(what_happens, [f/1, flush/1, norm/1, p/1, waits/1]).

w() -> what_happens:w().

main() ->
  process_flag(trap_exit,true),
  [begin P=spawn_link(?MODULE,w,[]), P!M, p({M,flush(1)}) end||M<-[stop,{die,normal},{die,kill},{die,{a,"b"}},{err,x},{thr,y},{die,killed},{die,shutdown}]],
  [begin {P,_}=spawn_monitor(?MODULE,w,[]), exit(P,R), p({R,flush(Dies)}), exit(P,kill), p(flush(1-Dies)) end||{R,Dies}<-[{normal,0},{kill,1},{killed,1},{shutdown,1},{{a,1},1},{noproc,1}]],
  [begin {P,_}=spawn_monitor(fun()->process_flag(trap_exit,true), receive X->exit({got,norm(X)}) end end), waits(P), exit(P,R), p({trap,R,flush(1)}) end||R<-[normal,kill,killed,shutdown]],
  p(f(fun()->exit(self(),normal) end)), p(flush(1)), p(f(fun()->exit(self(),foo) end)), p(flush(1)),
  p(f(fun()->exit(x,foo) end)),p(f(fun()->exit(nosuchname,foo) end)),
  {S,_}=spawn_monitor(fun()->exit(self(),normal), exit(still) end), norm(S), p(flush(1)),
  {S2,_}=spawn_monitor(fun()->exit(self(),kill), exit(still) end), norm(S2), p(flush(1)),
  %% links
  p(f(fun()->link(self()) end)), p(f(fun()->link(x) end)), {D,DM}=spawn_monitor(fun()->ok end), receive {'DOWN',DM,_,_,_}->ok end, p(f(fun()->link(D) end)), p(flush(1)),
  {_,Linker}=spawn_monitor(fun()->p(f(fun()->link(D) end)) end), receive {'DOWN',Linker,_,_,_}->ok end,
  p(f(fun()->unlink(D) end)),p(f(fun()->unlink(x) end)),
  %% monitors
  R0=monitor(process,D), norm(R0), p(flush(1)), R1=monitor(process,nosuchname), norm(R1), p(flush(1)), monitor(process,{nosuchname,node()}), p(flush(1)),
  p(f(fun()->monitor(process,{a,b,c}) end)),p(f(fun()->monitor(process,{a,1}) end)),p(f(fun()->norm(monitor(process,self())) end)),
  W=spawn(?MODULE,w,[]), register(wname,W), monitor(process,wname), monitor(process,W), monitor(process,{wname,node()}), W!{die,bye}, p(lists:sort(flush(3))).
