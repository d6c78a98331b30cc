%% The web: pages, links, and trouble. It counts the visits of each page, since some only fail at first.
-module(crawler_web).
-export([start/0, get/1, init/1]).

start() -> proc_lib:start_link(?MODULE, init, [self()]).

init(Parent) ->
    register(?MODULE, self()),
    proc_lib:init_ack(Parent, ok),
    serve(#{}).

%% {ok, Title, Links} or not_found; crashes the caller, or answers nonsense, where the page is of that sort.
get(Url) ->
    Ref = make_ref(),
    ?MODULE ! {visit, self(), Ref, Url},
    receive {Ref, Visit} -> page(Url, Visit) end.

serve(Visits) ->
    receive
        {visit, From, Ref, Url} ->
            Visit = maps:get(Url, Visits, 0) + 1,
            From ! {Ref, Visit},
            serve(Visits#{Url => Visit})
    end.

page("/", _) -> {ok, "Home", ["/news", "/people", "/trouble", "/gone"]};
page("/news", _) -> {ok, "News", ["/" | ["/news/" ++ integer_to_list(N) || N <- lists:seq(1, 12)]]};
page("/news/" ++ Number, _) ->
    N = list_to_integer(Number),
    {ok, <<"News of day ", (integer_to_binary(N))/binary>>, ["/news", "/people/" ++ [$a + N rem 5]]};
page("/people", _) -> {ok, "People", ["/people/" ++ [C] || C <- "abcde"]};
page("/people/" ++ Name, _) -> {ok, ["Person ", string:uppercase(Name)], ["/"]};
page("/trouble", _) -> {ok, "Trouble", ["/flaky", "/poison", "/confusing", "/secret"]};
page("/flaky", Visit) when Visit =< 2 -> exit({connection_lost, Visit});
page("/flaky", _) -> {ok, "Flaky, but here", ["/flaky/deep"]};
page("/flaky/deep", 1) -> exit(half_a_page);
page("/flaky/deep", _) -> {ok, "Deep", []};
page("/poison", _) -> throw(poison);
page("/confusing", 1) -> {ok, "Confusing", ["/news", not_a_link]};
page("/confusing", _) -> {ok, "Confusing no more", ["/news"]};
page(_, _) -> not_found.
