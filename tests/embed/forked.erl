%% What snapshots.c runs in VMs that begin with a snapshot. There are two versions of it.
-module(forked).
-export([version/0, start/0, ask/2, literals/0, funs/0, keys/1, loop/1, look/1, fill/1, patterns/1, upgrade/1, handle/1]).

-ifndef(VERSION).
-define(VERSION, 1).
-endif.

version() -> ?VERSION.

%% A process that goes on in the version in which it was started until it is told to upgrade.
start() ->
    Pid = spawn(fun() -> loop(literals()) end),
    true = register(forked, Pid),
    ok.

ask(Name, What) ->
    Ref = monitor(process, Name),
    Name ! {What, self(), Ref},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, _, _, Why} -> {down, Why}
    end.

loop(State) ->
    receive
        {version, From, Ref} ->
            From ! {Ref, {?VERSION, State}},
            loop(State);
        {upgrade, From, Ref} ->
            From ! {Ref, ok},
            ?MODULE:loop(State)
    end.

literals() ->
    {?VERSION, [one, {two, "three"}, #{four => <<"five, a binary that is longer than those that are on the heap of a process">>}], 1.5,
     123456789012345678901234567890}.

%% Lead to exports.
funs() -> [fun lists:reverse/1, {fun ?MODULE:version/0}, #{f => fun no_such_module:f/7}].

%% A map that is made with constant keys, one of which leads to an export.
keys(Value) -> #{fun lists:sum/1 => Value, b => 2}.

%% What a VM sees of `forked`.
look(Name) ->
    {code:is_loaded(Name) =/= false, lists:member(Name, erlang:loaded()), erlang:function_exported(Name, version, 0),
     erlang:function_exported(Name, no_such_function, 0), proplists:get_value(vsn, erlang:get_module_info(Name, attributes)) =/= undefined,
     [A() || {A} <- [{fun Name:version/0}]], [F([1, 2]) || F <- [hd(funs())]], lists:keymember(Name, 1, code:all_loaded())}.

%% Atoms until there are too many: how many of them there were.
fill(N) ->
    try list_to_atom("filled_" ++ integer_to_list(N)) of
        _ -> fill(N + 1)
    catch error:system_limit -> N
    end.

%% Breakpoints on everything, or none: how many functions.
patterns(Flag) -> erlang:trace_pattern({'_', '_', '_'}, Flag, [local]).

upgrade(File) ->
    {ok, Bin} = file:read_file(File),
    {module, forked} = code:load_binary(forked, File, Bin),
    forked:version().

handle(X) -> X.
