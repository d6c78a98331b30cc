%% Random bytes, 32 at a time.
-module(random_bytes).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(crypto),
    bench:cpu(fun() -> loop(fun() -> crypto:strong_rand_bytes(32) end, 200000) end, ok).

loop(_, 0) -> ok;
loop(F, Rounds) ->
    F(),
    loop(F, Rounds - 1).
