%% AES-256 in GCM: a kilobyte encrypted, and decrypted.
-module(aes_gcm).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(crypto),
    Key = binary:copy(<<7>>, 32),
    IV = binary:copy(<<9>>, 12),
    Text = binary:copy(<<"0123456789abcdef">>, 64),
    Both = fun() ->
        {Secret, Tag} = crypto:crypto_one_time_aead(aes_256_gcm, Key, IV, Text, <<"aad">>, true),
        Text = crypto:crypto_one_time_aead(aes_256_gcm, Key, IV, Secret, <<"aad">>, Tag, false)
    end,
    bench:cpu(fun() -> loop(Both, 30000) end, ok).

loop(_, 0) -> ok;
loop(F, Rounds) ->
    F(),
    loop(F, Rounds - 1).
