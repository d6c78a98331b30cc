%% SSH between two processes, on OTP's ssh: keys from callbacks, a shell command, a password that is wrong.
%% OTP profile only
-module(ssh_use).
-behaviour(ssh_server_key_api).
-export([main/0, host_key/2, is_auth_key/3]).

host_key('ecdsa-sha2-nistp256', _) -> {ok, persistent_term:get(?MODULE)};
host_key(_, _) -> {error, none}.
is_auth_key(_, _, _) -> false.

main() ->
    logger:set_primary_config(level, none),
    {ok, _} = application:ensure_all_started(ssh),
    persistent_term:put(?MODULE, public_key:generate_key({namedCurve, secp256r1})),
    {ok, Daemon} = ssh:daemon({127, 0, 0, 1}, 0, [{key_cb, ?MODULE}, {system_dir, "."}, {user_passwords, [{"me", "secret"}]}, {exec, {direct, fun(C) -> {ok, "ran: " ++ C} end}}]),
    {ok, Info} = ssh:daemon_info(Daemon),
    Port = proplists:get_value(port, Info),
    Options = [{silently_accept_hosts, true}, {save_accepted_host, false}, {user, "me"}, {user_interaction, false}, {user_dir, "."}],
    {ok, C} = ssh:connect("localhost", Port, [{password, "secret"} | Options]),
    {ok, Channel} = ssh_connection:session_channel(C, 5000),
    success = ssh_connection:exec(C, Channel, "some command", 5000),
    io:format("~p~n", [collect(C, [])]),
    [{algorithms, A}] = ssh:connection_info(C, [algorithms]),
    io:format("~p~n", [lists:sort(A)]),
    ssh:close(C),
    io:format("~p~n", [ssh:connect("localhost", Port, [{password, "wrong"} | Options])]),
    ok = ssh:stop_daemon(Daemon).

collect(C, Got) ->
    receive
        {ssh_cm, C, {data, _, 0, D}} -> collect(C, [Got, D]);
        {ssh_cm, C, {closed, _}} -> {iolist_to_binary(Got), closed};
        {ssh_cm, C, {exit_status, _, S}} -> collect(C, [Got, "status ", integer_to_list(S)]);
        {ssh_cm, C, _} -> collect(C, Got)
    after 10000 -> late
    end.
