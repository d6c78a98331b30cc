%% Log events that the VM has a process of its own tell.
-module(lintel_logger).
-export([heap_limit/3]).

%% Process Pid is beyond its max_heap_size: the text that OTP logs.
heap_limit(Pid, Kill, [Max, Total, Messages | Sizes]) ->
    Names = [old_heap_block_size, heap_block_size, mbuf_size, recent_size, stack_size, old_heap_size, heap_size,
             bin_vheap_size, bin_old_vheap_size],
    Format = "     Process:            ~p ~n     Context:            maximum heap size reached~n"
             "     Max Heap Size:      ~p~n     Total Heap Size:    ~p~n     Kill:               ~p~n"
             "     Error Logger:       true~n     Message Queue Len:  ~p~n     GC Info:            ~p~n",
    logger:log(error, Format, [Pid, Max, Total, Kill, Messages, lists:zip(Names, Sizes)],
               #{pid => Pid, error_logger => #{emulator => true, tag => error}}).
