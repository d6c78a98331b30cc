%% erlang:display of every kind of term.
-module(display).
-export([main/0]).

main() ->
    [erlang:display(T) || T <- [1, -5, 1 bsl 80, 1.5, a, 'A b', "abc", [1, 2], [a | b], {}, {a, "x"}, <<>>, <<"abc">>, <<1, 2>>, <<3:3>>, [], #{}, #{a => 1}, fun lists:map/2, [$a, 1], 'å', true, 1.0e100, [[]]]].
