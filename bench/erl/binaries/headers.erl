%% Headers of network packets, read and written: fields of every size, in rows.
-module(headers).
-export([main/0]).

main() ->
    Packets = [packet(N) || N <- lists:seq(1, 100)],
    bench:cpu(fun() -> loop(600, Packets, 0) end, 1897420800).

loop(0, _, Sum) -> Sum;
loop(N, Packets, Sum) -> loop(N - 1, Packets, Sum + sum(Packets, 0)).

sum([], Sum) -> Sum;
sum([P | More], Sum) -> sum(More, Sum + ip(ip_header(ip_fields(P)), P)).

packet(N) ->
    Data = binary:copy(<<N>>, 40 + N),
    Tcp = <<(1000 + N):16, 443:16, (N * 77777):32, (N * 33333):32, 5:4, 0:3, 2#000011000:9, 512:16, 0:16, 0:16, Data/binary>>,
    <<4:4, 5:4, 0:6, 0:2, (20 + byte_size(Tcp)):16, N:16, 0:1, 1:1, 0:1, 0:13, 64, 6, 0:16, 10, 0, 0, N, 10, 0, 0, 1, Tcp/binary>>.

ip_fields(<<4:4, 5:4, Service:6, Congestion:2, Total:16, Id:16, _:1, Whole:1, More:1, Offset:13, Ttl, Protocol, _:16, From:32, To:32, _/binary>>) ->
    {Service, Congestion, Total, Id, Whole, More, Offset, Ttl, Protocol, From, To}.

ip_header({Service, Congestion, Total, Id, Whole, More, Offset, Ttl, Protocol, From, To}) ->
    <<4:4, 5:4, Service:6, Congestion:2, Total:16, Id:16, 0:1, Whole:1, More:1, Offset:13, (Ttl - 1), Protocol, 0:16, To:32, From:32>>.

ip(<<_:64, Ttl, 6, _:80>>, <<_:160, Tcp/binary>>) -> Ttl + tcp(Tcp).

tcp(<<From:16, To:16, Sequence:32, Ack:32, 5:4, _:3, _:4, AckIsSet:1, Push:1, _:3, Window:16, _:32, Data/binary>>) ->
    (From bxor To bxor Sequence bxor Ack) rem 65536 + AckIsSet + Push + Window + byte_size(Data).
