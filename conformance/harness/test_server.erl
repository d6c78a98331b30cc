%% What OTP's suites call of Common Test's test_server, and the group leader of cases, which keeps what is printed if it is asked to.
-module(test_server).
-export([framed/1, start_output/1, capture_start/0, capture_stop/0, capture_get/0, messages_get/0, do_times/2, do_times/4, m_out_of_n/3, call_crash/3, call_crash/4,
         timecall/3, lookup_config/2, temp_name/1, is_cover/0, is_debug/0, is_valgrind/0, is_asan/0, memory_checker/0, is_native/1, is_commercial/0, timetrap_scale_factor/0, timetrap/1, timetrap_cancel/0, comment/1, sleep/1,
         seconds/1, minutes/1, hours/1, format/1, format/2, format/3, fail/0, fail/1, break/1, app_test/1, app_test/2, appup_test/1, start_node/3,
         stop_node/1, start_peer/2, start_peer/3, start_peer/4, peer_name/2, wait_for_node/1, is_release_available/1, run_on_shielded_node/2,
         adjusted_sleep/1, permit_io/2]).

%% ---- cases

%% Calls Fun below some frames of this module, which suites of stack traces know to be there.
framed(Fun) -> framed(6, Fun).

framed(0, Fun) -> Fun();
framed(N, Fun) ->
    Result = framed(N - 1, Fun),
    put(?MODULE, N),
    Result.

%% ---- output

%% A group leader that hands on to `To`.
start_output(To) -> spawn_link(fun() -> output(To, off, []) end).

output(To, Keeps, Kept) ->
    receive
        {io_request, _, _, Request} = Message ->
            To ! Message,
            output(To, Keeps, case Keeps of on -> [text(Request) | Kept]; off -> Kept end);
        {keep, From, Ref, New} ->
            From ! {Ref, ok},
            output(To, New, case New of on -> []; off -> Kept end);
        {kept, From, Ref} ->
            From ! {Ref, [lists:flatten(T) || T <- lists:reverse(Kept), T =/= []]},
            output(To, Keeps, []);
        Message ->
            To ! Message,
            output(To, Keeps, Kept)
    end.

text({put_chars, Encoding, Chars}) -> characters(Chars, Encoding);
text({put_chars, Encoding, M, F, A}) -> characters(apply(M, F, A), Encoding);
text({put_chars, Chars}) -> characters(Chars, latin1);
text({put_chars, M, F, A}) -> characters(apply(M, F, A), latin1);
text({requests, Requests}) -> [text(R) || R <- Requests];
text(_) -> [].

characters(Chars, Encoding) ->
    case unicode:characters_to_list(Chars, Encoding) of
        List when is_list(List) -> List;
        _ -> []
    end.

capture_start() -> ask_output({keep, on}).
capture_stop() -> ask_output({keep, off}).
capture_get() -> ask_output(kept).

ask_output(What) ->
    Ref = make_ref(),
    group_leader() ! case What of
        {keep, On} -> {keep, self(), Ref, On};
        kept -> {kept, self(), Ref}
    end,
    receive {Ref, Answer} -> Answer end.

format(Text) -> ct:log(Text).
format(A, B) -> ct:log(A, B).
format(_, A, B) -> ct:log(A, B).

%% ---- loops and calls

messages_get() -> receive M -> [M | messages_get()] after 0 -> [] end.

do_times(0, _) -> ok;
do_times(N, Fun) -> Fun(), do_times(N - 1, Fun).
do_times(0, _, _, _) -> ok;
do_times(N, M, F, A) -> apply(M, F, A), do_times(N - 1, M, F, A).

%% M of N calls must succeed.
m_out_of_n(0, _, _) -> ok;
m_out_of_n(M, N, Fun) when M > N -> Fun(), exit({test_case_failed, m_out_of_n_failed});
m_out_of_n(M, N, Fun) ->
    case catch Fun() of
        {'EXIT', _} -> m_out_of_n(M, N - 1, Fun);
        _ -> m_out_of_n(M - 1, N - 1, Fun)
    end.

