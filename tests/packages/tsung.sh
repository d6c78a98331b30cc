# Tsung, as its package installs it: a scenario against an httpd, in the controller's VM and in a slave node; the recorder; the report.
export ERL_LIBS=$PACKAGES/usr/lib/erlang/lib
tsung=$PACKAGES/usr/lib/x86_64-linux-gnu/tsung
mkdir bin www log
# The commands name folders of an installed package.
for command in tsung tsung-recorder; do
    sed "s,^ERL=.*,ERL=erl,; s,^INSTALL_DIR=.*,INSTALL_DIR=$tsung," "$PACKAGES/usr/bin/$command" > bin/$command
done
cat > server.erl <<'END'
-module(server).
-export([start/1, hits/3, loop/1]).
start([Port, Folder]) ->
    ok = inets:start(),
    {ok, _} = inets:start(httpd, [{port, list_to_integer(Port)}, {server_root, Folder}, {document_root, Folder ++ "/www"}, {server_name, "x"},
                                  {bind_address, {127, 0, 0, 1}}, {max_clients, 300},
                                  {erl_script_alias, {"/esi", [server]}}, {transfer_log, "log/access"}, {modules, [mod_esi, mod_get, mod_log]}]),
    spawn(fun() ->
                  Options = [{ip, {127, 0, 0, 1}}, {packet, line}, {active, false}, {reuseaddr, true}, {backlog, 200}],
                  {ok, Listener} = gen_tcp:listen(list_to_integer(Port) + 1, Options),
                  accept(Listener)
          end).
hits(Session, _, Input) -> mod_esi:deliver(Session, ["Content-Type: text/plain\r\n\r\n", "token=", integer_to_list(erlang:crc32(Input)), ";", Input]).
accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    gen_tcp:controlling_process(Socket, spawn(?MODULE, loop, [Socket])),
    accept(Listener).
loop(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Line} -> gen_tcp:send(Socket, string:uppercase(Line)), loop(Socket);
        _ -> gen_tcp:close(Socket)
    end.
END
erlc server.erl
head -c 20000 /dev/zero | tr '\0' x > www/big.txt
echo plain > www/a.txt
erl -noinput -run server start "$PORT" "$PWD" > server.out 2>&1 &
server=$!
for _ in $(seq 1 60); do
    python3 -c "import socket; socket.create_connection(('127.0.0.1', $PORT + 1), 1)" 2> /dev/null && break
    sleep 0.5
done
scenario() {
    cat <<END
<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "$PACKAGES/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice" version="1.0" dumptraffic="$3">
  <clients><client host="$1" use_controller_vm="$2" maxusers="500"/></clients>
  <servers><server host="127.0.0.1" port="$PORT" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="4" unit="second"><users maxnumber="60" arrivalrate="60" unit="second"/></arrivalphase>
    <arrivalphase phase="2" duration="3" unit="second"><users maxnumber="20" arrivalrate="60" unit="second"/></arrivalphase>
  </load>
  <options>
    <option type="ts_http" name="user_agent"><user_agent probability="100">tester/1.0</user_agent></option>
    <option name="file_server" id="names" value="$PWD/names.csv"/>
  </options>
  <sessions>
    <session name="http" probability="100" type="ts_http">
      <setdynvars sourcetype="file" fileid="names" delimiter=";" order="iter"><var name="user"/><var name="word"/></setdynvars>
      <request><http url="/a.txt" method="GET" version="1.1"/></request>
      <for from="1" to="3" var="i">
        <request subst="true"><match do="continue" when="match">x{100}</match><http url="/big.txt?i=%%_i%%" method="GET" version="1.1"/></request>
        <thinktime value="0.05" random="false"/>
      </for>
      <request subst="true">
        <match do="log" when="nomatch">token=[0-9]+;u=joe</match>
        <dyn_variable name="token" re="token=([0-9]+)"/>
        <http url="/esi/server:hits" method="POST" version="1.1" contents="u=%%_user%%&amp;w=%%_word%%"/>
      </request>
      <request subst="true"><http url="/esi/server:hits?token=%%_token%%" method="GET" version="1.0"/></request>
      <request><http url="/nothing" method="GET" version="1.1"/></request>
      <if var="user" eq="joe"><request><http url="/a.txt?joe" method="HEAD" version="1.1"/></request></if>
      <transaction name="pair">
        <request><http url="/a.txt" method="GET" version="1.1" if_modified_since="Fri, 14 Nov 2042 02:43:31 GMT"/></request>
        <request><http url="/a.txt" method="GET" version="1.1"/></request>
      </transaction>
      <change_type new_type="ts_raw" host="127.0.0.1" port="$((PORT + 1))" server_type="tcp" store="true"/>
      <request><raw data="hello&#10;" ack="local"/></request>
    </session>
  </sessions>
</tsung>
END
}
printf 'joe;one\nann;two\nbob;three\njoe;four\n' > names.csv
# The highest total of each counter.
totals() {
    awk '/^stats: / && $2 ~ /^([0-9]+|users_count|finish_users_count|match|nomatch|error.*|request|page|connect|tr_pair)$/ {
             total = $2 ~ /^(request|page|connect|tr_pair)$/ ? $NF : $4
             if (total > n[$2]) n[$2] = total
         }
         END { for (k in n) print k, n[k] }' "$1" | sort
}
run() {
    scenario "$2" "$3" "$4" > $1.xml
    bash bin/tsung -n -f $1.xml -l "$PWD/$1" -w 1 start > $1.out 2>&1 < /dev/null
    echo "$1: $?"
    grep -v -e '^\[os_mon\]' -e '^Log directory is' $1.out
    totals $1/*/tsung.log
    ls $1/* | sed 's/@.*\.log/@HOST.log/' | sort
    cut -d ' ' -f 6- $1/*/match.log | sort | uniq -c | head -5
}
bash bin/tsung -v
bash bin/tsung status
run inside localhost true protocol
run slave "$(hostname -s)" false false
sed 's/.*"\([A-Z]*\) \([^? ]*\).*" \([0-9]*\) .*/\1 \2 \3/' log/access | sort | uniq -c
# The recorder is a proxy that writes scenarios.
bash bin/tsung-recorder -L $((PORT + 2)) -l log/recorder start > recorder.out 2>&1
for _ in $(seq 1 60); do
    python3 -c "import socket; socket.create_connection(('127.0.0.1', $PORT + 2), 1)" 2> /dev/null && break
    sleep 0.5
done
python3 - "$PORT" <<'END'
import sys, urllib.request
port = int(sys.argv[1])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{port + 2}"}))
for path, data in (("/a.txt", None), ("/big.txt", None), ("/esi/server:hits", b"a=1&b=2")):
    with opener.open(f"http://127.0.0.1:{port}{path}", data, 20) as answer:
        print(path, answer.status, len(answer.read()))
END
bash bin/tsung-recorder stop
sed "s/rec[0-9]*-[0-9]*/recording/; s/thinktime [^>]*/thinktime/" "$HOME"/.tsung/tsung_recorder*.xml
kill $server
wait $server
echo "server: $?"
