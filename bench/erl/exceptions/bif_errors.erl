%% Wrong arguments to BIFs, tried and answered, as parsers of user input do.
-module(bif_errors).
-export([main/0]).

main() -> bench:cpu(fun() -> loop(120000, "12x", maps:from_list([{0, zero}]), 0) end, 480000).

loop(0, _, _, Acc) -> Acc;
loop(N, Text, Map, Acc) ->
    A = try list_to_integer(Text) catch error:badarg -> 1 end,
    B = case catch binary_to_existing_atom(<<"no such atom, surely">>) of {'EXIT', _} -> 1; _ -> 0 end,
    C = try element(N + 1, {a}) catch error:_ -> 1 end,
    D = try maps:get(N, Map) catch error:{badkey, N} -> 1 end,
    loop(N - 1, Text, Map, Acc + A + B + C + D).
