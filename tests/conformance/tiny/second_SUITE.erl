%% All of it passes.
-module(second_SUITE).
-export([all/0, one/1, two/1]).

all() -> [one, two].
one(_) -> ok.
two(_) -> {comment, "well"}.
