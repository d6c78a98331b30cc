%% The I/O servers of the bare profile: the Erlang I/O protocol on the VM's stdin and stdout (`user`, the group leader of
%% everything that the bare profile runs) and on its stderr (`standard_error`).
%%
%% Requests of the VM's own processes are served as they come. What has to be computed for a guest (a tenant without control), a
%% process of that tenant computes (prepare/2): the server runs no code that a guest chooses, pays for none of it and does not wait
%% for it.
-module(lintel_io).
-export([start/2]).

-record(state, {stream,            % output | error: which of the two servers this is
                encoding,          % unicode | latin1: what the streams carry
                binary = false,    % results of reading are binaries
                input = [],        % characters read and not yet asked for
                at_end = false,
                guest = 0,         % of the request that is being served: its tenant, if that is a guest,
                may_read = false,  % and whether it may read
                prompt = [],       % of the request that waits for input
                ref = none,        % of the bytes that are awaited,
                reading,           % and for what: {Job, Continue}
                waiting = [],      % requests for input that came meanwhile, newest first
                preparing = #{},   % Ref => {Job, Client, Number}: what guests compute
                held = #{},        % Client => {First, Next}: numbers of its requests that are not served yet
                ready = #{}}).     % {Client, Number} => Job

-record(job, {guest, may_read, from, reply_as, request}).

start(Stream, Encoding) ->
    loop(#state{stream = Stream, encoding = Encoding}).

%% The only place where it receives: whom it acts for does not depend on what was received before.
loop(#state{ref = Awaited} = State) ->
    receive
        {io_request, From, ReplyAs, Request} when erlang:is_pid(From) ->
            Guest = lintel_code:guest(),
            MayRead = State#state.stream =:= output andalso is_for_input(Request) andalso lintel_io:may_read(),
            loop(take(#job{guest = Guest, may_read = MayRead, from = From, reply_as = ReplyAs, request = Request}, State));
        {Awaited, Bytes} when erlang:is_reference(Awaited) -> loop(resume(Bytes, State));
        {'DOWN', Ref, process, _, Prepared} -> loop(prepared(Ref, Prepared, State));
        _Other -> loop(State)
    end.

take(#job{guest = 0} = Job, State) -> admit(Job, State);
take(Job, State) ->
    Client = client(Job),
    case State#state.held of
        #{Client := {First, Next}} -> hold(Job, Client, First, Next, State);
        #{} ->
            case is_plain(Job#job.request, State#state.encoding) of
                true -> admit(Job, State);
                false -> hold(Job, Client, 1, 1, State)
            end
    end.

%% Whoever reads waits for who reads already. Who wants to write need not; the prompt is shown again behind what he writes, as OTP does it.
admit(Job, #state{ref = none} = State) -> serve(Job, State);
admit(#job{request = Request} = Job, State) ->
    case is_for_input(Request) of
        true -> State#state{waiting = [Job | State#state.waiting]};
        false ->
            New = serve(Job, State),
            case Request of
                flush -> ok;
                {get_geometry, _} -> ok;
                _ -> show_prompt(New)
            end,
            New
    end.

serve(#job{guest = Guest, may_read = MayRead, request = Request} = Job, State) ->
    go_on(request(Request, State#state{guest = Guest, may_read = MayRead}), Job).

go_on({more, Continue, State}, Job) ->
    Ref = erlang:make_ref(),
    lintel_io:read(Ref),
    State#state{ref = Ref, reading = {Job, Continue}};
go_on({Reply, State}, Job) ->
    Job#job.from ! {io_reply, Job#job.reply_as, Reply},
    State.

%% The bytes, or eof, that a request was waiting for.
resume(Bytes, #state{reading = {#job{guest = Guest, may_read = MayRead} = Job, Continue}} = State) ->
    next_waiting(go_on(Continue(Bytes, State#state{ref = none, reading = undefined, guest = Guest, may_read = MayRead}), Job)).

next_waiting(#state{ref = none, waiting = [_ | _] = Waiting} = State) ->
    next_waiting(serve_waiting(lists:reverse(Waiting), State#state{waiting = []}));
next_waiting(State) -> State.

serve_waiting([Job | More], State) -> serve_waiting(More, admit(Job, State));
serve_waiting([], State) -> State.

%% A request is {Reply, State}, or {more, Continue, State} if Continue(Bytes, State) is to go on with it when there is more to read.
request(flush, State) -> {ok, State};
request({put_chars, Encoding, Chars}, State) -> put_chars(Encoding, Chars, State);
request({put_chars, Encoding, M, F, Args}, State) ->
    try erlang:apply(M, F, Args) of
        Chars -> put_chars(Encoding, Chars, State)
    catch
        _:_ -> {{error, put_chars}, State}
    end;
request({put_chars, Chars}, State) -> put_chars(latin1, Chars, State);
request({put_chars, M, F, Args}, State) -> request({put_chars, latin1, M, F, Args}, State);
request(getopts, #state{stream = error} = State) -> {[{encoding, State#state.encoding}], State};
request(getopts, State) ->
    {[{binary, State#state.binary}, {encoding, State#state.encoding}], State};
request({setopts, _}, #state{guest = Guest} = State) when Guest =/= 0 -> {{error, eperm}, State};    % they are everybody's
request({setopts, Options}, State) when is_list(Options) -> setopts(Options, State);
request({get_geometry, What}, State) when What =:= columns; What =:= rows -> {{error, enotsup}, State};
request({requests, Requests}, State) -> requests(Requests, ok, State);
request(Request, #state{stream = error} = State) -> {{error, {request, Request}}, State};
request({get_line, Encoding, Prompt}, State) ->
    prompted(Prompt, State, collect_line, fun(S) -> get_line([], Encoding, S) end);
request({get_line, Prompt}, State) -> request({get_line, latin1, Prompt}, State);
request({get_chars, Encoding, Prompt, Count}, State) when is_integer(Count), Count >= 0 ->
    prompted(Prompt, State, collect_chars, fun(S) -> get_chars(Count, [], Encoding, S) end);
request({get_chars, Prompt, Count}, State) -> request({get_chars, latin1, Prompt, Count}, State);
request({get_until, Encoding, Prompt, M, F, Args}, State) ->
    case State#state.guest =:= 0 orelse is_scanner(M, F, Args) of
        true -> prompted(Prompt, State, get_until, fun(S) -> get_until(M, F, Args, [], Encoding, S) end);
        false -> {{error, F}, State}
    end;
request({get_until, Prompt, M, F, Args}, State) ->
    request({get_until, latin1, Prompt, M, F, Args}, State);
request(Request, State) -> {{error, {request, Request}}, State}.

requests([Request | More], _, State) -> more_requests(request(Request, State), More);
requests([], Reply, State) -> {Reply, State};
requests(Requests, _, State) -> {{error, {requests, Requests}}, State}.

more_requests({more, Continue, State}, More) ->
    {more, fun(Bytes, S) -> more_requests(Continue(Bytes, S), More) end, State};
more_requests({{error, _}, _} = Error, _) -> Error;
more_requests({Reply, State}, More) -> requests(More, Reply, State).

setopts([binary | More], State) -> setopts(More, State#state{binary = true});
setopts([list | More], State) -> setopts(More, State#state{binary = false});
setopts([{binary, B} | More], State) when is_boolean(B) -> setopts(More, State#state{binary = B});
setopts([{binary, _} | More], State) -> setopts(More, State);    % OTP's takes it
setopts([{encoding, E} | More], State) when E =:= unicode; E =:= utf8 ->
    setopts(More, State#state{encoding = unicode});
setopts([{encoding, latin1} | More], State) -> setopts(More, State#state{encoding = latin1});
setopts([], State) -> {ok, State};
setopts(_, State) -> {{error, enotsup}, State}.

%% Guests ---------------------------------------------------------------------------------------------

client(#job{guest = Guest, from = From}) -> {Guest, From}.

%% Whether nothing has to be computed for the request but what its size bounds.
is_plain({put_chars, _, not_chars}, _) -> true;
is_plain({put_chars, Encoding, Chars}, Encoding) -> erlang:is_binary(Chars);
is_plain({put_chars, _, _}, _) -> false;
is_plain({put_chars, _}, _) -> false;
is_plain({put_chars, _, _, _}, _) -> false;
is_plain({put_chars, _, _, _, _}, _) -> false;
is_plain({requests, Requests}, Encoding) -> are_plain(Requests, Encoding);
is_plain(Request, _) ->
    case prompt_position(Request) of
        none -> true;
        At -> is_plain_prompt(erlang:element(At, Request))
    end.

are_plain([Request | More], Encoding) -> is_plain(Request, Encoding) andalso are_plain(More, Encoding);
are_plain(_, _) -> true.

prompt_position({get_line, _}) -> 2;
prompt_position({get_line, _, _}) -> 3;
prompt_position({get_chars, _, _}) -> 2;
prompt_position({get_chars, _, _, _}) -> 3;
prompt_position({get_until, _, _, _, _}) -> 2;
prompt_position({get_until, _, _, _, _, _}) -> 3;
prompt_position(_) -> none.

is_plain_prompt(Prompt) -> erlang:is_atom(Prompt) orelse is_short_text(Prompt, 1000).

is_short_text([C | Text], Left) when erlang:is_integer(C), Left > 0 -> is_short_text(Text, Left - 1);
is_short_text(Text, _) -> Text =:= [].

%% What OTP's io module uses, and nothing that calls a function of the arguments.
is_scanner(io_lib, fread, [_]) -> true;
is_scanner(erl_scan, tokens, [_]) -> true;
is_scanner(erl_scan, tokens, [_, Options]) -> are_atoms(Options);
is_scanner(_, _, _) -> false.

are_atoms([Atom | More]) -> erlang:is_atom(Atom) andalso are_atoms(More);
are_atoms(Rest) -> erlang:is_atom(Rest) orelse Rest =:= [].

%% A request of a guest that is to be prepared, or that comes after such a one: the client's are served in their order.
%% Its process is started here, while the server acts for the guest.
hold(Job, Client, First, Next, State0) ->
    State = State0#state{held = maps:put(Client, {First, Next + 1}, State0#state.held)},
    case is_plain(Job#job.request, State#state.encoding) of
        true -> serve_ready(Client, is_ready(Job, Client, Next, State));
        false ->
            try prepare(Job#job.request, State#state.encoding) of
                Ref -> State#state{preparing = maps:put(Ref, {Job, Client, Next}, State#state.preparing)}
            catch
                error:_ -> serve_ready(Client, is_ready(not_prepared(Job), Client, Next, State))    % it may have no more processes
            end
    end.

prepare(Request, Encoding) ->
    Prepare = fun() -> erlang:exit({prepared, plain(Request, Encoding)}) end,
    {_, Ref} = erlang:spawn_opt(erlang, apply, [Prepare, []], [monitor]),
    Ref.

prepared(Ref, Prepared, #state{preparing = Preparing} = State0) ->
    case Preparing of
        #{Ref := {Job, Client, Number}} ->
            State = State0#state{preparing = maps:remove(Ref, Preparing)},
            serve_ready(Client, is_ready(with_prepared(Prepared, Job, State), Client, Number, State));
        #{} -> State0
    end.

%% The process is the guest's, and so is what it says.
with_prepared({prepared, Request}, Job, State) ->
    case is_plain(Request, State#state.encoding) andalso is_for_input(Request) =:= is_for_input(Job#job.request) of
        true -> Job#job{request = Request};
        false -> not_prepared(Job)
    end;
with_prepared(_, Job, _) -> not_prepared(Job).

not_prepared(Job) -> Job#job{request = {put_chars, latin1, not_chars}}.

is_ready(Job, Client, Number, State) -> State#state{ready = maps:put({Client, Number}, Job, State#state.ready)}.

serve_ready(Client, #state{held = Held, ready = Ready} = State) ->
    #{Client := {First, Next}} = Held,
    case Ready of
        #{{Client, First} := Job} ->
            Rest = case First + 1 of
                       Next -> maps:remove(Client, Held);
                       Second -> maps:put(Client, {Second, Next}, Held)
                   end,
            New = admit(Job, State#state{held = Rest, ready = maps:remove({Client, First}, Ready)}),
            case Rest of
                #{Client := _} -> serve_ready(Client, New);
                #{} -> New
            end;
        #{} -> State
    end.

%% By a process of the guest: the same request with nothing left to compute. What fails is a request that fails.
plain({put_chars, Chars}, To) -> plain_chars(latin1, Chars, To);
plain({put_chars, From, Chars}, To) -> plain_chars(From, Chars, To);
plain({put_chars, M, F, Args}, To) -> plain({put_chars, latin1, M, F, Args}, To);
plain({put_chars, From, M, F, Args}, To) ->
    try erlang:apply(M, F, Args) of
        Chars -> plain_chars(From, Chars, To)
    catch
        _:_ -> {put_chars, latin1, not_chars}
    end;
plain({requests, Requests}, To) -> {requests, all_plain(Requests, To)};
plain(Request, To) ->
    case prompt_position(Request) of
        none -> Request;
        At -> erlang:setelement(At, Request, unicode:characters_to_list(prompt(erlang:element(At, Request), To)))
    end.

plain_chars(Encoding, Bytes, Encoding) when erlang:is_binary(Bytes) -> {put_chars, Encoding, Bytes};
plain_chars(From, Chars, To) ->
    case encode(From, Chars, To) of
        Bytes when erlang:is_binary(Bytes) -> {put_chars, To, Bytes};
        _ -> {put_chars, latin1, not_chars}
    end.

all_plain([Request | More], To) -> [plain(Request, To) | all_plain(More, To)];
all_plain(Rest, _) -> Rest.

%% Writing --------------------------------------------------------------------------------------------

put_chars(Encoding, Bytes, #state{encoding = Encoding} = State) when is_binary(Bytes) ->
    {write(Bytes, State), State};    % as OTP has it: bytes in the device's own encoding are not looked at
put_chars(Encoding, Chars, State) ->
    case encode(Encoding, Chars, State#state.encoding) of
        Bytes when is_binary(Bytes) -> {write(Bytes, State), State};
        _ -> {{error, put_chars}, State}
    end.

encode(Encoding, Chars, unicode) ->
    try unicode:characters_to_binary(Chars, Encoding, unicode)
    catch error:_ -> error
    end;
encode(Encoding, Chars, latin1) ->
    try unicode:characters_to_list(Chars, Encoding) of
        List when is_list(List) -> erlang:iolist_to_binary(escape(List));
        _ -> error
    catch error:_ -> error
    end.

%% What latin1 lacks is written as \x{…}.
escape([C | More]) when C < 256 -> [C | escape(More)];
escape([C | More]) -> ["\\x{", erlang:integer_to_list(C, 16), $} | escape(More)];
escape([]) -> [].

%% A program whose output cannot be written (the disk is full, the reader of the pipe has gone) ends.
write(Bytes, #state{stream = output}) ->
    case lintel_io:write(Bytes) of
        true -> ok;
        Why ->
            lintel_io:write_error(unicode:characters_to_binary(["lintel: standard output: ", Why, $\n])),
            erlang:halt(1)
    end;
write(Bytes, #state{stream = error}) ->
    lintel_io:write_error(Bytes),
    ok.

%% Reading --------------------------------------------------------------------------------------------

prompted(_, #state{may_read = false} = State, _, _) -> {{error, eacces}, State};
prompted(Prompt, State0, What, Read) ->
    State = State0#state{prompt = prompt(Prompt, State0#state.encoding)},
    show_prompt(State),
    Wanted = fun(#state{input = [], at_end = true} = Ended) -> {eof, Ended};
                (Ready) -> Read(Ready)
             end,
    read_for(What, case State of
                       #state{input = [], at_end = false} -> fill(State, Wanted);
                       _ -> Wanted(State)    % whatever is asked for, the answer at the end is eof
                   end).

%% Bytes that are not UTF-8: what was read with them is lost, and the request that wanted them fails.
read_for(What, {more, Continue, State}) -> {more, fun(Bytes, S) -> read_for(What, Continue(Bytes, S)) end, State};
read_for(What, {invalid_input, State}) -> {{error, What}, State#state{input = []}};
read_for(_, Done) -> Done.

show_prompt(#state{prompt = []}) -> ok;
show_prompt(State) -> put_chars(unicode, State#state.prompt, State).

prompt('', _) -> [];
prompt([], _) -> [];
prompt(Prompt, Encoding) -> io_lib:format_prompt(Prompt, Encoding).

get_line(Line, Encoding, #state{input = [$\n | Rest]} = State) ->
    {result(lists:reverse(Line, "\n"), Encoding, State), State#state{input = Rest}};
get_line(Line, Encoding, #state{input = [C | Rest]} = State) ->
    get_line([C | Line], Encoding, State#state{input = Rest});
get_line([], _, #state{at_end = true} = State) -> {eof, State};
get_line(Line, Encoding, #state{at_end = true} = State) ->
    {result(lists:reverse(Line), Encoding, State), State};
get_line(Line, Encoding, State) -> fill(State, fun(S) -> get_line(Line, Encoding, S) end).

get_chars(0, Chars, Encoding, State) -> {result(lists:reverse(Chars), Encoding, State), State};
get_chars(N, Chars, Encoding, #state{input = [C | Rest]} = State) ->
    get_chars(N - 1, [C | Chars], Encoding, State#state{input = Rest});
get_chars(_, [], _, #state{at_end = true} = State) -> {eof, State};
get_chars(_, Chars, Encoding, #state{at_end = true} = State) ->
    {result(lists:reverse(Chars), Encoding, State), State};
get_chars(N, Chars, Encoding, State) -> fill(State, fun(S) -> get_chars(N, Chars, Encoding, S) end).

get_until(M, F, Args, Continuation, Encoding, #state{input = [], at_end = false} = State) ->
    fill(State, fun(S) -> get_until(M, F, Args, Continuation, Encoding, S) end);
get_until(M, F, Args, Continuation, Encoding, State) ->
    Data = case State#state.input of
               [] -> eof;
               Chars -> Chars
           end,
    try erlang:apply(M, F, [Continuation, Data | Args]) of
        {done, Result, eof} -> {Result, State#state{input = []}};
        {done, Result, Rest} -> {Result, State#state{input = Rest}};
        {more, _} when Data =:= eof -> {{error, F}, State};
        {more, More} -> get_until(M, F, Args, More, Encoding, State#state{input = []});
        _ -> {{error, F}, State#state{input = []}}
    catch
        _:_ -> {{error, F}, State#state{input = []}}
    end.

result(Chars, Encoding, #state{binary = true}) ->
    try unicode:characters_to_binary(Chars, unicode, Encoding)
    catch error:_ -> {error, badarg}    % there is no such encoding
    end;
result(Chars, _, _) -> Chars.

%% Goes on when there is more input, or its end.
fill(State, Continue) ->
    {more, fun(eof, S) -> Continue(S#state{at_end = true});
              (Bytes, S) -> decode(Bytes, S, Continue)
           end, State}.

decode(Bytes, #state{encoding = latin1} = State, Continue) -> Continue(State#state{input = erlang:binary_to_list(Bytes)});
decode(Bytes, State, Continue) ->
    case unicode:characters_to_list(Bytes, unicode) of
        Chars when is_list(Chars) -> Continue(State#state{input = Chars});
        {incomplete, Chars, Part} ->
            %% A character cut in two: the rest comes with the next bytes.
            {more, fun(eof, S) -> {invalid_input, S};
                      (More, S) -> decode(<<Part/binary, More/binary>>, S, fun(New) -> Continue(New#state{input = Chars ++ New#state.input}) end)
                   end, State};
        {error, _, _} -> {invalid_input, State}
    end.

is_for_input({requests, Requests}) when is_list(Requests) -> any_for_input(Requests);
is_for_input(Request) when is_tuple(Request), tuple_size(Request) > 0 ->
    case erlang:element(1, Request) of
        get_line -> true;
        get_chars -> true;
        get_until -> true;
        _ -> false
    end;
is_for_input(_) -> false.

any_for_input([Request | More]) -> is_for_input(Request) orelse any_for_input(More);
any_for_input(_) -> false.
