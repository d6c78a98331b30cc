%% Compiled twice by make.sh, with VERSION 1 and 2, for native_records_reload.
-module(native_records_version).
-feature(maybe_expr, disable).
-compile([export_all, nowarn_export_all]).
-if(?VERSION =:= 1).
-export_record([thing]).
-record #thing{a = 1, b = [2]}.
-record #private{q = 1}.
private() -> #private{}.
loop() ->
    receive
        {From, new} -> From ! {self(), #thing{}};
        {From, private} -> From ! {self(), #private{}};
        {From, {set, R}} -> From ! {self(), catch R#thing{a = 9}}
    end,
    loop().
-else.
-record #thing{b = 20, c = 30}.
-endif.
new() -> #thing{}.
get_a(R) -> R#thing.a.
