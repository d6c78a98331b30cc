%% Calls functions with right and wrong arguments and prints what comes of it: the result, or class, reason, the function that the stack
%% trace names first and what its error_info says of the arguments.
-module(bif_calls).
-export([call/3, calls/2, wrong/3, shape/3, shapes/2]).

%% One call.
call(M, F, A) -> print(M, F, A, fun(R) -> plain(R) end).

%% Several: [{Function, Arguments}].
calls(M, Calls) -> [call(M, F, A) || {F, A} <- Calls], ok.

%% As call, but of the result only the shape is printed: it differs from run to run.
shape(M, F, A) -> print(M, F, A, fun(R) -> shape(R) end).
shapes(M, Calls) -> [shape(M, F, A) || {F, A} <- Calls], ok.

%% Calls with each argument in turn replaced by terms of all kinds.
wrong(M, F, Good) ->
    [print(M, F, replace(I, Good, Term), fun(R) -> shape(R) end)
     || I <- lists:seq(1, length(Good)), Term <- terms()],
    ok.

replace(1, [_ | Rest], Term) -> [Term | Rest];
replace(I, [A | Rest], Term) -> [A | replace(I - 1, Rest, Term)].

terms() ->
    [atom, 0, 7, -1, 1 bsl 70, -(1 bsl 70), 1.5, [], "ab", [a | b], [-1], {}, {a, b}, <<>>, <<1, 2>>, <<1:3>>, #{}, #{a => 1},
     self(), make_ref(), fun erlang:self/0].

print(M, F, A, Show) ->
    Outcome = try apply(M, F, A) of
                  Result -> Show(Result)
              catch
                  Class:Reason:Stack -> {Class, plain(Reason), first(Reason, Stack)}
              end,
    io:format("~w ~0P -> ~0P~n", [F, plain(A), 30, Outcome, 60]).

first(Reason, [{M, F, Args, Info} | _] = Stack) ->
    Arity = case is_list(Args) of true -> length(Args); false -> {body, Args} end,
    Text = case lists:keyfind(error_info, 1, Info) of
               {_, #{module := Module}} -> Module:format_error(Reason, Stack);
               {_, _} -> error_info;
               false -> none
           end,
    {M, F, Arity, Text};
first(_, []) -> none.

%% The term without what differs between two runs.
plain(T) when is_pid(T) -> pid;
plain(T) when is_reference(T) -> ref;
plain(T) when is_port(T) -> port;
plain(T) when is_function(T) -> 'fun';
plain([H | T]) -> [plain(H) | plain(T)];
plain(T) when is_tuple(T) -> list_to_tuple(plain(tuple_to_list(T)));
plain(T) when is_map(T) -> maps:from_list(plain(lists:sort(maps:to_list(T))));
plain(T) -> T.

shape(T) when is_integer(T), T < 0 -> negative;
shape(T) when is_integer(T) -> integer;
shape(T) when is_float(T) -> float;
shape(T) when is_boolean(T) -> T;
shape(T) when is_atom(T) -> T;
shape(T) when is_bitstring(T) -> bits;
shape([]) -> [];
shape([H | T]) -> case is_integer(H) of true -> string_or_list; false -> [shape(H) | rest(T)] end;
shape(T) when is_tuple(T) -> list_to_tuple([shape(E) || E <- tuple_to_list(T)]);
shape(T) when is_map(T) -> map;
shape(T) -> plain(T).

rest([]) -> [];
rest(_) -> '...'.
