%% OTP's crypto.
-module(crypto_use).
-export([main/0]).

main() ->
    show(info, crypto:info_lib()),
    show(supports, [{K, lists:sort(V)} || {K, V} <- crypto:supports()]),
    Text = <<"The quick brown fox jumps over the lazy dog">>,
    Large = binary:copy(Text, 5000),
    [show(H, catch hex(crypto:hash(H, T))) || H <- [md5, sha, sha224, sha256, sha384, sha512, sha3_256, blake2b, ripemd160, none], T <- [Text, [Text, "more" | <<1>>], Large]],
    S = crypto:hash_update(crypto:hash_update(crypto:hash_init(sha256), "The quick "), Large),
    show(hash_in_parts, hex(crypto:hash_final(S))),
    show(hash_info, crypto:hash_info(sha512)),
    [show({mac, T, Sub}, catch hex(crypto:mac(T, Sub, K, Text))) || {T, Sub, K} <- [{hmac, sha256, <<"key">>}, {hmac, md5, "key"}, {cmac, aes_128_cbc, <<1:128>>}, {hmac, nothing, <<>>}]],
    show(poly, hex(crypto:mac(poly1305, <<7:256>>, Text))),
    show(macN, hex(crypto:macN(hmac, sha, <<"key">>, Large, 10))),
    M = crypto:mac_update(crypto:mac_init(hmac, sha512, <<"key">>), Text),
    show(mac_in_parts, hex(crypto:mac_final(M))),
    Key = <<1:128>>, Iv = <<2:128>>,
    [begin
         #{key_length := KL, iv_length := IL} = crypto:cipher_info(C),
         K = binary:part(binary:copy(<<1, 2, 3>>, 20), 0, KL),
         I = binary:part(binary:copy(<<9, 8>>, 20), 0, IL),
         Padded = binary:part(Large, 0, 4096),
         E = crypto:crypto_one_time(C, K, I, Padded, true),
         show(C, {erlang:phash2(E), crypto:crypto_one_time(C, K, I, E, false) =:= Padded})
     end || C <- [aes_128_cbc, aes_256_cbc, aes_128_ctr, aes_256_cfb8, aes_192_cfb128, chacha20, des_ede3_cbc]],
    show(ecb, hex(crypto:crypto_one_time(aes_128_ecb, Key, binary:part(Text, 0, 32), true))),
    [begin
         {E, Tag} = crypto:crypto_one_time_aead(C, binary:copy(<<5>>, N), <<3:96>>, Text, <<"aad">>, true),
         show(C, {hex(E), hex(Tag), crypto:crypto_one_time_aead(C, binary:copy(<<5>>, N), <<3:96>>, E, <<"aad">>, Tag, false) =:= Text,
                  crypto:crypto_one_time_aead(C, binary:copy(<<5>>, N), <<3:96>>, E, <<"other">>, Tag, false)})
     end || {C, N} <- [{aes_128_gcm, 16}, {aes_256_gcm, 32}, {aes_128_ccm, 16}, {chacha20_poly1305, 32}]],
    St = crypto:crypto_init(aes_128_ctr, Key, Iv, [{encrypt, true}]),
    show(stream, hex([crypto:crypto_update(St, "part one"), crypto:crypto_update(St, "two"), crypto:crypto_final(St)])),
    Pad = crypto:crypto_init(aes_128_cbc, Key, Iv, [{encrypt, true}, {padding, pkcs_padding}]),
    show(padding, hex([crypto:crypto_update(Pad, Text), crypto:crypto_final(Pad)])),
    show(bad_key, reason(catch crypto:crypto_one_time(aes_128_cbc, <<1>>, Iv, Text, true))),
    show(bad_cipher, reason(catch crypto:crypto_one_time(rot13, Key, Iv, Text, true))),
    show(bad_iv, reason(catch crypto:crypto_one_time(aes_128_cbc, Key, <<1>>, Text, true))),
    show(random, [byte_size(crypto:strong_rand_bytes(N)) || N <- [0, 1, 64, 65, 100000]]),
    show(random_different, crypto:strong_rand_bytes(16) =/= crypto:strong_rand_bytes(16)),
    show(random_uniform, lists:all(fun(N) -> N >= 10 andalso N < 20 end, [crypto:rand_uniform(10, 20) || _ <- lists:seq(1, 200)])),
    _ = crypto:rand_seed(),
    show(rand, lists:all(fun(N) -> N >= 1 andalso N =< 6 end, [rand:uniform(6) || _ <- lists:seq(1, 200)])),
    show(pbkdf2, hex(crypto:pbkdf2_hmac(sha256, <<"password">>, <<"salt">>, 1000, 32))),
    show(exor, hex(crypto:exor(<<1, 2, 3, 4>>, <<255, 0, 255, 0>>))),
    show(equal, [crypto:hash_equals(<<"abc">>, <<"abc">>), crypto:hash_equals(<<"abc">>, <<"abd">>), reason(catch crypto:hash_equals(<<"a">>, <<"ab">>))]),
    show(mod_pow, crypto:mod_pow(3, 1 bsl 70, 1000000007)),
    [begin
         {PubA, PrivA} = crypto:generate_key(ecdh, Curve),
         {PubB, PrivB} = crypto:generate_key(ecdh, Curve),
         show({ecdh, Curve}, crypto:compute_key(ecdh, PubA, PrivB, Curve) =:= crypto:compute_key(ecdh, PubB, PrivA, Curve))
     end || Curve <- [secp256r1, secp384r1, x25519, x448, brainpoolP256r1]],
    show(fixed_ecdh, hex(element(1, crypto:generate_key(ecdh, secp256r1, <<1:256>>)))),
    {EcPub, EcPriv} = crypto:generate_key(ecdh, secp256r1),
    Sig = crypto:sign(ecdsa, sha256, Text, [EcPriv, secp256r1]),
    show(ecdsa, [crypto:verify(ecdsa, sha256, Text, Sig, [EcPub, secp256r1]), crypto:verify(ecdsa, sha256, Large, Sig, [EcPub, secp256r1])]),
    {EdPub, _} = crypto:generate_key(eddsa, ed25519, <<7:256>>),
    EdSig = crypto:sign(eddsa, none, Text, [<<7:256>>, ed25519]),
    show(eddsa, {hex(EdPub), hex(EdSig), crypto:verify(eddsa, none, Text, EdSig, [EdPub, ed25519])}),
    {RsaPub, RsaPriv} = crypto:generate_key(rsa, {1024, 65537}),
    RsaSig = crypto:sign(rsa, sha256, Text, RsaPriv),
    show(rsa, [byte_size(RsaSig), crypto:verify(rsa, sha256, Text, RsaSig, RsaPub), crypto:verify(rsa, sha, Text, RsaSig, RsaPub),
               crypto:verify(rsa, sha256, Text, crypto:sign(rsa, sha256, Text, RsaPriv, [{rsa_padding, rsa_pkcs1_pss_padding}]), RsaPub, [{rsa_padding, rsa_pkcs1_pss_padding}])]),
    show(rsa_crypt, crypto:private_decrypt(rsa, crypto:public_encrypt(rsa, <<"secret">>, RsaPub, rsa_pkcs1_oaep_padding), RsaPriv, rsa_pkcs1_oaep_padding)),
    Group = [16#FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF, 2],
    {DhPubA, DhPrivA} = crypto:generate_key(dh, Group),
    {DhPubB, DhPrivB} = crypto:generate_key(dh, Group),
    show(dh, catch crypto:compute_key(dh, DhPubA, DhPrivB, Group) =:= crypto:compute_key(dh, DhPubB, DhPrivA, Group)),
    show(bad_hash, reason(catch crypto:hash(no_such_hash, Text))),
    show(bad_data, reason(catch crypto:hash(sha256, not_data))),
    show(bad_curve, reason(catch crypto:generate_key(ecdh, no_such_curve))),
    Self = self(),
    [spawn(fun() -> Self ! erlang:phash2([crypto:hash(sha256, [Large, integer_to_list(I)]) || I <- lists:seq(1, 20)]) end) || _ <- lists:seq(1, 10)],
    show(many_processes, lists:usort([receive H -> H end || _ <- lists:seq(1, 10)])),
    show(digest, hex(erlang:md5(Large) =:= crypto:hash(md5, Large))).

hex(B) when is_binary(B); is_list(B) -> binary_to_list(binary:encode_hex(iolist_to_binary(B)));
hex(Other) -> Other.

reason({'EXIT', {R, [{M, F, _, L} | _]}}) -> {R, M, F, proplists:get_value(error_info, L)};
reason(Other) -> Other.

show(Name, {'EXIT', _} = Exit) -> show(Name, reason(Exit));
show(Name, T) -> io:format("~0p: ~0p~n", [Name, T]).
