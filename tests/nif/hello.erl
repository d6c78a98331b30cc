%% The smallest of everything: a function, a dirty one, a resource, an error.
-module(hello).
-export([main/0, hello/1]).
-nifs([hello/1, scheduler/1, dirty_cpu/1, dirty_io/1, make_box/1, open_box/1, set_opener/1]).

hello(_) -> erlang:nif_error(not_loaded).
scheduler(_) -> erlang:nif_error(not_loaded).
dirty_cpu(_) -> erlang:nif_error(not_loaded).
dirty_io(_) -> erlang:nif_error(not_loaded).
make_box(_) -> erlang:nif_error(not_loaded).
open_box(_) -> erlang:nif_error(not_loaded).
set_opener(_) -> erlang:nif_error(not_loaded).

main() ->
    show(catch hello(before)),
    show(erlang:load_nif("./hello", 0)),
    show([hello(local), ?MODULE:hello(exported), apply(?MODULE, hello, [applied]), (fun hello/1)(a_fun),
          (fun ?MODULE:hello/1)(external), lists:map(fun hello/1, [1, 2])]),
    show([scheduler(a), dirty_cpu([1, 2.5, <<"x">>]), dirty_io(#{k => "v"}), scheduler(b)]),
    Box = make_box(17),
    show([is_reference(Box), open_box(Box), Box =:= Box, Box =:= make_box(17)]),
    show(catch open_box(make_ref())),
    show(catch make_box(none)),
    Self = self(),
    spawn(fun() -> Self ! {other, open_box(Box), Box =:= (Box)} end),
    show(receive M -> M end),
    set_opener(self()),
    (fun() -> make_box(99), ok end)(),
    erlang:garbage_collect(),
    show(receive {closed, 99} = C -> C after 2000 -> nothing end),
    P = spawn(fun() -> make_box(5), receive stop -> ok end end),
    P ! stop,
    show(receive {closed, 5} = D -> D after 2000 -> nothing end),
    show([process_info(self(), current_function), erlang:function_exported(?MODULE, hello, 1),
          lists:sort(?MODULE:module_info(nifs))]).

show({'EXIT', {Reason, Trace}}) -> io:format("~p ~p~n", [Reason, [element(2, E) || E <- lists:sublist(Trace, 2)]]), io:format("~p~n", [hd(Trace)]);
show(Term) -> io:format("~p~n", [Term]).
