%% Many sockets, one after another and at once; connections by many processes.
-module(many).
-export([main/0]).

main() ->
    Before = socket:number_of(),
    [begin {ok, S} = socket:open(inet, dgram, udp), ok = socket:close(S) end || _ <- lists:seq(1, 1500)],
    p(socket:number_of() - Before),
    %% Closed because their owners end.
    [begin
         {P, R} = spawn_monitor(fun() -> {ok, S} = socket:open(inet, dgram, udp), {select, _} = socket:recv(S, 0, nowait) end),
         receive {'DOWN', R, process, P, Why} -> normal = Why end
     end || _ <- lists:seq(1, 500)],
    p(left(Before)),
    %% Nobody refers to them any more.
    {P2, R2} = spawn_monitor(fun() ->
                                     [{ok, _} = socket:open(inet, dgram, udp, #{use_registry => false}) || _ <- lists:seq(1, 400)],
                                     erlang:garbage_collect()
                             end),
    p(receive {'DOWN', R2, process, P2, Why2} -> Why2 end),
    Open = [begin {ok, S} = socket:open(inet, stream, tcp), S end || _ <- lists:seq(1, 300)],
    p(socket:number_of() - Before),
    [ok = socket:close(S) || S <- Open],
    p(socket:number_of() - Before),
    clients(200).

%% A socket may be closed a little after its owner is told to be gone.
left(Before) -> left(Before, 100).

left(Before, Tries) ->
    case socket:number_of() - Before of
        N when N > 0, Tries > 0 -> receive after 20 -> left(Before, Tries - 1) end;
        N -> N
    end.

p(X) -> io:format("~0p~n", [X]).

clients(N) ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, #{family => inet, addr => loopback, port => 0}),
    ok = socket:listen(L, 128),
    {ok, Name} = socket:sockname(L),
    Self = self(),
    [spawn_link(fun() -> accept(L) end) || _ <- lists:seq(1, 8)],
    [spawn_link(fun() -> Self ! {I, client(Name, I)} end) || I <- lists:seq(1, N)],
    p(lists:all(fun(I) -> receive {I, R} -> R =:= ok end end, lists:seq(1, N))),
    socket:close(L).

accept(L) ->
    case socket:accept(L) of
        {ok, S} ->
            echo(S),
            accept(L);
        {error, closed} -> ok
    end.

echo(S) ->
    case socket:recv(S) of
        {ok, B} -> ok = socket:send(S, B), echo(S);
        {error, _} -> socket:close(S)
    end.

client(Name, I) ->
    {ok, C} = socket:open(inet, stream, tcp),
    ok = socket:connect(C, Name),
    B = binary:copy(<<I:16>>, 500),
    ok = socket:send(C, B),
    {ok, B} = socket:recv(C, 1000),
    socket:close(C).
