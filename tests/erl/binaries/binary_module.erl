%% The binary module.
-module(binary_module).
-export([main/0]).

main() ->
    B = <<"hello world, hello moon">>,
    io:format("~p~n", [[binary:match(B, <<"hello">>), binary:matches(B, [<<"hello">>, <<"o">>]), binary:split(B, <<" ">>), binary:split(B, [<<" ">>, <<",">>], [global, trim_all]),
                        binary:replace(B, <<"hello">>, <<"bye">>, [global]), binary:replace(B, <<"o">>, <<"0">>, [global, {insert_replaced, 1}]), binary:part(B, 6, 5), binary:at(B, 4)]]),
    io:format("~p~n", [[binary:first(B), binary:last(B), binary:copy(<<"ab">>, 3), binary:decode_unsigned(<<1, 2, 3>>), binary:decode_unsigned(<<1, 2, 3>>, little), binary:encode_unsigned(1 bsl 70),
                        binary:encode_unsigned(258, little), binary:longest_common_prefix([<<"abc">>, <<"abd">>]), binary:longest_common_suffix([<<"xbc">>, <<"abc">>]), binary:bin_to_list(<<"abc">>, 1, 2)]]),
    io:format("~p~n", [binary:matches(B, binary:compile_pattern([<<"moon">>, <<"world">>]))]),
    io:format("~p~n", [binary:match(B, <<"hello">>, [{scope, {5, 18}}])]),
    io:format("~p~n", [[binary:encode_hex(<<"abc">>), binary:decode_hex(<<"616263">>)]]),
    [try io:format("~p~n", [F()]) catch C:R -> io:format("~p ~p~n", [C, R]) end
     || F <- [fun() -> binary:at(B, 100) end, fun() -> binary:part(B, 0, 100) end, fun() -> binary:match(B, <<>>) end, fun() -> binary:match(B, foo) end, fun() -> binary:first(<<>>) end,
              fun() -> binary:copy(B, -1) end, fun() -> binary_part(B, {1, -5}) end, fun() -> split_binary(B, 99) end]],
    io:format("~p~n", [[split_binary(<<"abcdef">>, 2), iolist_to_binary([1, [<<"a">>, "bc"] | <<"d">>]), iolist_size(["abc", <<"de">>]), catch iolist_to_binary([a]), list_to_binary([300 band 255])]]).
