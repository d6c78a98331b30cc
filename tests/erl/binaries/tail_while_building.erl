%% OTP 22 and 23 take the rest of a binary between the puts that build another one, so the binary under construction may be moved by a
%% collection half-way. No compiler of today does; the code is given in their assembly. OTP 25 answers wrongly if that happens to a binary of up to
%% 64 bytes, so those are built where nothing collects.
-module(tail_while_building).
-export([main/0]).

%% build(Bin): <<A:32, (byte tail of Bin):Size/binary>> where the tail is taken after the first put.
code(Bytes) ->
    {old_code, [{build, 2}], [],
     [{function, build, 2, 2,
       [{label, 1}, {line, []}, {func_info, {atom, old_code}, {atom, build}, 2},
        {label, 2},
        {test, bs_start_match3, {f, 1}, 2, [{x, 0}], {x, 2}},
        {test, bs_get_integer2, {f, 1}, 3, [{x, 2}, {integer, 8}, 1, {field_flags, [unsigned, big]}], {x, 3}},
        {bs_init2, {f, 0}, Bytes + 4, 0, 4, {field_flags, []}, {x, 4}},
        {bs_put_integer, {f, 0}, {integer, 16}, 1, {field_flags, [unsigned, big]}, {x, 3}},
        {bs_get_tail, {x, 2}, {x, 5}, 5},
        {bs_put_integer, {f, 0}, {integer, 16}, 1, {field_flags, [unsigned, big]}, {x, 1}},
        {bs_put_binary, {f, 0}, {integer, Bytes * 8}, 1, {field_flags, [unsigned, big]}, {x, 5}},
        {move, {x, 4}, {x, 0}},
        return]}],
     3}.

main() ->
    [begin
         {ok, old_code, Beam} = compile:forms(code(Bytes), [from_asm, binary, report]),
         {module, old_code} = code:load_binary(old_code, "old_code", Beam),
         Tail = list_to_binary([I rem 251 || I <- lists:seq(1, Bytes)]),
         Options = case Bytes of _ when Bytes > 60 -> []; _ -> [{min_heap_size, 1000000}] end,
         {Pid, Monitor} = spawn_opt(fun() -> exit(built(Tail, <<7:16, 9:16, Tail/binary>>)) end, [monitor | Options]),
         receive {'DOWN', Monitor, process, Pid, Right} -> io:format("~p ~p~n", [Bytes, Right]) end,
         {'EXIT', {Reason, _}} = (catch old_code:build(<<7, 1, 2>>, 9)),
         io:format("~p~n", [Reason]),
         code:purge(old_code), code:delete(old_code), code:purge(old_code)
     end || Bytes <- [8, 40, 60, 61, 200, 5000]].

%% Garbage of every length before it, so that a small heap is full at each of the steps once.
built(Tail, Wanted) ->
    lists:usort([old_code:build(<<7, Tail/binary>>, 9) =:= Wanted || N <- lists:seq(1, 2000), garbage(N) > 0]).

garbage(N) -> length(lists:seq(1, N rem 37 + 1)).
