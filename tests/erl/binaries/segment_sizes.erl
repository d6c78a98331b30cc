%% Sizes and values that no compiler writes into a segment, but a file may hold: `all` where the type has no such size, other atoms, numbers
%% below zero, values of another type. They are errors of the instruction, whose cause names them.
-module(segment_sizes).
-export([main/0]).

main() ->
    [io:format("~p ~p of ~p: ~p~n", [Type, Size, Value, result(Type, Size, Value)])
     || Type <- [integer, float, binary], Size <- [{atom, all}, {atom, undefined}, {integer, -1}, {integer, 8}],
        Value <- [1, <<"ab">>, 1.0]].

result(Type, Size, Value) ->
    {ok, segment, Beam} = compile:forms(code(Type, Size), [from_asm, binary, report]),
    {module, segment} = code:load_binary(segment, "segment", Beam),
    try segment:build(Value)
    catch Class:Reason:Trace -> {Class, Reason, hd(Trace)}
    after code:purge(segment), code:delete(segment), code:purge(segment)
    end.

%% build(Value): <<Value:Size/Type>>
code(Type, Size) ->
    {segment, [{build, 1}], [],
     [{function, build, 1, 2,
       [{label, 1}, {line, []}, {func_info, {atom, segment}, {atom, build}, 1},
        {label, 2},
        {bs_create_bin, {f, 0}, 0, 1, 8, {x, 0}, {list, [{atom, Type}, 1, 1, nil, {x, 0}, Size]}},
        return]}],
     3}.
