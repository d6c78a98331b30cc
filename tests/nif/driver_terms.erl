%% Terms that a driver describes.
-module(driver_terms).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    ok = erl_ddll:load_driver(".", driver_terms),
    P = open_port({spawn_driver, driver_terms}, []),
    Text = binary:copy(<<"some text">>, 20),
    [one(P, Op, D) || {Op, D} <- [{N, ""} || N <- lists:seq(0, 6)]],
    [one(P, Op, D) || Op <- [7, 8, 12], D <- ["", "abc", Text]],
    [one(P, Op, D) || Op <- [9, 10, 11, 13, 16, 17, 18], D <- [""]],
    [one(P, 14, D) || D <- [<<"abcdef">>, Text]],
    [one(P, 15, term_to_binary(T)) || T <- [x, {some, "term", 1.5}, lists:seq(1, 300), Text, #{a => [b]}]],
    one(P, 15, term_to_binary(lists:duplicate(500, $x), [compressed])),
    Me = self(),
    spawn(fun() -> R = port_control(P, 19, ""), receive {a, Self} when Self =:= self() -> Me ! {other, R} end end),
    receive Other -> show(other, Other) end,
    [one(P, N, "xyz") || N <- lists:seq(30, 49)],
    port_close(P),
    receive {'EXIT', P, normal} -> ok end.

one(P, Op, D) ->
    R = port_control(P, Op, D),
    Got = receive M -> M after 0 -> none end,
    show(Op, {R, short(P, Got)}).

short(_, {a, Name}) when is_atom(Name) -> {a, list_to_tuple(atom_to_list(Name))};
short(P, {P, Me}) when Me =:= self() -> itself;
short(_, T) -> case erlang:external_size(T) of N when N > 200 -> {N, erlang:phash2(T)}; _ -> T end.

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).
