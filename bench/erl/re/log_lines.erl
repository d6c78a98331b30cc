%% Fields of log lines by a compiled expression with captures.
-module(log_lines).
-export([main/0]).

main() ->
    {ok, Re} = re:compile("^(\\d+\\.\\d+\\.\\d+\\.\\d+) - (\\w+) \\[([^\\]]+)\\] \"(GET|POST) ([^ ]+)\" (\\d{3})"),
    Line = <<"192.168.10.23 - alice [10/Oct/2025:13:55:36 +0000] \"GET /index.html\" 200 1234">>,
    bench:cpu(fun() -> loop(40000, Re, Line, 0) end, 8640000).

loop(0, _, _, Acc) -> Acc;
loop(N, Re, Line, Acc) ->
    {match, [_, User, _, _, Path, Status]} = re:run(Line, Re, [{capture, all_but_first, binary}]),
    loop(N - 1, Re, Line, Acc + byte_size(User) + byte_size(Path) + binary_to_integer(Status)).
