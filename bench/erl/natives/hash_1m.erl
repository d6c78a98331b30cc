%% SHA-256 of a megabyte.
-module(hash_1m).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(crypto),
    Bytes = binary:copy(<<"0123456789abcdef">>, 65536),
    bench:cpu(fun() -> loop(fun() -> crypto:hash(sha256, Bytes) end, 200) end, ok).

loop(_, 0) -> ok;
loop(F, Rounds) ->
    F(),
    loop(F, Rounds - 1).
