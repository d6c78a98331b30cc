%% spawn with monitor options, spawn_request, sending to what is not there, names, reasons of faults.
-module(spawn_send_register).
-export([main/0,w/0]).
-import(what_happens, [f/1, flush/1, norm/1, p/1]).

w() -> what_happens:w().

main() ->
  process_flag(trap_exit,true), {D,DM}=spawn_monitor(fun()->ok end), receive {'DOWN',DM,_,_,_}->ok end,
  %% spawn_opt monitor options
  {_,Ra}=spawn_opt(?MODULE,w,[],[{monitor,[{alias,explicit_unalias},{tag,zzz}]}]), Ra!via_alias, p(flush(1)), p(unalias(Ra)), p(demonitor(Ra,[info])),
  {Pb,_}=spawn_opt(?MODULE,w,[],[{monitor,[{tag,{q,q}}]},link]), Pb!stop, p(flush(2)),
  %% spawn_request
  Q1=spawn_request(?MODULE,w,[],[]), p(flush(1)), p(spawn_request_abandon(Q1)),
  spawn_request(?MODULE,w,[],[{reply_tag,rt}]), p(flush(1)), spawn_request(?MODULE,w,[],[{reply,no}]), p(flush(0)), spawn_request(?MODULE,w,[],[{reply,error_only}]), p(flush(0)),
  spawn_request(?MODULE,w,[],[badopt]), p(flush(1)), p(f(fun()->spawn_request(1,w,[],[]) end)), p(f(fun()->spawn_request(m,w,x,[]) end)), p(norm(f(fun()->spawn_request(m,w,[],x) end))),p(f(fun()->spawn_request_abandon(x) end)),
  spawn_request(?MODULE,nofun,[],[monitor]), p(flush(3)), spawn_request(?MODULE,nofun,[],[link]), p(flush(2)),
  spawn_link(nomod,nofun,[1]), p(flush(1)),
  [p(norm(f(fun()->spawn(A,B,C) end)))||{A,B,C}<-[{1,a,[]},{a,1,[]},{a,b,c},{a,b,[1|2]}]],
  p(f(fun()->spawn(fun(_)->ok end) end)), p(f(fun()->spawn_link(x) end)), p(f(fun()->spawn_monitor(x) end)),
  %% send
  p(f(fun()->nosuchname ! x end)), p(f(fun()->{nosuchname,node()} ! x end)), p(f(fun()->{nosuchname,other@node} ! x end)), p(f(fun()->{a,b,c} ! x end)), p(f(fun()->"x" ! x end)), p(f(fun()->D ! x end)), p(f(fun()->erlang:send(D,x,[nosuspend,noconnect]) end)),p(f(fun()->erlang:send(D,x,[foo]) end)),p(f(fun()->erlang:send({a,b@c},x,[noconnect]) end)),p(f(fun()->erlang:send(nosuchname,x,[]) end)), p(f(fun()->make_ref() ! x end) == x),
  %% register
  [p(f(fun()->register(A,B) end))||{A,B}<-[{a,x},{undefined,self()},{"a",self()},{a,D},{me,self()},{me,self()},{me2,self()}]], p(whereis(me)==self()), p(f(fun()->unregister(me) end)),p(f(fun()->unregister(me) end)),p(f(fun()->unregister(1) end)),p(f(fun()->whereis(1) end)), p(f(fun()->whereis(nosuchname) end)),
  %% killed linked chain
  {C1,_}=spawn_monitor(fun()->spawn_link(fun()->receive after 1->exit(boom) end end), receive x->x end end), p(receive {'DOWN',_,_,C1,ZC1}->ZC1 end),
  {C2,_}=spawn_monitor(fun()->Pk=spawn_link(fun()->receive x->x end end), exit(Pk,kill), receive x->x end end), p(receive {'DOWN',_,_,C2,ZC2}->ZC2 end),
  {C3,_}=spawn_monitor(fun()->process_flag(trap_exit,true),Pk=spawn_link(fun()->receive x->x end end), exit(Pk,kill), receive {'EXIT',_,Rk}->exit({seen,Rk}) end end), p(receive {'DOWN',_,_,C3,ZC3}->ZC3 end),
  %% fault reasons
  [begin spawn_monitor(F), p(flush(1)) end||F<-[fun()->1/(length([])) end, fun()->hd(length([])) end, fun()->a=f(fun()->b end) end, fun()->throw({x,y}) end, fun()->exit({x,[]}) end,fun()->error(q,[1,2]) end, fun()->erlang:raise(exit,z,[]) end, fun()->erlang:raise(throw,z,[]) end]].
