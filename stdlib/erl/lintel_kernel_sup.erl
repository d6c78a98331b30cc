%% Stands in for kernel's supervisor in the bare profile, where modules start servers of their own on first use (timer:start/0
%% starts timer_server under kernel_sup). An idle process until it is first asked; then OTP's supervisor, without children.
-module(lintel_kernel_sup).
-export([start/0, init/1]).

start() ->
    receive
        Request -> erlang:self() ! Request
    end,
    erlang:process_flag(trap_exit, true),
    erlang:put('$ancestors', [init]),
    erlang:put('$initial_call', {supervisor, lintel_kernel_sup, 1}),
    {ok, State} = supervisor:init({{local, kernel_sup}, lintel_kernel_sup, []}),
    gen_server:enter_loop(supervisor, [], State, {local, kernel_sup}).

init([]) -> {ok, {#{strategy => one_for_one, intensity => 3, period => 10}, []}}.
