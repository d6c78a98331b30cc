%% The gen_server that the hosts of this folder call.
-module(counter).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).

init(N) -> {ok, N}.

handle_call({add, K}, _From, N) -> {reply, N + K, N + K}.

handle_cast(stop, N) -> {stop, normal, N}.
