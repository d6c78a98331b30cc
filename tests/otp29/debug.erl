%% Compiled with beam_debug_info: debug_line in front of each expression, and a DbgB chunk.
-module(debug).
-export([main/0]).

main() ->
    io:format("~w~n", [[fold(X) || X <- [[], [1, 2, 3], [a, 1]]]]),
    try fold([1 | b])
    catch error:function_clause:S -> io:format("~w~n", [erlang:delete_element(4, hd(S))])
    end,
    self() ! go,
    receive
        go -> ok
    after 0 ->
        io:format("no~n")
    end,
    io:format("~w~n", [catch binary(<<1, 2:16, "rest">>)]).

fold([]) ->
    0;
fold([H | T])
  when is_integer(H) ->
    H + fold(T);
fold([_ | T]) ->
    fold(T).

binary(<<A, B:16, Rest/binary>>) ->
    M = #{a => A,
          b => B},
    {lists:sort(maps:to_list(M)), Rest}.
