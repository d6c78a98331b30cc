%% Has a tracer's functions, but in Erlang.
-module(tracers_code).
-export([enabled/3, trace/5]).

enabled(_, _, _) -> trace.
trace(_, _, _, _, _) -> ok.
