%% The account: its state is the balance.
-module(account).
-behaviour(gen_server).
-export([start_link/0, deposit/1, withdraw/1, balance/0]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
deposit(Amount) -> gen_server:cast(?MODULE, {deposit, Amount}).
withdraw(Amount) -> gen_server:call(?MODULE, {withdraw, Amount}).
balance() -> gen_server:call(?MODULE, balance).

init([]) -> {ok, 0}.

handle_call(balance, _From, Balance) -> {reply, Balance, Balance};
handle_call({withdraw, Amount}, _From, Balance) when Amount =< Balance ->
    {reply, {ok, Amount}, Balance - Amount};
handle_call({withdraw, _}, _From, Balance) -> {reply, {error, insufficient_funds}, Balance}.

handle_cast({deposit, Amount}, Balance) -> {noreply, Balance + Amount}.
