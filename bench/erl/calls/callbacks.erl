%% Calls of exported functions whose module is known only as the program runs, as behaviours make them.
-module(callbacks).
-export([main/0]).

-export([init/1, handle/2]).

main() -> bench:cpu(fun() -> loop(3000000, ?MODULE, init([])) end, {3000000, 9000003}).

init(_) -> {0, 3}.

handle(tick, {N, Sum}) -> {N + 1, Sum + 3}.

loop(0, _Module, State) -> State;
loop(N, Module, State) -> loop(N - 1, Module, Module:handle(tick, State)).
