%% badarith and badarg of arithmetic and of conversions.
-module(arithmetic_errors).
-export([main/0]).

main() ->
    Fs = [fun() -> id(1) / id(0) end, fun() -> id(1) div id(0) end, fun() -> id(1) rem id(0) end,
          fun() -> id(a) + 1 end, fun() -> 1.0 band id(2) end, fun() -> math:sqrt(id(-1)) end,
          fun() -> math:log(id(0)) end, fun() -> id(1.0e308) * id(1.0e308) end, fun() -> id(1) bsl id(a) end,
          fun() -> list_to_integer(id("12x")) end, fun() -> list_to_float(id("1")) end,
          fun() -> binary_to_integer(id(<<"">>)) end, fun() -> integer_to_list(id(5), id(37)) end,
          fun() -> trunc(id(a)) end, fun() -> abs(id(<<>>)) end, fun() -> -id(foo) end, fun() -> bnot id(1.5) end,
          fun() -> float(1 bsl id(2000)) end, fun() -> math:exp(id(1000)) end],
    [try io:format("~p~n", [F()]) catch C:R:S -> [{M, N, A, I} | _] = S,
         io:format("~p ~p ~p ~p ~p ~p~n", [C, R, M, N, A, proplists:get_value(error_info, I)]) end || F <- Fs].

id(X) -> X.
