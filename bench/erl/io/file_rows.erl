%% A file of rows: written a row at a time with delayed_write, read a line at a time through an I/O device, and by position.
-module(file_rows).
-export([main/0]).

main() ->
    Name = folder() ++ "/lintel_bench_rows_" ++ os:getpid(),
    bench:wall(fun() ->
        {ok, Out} = file:open(Name, [write, raw, binary, delayed_write]),
        [ok = file:write(Out, [integer_to_list(N), " is the number of this row\n"]) || N <- lists:seq(1, 50000)],
        ok = file:close(Out),
        {ok, In} = file:open(Name, [read, raw, binary, read_ahead]),
        Lines = raw_lines(In, 0),
        ok = file:close(In),
        {ok, Device} = file:open(Name, [read, binary]),
        Some = device_lines(Device, 5000),
        ok = file:close(Device),
        {ok, Random} = file:open(Name, [read, raw, binary]),
        Read = lists:sum([begin {ok, Data} = file:pread(Random, N * 97, 100), byte_size(Data) end || N <- lists:seq(1, 10000)]),
        ok = file:close(Random),
        ok = file:delete(Name),
        {Lines, Some, Read}
    end, {50000, ok, 1000000}).

raw_lines(In, N) ->
    case file:read_line(In) of
        {ok, _} -> raw_lines(In, N + 1);
        eof -> N
    end.

device_lines(_, 0) -> ok;
device_lines(Device, N) ->
    <<_, _/binary>> = io:get_line(Device, ""),
    device_lines(Device, N - 1).

%% In memory, if the system has that: what counts is the VM, not the disk.
folder() -> case filelib:is_dir("/dev/shm") of true -> "/dev/shm"; false -> "/tmp" end.
