%% Erlang code that calls functions of the host.
-module(shopping).
-export([go/0]).

go() ->
    Basket = shop:basket(),
    1 = shop:put(Basket),
    {shop:put(Basket), is_reference(Basket)}.
