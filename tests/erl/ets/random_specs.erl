%% Random match specifications, right and wrong ones, on random terms.
-module(random_specs).
-export([main/0]).

main() ->
    put(seed, 7),
    [begin
         Term = object(),
         Spec = [clause(Term) || _ <- lists:seq(1, 1 + random(2))],
         io:format("~w ~0p~n", [I, result(fun() -> erlang:match_spec_test(Term, Spec, table) end)])
     end || I <- lists:seq(1, 3000)],
    [io:format("~w ~0p~n", [Type, [selects(ets:new(t, [Type])) || _ <- lists:seq(1, 100)]]) || Type <- [set, ordered_set, bag, duplicate_bag]].

selects(T) ->
    Objects = [object() || _ <- lists:seq(1, 20)],
    ets:insert(T, Objects),
    H = [begin
             Spec = [clause(pick(Objects)) || _ <- lists:seq(1, 1 + random(1))],
             erlang:phash2([sorted(result(fun() -> ets:F(T, Spec) end)) || F <- [select, select_reverse, select_count, select_delete]])
         end || _ <- lists:seq(1, 3)],
    ets:delete(T),
    erlang:phash2(H).

sorted(L) when is_list(L) -> lists:sort([term_to_binary(X) || X <- L]);
sorted(X) -> X.

%% In which order, and how often, it says so is no matter.
result(F) ->
    try F() of
        {error, Errors} -> {error, lists:usort(Errors)};
        R -> R
    catch
        error:R -> R
    end.

random(N) ->
    Seed = (get(seed) * 6364136223846793005 + 1442695040888963407) band 16#ffffffffffffffff,
    put(seed, Seed),
    (Seed bsr 33) rem (N + 1).

pick(L) -> lists:nth(1 + random(length(L) - 1), L).

object() -> list_to_tuple([term(2) || _ <- lists:seq(0, random(3))]).

term(Depth) ->
    case random(if Depth > 0 -> 11; true -> 6 end) of
        0 -> random(4) - 2;
        1 -> random(4) * 1.0;
        2 -> pick([a, b, true, false, undefined]);
        3 -> [];
        4 -> pick([<<>>, <<"abc">>, <<1:3>>, <<300:16>>]);
        5 -> (1 bsl 64) + random(2);
        6 -> random(3);
        7 -> list_to_tuple([term(Depth - 1) || _ <- lists:seq(1, random(3))]);
        8 -> [term(Depth - 1) | term(Depth - 1)];
        9 -> [term(Depth - 1) || _ <- lists:seq(1, random(3))];
        10 -> maps:from_list([{term(0), term(Depth - 1)} || _ <- lists:seq(1, random(3))]);
        11 -> {term(Depth - 1)}
    end.

clause(Term) ->
    Head = head(Term),
    case random(80) of
        0 -> {Head, foo, [a]};
        1 -> {Head, []};
        2 -> {Head, [], []};
        _ -> {Head, [guard(2) || _ <- lists:seq(1, random(2))], [body(3) || _ <- lists:seq(0, random(1))]}
    end.

%% A pattern that has a good chance to match.
head(T) ->
    case random(12) of
        0 -> '_';
        N when N < 4 -> variable();
        4 -> term(1);
        _ when is_tuple(T) -> list_to_tuple([head(E) || E <- tuple_to_list(T)]);
        _ when is_list(T), T =/= [] -> [head(hd(T)) | head(tl(T))];
        _ when is_map(T) -> maps:from_list([{K, head(V)} || {K, V} <- lists:sort(maps:to_list(T)), random(1) =:= 0]);
        _ -> T
    end.

variable() -> pick(['$1', '$2', '$3', '$1']).

guard(Depth) ->
    case random(9) of
        0 -> {pick([is_atom, is_integer, is_list, is_tuple, is_map, is_binary, is_number, is_float]), body(Depth - 1)};
        1 -> {pick(['and', 'or', 'andalso', 'orelse', 'xor']), guard(Depth - 1), guard(Depth - 1)};
        2 when Depth > 0 -> {'not', guard(Depth - 1)};
        3 -> true;
        4 when Depth > 0 -> {pick(['andalso', 'orelse', 'and', 'or']), guard(Depth - 1), guard(0), body(0)};
        _ -> {pick(['<', '>', '=<', '>=', '==', '/=', '=:=', '=/=']), body(Depth - 1), body(Depth - 1)}
    end.

body(Depth) ->
    case random(if Depth > 0 -> 16; true -> 5 end) of
        0 -> '$_';
        1 -> '$$';
        N when N < 4 -> variable();
        4 -> term(0);
        5 -> {const, term(1)};
        6 -> {pick(['+', '-', '*', 'div', 'rem', 'band', 'bor', 'bxor', '/']), body(Depth - 1), body(Depth - 1)};
        7 -> {pick([hd, tl, length, size, map_size, byte_size, bit_size, abs, trunc, round, float, 'not', '-', '+', 'bnot']), body(Depth - 1)};
        8 -> {element, random(3), body(Depth - 1)};
        9 -> {{body(Depth - 1), body(Depth - 1)}};
        10 -> [body(Depth - 1) | body(Depth - 1)];
        11 -> [body(Depth - 1), body(Depth - 1)];
        12 -> #{a => body(Depth - 1), body(0) => body(Depth - 1)};
        13 -> guard(Depth - 1);
        14 -> {pick([map_get, is_map_key]), body(Depth - 1), body(Depth - 1)};
        15 -> {'andalso', body(0), body(Depth - 1)};
        16 -> {{}}
    end.
