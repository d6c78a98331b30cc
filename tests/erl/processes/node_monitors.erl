%% process_flag(monitor_nodes, …), of which nobody ever hears here: how often it was set before, and which options there are.
-module(node_monitors).
-export([main/0]).

main() ->
    [begin io:format("~p ~p: ", [Flag, Value]), t(fun() -> process_flag(Flag, Value) end) end || {Flag, Value} <- [
        {monitor_nodes,true}, {monitor_nodes,true}, {monitor_nodes,false}, {monitor_nodes,false}, {monitor_nodes,x},
        {{monitor_nodes,[]},true}, {monitor_nodes,true}, {{monitor_nodes,[nodedown_reason]},true},
        {{monitor_nodes,[{node_type,all}]},true}, {{monitor_nodes,[{node_type,visible}]},true},
        {{monitor_nodes,[{node_type,hidden}]},true}, {{monitor_nodes,[{node_type,foo}]},true},
        {{monitor_nodes,[foo]},true}, {{monitor_nodes,foo},true},
        {{monitor_nodes,[nodedown_reason,{node_type,all}]},true},
        {{monitor_nodes,[{node_type,all},nodedown_reason]},true}, {{monitor_nodes,#{}},true},
        {{monitor_nodes,#{connection_id=>true}},true}, {{monitor_nodes,#{connection_id=>false}},true},
        {{monitor_nodes,#{connection_id=>x}},true}, {{monitor_nodes,#{node_type=>all,nodedown_reason=>true}},true},
        {{monitor_nodes,#{x=>all}},true}, {{monitor_nodes,[connection_id]},true},
        {{monitor_nodes,[{connection_id,true}]},true}, {{monitor_nodes,[{nodedown_reason,true}]},true},
        {monitor_nodes,false}, {{monitor_nodes,[{node_type,all}]},false}, {{monitor_nodes,[]},false},
        {{monitor_nodes,#{}},false}, {{monitor_nodes,#{connection_id=>true}},false},
        {{monitor_nodes,#{nodedown_reason=>false}},true}, {{monitor_nodes,[a|b]},true}, {{a,b},true}]],
    t(fun() -> net_kernel:monitor_nodes(true) end), t(fun() -> net_kernel:monitor_nodes(true, [foo]) end),
    t(fun() -> net_kernel:monitor_nodes(foo, []) end), t(fun() -> net_kernel:monitor_nodes(false, #{connection_id => true}) end).

t(F) -> io:format("~p~n", [try F() catch C:E:S -> {C, E, element(4, hd(S))} end]).
