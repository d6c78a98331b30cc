%% A tracer with functions for each family of events.
-module(tracers_split).
-export([enabled/3, trace/5,
         enabled_send/3, trace_send/5,
         enabled_receive/3, trace_receive/5,
         enabled_call/3, trace_call/5,
         enabled_running_procs/3, trace_running_procs/5,
         enabled_running_ports/3, trace_running_ports/5,
         enabled_garbage_collection/3, trace_garbage_collection/5,
         enabled_procs/3, trace_procs/5,
         enabled_ports/3, trace_ports/5]).
-on_load(init/0).

init() -> erlang:load_nif("./tracers_split", 0).

-define(STUB, erlang:nif_error(not_loaded)).
enabled(_, _, _) -> ?STUB.
trace(_, _, _, _, _) -> ?STUB.
enabled_send(_, _, _) -> ?STUB.
trace_send(_, _, _, _, _) -> ?STUB.
enabled_receive(_, _, _) -> ?STUB.
trace_receive(_, _, _, _, _) -> ?STUB.
enabled_call(_, _, _) -> ?STUB.
trace_call(_, _, _, _, _) -> ?STUB.
enabled_running_procs(_, _, _) -> ?STUB.
trace_running_procs(_, _, _, _, _) -> ?STUB.
enabled_running_ports(_, _, _) -> ?STUB.
trace_running_ports(_, _, _, _, _) -> ?STUB.
enabled_garbage_collection(_, _, _) -> ?STUB.
trace_garbage_collection(_, _, _, _, _) -> ?STUB.
enabled_procs(_, _, _) -> ?STUB.
trace_procs(_, _, _, _, _) -> ?STUB.
enabled_ports(_, _, _) -> ?STUB.
trace_ports(_, _, _, _, _) -> ?STUB.
