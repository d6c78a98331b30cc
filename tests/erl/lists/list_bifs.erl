%% List BIFs.
-module(list_bifs).
-export([main/0]).

main() ->
    io:format("~p~n", [[hd([1]), tl([1, 2]), length([a, b]), [1, 2] ++ [3] ++ x, [1, 2, 3, 2] -- [2, 9], lists:seq(1, 10) -- lists:seq(1, 9)]]),
    io:format("~p~n", [[lists:member(1.0, [1]), lists:member(a, [b, a]), lists:keyfind(b, 1, [{a, 1}, x, {b, 2}]),
                        lists:keymember(1.0, 1, [{1}]), lists:keysearch(z, 1, []), lists:reverse([1, 2, 3], [t]), lists:reverse([])]]),
    [try io:format("~p~n", [F()]) catch C:R -> io:format("~p ~p~n", [C, R]) end
     || F <- [fun() -> hd(id([])) end, fun() -> tl(id(a)) end, fun() -> length(id([a | b])) end, fun() -> id(a) ++ [b] end,
              fun() -> [1] -- id(b) end, fun() -> lists:member(a, id(b)) end, fun() -> lists:keyfind(a, id(0), []) end,
              fun() -> lists:reverse(id([a | b])) end]].

id(X) -> X.
