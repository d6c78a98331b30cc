%% Visits pages, one after another. A page that crashes it costs this process, never the crawl.
-module(crawler_downloader).
-export([start_link/0, loop/0]).

start_link() -> {ok, proc_lib:spawn_link(?MODULE, loop, [])}.

loop() ->
    {Ticket, Url} = crawler_frontier:next(),
    go = crawler_limiter:wait(),
    crawler_frontier:done(Ticket, visit(Url)),
    ?MODULE:loop().

visit(Url) ->
    case crawler_web:get(Url) of
        {ok, Title, Links} -> {page, unicode:characters_to_binary(Title), Links};
        not_found -> missing
    end.
