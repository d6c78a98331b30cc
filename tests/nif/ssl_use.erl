%% TLS between two processes, on OTP's ssl.
%% OTP profile only
-module(ssl_use).
-export([main/0]).

main() ->
    {ok, _} = application:ensure_all_started(ssl),
    #{server_config := Server, client_config := Client} =
        public_key:pkix_test_data(#{server_chain => #{root => [{key, {namedCurve, secp256r1}}], intermediates => [], peer => [{key, {namedCurve, secp256r1}}]},
                                    client_chain => #{root => [{key, {rsa, 2048, 65537}}], intermediates => [], peer => [{key, {rsa, 2048, 65537}}]}}),
    [talk(Version, Server, Client, Options) || Version <- ['tlsv1.2', 'tlsv1.3'], Options <- [[], [{verify, verify_peer}, {fail_if_no_peer_cert, true}]]],
    large(Server, Client),
    refused(Server),
    io:format("~p~n", [ssl:cipher_suites(default, 'tlsv1.3')]).

talk(Version, Server, Client, Options) ->
    {ok, Listen} = ssl:listen(0, [{reuseaddr, true}, {active, false}, {versions, [Version]}, {ip, {127, 0, 0, 1}}] ++ Options ++ Server),
    {ok, {_, Port}} = ssl:sockname(Listen),
    Self = self(),
    spawn_link(fun() ->
                       {ok, Transport} = ssl:transport_accept(Listen),
                       {ok, Socket} = ssl:handshake(Transport),
                       {ok, Data} = ssl:recv(Socket, 5, 5000),
                       ok = ssl:send(Socket, ["you said: ", Data]),
                       {ok, [{protocol, P}]} = ssl:connection_information(Socket, [protocol]),
                       Self ! {server, P, ssl:recv(Socket, 0, 5000)}
               end),
    {ok, C} = ssl:connect("localhost", Port, [{verify, verify_peer}, {versions, [Version]}, {active, false}, {server_name_indication, disable} | Client], 10000),
    ok = ssl:send(C, "hello"),
    {ok, Answer} = ssl:recv(C, 0, 5000),
    {ok, [{protocol, P}, {selected_cipher_suite, Suite}]} = ssl:connection_information(C, [protocol, selected_cipher_suite]),
    ok = ssl:close(C),
    receive {server, _, _} = M -> io:format("~p~n", [{Answer, P, Suite, M}]) end.

large(Server, Client) ->
    {ok, Listen} = ssl:listen(0, [{active, false}, {ip, {127, 0, 0, 1}}, binary | Server]),
    {ok, {_, Port}} = ssl:sockname(Listen),
    Bytes = binary:copy(<<"0123456789abcdef">>, 60000),
    spawn_link(fun() ->
                       {ok, Transport} = ssl:transport_accept(Listen),
                       {ok, Socket} = ssl:handshake(Transport),
                       ok = ssl:send(Socket, Bytes),
                       ssl:close(Socket)
               end),
    {ok, C} = ssl:connect("localhost", Port, [{verify, verify_none}, {active, true}, binary | Client]),
    io:format("~p~n", [collect(C, []) =:= Bytes]).

collect(C, Got) -> receive {ssl, C, D} -> collect(C, [Got, D]); {ssl_closed, C} -> iolist_to_binary(Got) after 10000 -> late end.

%% The client does not know the server's root.
refused(Server) ->
    {ok, Listen} = ssl:listen(0, [{active, false}, {ip, {127, 0, 0, 1}}, {log_level, none} | Server]),
    {ok, {_, Port}} = ssl:sockname(Listen),
    Self = self(),
    spawn_link(fun() -> {ok, T} = ssl:transport_accept(Listen), Self ! {server, element(1, ssl:handshake(T))} end),
    #{client_config := Other} = public_key:pkix_test_data(#{server_chain => #{root => [], intermediates => [], peer => []}, client_chain => #{root => [], intermediates => [], peer => []}}),
    Others = proplists:get_value(cacerts, Other),
    {error, {tls_alert, {Alert, _}}} = ssl:connect("localhost", Port, [{verify, verify_peer}, {cacerts, Others}, {log_level, none}]),
    io:format("~p~n", [{Alert, receive {server, X} -> X end}]).
