%% receive with a timeout: none to wait for, and one that a message beats.
-module(receive_after).
-export([main/0]).

main() -> bench:cpu(fun() -> polls(1000000, 0) + guarded(150000, 0) end, 1150000).

polls(0, Acc) -> Acc;
polls(N, Acc) -> receive never -> Acc after 0 -> polls(N - 1, Acc + 1) end.

guarded(0, Acc) -> Acc;
guarded(N, Acc) -> self() ! go, receive go -> guarded(N - 1, Acc + 1) after 60000 -> Acc end.
