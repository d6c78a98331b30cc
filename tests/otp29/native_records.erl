%% Native records: making, changing, matching and asking, by the module that defines them and by others; errors; order, hashes,
%% external terms, processes and tables. native_records_other has the outside view.
-module(native_records).
-export([main/0]).
-export([point/1, private/0, get_x/1, set/2, any_x/1, any_set/2, match/1, run/2, plain/1]).
-export_record([point]).
-record #point{x = 1, y, z = [a, #{k => "v"}]}.
-record #private{a = {1, 2}, b = 3.5, c = <<"bin">>}.
-record #empty{}.
-record #numbers{small = -7, large = 1 bsl 70, wide = 1 bsl 62, negative = -(1 bsl 70), none = [], real = 1.0e300, atom = ok}.
-record #order{zz = 0, true = 1, aa = 2}.

point(Y) -> #point{y = Y}.
private() -> #private{}.
get_x(R) -> R#point.x.
set(R, X) -> R#point{x = X}.
any_x(R) -> R#_.x.
any_set(R, X) -> R#_{x = X}.
match(#point{x = X, y = Y}) -> {X, Y};
match(#private{a = A}) -> {private, A};
match(#_{x = X}) -> {any, X};
match(#_{}) -> record;
match(_) -> no.

guard(R) when R#point.x > 1 -> big;
guard(_) -> small.

is1(R) when is_record(R) -> yes;
is1(_) -> no.
is2(R) when is_record(R, point) -> yes;
is2(_) -> no.
is3(R) when is_record(R, native_records, private) -> yes;
is3(_) -> no.

%% Records, and maps, as terms that every release prints in the same way.
plain(R) when is_record(R) ->
    {'#', records:get_module(R), records:get_name(R), records:is_exported(R),
     [{F, plain(records:get(F, R))} || F <- records:get_field_names(R)]};
plain([H | T]) -> [plain(H) | plain(T)];
plain(T) when is_tuple(T) -> list_to_tuple(plain(tuple_to_list(T)));
plain(M) when is_map(M) -> {map, plain(lists:sort(maps:to_list(M)))};
plain(T) -> T.

run(Name, F) ->
    Result = try F() catch C:E:S -> {C, E, erlang:delete_element(4, hd(S))} end,
    io:format("~w: ~w~n", [plain(Name), plain(Result)]).

main() ->
    P = point(7), Q = private(), E = #empty{},
    All = [P, Q, E, {point, 1, 2, 3}, #{x => 1}, a],
    Other = native_records_other,
    run(made, fun() -> [P, Q, E, #numbers{}, #order{aa = 5}] end),
    run(changed, fun() -> [set(P, 2), P#point{z = 1, y = 2, x = 3}, P, any_set(P, 4)] end),
    run(fields, fun() -> [get_x(P), P#point.y, any_x(P), Q#private.c] end),
    run(matched, fun() -> [match(X) || X <- All] end),
    run(guards, fun() -> [guard(X) || X <- [set(P, 2) | All]] end),
    run(tests, fun() -> [{is1(X), is2(X), is3(X)} || X <- All] end),
    [run({bad, X}, fun() -> set(X, 1) end) || X <- [a, {point, 1, 2, 3}]],
    run(bad_private, fun() -> set(Q, 1) end),
    run(bad_get, fun() -> get_x(Q) end),
    run(bad_get_any, fun() -> any_x(Q) end),
    run(bad_get_atom, fun() -> any_x(a) end),
    run(bad_set_any, fun() -> any_set(E, 1) end),
    run(bad_set_atom, fun() -> any_set(a, 1) end),

    run(outside, fun() -> [Other:make(1), Other:make_imported(2), Other:set(P, 5), Other:get_x(P), Other:any_x(P)] end),
    run(no_value, fun() -> Other:make_without() end),
    run(no_field, fun() -> Other:make_with_more() end),
    run(not_exported, fun() -> Other:make_private() end),
    run(not_defined, fun() -> Other:make_undefined() end),
    run(no_module, fun() -> Other:make_of_nowhere() end),
    run(caught, fun() -> {Other:try_make(), Other:try_set(P)} end),
    run(set_other, fun() -> Other:set(Q, 5) end),
    run(set_field, fun() -> Other:set_unknown(P) end),
    run(set_private, fun() -> Other:set_private(Q) end),
    run(get_private, fun() -> Other:get_private(Q) end),
    run(get_unknown, fun() -> Other:get_unknown(P) end),
    run(any_private, fun() -> Other:any_a(Q) end),
    run(any_set_private, fun() -> Other:any_set(Q) end),
    run(any_set_atom, fun() -> Other:any_set(a) end),
    run(outside_matched, fun() -> [{Other:match(X), Other:name(X), Other:guard(X)} || X <- All] end),
    run(is_record, fun() -> [{is_record(X, id(point)), is_record(X, native_records, id(private)), is_record(X, point, id(4))} || X <- All] end),
    run(is_record_bad, fun() -> is_record(P, id(1)) end),
    run(is_record_worse, fun() -> is_record(P, a, id("b")) end),

    records(P, Q, E),
    terms(P, Q, E),
    places(P, Q, E).

records(P, Q, E) ->
    [run({F, X}, fun() -> records:F(X) end) || F <- [get_module, get_name, get_field_names, is_exported], X <- [P, Q, E, a, {point, 1}]],
    [run({get, K, X}, fun() -> records:get(K, X) end) || {K, X} <- [{x, P}, {no, P}, {1, P}, {x, E}, {x, a}]],
    [run({definition, M, N}, fun() -> records:get_definition(M, N) end) ||
        {M, N} <- [{native_records, point}, {native_records, private}, {native_records, empty}, {native_records, numbers},
                   {native_records, order}, {native_records, no}, {nowhere, point}, {1, point}, {native_records, 1}]],
    O = #{is_exported => true},
    [run({create, A}, fun() -> apply(records, create, A) end) ||
        A <- [[m, n, [], O], [m, n, [{b, 1}, {a, [x]}], O#{is_exported := false}], ['_', '_', [], O], [m, n, [], #{}], [m, n, [], []],
              [m, n, [], #{is_exported => 1}], [m, n, [], O#{more => 1}], [1, n, [], O], [m, "n", [], O], [1, "n", [{1, 2}], x],
              [m, n, [a], O], [m, n, [{a, 1, 2}], O], [m, n, [{a, 1} | b], O], [m, n, x, O], [m, n, #{a => 1}, O], [m, n, [{1, 1}], O],
              [m, n, [{a, 1}, {2, 2}], O], [m, n, [{a, 1}, {a, 2}], O], [m, n, [{2, 2}, {a, 1}, {a, 1}], O], [m, n, [{1, 1}, a], O],
              [m, n, [a, {1, 1}], O], [m, n, [{1, 1} | b], O], [m, n, x, y], [m, n, [{1, 1}], #{}]]],
    Many = [{list_to_atom("f" ++ integer_to_list(I)), I} || I <- lists:seq(1, 300)],
    Big = records:create(m, big, Many, O),
    run(big, fun() -> {[{F, records:get(F, Big)} || F <- records:get_field_names(Big)] =:= Many,
                       records:get(f299, records:update(Big, m, big, maps:from_list([{F, I * 2} || {F, I} <- Many])))} end),
    run(big_twice, fun() -> records:create(m, big, Many ++ [{f150, 1}], O) =:= a end),
    [run({update, A}, fun() -> apply(records, update, [P | A]) end) ||
        A <- [[native_records, point, #{}], [native_records, point, #{x => 5, y => 6}], [native_records, '_', #{x => 5}], ['_', '_', #{x => 5}],
              [1, '_', #{x => 5}], ['_', point, #{x => 5}], [m, point, #{x => 5}], [1, point, #{x => 5}], [native_records, 2, #{x => 5}],
              [native_records, point, x], [native_records, point, [{x, 1}]], [native_records, point, #{q => 5}],
              [native_records, point, #{1 => 5}], [native_records, point, #{x => 1, "k" => 5}], [1, 2, 3]]],
    run(update_private, fun() -> records:update(Q, native_records, private, #{a => 2}) end),
    run(update_atom, fun() -> records:update(a, native_records, point, #{x => 1}) end),
    run(update_worse, fun() -> records:update(a, 1, 2, 3) end),
    run(update_empty, fun() -> records:update(E, native_records, empty, #{a => 1}) end).

terms(P, Q, E) ->
    C = fun(M, N, Fs, Exported) -> records:create(M, N, Fs, #{is_exported => Exported}) end,
    L = [C(m, n, [], true), C(m, n, [{a, 1}], true), C(m, n, [{b, 1}], true), C(m, n, [{a, 2}], true), C(m, n, [{a, 1}, {b, 2}], true),
         C(m, n, [{b, 2}, {a, 1}], true), C(m, n, [{b, 1}, {a, 2}], true), C(m, o, [{a, 1}], true), C(k, z, [{a, 1}, {b, 2}], true),
         C(m, n, [{a, 1}], false), C(m, n, [{a, 1.0}], true), C(m, n, [{b, 1}, {a, 1}], true), C(m, n, [{a, 5}, {c, 1}], true),
         C(m, n, [], false), C(m, n, [{c, 0}], true), C(m, n, [{a, [P]}], true), C(m, n, [{a, [Q]}], true)],
    run(sorted, fun() -> lists:sort(L) end),
    run(keys_sorted, fun() -> maps:keys(maps:from_keys(L, 1)) end),
    run(compared, fun() -> [[compare(X, Y) || Y <- L] || X <- L] end),
    run(types, fun() -> lists:sort([<<1>>, [1], [], #{a => 1}, #{}, P, E, {}, {1}, a, 1, 1.5]) end),
    %% Of records with several fields that differ, OTP's hash depends on the order in which atoms were made.
    H = [X || X <- [E, [E], {E, E}, #{E => E}, C(m, n, [{b, 1}, {a, 1}], true), C(m, n, [{a, E}], true) | lists:sublist(L, 15)], not is_record(X) orelse length(records:get_field_names(X)) < 2],
    run(phash2, fun() -> [erlang:phash2(X, 1 bsl 32) || X <- H] end),
    run(phash, fun() -> [erlang:phash(X, 1 bsl 32) || X <- H] end),
    run(equal_hashes, fun() -> [erlang:phash2(X) =:= erlang:phash2(binary_to_term(term_to_binary(X))) || X <- [P, Q, #{P => Q} | L]] end),
    run(encoded, fun() -> [term_to_binary(X, [{minor_version, 2}]) || X <- [P, Q, E, #{P => E} | L]] end),
    run(decoded, fun() -> [binary_to_term(term_to_binary(X)) =:= X || X <- [P, Q, E, #{P => E}, [P | Q] | L]] end),
    run(sizes, fun() -> [erlang:external_size(X) =:= byte_size(term_to_binary(X)) || X <- [P, Q, E | L]] end),
    D = <<131, 67, 0, 0, 0>>,
    [run({decode, X}, fun() -> binary_to_term(X) end) ||
        X <- [<<D/binary, 1, 1, 119, 1, "m", 119, 1, "n", 119, 1, "a", 97, 1>>, <<D/binary, 1, 2, 119, 1, "m", 119, 1, "n", 119, 1, "a", 97, 1>>,
              <<D/binary, 2, 1, 119, 1, "m", 119, 1, "n", 119, 1, "a", 119, 1, "a", 97, 1, 97, 2>>, <<D/binary, 1, 1, 97, 1, 119, 1, "n", 119, 1, "a", 97, 1>>,
              <<D/binary, 1, 1, 119, 1, "m", 97, 1, 119, 1, "a", 97, 1>>, <<D/binary, 1, 1, 119, 1, "m", 119, 1, "n", 97, 1, 97, 1>>,
              <<D/binary, 2, 1, 119, 1, "m", 119, 1, "n", 119, 1, "a">>, <<131, 67, 0, 255, 255, 255, 1, 119, 1, "m">>, <<131, 67, 255, 255, 255, 255, 1>>,
              <<131, 67, 0, 0>>]],
    run(safe, fun() -> binary_to_term(<<D/binary, 1, 1, 119, 1, "m", 119, 1, "n", 119, 7, "unheard", 97, 1>>, [safe]) end),
    run(used, fun() -> binary_to_term(<<D/binary, 1, 1, 119, 1, "m", 119, 1, "n", 119, 1, "a", 97, 1, 0, 0>>, [used]) end),
    Deep = lists:foldl(fun(_, A) -> C(m, n, [{a, A}], true) end, [], lists:seq(1, 5000)),
    run(deep, fun() -> {Deep =:= binary_to_term(term_to_binary(Deep)), Deep < C(m, n, [{a, Deep}], true), erlang:phash2(Deep) =:= erlang:phash2(binary_to_term(term_to_binary(Deep)))} end).

compare(X, Y) when X < Y -> lt;
compare(X, Y) when X > Y -> gt;
compare(X, Y) when X =:= Y -> same;
compare(X, Y) when X == Y -> eq.

places(P, Q, E) ->
    run(message, fun() -> self() ! {P, [Q | E]}, receive {P, [Q | E]} = M -> M end end),
    run(other_process, fun() ->
        Self = self(),
        Pid = spawn(fun() -> receive R -> Self ! {self(), set(R, [R])} end end),
        Pid ! P,
        receive {Pid, R} -> R end
    end),
    run(table, fun() ->
        T = ets:new(t, [ordered_set]),
        true = ets:insert(T, [{P, 1}, {#{P => E}, Q}, {Q, E}, {P#point{y = 1.0}, 2}, {P#point{y = 1}, 3}]),
        {ets:lookup(T, P), ets:tab2list(T), ets:match(T, {P, '$1'}), ets:select(T, [{{'$1', '_'}, [{is_record, '$1', native_records, point}], ['$1']}])}
    end),
    run(match_spec, fun() -> ets:match_spec_run([{P}, {Q}, {1}], ets:match_spec_compile([{{P}, [], ['$_']}])) end),
    run(match_spec_variable, fun() -> ets:match_spec_run([{P}, {Q}], ets:match_spec_compile([{{P#point{y = '_'}}, [], ['$_']}])) end),
    run(key, fun() -> M = #{P => 1, Q => 2, E => 3}, {maps:get(point(7), M), maps:get(P#point{y = 8}, M, none), M} end),
    run(dictionary, fun() -> put(P, Q), erlang:garbage_collect(), {get(point(7)), erase(P)} end),
    run(persistent, fun() -> persistent_term:put(native_records, {P, Q}), persistent_term:get(native_records) end),
    run(collected, fun() -> collect(P, 1000, []) end),
    run(tried, fun() -> [catch tuple_size(id(P)), catch element(1, id(P)), catch map_size(id(P)), catch hd(id(P)), is_tuple(id(P)), is_map(id(P))] =:= a end),
    erlang:display([E, {P#point{z = "text"}}]).

collect(R, 0, Kept) -> {R, length(Kept), lists:all(fun(#point{y = Y}) -> is_list(Y) end, Kept)};
collect(#point{x = X} = R, N, Kept) ->
    K = R#point{y = lists:seq(1, N rem 7)},
    N rem 100 =:= 0 andalso erlang:garbage_collect(),
    collect(R#point{x = X + 1}, N - 1, [K | lists:sublist(Kept, 50)]).

id(X) -> X.
