%% What another module may do with the records of native_records.
-module(native_records_other).
-compile([export_all, nowarn_export_all]).
-import_record(native_records, [point]).

make(Y) -> #native_records:point{y = Y}.
make_imported(Y) -> #point{y = Y}.
make_without() -> #native_records:point{}.
make_with_more() -> #native_records:point{y = 1, q = 3}.
make_private() -> #native_records:private{}.
make_undefined() -> #native_records:no_such{x = 1}.
make_of_nowhere() -> #no_such_module:x{x = 1}.
try_make() -> [try #native_records:point{q = 1} catch _:_ -> caught end].
try_set(R) -> [try R#native_records:point{q = 1} catch _:_ -> caught end].
set(R, X) -> R#native_records:point{x = X}.
set_unknown(R) -> R#native_records:point{q = 1}.
set_private(R) -> R#native_records:private{a = 1}.
get_x(R) -> R#native_records:point.x.
get_unknown(R) -> R#native_records:point.q.
get_private(R) -> R#native_records:private.a.
any_x(R) -> R#_.x.
any_a(R) -> R#_.a.
any_set(R) -> R#_{a = 1}.

match(#native_records:point{x = X, y = Y}) -> {X, Y};
match(#native_records:point{q = Q}) -> {q, Q};
match(#native_records:private{a = A}) -> {private, A};
match(#_{a = A}) -> {any, A};
match(_) -> no.

name(#native_records:private{}) -> private;
name(#native_records:point{}) -> point;
name(#_{}) -> any;
name(_) -> none.

guard(R) when R#native_records:point.x =:= 1 -> one;
guard(R) when R#native_records:private.a =:= {1, 2} -> private;
guard(_) -> other.
