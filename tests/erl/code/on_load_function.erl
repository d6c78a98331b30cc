%% on_load as the code server does it: success, all sorts of failure, calls meanwhile, calls of the module itself.
-module(on_load_function).
-export([main/0]).

main() ->
    Show = fun code_help:show/1,
    Make = fun(Name, I) ->
               code_help:module(Name, ["-export([f/0, own/0]).", "-on_load(i/0).", "i() -> " ++ I ++ ".", "f() -> fine.",
                                     "own() -> here."])
           end,
    Body = fun(Name, I) -> code:load_binary(Name, atom_to_list(Name) ++ ".beam", Make(Name, I)) end,
    Show(fun() -> Body(good, "put(x, y), ok") end),
    Show(fun() -> {good:f(), get(x)} end),
    [begin
         Show(fun() -> Body(bad, I) end),
         Show(fun() -> bad:f() end),
         Show(fun() -> {erlang:module_loaded(bad), erlang:check_old_code(bad), code:is_loaded(bad)} end)
     end || I <- ["error", "{error, why}", "exit(why)", "throw(x)", "erlang:error(oops)", "self() ! x", "12",
                  "bad:own()", "erlang:apply(bad, own, [])"]],
    Show(fun() -> Body(ended_ok, "exit(ok)") end),
    Show(fun() -> ended_ok:f() end),
    Show(fun() -> Body(good, "no") end),      % the version before stays
    Show(fun() -> {good:f(), erlang:check_old_code(good)} end),
    %% others wait for it
    Me = self(),
    Slow = Make(slow, "receive after 700 -> ok end"),
    [spawn(fun() -> receive after T -> ok end, Me ! {T, catch slow:f()} end) || T <- [200, 250, 300]],
    Show(fun() -> code:load_binary(slow, "slow.beam", Slow) end),
    Show(fun() -> [receive {T, R} -> {T, R} end || T <- [200, 250, 300]] end),
    register(main_program, self()),
    Bin = code_help:module(never, ["-export([f/0]).", "-on_load(i/0).", "i() -> main_program ! begun, receive after 2000 -> no end.", "f() -> 1."]),
    spawn(fun() -> Me ! {load, code:load_binary(never, "never.beam", Bin)} end),
    receive begun -> ok end,
    spawn(fun() -> Me ! {ensure, code:ensure_loaded(never)} end),
    Show(fun() -> [receive {Tag, R} -> {Tag, R} end || Tag <- [load, ensure]] end),
    Show(fun() -> code:atomic_load([{never, "never.beam", Bin}]) end).
