%% A process that sends each message back, until one of them is stop.
-module(echo).
-export([loop/1]).

loop(To) ->
    receive
        stop ->
            exit(stopped);
        Message ->
            To ! {self(), Message},
            loop(To)
    end.
