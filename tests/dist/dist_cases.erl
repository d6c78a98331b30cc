%% What two connected nodes must do for each other: each function prints what it sees from here of Node, where a process `echo` is
%% registered. The same lines come whatever runs at either end.
-module(dist_cases).
-export([messages/1, spawns/1, links/1, monitors/1, say/2, hide/1, got/0]).
-export([token_echo/1, with_token/2, token_of_exit/2]).
-export([echo/0, start_echo/1, big/1, die/1, link_to/2, holder/0]).

start_echo(Starter) -> register(echo, self()), Starter ! ready, echo().

echo() ->
    receive
        {From, Message} -> From ! {self(), Message};
        _ -> ok
    end,
    echo().

%% Says with which token of sequential tracing a message came.
token_echo(Starter) ->
    register(token_echo, self()),
    Starter ! {alias, alias()},
    tokens().

tokens() ->
    receive {From, Message} -> From ! {Message, seq_trace:get_token()} end,
    tokens().

%% Ends with a token, if `Label` is one.
with_token(Label, Why) ->
    receive go -> seq_trace:set_token([]) end,
    [seq_trace:set_token(K, V) || Label =/= none, {K, V} <- [{label, Label}, {send, true}]],
    exit(Why).

%% Says with which token a process ends.
token_of_exit(To, Pid) ->
    process_flag(trap_exit, true),
    link(Pid),
    receive {'EXIT', Pid, Why} -> To ! {self(), {Why, seq_trace:get_token()}} end.

holder() -> receive stop -> ok; {stop, Why} -> exit(Why) end.

big(N) -> lists:seq(1, N).
die(Why) -> exit(Why).
link_to(Pid, To) -> link(Pid), To ! linked, receive after infinity -> ok end.

say(Format, Args) -> io:format(Format ++ "~n", Args).

%% Pids of the other node without their numbers.
hide(T) when is_pid(T) -> {pid, node(T)};
hide(T) when is_reference(T) -> {ref, node(T)};
hide(T) when is_tuple(T) -> list_to_tuple(hide(tuple_to_list(T)));
hide(T) when map_size(T) > 32 -> {map, map_size(T)};  % printed in any order
hide([H | T]) -> [hide(H) | hide(T)];
hide(T) -> T.

got() -> receive M -> hide(M) after 5000 -> nothing end.