call_crash(M, F, A) -> call_crash(any, M, F, A).
call_crash(Wanted, M, F, A) ->
    Before = process_flag(trap_exit, true),
    Pid = spawn_link(M, F, A),
    receive
        {'EXIT', Pid, normal} -> process_flag(trap_exit, Before), exit(call_returned);
        {'EXIT', Pid, Reason} when Wanted =:= any; Reason =:= Wanted -> process_flag(trap_exit, Before), ok;
        {'EXIT', Pid, Reason} -> process_flag(trap_exit, Before), exit({wrong_crash_reason, Reason})
    end.

timecall(M, F, A) ->
    {Micros, Value} = timer:tc(M, F, A),
    {Micros / 1000000, Value}.

lookup_config(Key, Config) -> proplists:get_value(Key, Config).

temp_name(Stem) ->
    Name = Stem ++ integer_to_list(erlang:unique_integer([positive])),
    case filelib:is_file(Name) of
        true -> temp_name(Stem);
        false -> Name
    end.

is_cover() -> false.
is_debug() -> case catch erlang:system_info(debug_compiled) of true -> true; _ -> false end.
is_valgrind() -> false.
is_asan() -> false.
memory_checker() -> none.
is_native(_) -> false.
is_commercial() -> false.

timetrap_scale_factor() -> 1.
timetrap(Time) -> ct:timetrap(Time).
timetrap_cancel() -> ct:timetrap(infinity).
comment(Text) -> ct:comment(Text).
sleep(Time) -> ct:sleep(Time).
adjusted_sleep(Time) -> ct:sleep(Time).
seconds(N) -> trunc(N * 1000).
minutes(N) -> trunc(N * 60000).
hours(N) -> trunc(N * 3600000).

fail() -> fail(suite_failed).
fail(Reason) -> ct:fail(Reason).
break(_) -> exit({skip, "wants somebody at the keyboard"}).
permit_io(_, _) -> ok.

%% ---- applications

app_test(App) -> app_test(App, pedantic).
app_test(App, _) ->
    _ = application:load(App),
    {ok, Keys} = application:get_all_key(App),
    Modules = proplists:get_value(modules, Keys, []),
    Missing = [M || M <- Modules, code:which(M) =:= non_existing],
    case Missing of
        [] -> ok;
        _ -> fail({missing_modules, Missing})
    end.
appup_test(App) ->
    case filelib:is_file(filename:join(code:lib_dir(App, ebin), atom_to_list(App) ++ ".appup")) of
        true -> ok;
        false -> fail({no_appup, App})
    end.

%% ---- other nodes

start_node(Name, _Type, Options) ->
    Args = proplists:get_value(args, Options, ""),
    Words = string:lexemes(lists:flatten([Args]), " "),
    case peer:start(#{name => Name, args => Words, connection => standard_io, host => host()}) of
        {ok, Peer, Node} ->
            persistent_term:put({?MODULE, Node}, Peer),
            {ok, Node};
        {error, _} = Error -> Error
    end.

stop_node(Node) ->
    case persistent_term:get({?MODULE, Node}, none) of
        none -> false;
        Peer -> catch peer:stop(Peer), true
    end.

start_peer(Options, Module) -> start_peer(Options, Module, undefined).
start_peer(Options, Module, Case) when is_list(Options) -> start_peer(#{args => Options}, Module, Case);
start_peer(Options, Module, Case) ->
    Named = case Options of
        #{name := _} -> Options;
        _ when Case =:= undefined -> Options#{name => peer:random_name(Module)};
        _ -> Options#{name => peer_name(Module, Case)}
    end,
    Paths = ["-pa" | [P || P <- [filename:dirname(code:which(?MODULE)), filename:dirname(code:which(Module))]]],
    Args = Paths ++ maps:get(args, Named, []),
    case peer:start_link(Named#{args => Args}) of
        {ok, Peer, Node} -> {ok, Peer, Node};
        Other -> Other
    end.
start_peer(Options, Module, Case, _Release) -> start_peer(Options, Module, Case).

peer_name(Module, Case) -> peer:random_name(lists:concat([Module, "-", Case])).

host() -> tl(lists:dropwhile(fun(C) -> C =/= $@ end, atom_to_list(node()))).

wait_for_node(Node) ->
    case net_adm:ping(Node) of
        pong -> ok;
        pang -> {error, timeout}
    end.
is_release_available(_) -> false.
run_on_shielded_node(Fun, _) -> Fun().
