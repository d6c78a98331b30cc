%% Programs that want to harm whoever runs them; each goes on until it is ended. And a server that wants to be left in peace.
-module(hostile).
-export([attacks/0, attack/1, count/1, served/0]).

attacks() ->
    [processes, atoms, binaries, loop, loops, mailbox, floods, integers, regexes, recursion, lists, tables, timers, links, monitors, references, maps, terms,
     packed, printing, exceptions, names, traces, code, exits, logs, unicode, sorting, sleepers, persistent,
     hashes, keys, equals, orders, sends, spawns, inserts, reasons, iolists, sizes, displays, lookups, updates,
     errors, infos, patterns, characters, labels, backtraces, subtractions, builds].

attack(What) ->
    try attack_once(What) catch _:_ -> ok end,
    attack(What).

attack_once(processes) -> spawn(fun() -> attack(processes) end), spawn(fun() -> attack(processes) end);
attack_once(atoms) -> [list_to_atom("hostile_" ++ integer_to_list(rand:uniform(1 bsl 60))) || _ <- lists:seq(1, 1000)];
attack_once(binaries) -> hold([binary:copy(<<"x">>, 1 bsl 22) || _ <- lists:seq(1, 1000)]);
attack_once(loop) -> attack_once(loop);
attack_once(loops) -> [spawn(fun() -> attack_once(loop) end) || _ <- lists:seq(1, 100)], attack_once(loop);
attack_once(mailbox) -> self() ! lists:duplicate(100, x), attack_once(mailbox);
attack_once(floods) ->
    P = spawn(fun() -> receive never -> ok end end),
    [spawn(fun() -> flood(P) end) || _ <- lists:seq(1, 10)],
    flood(P);
