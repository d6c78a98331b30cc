%% erlang:raise/3 with the trace of an exception just caught: class, trace, and what a later handler sees of both.
-module(raised_again).
-export([main/0]).

main() ->
    [io:format("~p ~p~n", [N, try F(a) catch C:R:S -> {C, R, own(S)} end])
     || {N, F} <- [{same, fun same/1}, {other, fun other/1}, {as_throw, fun as_throw/1}, {as_exit, fun as_exit/1}, {after_, fun after_/1},
                   {of_bif, fun of_bif/1}, {seen, fun seen/1}, {unhandled, fun unhandled/1}, {through, fun through/1}, {twice, fun twice/1}]],
    io:format("~p~n", [own(get(seen))]).

own(S) -> [E || E <- S, element(1, E) =:= ?MODULE orelse element(1, E) =:= erlang].

g(1) -> one.

same(A) -> try g(A) catch C:R:S -> erlang:raise(C, R, S) end.
other(A) -> try g(A) catch C:R:S -> erlang:raise(C, {again, R}, S) end.
as_throw(A) -> try g(A) catch _:R:S -> erlang:raise(throw, {again, R}, S) end.
as_exit(A) -> try g(A) catch _:R:S -> erlang:raise(exit, {again, R}, S) end.
after_(A) -> try g(A) after put(x, 1) end.
of_bif(A) -> try atom_to_list([A]) catch C:R:S -> erlang:raise(C, R, S) end.
seen(A) -> try g(A) catch C:R:S -> put(seen, S), erlang:raise(C, {again, R}, S) end.
unhandled(A) -> try g(A) catch error:badarg -> x end.
%% The class that it goes on with is the one it was raised with last.
through(A) -> try as_throw(A) after put(y, 1) end.
twice(A) -> try through(A) catch C:R:S -> erlang:raise(C, {twice, R}, S) end.
