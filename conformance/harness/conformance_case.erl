%% Runs one case of a Common Test suite in a VM of its own, with what it needs around it: init_per_suite, the groups on the way to it,
%% init_per_testcase, and their ends. Also lists the cases of a suite. Results go to a file as lines of JSON.
%%
%%     VM -noshell -pa HARNESS -run conformance_case list FILE SUITE…
%%     VM -noshell -pa HARNESS -run conformance_case run FILE PRIVATE SUITE CASE GROUP…
%%
%% A case is a process of its own, linked to who waits for it and not monitored, as Common Test has it: suites of links and monitors see that.
-module(conformance_case).
-export([list/1, run/1, timetrap/1, comment/1]).

list([File | Suites]) ->
    Lines = [listed(list_to_atom(S)) || S <- Suites],
    ok = file:write_file(File, Lines),
    halt(0).

listed(Suite) ->
    try
        Cases = expand(Suite:all(), Suite, []),
        [json([{suite, Suite}, {'case', C}, {path, Path}]) || {Path, C} <- Cases]
    catch
        Class:Reason -> json([{suite, Suite}, {refused, text({Class, Reason})}])
    end.

%% [{[Group], Case}], groups from the outside in.
expand({skip, _}, _, _) -> [];
expand(Members, Suite, Path) -> lists:flatmap(fun(M) -> member(M, Suite, Path) end, Members).

member({group, Name}, Suite, Path) -> in_group(Name, Suite, Path);
member({group, Name, _}, Suite, Path) -> in_group(Name, Suite, Path);
member({group, Name, _, _}, Suite, Path) -> in_group(Name, Suite, Path);
member({testcase, Case, _}, _, Path) -> [{lists:reverse(Path), Case}];
member({Name, Props, Members}, Suite, Path) when is_list(Props) -> expand(Members, Suite, [Name | Path]);
member({Name, Members}, Suite, Path) when is_list(Members) -> expand(Members, Suite, [Name | Path]);
member(Case, _, Path) when is_atom(Case) -> [{lists:reverse(Path), Case}].

in_group(Name, Suite, Path) ->
    case find_group(Name, groups(Suite)) of
        {_, Members} -> expand(Members, Suite, [Name | Path]);
        none -> error({no_group, Name})
    end.

groups(Suite) ->
    case erlang:function_exported(Suite, groups, 0) of
        true -> Suite:groups();
        false -> []
    end.

%% {Properties, Members} of a group, wherever it is defined.
find_group(_, []) -> none;
find_group(Name, [{Name, Props, Members} | _]) when is_list(Props) -> {Props, Members};
find_group(Name, [{Name, Members} | _]) when is_list(Members) -> {[], Members};
find_group(Name, [{_, _, Members} | Rest]) when is_list(Members) -> find_group(Name, Members ++ Rest);
find_group(Name, [_ | Rest]) -> find_group(Name, Rest).

%% ---- one case

run([File, Private, SuiteName, CaseName | GroupNames]) ->
    Suite = list_to_atom(SuiteName),
    Case = list_to_atom(CaseName),
    Groups = [list_to_atom(G) || G <- GroupNames],
    {ok, Directory} = file:get_cwd(),
    Config = [{data_dir, filename:join(Directory, SuiteName ++ "_data") ++ "/"}, {priv_dir, Private ++ "/"}],
    register(?MODULE, self()),
    process_flag(trap_exit, true),
    put(output, test_server:start_output(group_leader())),
    Result = case code:ensure_loaded(Suite) of
        {module, Suite} -> suite(Suite, Case, Groups, Config);
        {error, Reason} -> {fail, {suite_does_not_load, Reason}}
    end,
    {Verdict, Why} = Result,
    ok = file:write_file(File, json([{verdict, Verdict}, {reason, text(Why)} | [{comment, text(C)} || C <- [get(comment)], C =/= undefined]])),
    halt(0).

suite(Suite, Case, Groups, Config) ->
    around(Suite, init_per_suite, [Config], end_per_suite, [], fun(C) -> group(Suite, Case, Groups, C) end, Config).

group(Suite, Case, [], Config) -> testcase(Suite, Case, Config);
group(Suite, Case, [Group | Inner], Config) ->
    With = [{tc_group_path, []}, {tc_group_properties, [{name, Group}]} | Config],
    around(Suite, init_per_group, [Group, With], end_per_group, [Group], fun(C) -> group(Suite, Case, Inner, C) end, With).

%% init_per_testcase, the case and end_per_testcase are one process, as Common Test has it: what the first has made lives as long. Where the case has
%% taken that process with it, or too much time, its end is another's.
testcase(Suite, Case, Config) ->
    Runner = self(),
    erase(config_for_end),
    Done = called(fun() ->
        case begun(fun caught/1, Suite, init_per_testcase, [Case, Config], Config) of
            {ok, Config1} ->
                Runner ! {?MODULE, config_for_end, Config1},
                Result = verdict(caught(fun() -> test_server:framed(fun() -> Suite:Case(Config1) end) end)),
                Runner ! {?MODULE, config_for_end, undefined},
                after_case(fun caught/1, Suite, Case, Config1, Result);
            Other -> Other
        end
    end),
    case Done of
        {returned, Verdict} -> Verdict;
        {failed, Why} ->
            case get(config_for_end) of
                undefined -> {fail, Why};
                Config1 -> after_case(fun called/1, Suite, Case, Config1, verdict(Done))
            end
    end.

