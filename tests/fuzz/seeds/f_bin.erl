%% Seed for verify_fuzz: bit strings.
-module(f_bin).
-export([m/1, s/1, u/1, b/2, c/1, z/3, l/1, f/1]).

m(<<A:3, B:13/little, C/binary>>) -> {A, B, C};
m(<<0:1, R/bits>>) -> R;
m(<<"ab", _/binary>>) -> ab;
m(X) -> X.

s(<<N, B:N/binary, R/binary>>) -> {B, R};
s(<<F:64/float, _/bits>>) -> F;
s(<<>>) -> [].

u(<<C/utf8, R/binary>>) -> [C | u(R)];
u(<<C/utf16-little, R/binary>>) -> [C | u(R)];
u(<<C/utf32, _/binary>>) -> C;
u(_) -> [].

b(X, Y) -> <<X:5, Y:8/little, (b1(X))/binary, "lit", X/utf8, 1.5:32/float, X:Y/unit:2>>.
b1(X) -> <<X, X:16/big, X:70>>.

c(B) -> << <<(X + 1)>> || <<X>> <= B >>.

z(A, B, C) ->
    D = <<A/binary, B>>,
    E = <<D/binary, C:12>>,
    {D, <<E/bits, 1:4>>}.

l(<<L:8, R/binary>>) when L > 5 -> l(R);
l(<<_:8, R/binary>>) -> {R, byte_size(R), bit_size(R)};
l(B) -> B.

f(A) -> {ensure_at_least, ensure_exactly, integer, float, binary, skip, get_tail, '=:=', append, private_append, string,
    utf8, utf16, utf32, all, undefined, no_fail, resume, start, little, signed, A}.
