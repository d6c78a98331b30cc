%% error_info of BIFs and its text by the formatter.
-module(error_info).
-export([main/0]).

main() ->
    Fs = [fun() -> atom_to_list(id(1)) end, fun() -> element(id(5), {a}) end, fun() -> binary_to_atom(id(x)) end, fun() -> list_to_binary(id([a])) end, fun() -> register(id(undefined), hd([not_a_pid])) end,
          fun() -> maps:get(id(k), #{}) end, fun() -> lists:keyfind(a, id(x), []) end, fun() -> binary:part(id(<<>>), 1, 2) end,
          fun() -> integer_to_list(id(a)) end, fun() -> erlang:monitor(id(bad), not_a_pid) end, fun() -> error(x, [1, 2], [{error_info, #{cause => why}}]) end,
          fun() -> list_to_tuple(id(a)) end, fun() -> put_it(id(a)) end],
    [try F() of V -> io:format("value ~p~n", [V]) catch C:R:S -> io:format("~p ~p ~p~n", [C, R, hd(S)]), text(C, R, S) end || F <- Fs].

put_it(X) -> tuple_to_list(X).

text(C, R, S) ->
    io:format("~ts~n", [erl_error:format_exception(C, R, [hd(S)])]).

id(X) -> X.
