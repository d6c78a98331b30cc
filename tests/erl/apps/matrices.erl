%% Matrices as lists of lists: products, powers by squaring, determinants over rationals, transposition, printing in columns.
-module(matrices).
-export([main/0]).

main() ->
    A = [[1, 2, 3], [4, 5, 6], [7, 8, 10]],
    print(A),
    print(multiply(A, transpose(A))),
    print(power([[1, 1], [1, 0]], 300)),
    io:format("~p ~p~n", [determinant(A), determinant([[2, 0], [0, 3]])]),
    io:format("~p~n", [determinant([[1 bsl 70, 3], [5, 1 bsl 71]])]),
    print(inverse(A)),
    io:format("~p~n", [multiply_q(inverse(A), [[q(X) || X <- R] || R <- A]) =:= identity_q(3)]),
    io:format("~p~n", [catch determinant([[1, 2], [2, 4]])]),
    io:format("~p~n", [try inverse([[1, 2], [2, 4]]) catch throw:E -> E end]),
    Big = [[(X * Y) rem 7 - 3 || X <- lists:seq(1, 30)] || Y <- lists:seq(1, 30)],
    io:format("~p~n", [erlang:phash2(multiply(Big, Big))]),
    io:format("~w~n", [[lists:sum(R) || R <- multiply(Big, transpose(Big))]]),
    Rotation = [[math:cos(0.5), -math:sin(0.5)], [math:sin(0.5), math:cos(0.5)]],
    [[C, _], [S, _]] = power(Rotation, 10),
    io:format("~.10f ~.10f~n", [C, S]),
    T = array:from_list([array:from_list(R) || R <- A]),
    io:format("~p~n", [[array:get(J, array:get(I, T)) || I <- [0, 1, 2], J <- [2, 1, 0], I + J rem 2 =/= 1]]).

transpose([[] | _]) -> [];
transpose(M) -> [[hd(R) || R <- M] | transpose([tl(R) || R <- M])].

multiply(A, B) ->
    Columns = transpose(B),
    [[lists:sum(lists:zipwith(fun(X, Y) -> X * Y end, R, C)) || C <- Columns] || R <- A].

power(M, 1) -> M;
power(M, N) when N rem 2 =:= 0 -> power(multiply(M, M), N div 2);
power(M, N) -> multiply(M, power(M, N - 1)).

%% Rationals {Numerator, Denominator} in lowest terms.
q(I) -> {I, 1}.
q(N, D) ->
    G = gcd(abs(N), abs(D)),
    Sign = if D < 0 -> -1; true -> 1 end,
    {Sign * N div G, Sign * D div G}.
gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
add({A, B}, {C, D}) -> q(A * D + C * B, B * D).
mul({A, B}, {C, D}) -> q(A * C, B * D).
neg({A, B}) -> {-A, B}.
inv({0, _}) -> throw(singular);
inv({A, B}) -> q(B, A).

determinant(M) -> element(1, eliminate([[q(X) || X <- R] || R <- M], {1, 1})).

eliminate([], D) -> D;
eliminate(Rows, D) ->
    case lists:splitwith(fun([H | _]) -> H =:= {0, 1} end, Rows) of
        {_, []} -> {0, 1};
        {Zero, [[P | Pivot] | Rest]} ->
            Sign = case length(Zero) rem 2 of 0 -> {1, 1}; 1 -> {-1, 1} end,
            Next = [[add(X, neg(mul(mul(H, inv(P)), Y))) || {X, Y} <- lists:zip(T, Pivot)] || [H | T] <- Zero ++ Rest],
            eliminate(Next, mul(mul(D, P), Sign))
    end.

identity_q(N) -> [[if I =:= J -> {1, 1}; true -> {0, 1} end || I <- lists:seq(1, N)] || J <- lists:seq(1, N)].

inverse(M) ->
    N = length(M),
    gauss([[q(X) || X <- R] ++ I || {R, I} <- lists:zip(M, identity_q(N))], N, []).

gauss([], N, Done) ->
    Ordered = lists:foldl(fun(R, Acc) -> [R | [reduce(A, R, N - length(Acc)) || A <- Acc]] end, [], Done),
    [lists:nthtail(N, R) || R <- back(Ordered, N)];
gauss(Rows, N, Done) ->
    Column = length(Done) + 1,
    case lists:partition(fun(R) -> lists:nth(Column, R) =:= {0, 1} end, Rows) of
        {_, []} -> throw(singular);
        {Zero, [P | Rest]} ->
            Scale = inv(lists:nth(Column, P)),
            Pivot = [mul(Scale, X) || X <- P],
            gauss([reduce(R, Pivot, Column) || R <- Rest ++ Zero], N, [Pivot | Done])
    end.

reduce(Row, Pivot, Column) ->
    F = neg(lists:nth(Column, Row)),
    [add(X, mul(F, Y)) || {X, Y} <- lists:zip(Row, Pivot)].

back(Rows, N) ->
    lists:foldl(fun(C, Rs) ->
                    P = lists:nth(C, Rs),
                    [if I =:= C -> R; true -> reduce(R, P, C) end || {I, R} <- lists:zip(lists:seq(1, N), Rs)]
                end, Rows, lists:seq(N, 1, -1)).

multiply_q(A, B) ->
    [[lists:foldl(fun({X, Y}, S) -> add(S, mul(X, Y)) end, {0, 1}, lists:zip(R, C)) || C <- transpose(B)] || R <- A].

print(M) ->
    Cells = [[text(X) || X <- R] || R <- M],
    Widths = [lists:max([length(C) || C <- Column]) || Column <- transpose(Cells)],
    [io:format("[~ts]~n", [lists:join(" ", [io_lib:format("~*s", [W, C]) || {W, C} <- lists:zip(Widths, R)])]) || R <- Cells].

text({N, 1}) -> integer_to_list(N);
text({N, D}) -> lists:flatten(io_lib:format("~b/~b", [N, D]));
text(X) -> lists:flatten(io_lib:format("~w", [X])).
