%% Values keep the definition with which they were made, whatever becomes of the module: another version loaded, deleted, purged.
%% Old code goes on making what it always made; others see the current version. versions.hrl (tests/otp29/make.sh) holds two
%% versions of native_records_version.
-module(native_records_reload).
-export([main/0]).
-include("versions.hrl").
-define(M, native_records_version).

main() ->
    P = fun native_records:run/2,
    {module, ?M} = load(?VERSION_1),
    Old = ?M:new(), OldPrivate = ?M:private(),
    P(first, fun() -> {Old, OldPrivate, make(), records:get_definition(?M, thing)} end),
    P(field_of_later, fun() -> make_later() end),
    Pid = spawn(?M, loop, []),
    P(old_before, fun() -> ask(Pid, new) end),
    {module, ?M} = load(?VERSION_2),
    P(second, fun() -> {?M:new(), records:is_exported(?M:new()), Old} end),
    P(old_code, fun() -> R = ask(Pid, new), {R =:= Old, records:is_exported(R), ask(Pid, private)} end),
    P(old_set, fun() -> ask(Pid, {set, Old}) end),
    P(new_code_gets, fun() -> {?M:get_a(Old), catch element(1, catch ?M:get_a(?M:new()))} end),
    P(new_code_misses, fun() -> ?M:get_a(?M:new()) end),
    P(no_longer_exported, fun() -> make() end),
    P(no_longer_exported_either, fun() -> make_later() end),
    P(values_stay, fun() -> {Old#?M:thing.a, Old#?M:thing{a = 3}, is_record(Old, ?M, thing)} end),
    P(new_values_are_closed, fun() -> R = ?M:new(), R#?M:thing.b end),
    P(definitions, fun() -> {records:get_definition(?M, thing), catch element(1, catch records:get_definition(?M, private))} end),
    P(soft, fun() -> code:soft_purge(?M) end),
    Ref = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    P(purged, fun() -> {code:purge(?M), Old, OldPrivate} end),
    P(deleted, fun() -> {code:delete(?M), code:purge(?M), Old, OldPrivate} end),
    P(nothing_to_make, fun() -> make() end),
    P(nothing_defined, fun() -> records:get_definition(?M, thing) end),
    P(still_there, fun() -> erlang:garbage_collect(), {Old#?M:thing{a = x}, Old =:= binary_to_term(term_to_binary(Old))} end),
    {module, ?M} = load(?VERSION_1),
    P(again, fun() -> {?M:new() =:= Old, make()} end).

load(Binary) -> erlang:load_module(?M, Binary).
make() -> #?M:thing{a = made}.
make_later() -> #?M:thing{c = made}.
ask(Pid, What) -> Pid ! {self(), What}, receive {Pid, Answer} -> Answer end.
