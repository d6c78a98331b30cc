%% What a call of something that is not there does: error handlers of processes, '$handle_undefined_function', undef.
-module(error_handlers).
-export([main/0, undefined_function/3]).

undefined_function(M, F, As) -> {handled, M, F, As}.

main() ->
    code_help:purge(eh),
    Show = fun code_help:show/1,
    Show(fun() -> eh:f(1) end),
    Show(fun() -> apply(eh, f, [1, 2]) end),
    Show(fun() -> (fun eh:f/0)() end),
    Show(fun() -> lists:map(fun eh:f/1, [1]) end),
    code_help:load(eh, ["-export(['$handle_undefined_function'/2, there/0]).",
                        "'$handle_undefined_function'(F, As) -> {F, As, '$is'(1)}.", "'$is'(X) -> X.", "there() -> yes."]),
    Show(fun() -> eh:f(1) end),
    Show(fun() -> eh:'$handle_undefined_function'(x, y) end),
    Show(fun() -> eh:there() end),
    Show(fun() -> (fun eh:f/0)() end),
    Show(fun() -> spawn_call(eh, f, [self()]) end),
    code_help:purge(eh),
    Show(fun() -> eh:f(1) end),
    code_help:load(eh, ["-export([f/0]).", "f() -> fun(X) -> X end."]),
    code_help:purge(eh),
    %% while another handler is set nothing is called that may not be loaded
    Was = process_flag(error_handler, ?MODULE),
    Got = [catch eh:f(1), catch no_such:f(1), catch apply(no_such, f, [1, 2]), catch lists:no_such_function(1),
           catch (fun eh:f/0)()],
    Was2 = process_flag(error_handler, error_handler),
    Show(fun() -> {Was, Was2, Got} end),
    Show(fun() -> process_flag(error_handler, 12) end),
    Show(fun() -> error_handler:undefined_function(eh, g, [1]) end),
    Show(fun() -> error_handler:raise_undef_exception(eh, g, [1]) end),
    Show(fun() -> erlang:function_exported(lists, map, 2) end),
    Show(fun() -> {erlang:function_exported(no_such, map, 2), erlang:function_exported(erlang, apply, 3),
                   erlang:function_exported(erlang, '+', 2), erlang:function_exported(lists, map, 300)} end).

spawn_call(M, F, As) ->
    {_, R} = spawn_monitor(fun() -> exit(apply(M, F, As)) end),
    receive {'DOWN', R, _, _, {F2, [P], One}} -> {F2, P =:= self(), One} end.
