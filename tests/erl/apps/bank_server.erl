%% A bank as a gen_server: accounts, transfers that fail half-way are undone, statements, a crash that the client sees.
-module(bank_server).
-behaviour(gen_server).
-export([main/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-record(account, {owner, balance = 0, history = []}).

main() ->
    {ok, Bank} = gen_server:start({local, bank}, ?MODULE, #{limit => 1000}, []),
    [io:format("open ~p: ~p~n", [O, call({open, O})]) || O <- [anna, bo, cecilia, anna]],
    io:format("~p~n", [call({deposit, anna, 500})]),
    io:format("~p~n", [call({deposit, nobody, 500})]),
    io:format("~p~n", [call({deposit, bo, -5})]),
    io:format("~p~n", [call({withdraw, bo, 10})]),
    io:format("~p~n", [call({transfer, anna, bo, 125})]),
    io:format("~p~n", [call({transfer, anna, nobody, 125})]),
    io:format("~p~n", [call({transfer, anna, bo, 125000})]),
    io:format("~p~n", [call({transfer, anna, anna, 1})]),
    io:format("~p~n", [call({deposit, cecilia, 900})]),
    io:format("~p~n", [call({deposit, cecilia, 101})]),
    gen_server:cast(bank, {interest, 7}),
    Bank ! {interest, 0},
    io:format("~p~n", [call(total)]),
    [io:format("~p:~n~s", [O, statement(call({statement, O}))]) || O <- [anna, bo, cecilia]],
    io:format("~p~n", [call(unknown_request)]),
    io:format("~p~n", [catch gen_server:call(bank, slow, 20)]),
    io:format("~p~n", [gen_server:call(bank, total, infinity)]),
    Monitor = erlang:monitor(process, Bank),
    {'EXIT', {{Why, Stack}, Where}} = (catch gen_server:call(bank, {divide, 0}, 5000)),
    io:format("~p in ~p, told by ~p~n", [Why, [{M, F} || {M, F, _, _} <- Stack], Where]),
    receive {'DOWN', Monitor, process, _, {Reason, _}} -> io:format("down: ~p~n", [Reason]) end,
    {'EXIT', Noproc} = (catch call(total)),
    io:format("~p~n", [Noproc]).

call(Request) -> gen_server:call(bank, Request).

statement({Owner, Balance, History}) ->
    [io_lib:format("  ~-10s~8.2f ~n", [Owner, Balance / 100])
     | [io_lib:format("  ~4w ~-12w ~8.2.0f~n", [N, What, Amount / 100]) || {N, What, Amount} <- number(History)]].

number(History) ->
    {Rows, _} = lists:mapfoldl(fun({What, Amount}, N) -> {{N, What, Amount}, N + 1} end, 1, lists:reverse(History)),
    Rows.

init(Options) -> {ok, Options#{accounts => #{}}}.

handle_call({open, Owner}, _, #{accounts := Accounts} = S) when not is_map_key(Owner, Accounts) ->
    {reply, ok, S#{accounts := Accounts#{Owner => #account{owner = Owner}}}};
handle_call({open, Owner}, _, S) -> {reply, {error, {already_open, Owner}}, S};
handle_call({deposit, Owner, Amount}, _, S) -> change([{Owner, deposit, Amount}], S);
handle_call({withdraw, Owner, Amount}, _, S) -> change([{Owner, withdraw, -Amount}], S);
handle_call({transfer, From, To, Amount}, _, S) -> change([{From, {to, To}, -Amount}, {To, {from, From}, Amount}], S);
handle_call({statement, Owner}, _, #{accounts := Accounts} = S) ->
    #{Owner := #account{balance = B, history = H}} = Accounts,
    {reply, {Owner, B, H}, S};
handle_call(total, _, #{accounts := Accounts} = S) ->
    {reply, maps:fold(fun(_, #account{balance = B}, Sum) -> Sum + B end, 0, Accounts), S};
handle_call(slow, From, S) ->
    timer:sleep(2000),
    gen_server:reply(From, too_late),
    {noreply, S};
handle_call({divide, By}, _, S) -> {reply, divide(By), S};
handle_call(Other, _, S) -> {reply, {unknown, Other}, S}.

divide(By) -> 1 div By.

handle_cast({interest, Percent}, #{accounts := Accounts} = S) ->
    Add = fun(_, #account{balance = B} = A) -> A#account{balance = B + B * Percent div 100} end,
    {noreply, S#{accounts := maps:map(Add, Accounts)}}.

handle_info({interest, _}, S) -> {noreply, S};
handle_info(_Late, S) -> {noreply, S}.

terminate(_, #{accounts := Accounts}) -> io:format("bank closes with ~p accounts~n", [maps:size(Accounts)]).

%% All changes or none.
change(Changes, #{accounts := Before, limit := Limit} = S) ->
    try lists:foldl(fun(C, Accounts) -> change_one(C, Limit, Accounts) end, Before, Changes) of
        After -> {reply, ok, S#{accounts := After}}
    catch
        throw:Reason -> {reply, {error, Reason}, S}
    end.

change_one({Owner, What, Amount}, Limit, Accounts) ->
    case Accounts of
        #{Owner := #account{balance = B}} when B + Amount < 0 -> throw({insufficient, Owner, B});
        #{Owner := #account{balance = B}} when B + Amount > Limit -> throw({limit, Owner, Limit});
        #{Owner := #account{}} when What =:= deposit, Amount =< 0 -> throw({not_positive, Amount});
        #{Owner := #account{balance = B, history = H} = A} ->
            Accounts#{Owner := A#account{balance = B + Amount, history = [{What, Amount} | H]}};
        #{} -> throw({no_account, Owner})
    end.
