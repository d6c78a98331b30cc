%% os: variables of the environment, signals, and what else it tells; the tag functions of dynamic trace.
-module(environment).
-export([main/0]).
main() ->
    bif_calls:shapes(os, [{getpid, []}, {env, []}, {type, []}, {version, []}]),
    bif_calls:wrong(os, getenv, ["NO_SUCH_VARIABLE"]),
    bif_calls:wrong(os, getenv, ["NO_SUCH_VARIABLE", "default"]),
    bif_calls:wrong(os, putenv, ["LINTEL_TEST_A", "v"]),
    bif_calls:wrong(os, unsetenv, ["LINTEL_TEST_A"]),
    bif_calls:calls(os, [{getenv, [[0]]}, {getenv, ["A=B"]}, {putenv, ["A=B", "x"]}, {putenv, ["", "x"]}, {putenv, ["A", [0]]}, {putenv, ["LINTEL_TEST_B", "é"]},
                         {getenv, ["LINTEL_TEST_B"]}, {unsetenv, ["LINTEL_TEST_B"]}, {unsetenv, ["LINTEL_TEST_B"]}, {getenv, ["LINTEL_TEST_B"]},
                         {getenv, ["LINTEL_TEST_B", dflt]}, {putenv, ["LINTEL_TEST_B", ""]}, {getenv, ["LINTEL_TEST_B"]}, {putenv, [[$L, "INT", ["EL" | "_C"]], "x"]}]),
    io:format("~p ~p~n", [os:putenv("LINTEL_TEST_D", "1"), lists:member("LINTEL_TEST_D=1", os:getenv())]),
    io:format("~p~n", [lists:keyfind("LINTEL_TEST_D", 1, os:env())]),
    bif_calls:calls(erlang, [{F, A} || {F, A} <- [{dt_get_tag, []}, {dt_get_tag_data, []}, {dt_put_tag, [undefined]}, {dt_put_tag, [<<"x">>]}, {dt_put_tag, ["x"]}, {dt_put_tag, [1]},
                                                  {dt_append_vm_tag_data, [<<"a">>]}, {dt_append_vm_tag_data, ["a"]}, {dt_prepend_vm_tag_data, [<<"a">>]}, {dt_prepend_vm_tag_data, [b]},
                                                  {dt_spread_tag, [true]}, {dt_spread_tag, [false]}, {dt_spread_tag, [x]}, {dt_restore_tag, [true]}, {dt_restore_tag, [x]}]]).
