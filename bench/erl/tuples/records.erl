%% A record of eight fields, updated and read by name.
-module(records).
-export([main/0]).

-record(account, {id, owner = none, balance = 0, limit = 100, opened = 0, closed = false, log = [], flags = 0}).

main() ->
    bench:cpu(fun() -> (loop(3000000, #account{id = 1, owner = joe}))#account.balance end, 750000).

loop(0, A) -> A;
loop(N, A = #account{balance = B, limit = L}) when N band 3 =:= 0, B > -L -> loop(N - 1, A#account{balance = B - 5, flags = N});
loop(N, A = #account{balance = B}) -> loop(N - 1, A#account{balance = B + 2}).