after_case(Call, Suite, Case, Config, Result) ->
    Status = [{tc_status, status(Result)} | Config],
    case erlang:function_exported(Suite, end_per_testcase, 2) of
        true -> ended(Result, Call(fun() -> Suite:end_per_testcase(Case, Status) end));
        false -> Result
    end.

%% What is done before, then Inner(Config) unless that fails or skips, then what is done afterwards, whose failure counts only where nothing
%% has failed before.
around(Suite, Before, BeforeArgs, After, AfterArgs, Inner, Config) ->
    case begun(fun called/1, Suite, Before, BeforeArgs, Config) of
        {ok, Config1} ->
            Result = Inner(Config1),
            Status = [{tc_status, status(Result)} | Config1],
            case erlang:function_exported(Suite, After, length(AfterArgs) + 1) of
                true -> ended(Result, called(fun() -> apply(Suite, After, AfterArgs ++ [Status]) end));
                false -> Result
            end;
        Other -> Other
    end.

begun(Call, Suite, Before, Args, Config) ->
    case erlang:function_exported(Suite, Before, length(Args)) of
        false -> {ok, Config};
        true ->
            case Call(fun() -> apply(Suite, Before, Args) end) of
                {returned, NewConfig} when is_list(NewConfig) -> {ok, NewConfig};
                {returned, {skip, Why}} -> {skip, Why};
                {returned, {skipped, Why}} -> {skip, Why};
                {returned, {skip_and_save, Why, _}} -> {skip, Why};
                {returned, {fail, Why}} -> {fail, {Before, Why}};
                {returned, Other} -> {fail, {Before, bad_return, Other}};
                {failed, Why} -> {fail, {Before, Why}}
            end
    end.

ended({pass, _}, {returned, {fail, Why}}) -> {fail, Why};
ended(Result, _) -> Result.

status({pass, _}) -> ok;
status({skip, Why}) -> {skipped, Why};
status({fail, Why}) -> {failed, Why}.

verdict({returned, {skip, Why}}) -> {skip, Why};
verdict({returned, {skipped, Why}}) -> {skip, Why};
verdict({returned, {skip_and_save, Why, _}}) -> {skip, Why};
verdict({returned, {fail, Why}}) -> {fail, Why};
verdict({returned, {failed, Why}}) -> {fail, Why};
verdict({returned, {comment, Text}}) -> {pass, Text};
verdict({returned, _}) -> {pass, ""};
verdict({failed, {skip, Why}}) -> {skip, Why};
verdict({failed, Why}) -> {fail, Why}.

%% Fun in a process of its own: {returned, Value} or {failed, Why}.
called(Fun) ->
    Output = get(output),
    Pid = spawn_link(fun() ->
        group_leader(Output, self()),
        exit({conformance_result, caught(Fun)})
    end),
    await(Pid, infinity).

caught(Fun) ->
    try {returned, Fun()}
    catch
        throw:{skip, _} = Skip -> {returned, Skip};
        throw:Thrown -> {returned, Thrown};
        exit:{skip, Why} -> {returned, {skip, Why}};
        exit:{test_case_failed, Why} -> {failed, Why};
        Class:Reason:Stack -> {failed, {Class, Reason, Stack}}
    end.

await(Pid, Deadline) ->
    Left = case Deadline of
        infinity -> infinity;
        _ -> max(0, Deadline - erlang:monotonic_time(millisecond))
    end,
    receive
        {'EXIT', Pid, {conformance_result, Result}} -> Result;
        {'EXIT', Pid, {skip, Why}} -> {returned, {skip, Why}};
        {'EXIT', Pid, {test_case_failed, Why}} -> {failed, Why};
        {'EXIT', Pid, Why} -> {failed, {exit, Why}};
        {?MODULE, timetrap, infinity} -> await(Pid, infinity);
        {?MODULE, timetrap, Milliseconds} -> await(Pid, erlang:monotonic_time(millisecond) + Milliseconds);
        {?MODULE, config_for_end, Config} ->
            put(config_for_end, Config),
            await(Pid, Deadline);
        {?MODULE, comment, Text} ->
            put(comment, Text),
            await(Pid, Deadline)
    after Left ->
        Where = process_info(Pid, current_stacktrace),
        unlink(Pid),
        exit(Pid, kill),
        {failed, {timetrap_timeout, Where}}
    end.

%% From the case: how long it may take from now on; what it says about itself.
timetrap(Time) -> ?MODULE ! {?MODULE, timetrap, Time}.
comment(Text) -> ?MODULE ! {?MODULE, comment, Text}.

%% ---- JSON

json(Pairs) -> ["{", lists:join(",", [[string(atom_to_list(K)), ":", value(V)] || {K, V} <- Pairs]), "}\n"].

value({text, Text}) -> string(Text);
value(A) when is_atom(A) -> string(atom_to_list(A));
value([A | _] = Names) when is_atom(A) -> ["[", lists:join(",", [value(N) || N <- Names]), "]"];
value([]) -> "[]".

string(Text) -> ["\"", [escaped(C) || C <- unicode:characters_to_list(Text)], "\""].

escaped($") -> "\\\"";
escaped($\\) -> "\\\\";
escaped(C) when C < 32; C > 126, C < 65536 -> io_lib:format("\\u~4.16.0b", [C]);
escaped(C) when C > 65535 -> "?";
escaped(C) -> C.

text(Term) ->
    {text, case catch unicode:characters_to_list(Term) of
        Text when is_list(Text) -> Text;
        _ -> lists:flatten(io_lib:format("~tp", [Term]))
    end}.
