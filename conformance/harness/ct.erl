%% What OTP's suites call of Common Test, for cases that conformance_case runs alone in a VM. A case that calls more of it fails, on every VM.
-module(ct).
-export([fail/1, fail/2, log/1, log/2, log/3, log/4, log/5, pal/1, pal/2, pal/3, pal/4, pal/5, print/1, print/2, print/3, print/4, timetrap/1, sleep/1,
         comment/1, comment/2, get_config/1, get_config/2, get_config/3, get_timetrap_info/0, require/1, require/2, get_progname/0, capture_start/0,
         capture_stop/0, capture_get/0, capture_get/1]).

fail(Reason) -> exit({test_case_failed, Reason}).
fail(Format, Args) -> fail(lists:flatten(io_lib:format(Format, Args))).

log(Format) -> log(Format, []).
log(Format, Args) when is_list(Format) -> io:format(Format ++ "~n", Args);
log(_, Format) -> log(Format, []).
log(_, Format, Args) when is_list(Format) -> log(Format, Args);
log(Format, Args, _) -> log(Format, Args).
log(_, _, Format, Args) when is_list(Format) -> log(Format, Args);
log(_, Format, Args, _) -> log(Format, Args).
log(_, _, Format, Args, _) -> log(Format, Args).

pal(Format) -> log(Format).
pal(A, B) -> log(A, B).
pal(A, B, C) -> log(A, B, C).
pal(A, B, C, D) -> log(A, B, C, D).
pal(A, B, C, D, E) -> log(A, B, C, D, E).
print(Format) -> log(Format).
print(A, B) -> log(A, B).
print(A, B, C) -> log(A, B, C).
print(A, B, C, D) -> log(A, B, C, D).

comment(Text) when is_list(Text); is_binary(Text) -> conformance_case:comment(Text), ok;
comment(Term) -> comment(io_lib:format("~tp", [Term])).
comment(Format, Args) -> comment(io_lib:format(Format, Args)).

timetrap(Time) -> conformance_case:timetrap(milliseconds(Time)), ok.
get_timetrap_info() -> {infinity, {false, 1}}.

sleep(Time) ->
    case milliseconds(Time) of
        infinity -> receive after infinity -> ok end;
        T -> receive after T -> ok end
    end.

milliseconds({hours, N}) -> trunc(N * 3600000);
milliseconds({minutes, N}) -> trunc(N * 60000);
milliseconds({seconds, N}) -> trunc(N * 1000);
milliseconds(infinity) -> infinity;
milliseconds({M, F, A}) -> milliseconds(apply(M, F, A));
milliseconds(Fun) when is_function(Fun, 0) -> milliseconds(Fun());
milliseconds(N) when is_number(N) -> trunc(N).

get_config(_) -> undefined.
get_config(_, Default) -> Default.
get_config(_, Default, _) -> Default.
require(_) -> {error, not_available}.
require(_, _) -> {error, not_available}.

get_progname() ->
    case init:get_argument(progname) of
        {ok, [[Name]]} -> Name;
        _ -> "erl"
    end.

%% ---- what goes to the group leader, kept

capture_start() -> test_server:capture_start().
capture_stop() -> test_server:capture_stop().
capture_get() -> capture_get([default]).
capture_get(_) -> test_server:capture_get().
