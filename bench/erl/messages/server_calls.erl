%% Calls and casts of an OTP gen_server.
-module(server_calls).
-export([main/0]).

-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).

main() ->
    bench:cpu(fun() ->
        {ok, S} = gen_server:start_link(?MODULE, [], []),
        R = loop(60000, S),
        gen_server:stop(S),
        R
    end, 180000).

init(_) -> {ok, 0}.

handle_call({add, N}, _From, Sum) -> {reply, Sum + N, Sum + N}.

handle_cast({add, N}, Sum) -> {noreply, Sum + N}.

loop(0, S) -> gen_server:call(S, {add, 0});
loop(N, S) -> gen_server:cast(S, {add, 1}), gen_server:call(S, {add, 2}), loop(N - 1, S).
