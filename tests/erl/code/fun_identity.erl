%% fun_info of funs of current, old, purged and never loaded code; the same file loaded twice; funs sent around.
-module(fun_identity).
-export([main/0]).

main() ->
    code_help:purge(fi),
    V1 = code_help:module(fi, ["-export([f/1, g/0]).", "f(X) -> fun(A, B) -> {A, B, X, 1} end.", "g() -> fun g/0."]),
    V2 = code_help:module(fi, ["-export([f/1, g/0]).", "h() -> fun() -> no end.", "f(X) -> _ = h(), fun(A, B) -> {A, B, X, 2} end.",
                               "g() -> fun g/0."]),
    {module, fi} = code:load_binary(fi, "fi.beam", V1),
    F = fi:f([free]),
    G = fi:g(),
    E = fun fi:f/1,
    Info = fun(Fun) ->
               [case catch erlang:fun_info(Fun, K) of
                    {K, P} when is_pid(P) -> {K, P =:= self()};
                    {new_uniq, B} when is_binary(B) -> byte_size(B);
                    {uniq, N} when is_integer(N) -> uniq;
                    {'EXIT', {R, _}} -> {K, R};
                    KV -> KV
                end || K <- [type, module, name, arity, env, index, new_index, uniq, new_uniq, pid, nothing]]
           end,
    Say = fun(What) ->
              io:format("~p~n~p~n~p~n", [What, Info(F), Info(G)]),
              io:format("~p ~p ~p~n", [result(fun() -> F(a, b) end), result(fun() -> (G())() end), result(fun() -> (E(x))(1, 2) end)]),
              io:format("~p ~p~n", [is_function(F, 2), F =:= fi_same(F)])
          end,
    Say(current),
    io:format("~p~n", [[K || {K, _} <- erlang:fun_info(F)]]),
    io:format("~p~n", [erlang:fun_info(E)]),
    true = F =:= fi:f([free]),
    {module, fi} = code:load_binary(fi, "fi.beam", V2),
    false = F =:= fi:f([free]),
    Say(old),
    code:purge(fi),
    Say(purged),
    {module, fi} = code:load_binary(fi, "fi.beam", V1),
    Say(back),
    {module, fi} = (begin code:purge(fi), code:load_binary(fi, "fi.beam", V1) end),
    Say(twice),
    code:purge(fi),
    Say(twice_purged),
    code_help:purge(fi),
    Say(gone),
    %% a fun of a module that nobody has
    Foreign = binary_to_term(binary:replace(term_to_binary(F), <<"fi">>, <<"if">>, [global])),
    io:format("~p ~p~n", [is_function(Foreign), result(fun() -> Foreign(1, 2) end)]),
    io:format("~p~n", [result(fun() -> apply(Foreign, [1, 2]) end)]),
    io:format("~p~n", [result(fun() -> lists:foldl(Foreign, 0, [1]) end)]),
    {P, R} = spawn_monitor(fun() -> process_flag(error_handler, fi_no_handler), Foreign(1, 2) end),
    receive {'DOWN', R, _, P, {Why, [First | _]}} -> io:format("~p ~p~n", [Why, [X || X <- tuple_to_list(First), not is_function(X)]]) end.

fi_same(F) -> binary_to_term(term_to_binary(F)).

result(F) ->
    try F()
    catch error:{badfun, _} -> badfun;
          error:undef:S ->
              case hd(S) of
                  {Fun, As, _} when is_function(Fun) -> {undef, a_fun, As};
                  {M, Fn, As, _} -> {undef, M, Fn, As}
              end
    end.
