%% What processes share without messages: persistent terms, atomics, counters, new atoms, binaries that grow in place, unique
%% integers, references, compiled patterns.
-module(shared_words).
-export([main/0]).

main() ->
    persistent(),
    cells(),
    atoms(),
    binaries(),
    bits(),
    unique(),
    patterns().

together(Funs) ->
    Me = self(),
    Pids = [spawn_link(fun() -> Me ! {self(), F()} end) || F <- Funs],
    [receive {P, R} -> R end || P <- Pids].

persistent() ->
    Key = {?MODULE, key},
    persistent_term:put(Key, {0, list(0)}),
    Readers = [fun() -> read(Key, 2000, true) end || _ <- [1, 2, 3]],
    Writers = [fun() -> [persistent_term:put(Key, {N, list(N)}) || N <- lists:seq(1, 100)], written end || _ <- [1, 2]],
    Others = [fun() ->
                  [begin
                       persistent_term:put({?MODULE, W, N}, {W, N}),
                       {W, N} = persistent_term:get({?MODULE, W, N}),
                       N rem 2 =:= 0 andalso persistent_term:erase({?MODULE, W, N}),
                       N rem 20 =:= 0 andalso persistent_term:get()
                   end || N <- lists:seq(1, 100)],
                  length([N || N <- lists:seq(1, 100), persistent_term:get({?MODULE, W, N}, none) =/= none])
              end || W <- [1, 2, 3]],
    io:format("~p~n", [together(Readers ++ Writers ++ Others)]),
    [persistent_term:erase({?MODULE, W, N}) || W <- [1, 2, 3], N <- lists:seq(1, 100)],
    io:format("~p~n", [persistent_term:erase(Key)]).

list(N) -> [{N, integer_to_binary(N)} || _ <- lists:seq(1, N rem 5)].

read(_, 0, Right) -> Right;
read(Key, N, Right) ->
    {V, L} = persistent_term:get(Key),
    read(Key, N - 1, Right andalso L =:= list(V)).

cells() ->
    A = atomics:new(4, [{signed, true}]),
    C = counters:new(2, []),
    W = counters:new(2, [write_concurrency]),
    Work = fun() ->
               [begin
                    atomics:add(A, 1, 1),
                    atomics:sub_get(A, 2, 2),
                    exchange(A, N),
                    atomics:exchange(A, 4, N),
                    counters:add(C, 1, 1),
                    counters:sub(C, 2, 1),
                    counters:add(W, 1, 1),
                    counters:get(W, 1),
                    counters:sub(W, 2, 3)
                end || N <- lists:seq(1, 500)],
               done
           end,
    together(lists:duplicate(6, Work)),
    io:format("~p~n", [[[atomics:get(A, I) || I <- [1, 2, 3]], counters:get(C, 1), counters:get(C, 2), counters:get(W, 1), counters:get(W, 2)]]),
    %% What was written before the flag is there for who sees the flag.
    F = atomics:new(2, []),
    [_, Seen] = together([fun() -> atomics:put(F, 1, 42), atomics:put(F, 2, 1) end, fun() -> flag(F) end]),
    io:format("~p~n", [Seen]).

exchange(A, N) ->
    Old = atomics:get(A, 3),
    case atomics:compare_exchange(A, 3, Old, Old + 1) of
        ok -> ok;
        _ -> exchange(A, N)
    end.

flag(F) ->
    case atomics:get(F, 2) of
        1 -> atomics:get(F, 1);
        0 -> erlang:yield(), flag(F)
    end.

atoms() ->
    Names = ["races_atom_" ++ integer_to_list(N) || N <- lists:seq(1, 3000)],
    Made = together([fun() -> [list_to_atom(N) || N <- case W rem 2 of 0 -> Names; 1 -> lists:reverse(Names) end] end || W <- [1, 2, 3, 4]]),
    Sets = lists:usort([lists:sort(M) || M <- Made]),
    io:format("~p~n", [{length(Sets), length(hd(Sets)), lists:usort([list_to_existing_atom(N) || N <- Names]) =:= hd(Sets)}]).

%% Each goes on with the same binary: only one can have the room behind it.
binaries() ->
    Begun = lists:foldl(fun(N, B) -> <<B/binary, N:32>> end, <<>>, lists:seq(1, 500)),
    Grown = together([fun() -> lists:foldl(fun(N, B) -> <<B/binary, N:16, W>> end, Begun, lists:seq(1, 500)) end || W <- lists:seq(1, 8)]),
    io:format("~p~n", [[is_right(Begun, B, W) || {B, W} <- lists:zip(Grown, lists:seq(1, 8))]]),
    io:format("~p~n", [lists:usort(together([fun() -> [erlang:md5(binary:part(B, N, 100)) || B <- Grown, N <- [0, 100, 1000]] end || _ <- [1, 2, 3]])) =/= []]).

%% Sent after each step: who reads a bit string reads bytes that the other goes on writing to.
bits() ->
    Readers = [fun() -> lists:sum([receive {bits, B, N} -> read_bits(B, N) end || _ <- lists:seq(1, 400)]) end || _ <- [1, 2]],
    Me = self(),
    Pids = [spawn_link(fun() -> Me ! {self(), F()} end) || F <- Readers],
    lists:foldl(fun(N, B) -> Next = <<B/bitstring, N:3>>, [P ! {bits, Next, N} || P <- Pids], Next end, <<0:1024>>, lists:seq(1, 400)),
    io:format("~p~n", [[receive {P, R} -> R end || P <- Pids]]).

read_bits(B, N) ->
    Size = bit_size(B),
    Size = 1024 + 3 * N,
    Before = Size - 3,
    <<_:Before/bitstring, Last:3>> = B,
    true = Last =:= N band 7,
    true = erlang:phash2(B) =:= erlang:phash2(<<B/bitstring>>),
    Last.

is_right(Begun, B, W) ->
    B =:= <<Begun/binary, (<< <<N:16, W>> || N <- lists:seq(1, 500) >>)/binary>>.

unique() ->
    Made = lists:append(together([fun() ->
                                      [erlang:unique_integer() || _ <- lists:seq(1, 500)] ++ [make_ref() || _ <- lists:seq(1, 500)] ++
                                          [{m, erlang:unique_integer([monotonic])} || _ <- lists:seq(1, 500)]
                                  end || _ <- lists:seq(1, 6)])),
    io:format("~p~n", [length(lists:usort(Made))]).

%% One compiled regular expression, match specification, search pattern for all.
patterns() ->
    {ok, Re} = re:compile("(a+)(b*)c", []),
    Spec = ets:match_spec_compile([{{'$1', '$2'}, [{'>', '$1', 3}], ['$2']}]),
    Search = binary:compile_pattern([<<"ab">>, <<"c">>]),
    Subject = binary:copy(<<"xxaabbc">>, 20),
    io:format("~p~n", [lists:usort(together([fun() ->
                                                 lists:usort([{re:run(Subject, Re, [{capture, all, index}]),
                                                               ets:match_spec_run([{I, {i, I}} || I <- [1, 5, 9]], Spec),
                                                               length(binary:matches(Subject, Search))} || _ <- lists:seq(1, 100)])
                                             end || _ <- lists:seq(1, 6)]))]).
