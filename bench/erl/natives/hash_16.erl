%% SHA-256 of 16 bytes.
-module(hash_16).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(crypto),
    bench:cpu(fun() -> loop(fun() -> crypto:hash(sha256, <<"0123456789abcdef">>) end, 100000) end, ok).

loop(_, 0) -> ok;
loop(F, Rounds) ->
    F(),
    loop(F, Rounds - 1).
