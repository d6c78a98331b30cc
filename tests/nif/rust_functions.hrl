%% The functions of rust.rs.
-compile(export_all).
-on_load(init/0).

init() -> erlang:load_nif("./" ++ atom_to_list(?MODULE), 0).

-define(STUB, erlang:nif_error(not_loaded)).
add(_, _) -> ?STUB.
squares(_) -> ?STUB.
reversed(_) -> ?STUB.
swapped(_) -> ?STUB.
panic_with(_) -> ?STUB.
thread_type() -> ?STUB.
cpu_thread_type() -> ?STUB.
io_thread_type() -> ?STUB.
dirty_panic(_) -> ?STUB.
new_counter() -> ?STUB.
count(_, _) -> ?STUB.
living() -> ?STUB.
watch(_, _) -> ?STUB.
threads(_, _) -> ?STUB.
