%% Seed for verify_fuzz: messages, timeouts, receive markers.
-module(f_recv).
-export([one/1, pick/2, guard/1, ref/0, flush/1]).

one(X) ->
    self() ! X,
    receive Y -> {got, Y} after 0 -> none end.

pick(X, Y) ->
    self() ! {a, X},
    self() ! {b, Y},
    self() ! {c, [X, Y]},
    receive {b, B} -> ok end,
    receive {c, [H | T]} when is_list(T) -> {B, H, T}; {a, A} -> {B, A} after 10 -> late end.

guard(X) ->
    self() ! {x, X, [1, 2, 3]},
    self() ! {y, <<X/binary>>},
    receive
        {x, _, L} when length(L) bsl 70 > 5, hd(L) + 0.5 > 7 -> no;
        {y, <<A, _/binary>> = B} when byte_size(B) * 100000000000000000000 > A -> {A, B};
        #{k := V} -> V
    after 5 -> flush([])
    end.

ref() ->
    R = make_ref(),
    self() ! {R, 1},
    receive {R, N} -> N end.

flush(L) ->
    receive M -> flush([M | L]) after 0 -> L end.
