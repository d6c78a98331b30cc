%% The I/O servers of the bare profile: the Erlang I/O protocol on the VM's stdin and stdout (`user`, the group leader of
%% everything that the bare profile runs) and on its stderr (`standard_error`).
-module(lintel_io).
-export([start/2]).

-record(state, {stream,            % output | error: which of the two servers this is
                encoding,          % unicode | latin1: what the streams carry
                binary = false,    % results of reading are binaries
                input = [],        % characters read and not yet asked for
                at_end = false,
                prompt = [],       % of the request that waits for input
                waiting = []}).    % requests for input that came meanwhile, newest first

start(Stream, Encoding) ->
    loop(#state{stream = Stream, encoding = Encoding}).

loop(#state{waiting = []} = State) ->
    receive
        {io_request, From, ReplyAs, Request} -> loop(serve(From, ReplyAs, Request, State));
        _Other -> loop(State)
    end;
loop(State) ->
    loop(serve_all(lists:reverse(State#state.waiting), State#state{waiting = []})).

serve(From, ReplyAs, Request, State) ->
    {Reply, New} = request(Request, State),
    From ! {io_reply, ReplyAs, Reply},
    New.

serve_all([{From, ReplyAs, Request} | More], State) -> serve_all(More, serve(From, ReplyAs, Request, State));
serve_all([], State) -> State.

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
    prompted(Prompt, State, get_until, fun(S) -> get_until(M, F, Args, [], Encoding, S) end);
request({get_until, Prompt, M, F, Args}, State) ->
    request({get_until, latin1, Prompt, M, F, Args}, State);
request(Request, State) -> {{error, {request, Request}}, State}.

requests([Request | More], _, State) ->
    case request(Request, State) of
        {{error, _}, _} = Error -> Error;
        {Reply, New} -> requests(More, Reply, New)
    end;
requests([], Reply, State) -> {Reply, State};
requests(Requests, _, State) -> {{error, {requests, Requests}}, State}.

setopts([binary | More], State) -> setopts(More, State#state{binary = true});
setopts([list | More], State) -> setopts(More, State#state{binary = false});
setopts([{binary, B} | More], State) when is_boolean(B) -> setopts(More, State#state{binary = B});
setopts([{binary, _} | More], State) -> setopts(More, State);    % OTP's takes it
setopts([{encoding, E} | More], State) when E =:= unicode; E =:= utf8 ->
    setopts(More, State#state{encoding = unicode});
setopts([{encoding, latin1} | More], State) -> setopts(More, State#state{encoding = latin1});
setopts([], State) -> {ok, State};
setopts(_, State) -> {{error, enotsup}, State}.

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

prompted(Prompt, State0, What, Read) ->
    case lintel_io:may_read() of
        true -> read_prompted(Prompt, State0, What, Read);
        false -> {{error, eacces}, State0}
    end.

read_prompted(Prompt, State0, What, Read) ->
    State = State0#state{prompt = prompt(Prompt, State0#state.encoding)},
    show_prompt(State),
    try
        case waited(State) of
            #state{input = [], at_end = true} = Ended -> {eof, Ended};
            Ready -> Read(Ready)
        end
    catch throw:{invalid_input, New} -> {{error, What}, New}
    end.

show_prompt(#state{prompt = []}) -> ok;
show_prompt(State) -> put_chars(unicode, State#state.prompt, State).

%% Something to read, or the end. Whatever is asked for, the answer at the end is eof.
waited(#state{input = [], at_end = false} = State) -> fill(State);
waited(State) -> State.

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
get_line(Line, Encoding, State) -> get_line(Line, Encoding, fill(State)).

get_chars(0, Chars, Encoding, State) -> {result(lists:reverse(Chars), Encoding, State), State};
get_chars(N, Chars, Encoding, #state{input = [C | Rest]} = State) ->
    get_chars(N - 1, [C | Chars], Encoding, State#state{input = Rest});
get_chars(_, [], _, #state{at_end = true} = State) -> {eof, State};
get_chars(_, Chars, Encoding, #state{at_end = true} = State) ->
    {result(lists:reverse(Chars), Encoding, State), State};
get_chars(N, Chars, Encoding, State) -> get_chars(N, Chars, Encoding, fill(State)).

get_until(M, F, Args, Continuation, Encoding, #state{input = [], at_end = false} = State) ->
    get_until(M, F, Args, Continuation, Encoding, fill(State));
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

result(Chars, Encoding, #state{binary = true}) -> unicode:characters_to_binary(Chars, unicode, Encoding);
result(Chars, _, _) -> Chars.

fill(State0) ->
    case next_bytes(State0) of
        {eof, State} -> State#state{at_end = true};
        {Bytes, State} -> decode(Bytes, State)
    end.

decode(Bytes, #state{encoding = latin1} = State) -> State#state{input = erlang:binary_to_list(Bytes)};
decode(Bytes, State) ->
    case unicode:characters_to_list(Bytes, unicode) of
        Chars when is_list(Chars) -> State#state{input = Chars};
        {incomplete, Chars, Part} ->
            %% A character cut in two: the rest comes with the next bytes.
            case next_bytes(State) of
                {eof, New} -> invalid(New);
                {More, New0} ->
                    New = decode(<<Part/binary, More/binary>>, New0),
                    New#state{input = Chars ++ New#state.input}
            end;
        {error, _, _} -> invalid(State)
    end.

%% The next bytes, or eof. Who wants to write need not wait for them; the prompt is shown again behind what he writes, as OTP does it.
next_bytes(State) ->
    Ref = erlang:make_ref(),
    lintel_io:read(Ref),
    await(Ref, State).

await(Ref, State) ->
    receive
        {Ref, Result} -> {Result, State};
        {io_request, From, ReplyAs, Request} ->
            case is_for_input(Request) of
                true ->
                    await(Ref, State#state{waiting = [{From, ReplyAs, Request} | State#state.waiting]});
                false ->
                    New = serve(From, ReplyAs, Request, State),
                    case Request of
                        flush -> ok;
                        {get_geometry, _} -> ok;
                        _ -> show_prompt(New)
                    end,
                    await(Ref, New)
            end
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

%% Bytes that are not UTF-8: what was read with them is lost, and the request that wanted them fails.
-spec invalid(#state{}) -> no_return().
invalid(State) -> erlang:throw({invalid_input, State#state{input = []}}).
