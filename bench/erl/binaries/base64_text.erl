%% OTP's base64, both ways.
-module(base64_text).
-export([main/0]).

main() ->
    Data = binary:copy(<<0, 1, 2, 250, 251, 252, "some more of this">>, 4000),
    bench:cpu(fun() -> loop(6, Data) end, 92000).

loop(0, Data) -> byte_size(Data);
loop(N, Data) -> Text = base64:encode(Data), Data = base64:decode(Text), loop(N - 1, Data).
