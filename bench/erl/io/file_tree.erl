%% Many small files through the file server: made, found, described, read, deleted.
-module(file_tree).
-export([main/0]).

main() ->
    Root = folder() ++ "/lintel_bench_tree_" ++ os:getpid(),
    bench:wall(fun() ->
        ok = file:make_dir(Root),
        Names = [filename:join(Root, integer_to_list(N) ++ ".txt") || N <- lists:seq(1, 1000)],
        [ok = file:write_file(Name, ["the text of ", Name]) || Name <- Names],
        Found = filelib:wildcard("*.txt", Root),
        Size = lists:sum([filelib:file_size(Name) || Name <- Names]),
        Read = lists:sum([begin {ok, B} = file:read_file(Name), byte_size(B) end || Name <- Names]),
        ok = file:del_dir_r(Root),
        {length(Found), Size - Read}
    end, {1000, 0}).

%% In memory, if the system has that: what counts is the VM, not the disk.
folder() -> case filelib:is_dir("/dev/shm") of true -> "/dev/shm"; false -> "/tmp" end.
