%% The last call of a function, of a function that is known only then, and does nothing but raise: the trace has the caller.
-module(applied_last).
-export([main/0]).

main() ->
    [try outer(What) catch Class:Reason:Stack ->
         io:format("~p ~p: ~p~n", [What, {Class, Reason}, [{F, A} || {M, F, A, _} <- Stack, M =:= ?MODULE, F =/= main]])
     end || What <- lists:seq(1, 16)].

outer(What) ->
    id(inner(What)),
    id(ok).

inner(1) -> (id(erlang)):(id(error))(oops);
inner(2) -> (id(erlang)):(id(error))(oops, [shown]);
inner(3) -> (id(erlang)):(id(exit))(oops);
inner(4) -> (id(erlang)):(id(throw))(oops);
inner(5) -> (id(erlang)):(id(apply))(erlang, error, [oops]);
inner(6) -> (id(erlang)):(id(apply))(erlang, apply, [erlang, error, [oops, [shown]]]);
inner(7) -> apply(id(erlang), id(apply), id([erlang, error, [oops]]));
inner(8) -> (id(erlang)):(id(apply))(erlang, apply, [erlang, apply, [erlang, exit, [oops]]]);
inner(9) -> (id(erlang)):(id(apply))(erlang, atom_to_list, [1]);
inner(10) -> (id(erlang)):(id(atom_to_list))(1);
inner(11) -> (id(erlang)):(id(apply))(erlang, error, oops);
inner(12) -> (id(erlang)):(id(apply))(fun erlang:error/1, [oops]);
inner(13) -> apply(id(erlang), id(error), id([oops]));
inner(14) -> (id(fun erlang:error/1))(oops);
inner(15) -> (id(erlang)):(id(apply))(lists, reverse, [a | b]);
inner(16) -> (id(erlang)):(id(apply))(lists, 1, []).

id(X) -> X.
