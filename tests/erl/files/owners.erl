%% Who may use a raw file, and what becomes of it when its owner ends.
-module(owners).
-export([main/0]).

main() -> tmp:in(fun run/1).

run(Dir) ->
    F = filename:join(Dir, "f"),
    ok = file:write_file(F, "0123456789"),
    others(F),
    ends(F),
    many(F),
    garbage(F),
    busy(F).

%% {value, V} of Fun in a process of its own.
elsewhere(Fun) ->
    {_, R} = spawn_monitor(fun() -> exit({value, try Fun() catch C:E -> {C, E} end}) end),
    receive {'DOWN', R, _, _, V} -> V end.

others(F) ->
    {ok, D} = file:open(F, [raw, read, write]),
    tmp:try_all([{N, fun() -> elsewhere(Fun) end}
                 || {N, Fun} <- [{read, fun() -> file:read(D, 1) end}, {write, fun() -> file:write(D, "x") end}, {position, fun() -> file:position(D, 1) end},
                                 {pread, fun() -> file:pread(D, 0, 1) end}, {close, fun() -> file:close(D) end}, {line, fun() -> file:read_line(D) end},
                                 {info, fun() -> file:read_file_info(D) end}, {sync, fun() -> file:sync(D) end}]]),
    {ok, E} = file:open(F, [raw, write, append, delayed_write]),
    tmp:try_all([{delayed, fun() -> [elsewhere(fun() -> file:write(E, "x") end), file:write(E, "y"), file:close(E), file:read_file(F)] end}]),
    ok = file:close(D).

descriptors() ->
    {ok, L} = file:list_dir("/proc/self/fd"),
    length(L).

%% Until Left descriptors are open, or it takes too long.
settle(Left, 0) -> {still, descriptors() - Left};
settle(Left, N) ->
    case descriptors() of
        More when More > Left -> timer:sleep(10), settle(Left, N - 1);
        _ -> settled
    end.

ends(F) ->
    Before = descriptors(),
    Self = self(),
    {P, R} = spawn_monitor(fun() -> Ds = [element(2, file:open(F, [raw, read])) || _ <- lists:seq(1, 50)], Self ! {files, Ds}, receive stop -> Ds end end),
    receive {files, [D | _]} -> ok end,
    tmp:show("~0p~n", [descriptors() >= Before + 50]),
    exit(P, kill),
    receive {'DOWN', R, _, _, Why} -> ok end,
    tmp:show("~0p ~0p~n", [Why, settle(Before, 200)]),
    tmp:show("~0p~n", [catch file:read(D, 1)]).

many(F) ->
    Before = descriptors(),
    Ps = [spawn_monitor(fun() -> {ok, D} = file:open(F, [raw, read]), {ok, [C]} = file:pread(D, I rem 10, 1), exit({got, C - $0 =:= I rem 10}) end) || I <- lists:seq(1, 300)],
    tmp:show("~0p~n", [lists:usort([receive {'DOWN', R, _, _, V} -> V end || {_, R} <- Ps])]),
    tmp:show("~0p~n", [settle(Before, 200)]).

%% Handles that nobody keeps do not get into each other's way.
garbage(F) ->
    Before = descriptors(),
    tmp:show("~0p~n", [elsewhere(fun() -> [begin {ok, D} = file:open(F, [raw, read]), {ok, _} = file:read(D, 1), ok = file:close(D) end || _ <- lists:seq(1, 200)], erlang:garbage_collect() end)]),
    tmp:show("~0p~n", [settle(Before, 200)]).

%% A process that is killed while it works on files.
busy(F) ->
    Before = descriptors(),
    Ps = [spawn_monitor(fun() -> work(F) end) || _ <- lists:seq(1, 10)],
    timer:sleep(30),
    [exit(P, kill) || {P, _} <- Ps],
    tmp:show("~0p ~0p~n", [lists:usort([receive {'DOWN', R, _, _, V} -> V end || {_, R} <- Ps]), settle(Before, 200)]).

work(F) ->
    {ok, D} = file:open(F, [raw, read]),
    {ok, _} = file:read(D, 10),
    ok = file:close(D),
    work(F).
