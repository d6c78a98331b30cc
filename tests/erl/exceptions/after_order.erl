%% Order of after clauses, nested, with rethrow and replaced exceptions.
-module(after_order).
-export([main/0]).

main() ->
    try
        try
            try throw(one) after io:format("inner~n") end
        catch
            throw:one -> throw(two)
        after
            io:format("middle~n")
        end
    catch
        throw:X -> io:format("caught ~p~n", [X])
    after
        io:format("outer~n")
    end,
    io:format("~p~n", [(catch try throw(a) after throw(b) end)]),
    io:format("~p~n", [try (try error(e) catch throw:_ -> wrong end) catch error:e -> passed_on end]).
