%% filename manipulation.
-module(filename_module).
-export([main/0]).

main() ->
    io:format("~p~n", [[filename:join(["a", "b", "/c", "d"]), filename:basename("/a/b.erl", ".erl"), filename:dirname("/a/b/c"), filename:extension("x.tar.gz"), filename:rootname("a/b.erl"), filename:split("/a/b/c"), filename:absname("x", "/r"),
                        filename:join(<<"a">>, "b"), filename:pathtype("/a"), filename:flatten(["a", b]), filename:nativename("a/b")]]).
