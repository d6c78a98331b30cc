%% Literals of purged code live on wherever a process has them: heap, stack, dictionary, messages, timers, exit reasons.
-module(purged_literals).
-export([main/0, hold/2]).

lines(N) ->
    ["-export([tuple/0, string/0, big/0, binary/0, map/0, float/0, deep/0]).",
     "tuple() -> {a, [b, {c, \"" ++ N ++ "\"}]}.", "string() -> \"a string literal " ++ N ++ "\".",
     "big() -> [123456789012345678901234567890, " ++ N ++ "].",
     "binary() -> [<<\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\">>, <<1:3>>].",
     "map() -> #{key => #{1 => {" ++ N ++ "}}, \"k\" => v}.", "float() -> {1.0e-300, 2.5}.",
     "deep() -> " ++ lists:duplicate(200, $[) ++ N ++ lists:duplicate(200, $]) ++ "."].

all() -> [lit:tuple(), lit:string(), lit:big(), lit:binary(), lit:map(), lit:float(), lit:deep()].

main() ->
    [cycle(integer_to_list(N)) || N <- [1, 2, 3, 4, 5]],
    ok.

cycle(N) ->
    code_help:purge(lit),
    {module, lit} = code_help:load(lit, lines(N)),
    Me = self(),
    Expected = erlang:phash2(all()),
    Ps = [spawn(fun() -> hold(Me, K) end) || K <- [heap, dictionary, message, timer, nested, old_heap, sub_binary]],
    [receive {ready, P} -> ok end || P <- Ps],
    [P ! {message, all()} || P <- Ps],
    {Watched, Ref} = spawn_monitor(fun() -> L0 = all(), Me ! {ready, self()}, receive die -> exit({with, L0}) end end),
    receive {ready, Watched} -> ok end,
    Watched ! die,
    erlang:send_after(150, Me, {later, all()}),
    Mine = all(),
    true = code:delete(lit),
    false = code:purge(lit),
    churn(),
    receive after 60 -> ok end,
    %% what was there is overwritten by other modules' literals
    [{module, _} = code_help:load(list_to_atom("other_" ++ integer_to_list(I)),
                                  ["-export([f/0]).", "f() -> {\"" ++ lists:duplicate(400, $x) ++ "\", [1,2,3,4,5]}."])
     || I <- lists:seq(1, 4)],
    Same = fun(L) -> erlang:phash2(L) =:= Expected end,
    io:format("mine ~p~n", [Same(Mine)]),
    io:format("exit ~p~n", [receive {'DOWN', Ref, _, _, {with, L}} -> Same(L) end]),
    io:format("timer ~p~n", [receive {later, L2} -> Same(L2) end]),
    [begin P ! {go, self()}, io:format("~p~n", [receive {held, P, K, Ls} -> {K, [erlang:phash2(X) =:= Expected || X <- Ls]} end]) end
     || P <- Ps],
    [code_help:purge(list_to_atom("other_" ++ integer_to_list(I))) || I <- lists:seq(1, 4)],
    ok.

churn() -> lists:foldl(fun(I, A) -> [I | lists:sublist(A, 10)] end, [], lists:seq(1, 20000)).

hold(Me, Kind) ->
    Held = case Kind of
               heap -> {x, all()};
               dictionary -> put(all(), all()), ok;
               message -> ok;
               timer -> erlang:start_timer(100, self(), all());
               nested -> lists:foldl(fun(_, A) -> {all(), [A]} end, all(), lists:seq(1, 50));
               old_heap -> H = [all() || _ <- lists:seq(1, 30)], churn(), garbage_collect(), churn(), H;
               sub_binary -> [B | _] = lit:binary(), <<_:5/binary, R:80/binary, _/binary>> = B, {R, all()}
           end,
    Me ! {ready, self()},
    receive {go, From} -> From ! {held, self(), Kind, out(Kind, Held)} end.

out(heap, {x, L}) -> [L | message()];
out(dictionary, ok) -> [{K, V}] = [KV || {K, _} = KV <- get(), is_list(K), length(K) =:= 7], [K, V | message()];
out(message, ok) -> message();
out(timer, T) -> [receive {timeout, T, L} -> L end | message()];
out(nested, {L, [In]}) -> [L, deepest(In) | message()];
out(old_heap, H) -> H ++ message();
out(sub_binary, {R, L}) -> [<<_:5/binary, R2:80/binary, _/binary>> | _] = lists:nth(4, L), R = R2, [L | message()].

deepest({_, [In]}) -> deepest(In);
deepest(L) -> L.

message() -> [receive {message, L} -> L end].
