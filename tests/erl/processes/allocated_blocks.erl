%% What OTP's library sums up of allocators, where there may be none.
-module(allocated_blocks).
-export([main/0]).

main() ->
    io:format("~p~n", [[begin Size = erts_debug:alloc_blocks_size(Type), is_integer(Size) orelse Size =:= undefined end || Type <- [ets_alloc, binary_alloc]]]),
    io:format("~p~n", [is_list(erlang:system_info(ethread_info))]).
