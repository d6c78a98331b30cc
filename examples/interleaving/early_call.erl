%% A gen_server that another process fills, and a client that may ask before that has happened. In the order in which the processes
%% became ready the filler always comes first:
%%
%%     lintel run early_call.beam                                  says the price
%%     lintel run --seeds 1..10000 --until-failure early_call.beam finds a seed with which the client is too early
-module(early_call).
-behaviour(gen_server).
-export([main/1]).
-export([init/1, handle_call/3, handle_cast/2]).

main(_) ->
    {ok, Prices} = gen_server:start(?MODULE, [], []),
    io:format("apples: ~w~n", [gen_server:call(Prices, {price, apples})]).

%% This is the mistake: init/1 returns, and with it gen_server:start/3, before there are prices. With {ok, none, {continue, fill}} and
%% handle_continue/2 nobody could come between.
init([]) ->
    Self = self(),
    spawn(fun() -> gen_server:cast(Self, {prices, #{apples => 3, pears => 4}}) end),
    {ok, none}.

handle_call({price, Fruit}, _From, Prices) -> {reply, maps:get(Fruit, Prices), Prices}.

handle_cast({prices, Prices}, none) -> {noreply, Prices}.