messages(Node) ->
    {echo, Node} ! {self(), hello},
    Echo = receive {Pid, hello} -> Pid end,
    say("~p", [{node(Echo), is_pid(Echo), Echo =:= binary_to_term(term_to_binary(Echo))}]),
    Terms = [1, -1, 1 bsl 80, 2.5, "text", <<"bits", 3:5>>, {}, [], #{a => 1}, maps:from_list([{N, N} || N <- lists:seq(1, 50)]),
             fun lists:map/2, self(), make_ref(), Echo, 'åäö', '', list_to_atom(lists:duplicate(255, $x)),
             fun() -> ok end],
    Long = list_to_atom(lists:duplicate(255, 16#439)),
    Echo ! {self(), Long},
    say("~p", [receive {Echo, Long} -> long after 5000 -> lost end]),
    [begin Echo ! {self(), T}, receive {Echo, Back} -> say("~p", [{hide(T), Back =:= T}]) after 5000 -> say("lost ~p", [T]) end end || T <- Terms],
    Large = [binary:copy(<<N>>, 100000) || N <- lists:seq(1, 20)],
    Echo ! {self(), Large},
    receive {Echo, Large} -> say("large", []) after 20000 -> say("large lost", []) end,
    Atoms = [list_to_atom("a" ++ integer_to_list(N)) || N <- lists:seq(1, 5000)],
    [begin Echo ! {self(), Atoms}, receive {Echo, Atoms} -> ok end end || _ <- [1, 2, 3]],
    say("atoms", []),
    [Echo ! {self(), N} || N <- lists:seq(1, 2000)],
    say("~p", [[N || N <- lists:seq(1, 2000), receive {Echo, N} -> false end]]),
    %% Nobody there
    {nobody, Node} ! hello,
    Alias = alias(),
    {echo, Node} ! {Alias, by_alias},
    say("~p", [got()]),
    unalias(Alias),
    {echo, Node} ! {Alias, too_late},
    Echo ! {self(), after_it},
    say("~p", [got()]).

spawns(Node) ->
    P1 = spawn(Node, ?MODULE, echo, []),
    P1 ! {self(), 1},
    say("~p", [got()]),
    {P2, R2} = spawn_monitor(Node, ?MODULE, die, [{some, reason}]),
    say("~p ~p", [got(), {node(P2), node(R2)}]),
    spawn_link(Node, ?MODULE, die, [linked]),
    say("~p", [got()]),
    spawn_request(Node, ?MODULE, holder, [], [{reply_tag, tag}, monitor]),
    receive {tag, _, ok, P3} -> P3 ! {stop, stopped} end,
    say("~p", [got()]),
    spawn_request(Node, ?MODULE, holder, [], [{reply_tag, tag}, {nonsense, 1}]),
    say("~p", [got()]),
    spawn_request(Node, ?MODULE, die, [x], [{monitor, [{tag, down}]}, {reply, no}]),
    say("~p", [got()]),
    say("~p", [catch spawn_opt(Node, ?MODULE, big, [1], [nonsense])]).

links(Node) ->
    P1 = spawn(Node, ?MODULE, holder, []),
    link(P1),
    say("~p", [lists:sort(hide(element(2, process_info(self(), links))))]),
    unlink(P1),
    say("~p", [hide(lists:filter(fun is_pid/1, element(2, process_info(self(), links))))]),
    link(P1),
    exit(P1, kill),
    say("~p", [got()]),
    link(P1),
    say("~p", [got()]),
    P2 = spawn(Node, ?MODULE, link_to, [self(), self()]),
    say("~p", [got()]),
    exit(P2, bye),
    say("~p", [got()]),
    %% Links back and forth, and in the end none.
    P3 = spawn(Node, ?MODULE, holder, []),
    [begin link(P3), unlink(P3) end || _ <- lists:seq(1, 100)],
    M3 = monitor(process, P3),
    P3 ! {stop, quietly},
    receive {'DOWN', M3, process, P3, Why} -> say("~p", [Why]) end,
    say("~p", [receive Something -> Something after 200 -> silence end]),
    Local = spawn(fun() -> receive after infinity -> ok end end),
    ML = monitor(process, Local),
    true = is_process_alive(Local),    % and has been told of the monitor
    spawn(Node, erlang, exit, [Local, from_afar]),
    receive {'DOWN', ML, process, Local, WhyL} -> say("~p", [WhyL]) end,
    %% What tracing tells
    Self = self(),
    Traced = spawn(fun() -> process_flag(trap_exit, true), receive go -> ok end, P4 = spawn_link(Node, ?MODULE, holder, []), P4 ! stop,
                            receive {'EXIT', P4, _} -> ok end end),
    MT = monitor(process, Traced),
    erlang:trace(Traced, true, [procs, {tracer, Self}]),
    Traced ! go,
    receive {'DOWN', MT, _, _, _} -> ok end,
    say("~p", [hide(traced(Traced))]).

traced(Pid) -> receive {trace, Pid, What, Data} -> [{What, Data} | traced(Pid)]; {trace, Pid, What, A, B} -> [{What, A, B} | traced(Pid)] after 200 -> [] end.

monitors(Node) ->
    P1 = spawn(Node, ?MODULE, holder, []),
    monitor(process, P1),
    P1 ! {stop, {one, two}},
    say("~p", [got()]),
    monitor(process, P1),
    say("~p", [got()]),
    monitor(process, {echo, Node}),
    say("~p", [lists:sort(hide(element(2, process_info(self(), monitors))))]),
    monitor(process, {nobody, Node}),
    say("~p", [got()]),
    P2 = spawn(Node, ?MODULE, holder, []),
    M2 = monitor(process, P2),
    demonitor(M2),
    P2 ! {stop, x},
    say("~p", [receive Any -> Any after 200 -> silence end]),
    M3 = monitor(process, {echo, Node}, [{alias, reply_demonitor}]),
    {echo, Node} ! {M3, by_alias},
    say("~p", [got()]),
    {echo, Node} ! {M3, again},
    say("~p", [receive Any2 -> Any2 after 200 -> silence end]).

