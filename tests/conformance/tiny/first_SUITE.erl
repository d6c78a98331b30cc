%% A case of each kind. What differs from the reference asks for TINY_VM, which run_conformance.py sets for the VM under test.
-module(first_SUITE).
-export([all/0, groups/0, init_per_suite/1, end_per_suite/1, init_per_group/2, end_per_group/2, init_per_testcase/2, end_per_testcase/2]).
-export([passes/1, fails/1, skips/1, halts/1, ends_by_signal/1, hangs/1, traps_time/1, fails_everywhere/1, better/1, fails_at_first/1, crashes_at_first/1,
         same_process/1, ends_elsewhere/1, has_file_name/1, starts_by_name/1, needs_eager/1, inner/1, in_group/1, native/1, leaves_process/1, prints/1, skipped_in_init/1, has_private_folder/1, starts_node/1]).

all() ->
    [passes, fails, skips, halts, ends_by_signal, hangs, traps_time, fails_everywhere, better, fails_at_first, crashes_at_first, needs_eager, {group, outer},
     native, leaves_process, prints, skipped_in_init, has_private_folder, starts_node, same_process, ends_elsewhere,
     has_file_name, starts_by_name].
groups() -> [{outer, [], [in_group, {group, deeper}]}, {deeper, [parallel], [inner]}].

init_per_suite(Config) -> [{suite, ready} | Config].
end_per_suite(_) -> ok.
init_per_group(Group, Config) -> [{Group, ready} | Config].
end_per_group(_, _) -> ok.
init_per_testcase(skipped_in_init, _) -> {skip, "not here"};
init_per_testcase(same_process, Config) ->
    ets:new(?MODULE, [named_table]),
    [{process, self()} | Config];
init_per_testcase(_, Config) -> Config.

end_per_testcase(same_process, Config) ->
    ok = proplists:get_value(tc_status, Config),
    ets:delete(?MODULE),
    io:format("ended"),
    case proplists:get_value(process, Config) =:= self() of
        true -> ok;
        false -> {fail, other_process}
    end;
end_per_testcase(ends_elsewhere, Config) ->
    {failed, {exit, suddenly}} = proplists:get_value(tc_status, Config),
    io:format("its end was reached~n");
end_per_testcase(_, _) -> ok.

is_vm() -> os:getenv("TINY_VM") =/= false.

passes(Config) -> ready = proplists:get_value(suite, Config).
fails(_) -> false = is_vm().
skips(_) ->
    case is_vm() of
        true -> {skip, "does not want to"};
        false -> ok
    end.
halts(_) -> [halt(7) || is_vm()].
ends_by_signal(_) ->
    [begin os:cmd("kill -SEGV " ++ os:getpid()), timer:sleep(infinity) end || is_vm()].
hangs(_) -> [timer:sleep(infinity) || is_vm()].
traps_time(_) -> ct:timetrap(200), [timer:sleep(infinity) || is_vm()].
fails_everywhere(_) -> ct:fail("nobody can").
better(_) -> true = is_vm().
%% The first time only.
fails_at_first(_) -> [error(too_early) || is_vm(), is_first(fails_at_first)].
crashes_at_first(_) ->
    [begin os:cmd("kill -ABRT " ++ os:getpid()), timer:sleep(infinity) end || is_vm(), is_first(crashes_at_first)].
needs_eager(_) -> [eager = list_to_atom(os:getenv("LINTEL_JIT", "eager")) || is_vm()].
in_group(Config) -> [{outer, ready}] = [G || {outer, _} = G <- Config].
inner(Config) -> [ready, ready] = [proplists:get_value(G, Config) || G <- [outer, deeper]].
%% Built by the runner from Makefile.src.
native(Config) ->
    Data = proplists:get_value(data_dir, Config),
    "made" = os:cmd(filename:join(Data, "program")),
    ok = erlang:load_nif(filename:join(Data, "library"), 0).
%% It must not outlive the case, though it has left our process group.
leaves_process(_) -> os:cmd("setsid sleep 600.125 > /dev/null 2>&1 &").
prints(_) -> io:format("it has said this~n"), false = is_vm().
skipped_in_init(_) -> ok.
has_private_folder(Config) -> ok = file:write_file(filename:join(proplists:get_value(priv_dir, Config), "file"), "text").
starts_node(_) ->
    {ok, Peer, Node} = peer:start_link(#{name => peer:random_name(), connection => standard_io}),
    Node = peer:call(Peer, erlang, node, []),
    peer:stop(Peer).

same_process(_) -> ets:insert(?MODULE, {key, value}).
%% It is gone as no exception can tell.
ends_elsewhere(_) -> exit(self(), suddenly), timer:sleep(infinity).
has_file_name(_) ->
    {'EXIT', {_, [{?MODULE, fails_with, 1, [{file, "first_SUITE.erl"} | _]} | _]}} = (catch fails_with(here)),
    true = is_alive().
starts_by_name(_) ->
    Ask = "erl -noshell -eval 'io:put_chars(os:getenv(\"TINY_VM\", \"none\")), halt().'",
    Mine = os:getenv("TINY_VM", "none"),
    Mine = os:cmd(Ask).
fails_with(What) -> error(What).

is_first(Name) ->
    case file:open(atom_to_list(Name) ++ ".seen", [write, exclusive]) of
        {ok, File} -> file:close(File), true;
        {error, eexist} -> false
    end.
