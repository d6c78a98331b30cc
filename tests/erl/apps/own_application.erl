%% An application: started, asked, its environment, stopped, started again, one that does not start; what is logged of it.
-module(own_application).
-behaviour(application).
-behaviour(supervisor).
-export([main/0, start/2, prep_stop/1, stop/1, config_change/3, init/1, server/1, log/2]).

main() ->
    Spec = {application, shop, [{vsn, "1.2"}, {description, "a shop"}, {modules, [?MODULE]}, {registered, [shop_sup]}, {applications, [kernel, stdlib]},
                                {env, [{colour, red}, {sizes, [1, 2]}]}, {mod, {?MODULE, [normal]}}]},
    io:format("~p~n", [application:start(shop_not_there)]),
    io:format("~p~n", [application:load(Spec)]),
    io:format("~p~n", [application:load(Spec)]),
    io:format("~p~n", [lists:sort(application:get_all_env(shop))]),
    io:format("~p~n", [application:set_env(shop, colour, blue)]),
    io:format("~p~n", [application:ensure_all_started(shop)]),
    io:format("~p~n", [application:start(shop)]),
    io:format("~p~n", [lists:sort([A || {A, _, _} <- application:which_applications()])]),
    io:format("~p~n", [lists:keyfind(shop, 1, application:which_applications())]),
    io:format("~p~n", [gen_call(shop_server, where)]),
    io:format("~p~n", [[application:get_env(shop, K) || K <- [colour, sizes, none]]]),
    io:format("~p~n", [[application:get_key(shop, K) || K <- [vsn, description, modules, registered, applications, mod, nope]]]),
    io:format("~p~n", [application:get_env(shop, none, default)]),
    io:format("~p~n", [application:unset_env(shop, colour)]),
    io:format("~p~n", [application:unload(shop)]),
    io:format("~p~n", [application:stop(shop)]),
    io:format("~p~n", [whereis(shop_server)]),
    io:format("~p~n", [application:stop(shop)]),
    ok = logger:remove_handler(default),
    ok = logger:add_handler(mine, ?MODULE, #{config => #{to => self()}}),
    logger:set_primary_config(level, notice),
    io:format("~p~n", [application:start(shop, temporary)]),
    io:format("~p~n", [application:get_env(shop, colour)]),
    exit(whereis(shop_sup), kill),
    logged(2),
    io:format("~p~n", [lists:keymember(shop, 1, application:which_applications())]),
    application:set_env(shop, fail, true),
    {error, {Why, {?MODULE, start, Args}}} = application:start(shop),
    io:format("~p ~p~n", [Why, Args]),
    logged(2),
    io:format("~p~n", [application:unload(shop)]),
    io:format("~p~n", [application:get_env(shop, colour)]),
    io:format("~p~n", [application:load({application, bad, [{vsn, 1}]})]),
    io:format("~p~n", [application:start(other_name, sometimes)]),
    ok = application:load({application, needy, [{vsn, "1"}, {applications, [shop]}, {mod, {?MODULE, []}}]}),
    io:format("~p~n", [application:start(needy)]),
    io:format("~p~n", [application:get_application(shop_server)]),
    logger:remove_handler(mine).

%% So many events, and what else there is.
logged(Least) ->
    receive
        {logged, #{level := Level, msg := {report, R}}} ->
            io:format("~p ~p~n", [Level, [if is_pid(V) -> pid; true -> V end || {_, V} <- maps:get(report, R)]]),
            logged(Least - 1);
        {logged, #{level := Level, msg := {F, A}}} ->
            io:format("~p ~p ~p~n", [Level, F, A]),
            logged(Least - 1)
    after if Least > 0 -> infinity; true -> 0 end -> ok
    end.

log(Event, #{config := #{to := To}}) -> To ! {logged, Event}.

start(Type, Args) ->
    io:format("start ~p ~p ~p~n", [Type, Args, application:get_application()]),
    case application:get_env(shop, fail) of
        {ok, true} -> {error, told_to_fail};
        undefined ->
            {ok, Sup} = supervisor:start_link({local, shop_sup}, ?MODULE, application:get_env(shop, colour)),
            {ok, Sup, state_of_shop}
    end.

prep_stop(State) ->
    io:format("prep_stop ~p~n", [State]),
    {prepared, State}.
stop(State) -> io:format("stop ~p~n", [State]).
config_change(_, _, _) -> ok.

init(Colour) -> {ok, {#{}, [#{id => server, start => {?MODULE, server, [Colour]}}]}}.

server(Colour) ->
    Parent = self(),
    Pid = spawn_link(fun() ->
        register(shop_server, self()),
        Parent ! {self(), up},
        serve(Colour)
    end),
    receive {Pid, up} -> {ok, Pid} end.

serve(Colour) ->
    receive {From, Ref, where} -> From ! {Ref, {Colour, application:get_application(), application:get_application(?MODULE)}} end,
    serve(Colour).

gen_call(Name, Request) ->
    Ref = make_ref(),
    Name ! {self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.
