%% OTP's timer module, and the BIFs under it with good and bad arguments.
-module(timer_module).
-export([main/0]).
f(X) -> try X() catch C:E -> {C,E} end.
main() ->
  Self=self(),
  {ok,T1}=timer:apply_after(10,erlang,send,[Self,a1]), g(T1),
  {ok,T2}=timer:send_interval(10,Self,iv), g(T2),
  L=[receive iv -> t end||_<-[1,2,3,4]],
  p(L), p(timer:cancel(T2)),
  p(receive a1 -> ok after 9000 -> no end),
  {ok,T3}=timer:apply_interval(10,erlang,send,[Self,ai]),
  p([receive ai -> t end||_<-[1,2]]),
  p(timer:cancel(T3)),
  {ok,T4}=timer:exit_after(10,spawn(fun()->receive x->x end end),kaboom), g(T4),
  P=spawn(fun()->receive x->x end end), M=monitor(process,P),
  {ok,_}=timer:kill_after(10,P), p(receive {'DOWN',M,_,_,R}->R end),
  {ok,T5}=timer:send_after(100000,x), p(timer:cancel(T5)), p(timer:cancel(T5)), p(f(fun()->timer:cancel(bad) end)),
  p(f(fun()->timer:send_after(-1,x) end)),
  p(f(fun()->timer:send_after(a,x) end)),
  p(f(fun()->timer:apply_after(0,erlang,send,[Self,now0]) end)=/=1), p(receive now0->ok after 9000->no end),
  p(timer:now_diff({1,2,3},{1,1,1})),
  {Us,V}=timer:tc(fun()->timer:sleep(5),v end), p({Us>=5000,V}),
  {Us2,V2}=timer:tc(fun(X)->X end,[1]), p({is_integer(Us2),V2}),
  p([timer:seconds(1),timer:minutes(1),timer:hours(1),timer:hms(1,2,3)]),
  p(f(fun()->timer:start() end)),
  p([f(fun()->erlang:send_after(A,B,C) end)||{A,B,C}<-[{-1,Self,x},{a,Self,x},{1 bsl 70,Self,x},{10,{a,b},x},{10,"a",x},{1 bsl 50,Self,x},{1 bsl 49 ,Self,x}]]==1),
  [p(f(fun()->R0=erlang:send_after(A,B,C),is_reference(R0) end))||{A,B,C}<-[{-1,Self,x},{a,Self,x},{1 bsl 70,Self,x},{10,{a,b},x},{10,"a",x},{1 bsl 50,Self,x},{10,nosuch,x}]],
  [p(f(fun()->R0=erlang:start_timer(A,Self,C,O),is_reference(R0) end))||{A,C,O}<-[{1,x,[{abs,false}]},{1,x,[{abs,1}]},{1,x,[abs]},{1,x,abs},{1,x,[{abs,true}]},{-576460752303423488,x,[{abs,true}]},{erlang:monotonic_time(millisecond)-10,x,[{abs,true}]},{erlang:monotonic_time(millisecond)+20,x,[{abs,true}]}]],
  timer:sleep(50), p([receive {timeout,_,x}->x after 0 -> no end||_<-[1,2,3,4,5]]),
  R9=erlang:send_after(1000,self(),x), p(erlang:read_timer(R9) =< 1000), p(erlang:read_timer(R9,[{async,true}])), p(receive {read_timer,R9,N} when is_integer(N) -> ok after 9000-> no end),
  p(erlang:cancel_timer(R9,[{info,false}])), p(erlang:cancel_timer(R9,[{async,true}])), p(receive {cancel_timer,R9,F}->F after 9000->no end),
  p(erlang:cancel_timer(R9,[{async,true},{info,false}])), p(receive {cancel_timer,R9,F2}->F2 after 10->no end),
  p(f(fun()->erlang:cancel_timer(x) end)), p(f(fun()->erlang:cancel_timer(make_ref()) end)), p(f(fun()->erlang:cancel_timer(make_ref(),[bad]) end)), p(f(fun()->erlang:read_timer(make_ref(),[{info,true}]) end)),
  p(f(fun()->erlang:cancel_timer(make_ref(),[{async,x}]) end)), p(f(fun()->erlang:cancel_timer(make_ref(),foo) end)),
  p(f(fun()->erlang:send_after(0,self(),z) end)=/=1), p(receive z->z after 9000->no end),
  p(f(fun()->receive after -1 -> x end end)), p(f(fun()->receive after foo -> x end end)), p(f(fun()->receive after 16#100000000 -> x end end)).
p(X)->io:format("~p~n",[X]).
g(T)-> p(is_tuple(T) orelse is_reference(T)).
