%% Timers are set, read and cancelled by others than those they are for; receivers, owners and setters end meanwhile. A timer that
%% was cancelled in time sends nothing, any other exactly once.
-module(timers_across).
-export([main/0]).

main() ->
    Me = self(),
    Setters = [spawn_link(fun() -> setter(Me, I, 120) end) || I <- lists:seq(1, 6)],
    {Sent, Cancelled} = gather(length(Setters), [], []),
    io:format("~p~n", [length(Sent) + length(Cancelled)]),
    Fired = receive_all(Sent, []),
    io:format("~p~n", [{lists:sort(Fired) =:= lists:sort(Sent), length(Cancelled) > 50}]),
    io:format("~p~n", [receive Unexpected -> Unexpected after 50 -> nothing end]),
    dying(),
    own_timeouts().

gather(0, Sent, Cancelled) -> {Sent, Cancelled};
gather(N, Sent, Cancelled) ->
    receive {ended, S, C} -> gather(N - 1, S ++ Sent, C ++ Cancelled) end.

%% Half of them are cancelled by a helper on whatever scheduler it runs.
setter(Main, I, N) ->
    Helper = spawn_link(fun helper/0),
    Timers = [{{timer, I, K}, set(K, Main, {timer, I, K})} || K <- lists:seq(1, N)],
    Odd = [T || {{_, _, K}, _} = T <- Timers, K rem 2 =:= 1],
    Helper ! {cancel, self(), [T || {{_, _, K}, _} = T <- Timers, K rem 2 =:= 0]},
    Mine = [Name || {Name, R} <- Odd, erlang:read_timer(R) =/= never, is_integer(erlang:cancel_timer(R))],
    Theirs = receive {cancelled, Names} -> Names end,
    Cancelled = Mine ++ Theirs,
    Main ! {ended, [Name || {Name, _} <- Timers] -- Cancelled, Cancelled}.

set(K, To, What) when K rem 3 =:= 0 -> erlang:send_after(K rem 5, To, What);
set(K, To, What) when K rem 3 =:= 1 -> erlang:send_after(2000 + K, To, What);
set(K, To, What) -> erlang:send_after(erlang:monotonic_time(millisecond) + K rem 7, To, What, [{abs, true}]).

helper() ->
    receive
        {cancel, From, Timers} ->
            From ! {cancelled, [Name || {Name, R} <- Timers, cancel(R)]}
    end.

cancel(R) ->
    erlang:read_timer(R, [{async, true}]),
    receive {read_timer, R, _} -> ok end,
    erlang:cancel_timer(R, [{async, true}]),
    receive {cancel_timer, R, Left} -> is_integer(Left) end.

receive_all([], Got) -> Got;
receive_all([Name | Rest], Got) ->
    receive Name -> receive_all(Rest, [Name | Got])
    after 10000 -> [{missing, Name} | Got]
    end.

%% For processes that end, by name and by pid, with thousands of timers set.
dying() ->
    Pids = [begin
                {P, R} = spawn_monitor(fun() ->
                                           catch register(dying_name, self()),
                                           [erlang:send_after(K rem 4, self(), K) || K <- lists:seq(1, 200)],
                                           [erlang:start_timer(100000, self(), K) || K <- lists:seq(1, 200)],
                                           receive 50 -> ok end,
                                           exit(enough)
                                       end),
                [erlang:send_after(K rem 6, dying_name, K) || K <- lists:seq(1, 20)],
                [erlang:send_after(K rem 6, P, K) || K <- lists:seq(1, 20)],
                R
            end || _ <- lists:seq(1, 20)],
    io:format("~p~n", [lists:usort([receive {'DOWN', R, _, _, Why} -> Why end || R <- Pids])]).

%% receive … after, with messages that come about when the time is over.
own_timeouts() ->
    Me = self(),
    Waiters = [spawn_link(fun() -> waits(Me, 40, 0) end) || _ <- lists:seq(1, 20)],
    [spawn_link(fun() -> [begin W ! go, receive after 1 -> ok end end || _ <- lists:seq(1, 40), W <- Part] end)
     || Part <- parts(Waiters)],
    io:format("~w~n", [lists:usort([receive {W, N} -> N end || W <- Waiters])]).

waits(Main, 0, Got) -> Main ! {self(), Got};
waits(Main, N, Got) ->
    receive go -> waits(Main, N - 1, Got + 1)
    after 1 + N rem 3 -> waits(Main, N, Got)
    end.

parts([]) -> [];
parts(L) -> {A, B} = lists:split(5, L), [A | parts(B)].
