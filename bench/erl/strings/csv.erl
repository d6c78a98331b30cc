%% Rows of a CSV file split, numbers read, a report written.
-module(csv).
-export([main/0]).

main() ->
    Rows = iolist_to_binary([[integer_to_list(I), ",name", integer_to_list(I * 7 rem 100), ",", integer_to_list(I * 3), ".5,x\n"]
                             || I <- lists:seq(1, 12000)]),
    bench:cpu(fun() -> report(binary:split(Rows, <<"\n">>, [global, trim]), 0.0, []) end, {2.8803e8,188026}).

report([], Sum, Out) -> {Sum, iolist_size(lists:reverse(Out))};
report([Row | Rows], Sum, Out) ->
    [Id, Name, Price, _] = string:split(Row, ",", all),
    Value = binary_to_float(Price) + binary_to_integer(Id),
    report(Rows, Sum + Value, [[string:uppercase(Name), $\t, float_to_binary(Value, [{decimals, 2}]), $\n] | Out]).
