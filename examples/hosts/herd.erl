%% What game.c runs: a herd of animals, each a process, that move once a frame and draw themselves, and one that only thinks.
-module(herd).
-export([start/3]).

start(Count, Width, Height) ->
    Animals = [spawn_link(fun() -> graze(rand:seed_s(exsss, N), Width div 2, Height div 2, Width, Height) end) || N <- lists:seq(1, Count)],
    spawn_link(fun() -> think(0) end),
    register(herd, self()),
    lead(Animals).

lead(Animals) ->
    receive
        frame -> [Animal ! frame || Animal <- Animals]
    end,
    lead(Animals).

graze(Random, X, Y, Width, Height) ->
    receive frame -> ok end,
    {Dx, Random1} = rand:uniform_s(3, Random),
    {Dy, Random2} = rand:uniform_s(3, Random1),
    NewX = (X + Dx - 2 + Width) rem Width,
    NewY = (Y + Dy - 2 + Height) rem Height,
    screen:put(NewX, NewY, $*),
    graze(Random2, NewX, NewY, Width, Height).

%% Never waits, and yet nobody waits for it.
think(N) -> think(N + 1).
