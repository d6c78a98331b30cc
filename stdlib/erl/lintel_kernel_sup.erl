%% Stands in for kernel's supervisors in the bare profile, where modules start servers of their own on first use (timer:start/0
%% starts timer_server under kernel_sup, dets its server under kernel_safe_sup). An idle process until it is first asked; then OTP's
%% supervisor, without children.
-module(lintel_kernel_sup).
-export([start/1, init/1]).

start(Name) ->
    receive
        Request -> erlang:self() ! Request
    end,
    erlang:process_flag(trap_exit, true),
    erlang:put('$ancestors', [init]),
    erlang:put('$initial_call', {supervisor, lintel_kernel_sup, 1}),
    {ok, State} = supervisor:init({{local, Name}, lintel_kernel_sup, Name}),
    gen_server:enter_loop(supervisor, [], State, {local, Name}).

init(kernel_sup) -> {ok, {#{strategy => one_for_one, intensity => 3, period => 10}, []}};
init(kernel_safe_sup) -> {ok, {#{strategy => one_for_one, intensity => 4, period => 3600}, []}}.
