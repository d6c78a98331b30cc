%% A chat room: one process for the room, one for each guest, monitors in both directions, selective receive.
-module(chat_room).
-export([main/0]).

main() ->
    Room = spawn(fun() -> room(#{}, []) end),
    Log = self(),
    Guests = [{Name, spawn(fun() -> guest(Name, Room, Log) end)} || Name <- ["ann", "bob", "cid"]],
    [begin Pid ! join, step(Name) end || {Name, Pid} <- Guests],
    say(Guests, "ann", "hello all", 2),
    say(Guests, "bob", "hi ann", 2),
    tell(Guests, "cid", leave),
    say(Guests, "ann", "who is here?", 1),
    tell(Guests, "bob", crash),
    wait_for_part(),
    say(Guests, "ann", "bob?", 0),
    Room ! {history, self()},
    receive {history, H} -> [io:format("~2w ~ts~n", [N, L]) || {N, L} <- lists:zip(lists:seq(1, length(H)), H)] end,
    exit(Room, kill),
    receive {"ann", {room_closed, Why}} -> io:format("ann: room closed, ~p~n", [Why]) end,
    io:format("~p~n", [lists:sort([N || {N, Pid} <- Guests, is_process_alive(Pid)])]).

say(Guests, Name, Text, Hearers) ->
    tell(Guests, Name, {say, Text}),
    collect(Name, Text, Hearers).

tell(Guests, Name, What) ->
    {_, Pid} = lists:keyfind(Name, 1, Guests),
    Pid ! What,
    step(Name).

step(Name) -> receive {Name, done} -> ok end.

%% Whoever is in the room gets the text; the order in which they tell of it is not fixed.
collect(From, Text, Hearers) ->
    Heard = [receive {Name, {heard, _, _}} -> Name end || _ <- lists:seq(1, Hearers)],
    Got = gather(Heard),
    io:format("~s says ~p to ~p~n", [From, Text, lists:sort(Got)]).

gather(Got) ->
    receive {Name, {heard, _, _}} -> gather([Name | Got])
    after 0 -> Got
    end.

wait_for_part() -> receive {"ann", {parted, Who, Why}} -> io:format("ann sees ~s go: ~p~n", [Who, Why]) end.

room(Members, History) ->
    receive
        {join, Pid, Name} ->
            Ref = monitor(process, Pid),
            Pid ! {welcome, self(), maps:size(Members)},
            room(Members#{Ref => {Pid, Name}}, [Name ++ " joins" | History]);
        {leave, Pid} ->
            [Ref] = [R || {R, {P, _}} <- maps:to_list(Members), P =:= Pid],
            demonitor(Ref, [flush]),
            {{_, Name}, Rest} = maps:take(Ref, Members),
            Pid ! left,
            room(Rest, [Name ++ " leaves" | History]);
        {say, Pid, Name, Text} ->
            [P ! {said, Name, Text} || {P, _} <- maps:values(Members), P =/= Pid],
            Pid ! said,
            room(Members, [Name ++ ": " ++ Text | History]);
        {'DOWN', Ref, process, _, Why} ->
            {{_, Name}, Rest} = maps:take(Ref, Members),
            [P ! {parted, Name, Why} || {P, _} <- maps:values(Rest)],
            room(Rest, [Name ++ " is lost" | History]);
        {history, Pid} ->
            Pid ! {history, lists:reverse(History)},
            room(Members, History)
    end.

guest(Name, Room, Log) ->
    receive
        join ->
            Room ! {join, self(), Name},
            receive {welcome, Room, Others} -> io:format("~s joins ~p others~n", [Name, Others]) end,
            put(room, monitor(process, Room)),
            Log ! {Name, done};
        {say, Text} ->
            Room ! {say, self(), Name, Text},
            receive said -> ok end,
            Log ! {Name, done};
        leave ->
            Room ! {leave, self()},
            receive left -> demonitor(get(room)) end,
            Log ! {Name, done};
        crash ->
            Log ! {Name, done},
            exit({bored, Name});
        {said, From, Text} -> Log ! {Name, {heard, From, Text}};
        {parted, Who, Why} -> Log ! {Name, {parted, Who, Why}};
        {'DOWN', Ref, process, Room, Why} ->
            Ref = get(room),
            Log ! {Name, {room_closed, Why}}
    end,
    guest(Name, Room, Log).
