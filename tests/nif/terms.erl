%% What terms are, what is in them, and making them.
-module(terms).
-export([main/0]).
-on_load(init/0).

init() -> erlang:load_nif("./terms", []).

-define(STUB, erlang:nif_error(not_loaded)).
types(_) -> ?STUB.
numbers(_) -> ?STUB.
bad_double() -> ?STUB.
bad_double(_) -> ?STUB.
atoms(_) -> ?STUB.
existing(_) -> ?STUB.
new_atom(_) -> ?STUB.
strings(_) -> ?STUB.
lists(_) -> ?STUB.
tuples(_) -> ?STUB.
order(_, _) -> ?STUB.
hashes(_, _) -> ?STUB.
maps(_, _, _) -> ?STUB.
map_of(_, _) -> ?STUB.
bytes(_, _) -> ?STUB.
is_bytes(_) -> ?STUB.
external(_) -> ?STUB.
formatted(_) -> ?STUB.
raise(_) -> ?STUB.
copies(_) -> ?STUB.
many(_) -> ?STUB.
identities(_) -> ?STUB.
clocks() -> ?STUB.
texts(_) -> ?STUB.

values() ->
    Long = binary:copy(<<"0123456789">>, 20),
    <<_:3, Odd:77/bitstring, _/bits>> = Long,
    <<_:3, Unaligned:80/bitstring, _/bits>> = Long,
    <<_:16, Part:900/bitstring, _/bits>> = Long,
    [a, '', 'with space', 'åä', 'x€y', true, [], [1 | 2], [1, 2, 3], "text", {}, {1}, {a, "b", <<"c">>}, 0, 1, -1, 1 bsl 31 - 1, 1 bsl 31, -(1 bsl 31), -(1 bsl 31) - 1,
     1 bsl 32 - 1, 1 bsl 32, 1 bsl 59, 1 bsl 60, -(1 bsl 60), 1 bsl 63 - 1, 1 bsl 63, -(1 bsl 63), -(1 bsl 63) - 1, 1 bsl 64 - 1, 1 bsl 64, 1 bsl 200, 0.0, 1.5, -1.0e300, 1.0e-300,
     <<>>, <<1, 2, 3>>, Long, Odd, Unaligned, Part, <<5:3>>, #{}, #{a => 1}, maps:from_list([{I, I * I} || I <- lists:seq(1, 40)]), fun erlang:abs/1, self(), make_ref(),
     [[["deep"], <<"er">>] | <<"tail">>], [0, 255], [256], [-1], {[], #{}, [#{b => {1.0}}]}].

main() ->
    io:setopts([{encoding, unicode}]),
    Values = values(),
    each(types, fun(V) -> types(V) end, Values),
    each(numbers, fun(V) -> numbers(V) end, Values),
    show([reason(catch bad_double()), reason(catch bad_double(1))]),
    each(atoms, fun(V) -> atoms(V) end, Values),
    show([existing("never_seen_" ++ "before"), existing("erlang"), new_atom(<<"new_one">>), new_atom(<<>>), reason(catch new_atom(binary:copy(<<"x">>, 256))),
          atom_to_list(new_atom(binary:copy(<<"x">>, 255))) =:= lists:duplicate(255, $x)]),
    each(strings, fun(V) -> strings(V) end, Values ++ ["123456789", "1234567890", "12345678", [$a, 300], [$a | b]]),
    each(lists, fun(V) -> lists(V) end, [V || V <- Values, not is_map(V)]),
    each(tuples, fun(V) -> tuples(V) end, Values),
    show(length([X || A <- Values, B <- Values, X <- [order(A, B)], X =/= {sign(A, B), if A =:= B -> 1; true -> 0 end}])),
    show(length([X || V <- Values, X <- [hashes(V, binary_to_term(term_to_binary(V)))], X =/= {erlang:phash2(V), 1}])),
    Large = maps:from_list([{{k, I}, I} || I <- lists:seq(1, 100)]),
    each(maps, fun check_map/1, [{#{}, a}, {#{a => 1}, a}, {#{a => 1}, b}, {Large, {k, 7}}, {Large, {k, 1000}}, {#{1.0 => x, 1 => y}, 1}, {[], a}]),
    Flat = maps:from_list([{I, -I} || I <- lists:seq(1, 32)]),
    show([_, _, _, _, _, _, _, _] = maps(Flat, 5, x)),
    show([map_of([], []), map_of([b, a, 1, 1.0], [1, 2, 3, 4]), map_of([a, b, a], [1, 2, 3]),
          map_of(lists:seq(1, 150), lists:seq(1, 150)) =:= maps:from_list([{I, I} || I <- lists:seq(1, 150)])]),
    Bytes = [V || V <- Values, is_binary(V)] ++ ["text", [[["deep"], <<"er">>] | <<"tail">>], [<<1:1, 7:7>>, 3], [], lists:duplicate(300, $a)],
    each(bytes, fun(V) -> bytes(V, <<"abcdef">>) end, Bytes),
    each(is_bytes, fun(V) -> is_bytes(V) end, Values),
    each(external, fun(V) -> [A, Same | R] = external(V), [A, Same =:= V | R] end, [V || V <- Values, not is_reference(V), not is_pid(V)]),
    each(formatted, fun(V) -> formatted(V) end, [a, 'B c', 17, 1 bsl 70, 2.5, [1, 2], "text", {x, [], #{a => 1}}, <<1, 2>>, <<"bin">>, [], [a | b]]),
    each(raise, fun(V) -> raise(V) end, [badarg, {some, "reason"}, [1, 2]]),
    each(copies, fun(V) -> copies(V) =:= {[V, V, more], [V, V, more]} end, Values),
    show(many(100000) =:= [{I, I * 1.0e200} || I <- lists:seq(0, 99999)]),
    show(erlang:phash2(many(3))),
    [Self | Others] = identities(self()),
    show([Self =:= self() | Others]),
    os:putenv("NIF_TEST", "some value"),
    show(clocks()),
    Filled = [{N, texts(N)} || _ <- [1, 2, 3], N <- lists:seq(0, 400)],
    show([N || {N, {A, B}} <- Filled, A =/= binary:copy(<<"a">>, N) orelse (N > 64 andalso A =/= B)]).

check_map({M, K}) ->
    case maps(M, K, new) of
        [1, S, Value, Put, Updated, Removed, F, B] ->
            [S, Value, Put =:= maps:put(K, new, M), is_map(Updated) andalso Updated =:= maps:update(K, new, M), Removed =:= maps:remove(K, M),
             lists:sort(F) =:= lists:sort(maps:to_list(M)), F =:= lists:reverse(B)];
        Other -> Other
    end.

sign(A, B) when A < B -> -1;
sign(A, B) when A > B -> 1;
sign(_, _) -> 0.

each(Name, F, Values) -> show(Name), [show(reason(catch F(V))) || V <- Values].

reason({'EXIT', {Reason, [{M, F, A, L} | _]}}) -> {raised, Reason, M, F, length(A), L};
reason(Other) -> Other.

show(T) -> io:format("~ts~n", [re:replace(io_lib:format("~0tp", [T]), "#Ref<[0-9.]*>|<0\\.[0-9]+\\.0>", "ID", [global, unicode, {return, list}])]).
