%% The frontier hands out pages to visit, each once, and again when the downloader that had it died. It starts from what the
%% store has, so it may crash itself.
-module(crawler_frontier).
-behaviour(gen_server).
-export([start_link/2, next/0, done/2]).
-export([init/1, handle_continue/2, handle_call/3, handle_cast/2, handle_info/2]).

-define(MAX_CRASHES, 3).

-record(state, {client,
                queue = queue:new(),    % pages nobody has in hand
                seen = #{},             % every page ever queued
                busy = #{},             % monitor of a downloader => its page
                idle = []}).            % downloaders without work

start_link(Seed, Client) -> gen_server:start_link({local, ?MODULE}, ?MODULE, {Seed, Client}, []).

%% {Ticket, Url} of the next page; waits until there is one.
next() -> gen_server:call(?MODULE, next, infinity).
done(Ticket, Result) -> gen_server:cast(?MODULE, {done, Ticket, Result}).

init({Seed, Client}) ->
    {ok, #state{client = Client}, {continue, Seed}}.

handle_continue(Seed, S) ->
    ok = crawler_store:frontier_started(),
    Known = crawler_store:results(),
    Seen = maps:from_list([{Url, true} || {Url, _} <- Known]),
    Links = [Link || {_, {page, _, Links} } <- Known, Link <- Links],
    {noreply, settle(follow([Seed | Links], S#state{seen = Seen}))}.

handle_call(next, From, S = #state{idle = Idle}) ->
    {noreply, settle(S#state{idle = Idle ++ [From]})}.

handle_cast({done, Ticket, Result}, S = #state{busy = Busy}) ->
    {Url, Rest} = maps:take(Ticket, Busy),
    demonitor(Ticket, [flush]),
    S1 = case Result of
             {page, _, Links} -> follow(Links, S);
             missing -> S
         end,
    ok = crawler_store:put(Url, Result),
    {noreply, settle(S1#state{busy = Rest})}.

handle_info({'DOWN', Ref, process, _, _}, S = #state{busy = Busy, queue = Queue}) ->
    {Url, Rest} = maps:take(Ref, Busy),
    case crawler_store:crashed(Url) of
        N when N >= ?MAX_CRASHES ->
            ok = crawler_store:put(Url, given_up),
            {noreply, settle(S#state{busy = Rest})};
        _ ->
            {noreply, settle(S#state{busy = Rest, queue = queue:in(Url, Queue)})}
    end.

%% Queues those of Links that are new. A link that is not a string is nobody's fault but the page's: crash.
follow([Link = "/" ++ _ | Links], S = #state{seen = Seen, queue = Queue}) ->
    case Seen of
        #{Link := _} -> follow(Links, S);
        #{} -> follow(Links, S#state{seen = Seen#{Link => true}, queue = queue:in(Link, Queue)})
    end;
follow([], S) -> S.

%% Gives work to idle downloaders, and tells the client when there is none left.
settle(S = #state{queue = Queue, idle = Idle, busy = Busy}) ->
    case {queue:out(Queue), Idle} of
        {{empty, _}, _} when map_size(Busy) =:= 0 ->
            S#state.client ! crawled,
            S;
        {{{value, Url}, Rest}, [From = {Pid, _} | Others]} ->
            Ticket = monitor(process, Pid),
            gen_server:reply(From, {Ticket, Url}),
            settle(S#state{queue = Rest, idle = Others, busy = Busy#{Ticket => Url}});
        _ -> S
    end.
