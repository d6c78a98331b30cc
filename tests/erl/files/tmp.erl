%% A directory for one test, and printing without what differs between two runs.
-module(tmp).
-export([in/1, try_all/1, show/2]).

%% Calls F(Directory) with a new directory, which goes with all that is in it. VMs with a seed all have the same number of a program.
in(F) ->
    Run = os:getenv("LINTEL_TEST_RUN", os:getpid()),
    Dir = filename:join("/tmp", lists:concat(["lintel_", Run, "_", erlang:unique_integer([positive])])),
    ok = file:make_dir(Dir),
    put(tmp, Dir),
    try F(Dir) after file:del_dir_r(Dir) end.

%% Prints what each call, {Name, Fun}, gives.
try_all(Calls) ->
    [show("~0p: ~0tp~n", [Name, try F() catch C:R -> {C, R} end]) || {Name, F} <- Calls],
    ok.

show(Format, Args) -> io:format(Format, [plain(A) || A <- Args]).

plain({'EXIT', {Reason, [_ | _]}}) -> {'EXIT', plain(Reason)};
plain(T) when is_reference(T) -> ref;
plain(T) when is_pid(T) -> pid;
plain([H | T] = L) ->
    case is_list(get(tmp)) andalso lists:prefix(get(tmp), L) of
        true -> plain([$~ | lists:nthtail(length(get(tmp)), L)]);
        false -> [plain(H) | plain(T)]
    end;
plain(T) when is_tuple(T) -> list_to_tuple([plain(E) || E <- tuple_to_list(T)]);
plain(T) when is_map(T) -> maps:map(fun(_, V) -> plain(V) end, T);
plain(T) -> T.
