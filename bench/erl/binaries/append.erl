%% A binary that grows piece by piece, and comprehensions that make binaries.
-module(append).
-export([main/0]).

main() ->
    Data = binary:copy(<<"abc<def&ghi>jkl">>, 20000),
    bench:cpu(fun() -> {byte_size(escape(Data, <<>>)), byte_size(<< <<(B bxor 32)>> || <<B>> <= Data >>), join(60000, <<>>)} end, {500000,300000,360000}).

escape(<<$<, R/binary>>, Acc) -> escape(R, <<Acc/binary, "&lt;">>);
escape(<<$>, R/binary>>, Acc) -> escape(R, <<Acc/binary, "&gt;">>);
escape(<<$&, R/binary>>, Acc) -> escape(R, <<Acc/binary, "&amp;">>);
escape(<<C, R/binary>>, Acc) -> escape(R, <<Acc/binary, C>>);
escape(<<>>, Acc) -> Acc.

join(0, Acc) -> byte_size(Acc);
join(N, Acc) -> join(N - 1, <<Acc/binary, N:32, "; ">>).