attack_once(integers) -> power(3, 1000000000);
attack_once(regexes) -> re:run(lists:duplicate(5000, $a), "(a+)+(a+)+(a+)+$b", [{match_limit, 1000000000}]);
attack_once(recursion) -> deep(0);
attack_once(lists) -> lists:foldl(fun(_, L) -> L ++ L end, [x], lists:seq(1, 60));
attack_once(tables) -> T = ets:new(t, [public]), fill(T, 0);
attack_once(timers) -> [erlang:send_after(rand:uniform(100), self(), x) || _ <- lists:seq(1, 1000)];
attack_once(links) -> process_flag(trap_exit, true), [spawn_link(fun() -> exit(bye) end) || _ <- lists:seq(1, 1000)];
attack_once(monitors) -> P = spawn(fun() -> receive never -> ok end end), [monitor(process, P) || _ <- lists:seq(1, 100000)];
attack_once(references) -> put(kept, [make_ref() || _ <- lists:seq(1, 10000000)]);
attack_once(maps) -> lists:foldl(fun(N, M) -> M#{{N, M} => M} end, #{}, lists:seq(1, 100000));
attack_once(terms) -> term_to_binary(shared(60));
attack_once(packed) -> binary_to_term(zipped());
attack_once(printing) -> io_lib:format("~p", [shared(40)]);
attack_once(exceptions) -> lists:foreach(fun(_) -> catch error(shared(25)) end, lists:seq(1, 1000));
attack_once(names) -> [catch register(list_to_atom("n" ++ integer_to_list(N)), self()) || N <- lists:seq(1, 10000)];
attack_once(traces) -> erlang:trace(all, true, [all]), lists:seq(1, 1000);
attack_once(code) ->
    {ok, M, Code} = compiled(),
    code:purge(M), code:load_binary(M, "m", Code), code:delete(M);
attack_once(exits) -> [exit(P, kill) || P <- processes(), P =/= self()];
attack_once(logs) -> error_logger:error_msg("~p", [lists:duplicate(1000, x)]);
attack_once(unicode) -> unicode:characters_to_nfc_list([[X, 768] || X <- lists:duplicate(1000000, $a)]);
attack_once(sorting) -> lists:sort([rand:uniform(1 bsl 60) || _ <- lists:seq(1, 10000000)]);
attack_once(sleepers) -> [spawn(fun() -> timer:sleep(rand:uniform(3)) end) || _ <- lists:seq(1, 1000)];
attack_once(hashes) -> erlang:phash2(shared(60));
attack_once(keys) -> #{shared(60) => 1};
attack_once(equals) -> shared(60) =:= shared(60);
attack_once(orders) -> shared(60) < shared(60);
attack_once(sends) -> self() ! shared(60);
attack_once(spawns) -> T = shared(60), spawn(fun() -> T end);
attack_once(inserts) -> ets:insert(ets:new(t, []), shared(60));
attack_once(reasons) -> {_, R} = spawn_monitor(fun() -> exit(shared(60)) end), receive {'DOWN', R, _, _, _} -> ok end;
attack_once(iolists) -> iolist_size(shared_list(60));
attack_once(sizes) -> erlang:external_size(shared(60));
attack_once(displays) -> erlang:display(shared(60));
attack_once(lookups) ->  % nothing endless: what is long, and must not be given up half-way
    T = ets:new(t, [{keypos, 1}]),
    ets:insert(T, {key, [{N, [N]} || N <- lists:seq(1, 400000)]}),
    looked_up(T);
attack_once(updates) -> updated(#{}, 0);
attack_once(errors) -> spawn(fun() -> error(shared(60)) end), receive never -> ok end;
attack_once(infos) ->
    P = spawn(fun() -> put(key, shared(60)), receive never -> ok end end),
    process_info(P, [status, dictionary]);
attack_once(patterns) -> ets:match(ets:new(t, []), {shared(60)});
attack_once(characters) -> unicode:characters_to_binary(shared_list(60));
attack_once(labels) -> seq_trace:set_token(label, shared(60)), self() ! x;
attack_once(backtraces) ->
    P = spawn(fun() -> T = shared(60), receive never -> hold(T) end end),
    process_info(P, backtrace);
attack_once(subtractions) -> L = lists:duplicate(1000000, shared(60)), L -- L;
attack_once(builds) -> maps:from_list(lists:duplicate(1000000, {shared(60), 1}));
attack_once(persistent) -> persistent_term:put(rand:uniform(1 bsl 60), lists:seq(1, 100000)).

looked_up(T) -> ets:lookup_element(T, key, 2), looked_up(T).
updated(M, N) -> K = [{I, [N band 3]} || I <- lists:seq(1, 20000)], updated(M#{K => N, {K, K} => N, [N band 63 | K] => K}, N + 1).

hold(Terms) -> receive {never, Terms} -> ok after 1000 -> ok end.
flood(P) -> P ! lists:duplicate(100, x), flood(P).
power(_, 0) -> 1;
power(X, N) -> X * power(X, N - 1).
deep(N) -> 1 + deep(N + 1).
fill(T, N) -> ets:insert(T, {N, lists:duplicate(100, N)}), fill(T, N + 1).
shared(0) -> [];
shared(N) -> T = shared(N - 1), {T, T}.
shared_list(0) -> [];
shared_list(N) -> L = shared_list(N - 1), [L, $x | L].
zipped() -> zlib_of(lists:duplicate(1 bsl 20, 0)).
zlib_of(Zeros) -> <<131, 80, 2000000000:32, (zlib:compress(term_to_binary(Zeros)))/binary>>.
compiled() -> compile:forms([{attribute, 1, module, m}, {attribute, 1, export, [{f, 0}]}, {function, 1, f, 0, [{clause, 1, [], [], [{integer, 1, rand:uniform(100)}]}]}]).

%% The other VM's.
count(N) ->
    receive {add, From} -> From ! {count, N + 1}, count(N + 1) end.

served() ->
    case whereis(hostile_counter) of
        undefined -> register(hostile_counter, spawn(fun() -> count(0) end));
        _ -> ok
    end,
    hostile_counter ! {add, self()},
    receive {count, N} -> N end.
