%% Ed25519: signed, and verified.
-module(ed25519).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(crypto),
    {Public, Private} = crypto:generate_key(eddsa, ed25519),
    Both = fun() ->
        Signature = crypto:sign(eddsa, none, <<"a message">>, [Private, ed25519]),
        true = crypto:verify(eddsa, none, <<"a message">>, Signature, [Public, ed25519])
    end,
    bench:cpu(fun() -> loop(Both, 1000) end, ok).

loop(_, 0) -> ok;
loop(F, Rounds) ->
    F(),
    loop(F, Rounds - 1).
