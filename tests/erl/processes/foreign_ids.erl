%% Pids and ports of other nodes, and of an earlier life of this one, where those of this node are wanted.
-module(foreign_ids).
-export([main/0]).

main() ->
    Other = "\3a@b",
    Own = "\15nonode@nohost",
    Ids = [{pid, id(88, Other, <<38:32, 0:32, 7:32>>)}, {old_pid, id(88, Own, <<38:32, 0:32, 9:32>>)}, {port, id(89, Other, <<1:32, 7:32>>)},
           {old_port, id(89, Own, <<1:32, 9:32>>)}, {alias, id(90, Other, <<7:32, 1:32, 2:32, 3:32>>)}],
    [io:format("~w ~w: ~w~n", [Function, Name, result(Function, Arguments)])
     || {Function, Arguments} <- [{is_process_alive, [id]}, {process_info, [id]}, {process_info, [id, status]}, {process_info, [id, nothing]},
                                  {port_info, [id]}, {port_info, [id, name]}, {port_info, [id, nothing]}, {port_info, [nobody, id]},
                                  {trace_delivered, [id]}, {trace, [id, true, [send]]}, {trace_info, [id, flags]}, {garbage_collect, [id]},
                                  {process_display, [id, backtrace]}, {suspend_process, [id]}, {resume_process, [id]},
                                  {port_connect, [id, self()]}, {port_command, [id, "x"]}, {port_close, [id]}, {port_control, [id, 1, ""]},
                                  {register, [name, id]}, {cancel_timer, [id]}, {read_timer, [id]}, {unalias, [id]}, {fun_info, [id]}],
        {Name, Id} <- Ids, Function =/= trace_info orelse Name =/= old_pid, Function =/= garbage_collect orelse Name =/= old_pid,
        Arguments <- [[case A of id -> Id; _ -> A end || A <- Arguments]]].

id(Tag, <<_/binary>> = Node, Rest) -> binary_to_term(<<131, Tag, 119, Node/binary, Rest/binary>>);
id(90, Node, Rest) -> id(90, 3, Node, Rest);
id(Tag, Node, Rest) -> id(Tag, list_to_binary(Node), Rest).

id(90, Words, Node, Rest) -> binary_to_term(<<131, 90, Words:16, 119, (list_to_binary(Node))/binary, Rest/binary>>).

result(Function, Arguments) ->
    try apply(erlang, Function, Arguments) of
        Reference when is_reference(Reference) -> reference;
        Value -> Value
    catch Class:Reason -> {Class, Reason}
    end.
