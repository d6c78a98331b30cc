# ejabberd, as its packages install it: users, the HTTP interface, a client that logs in and talks to itself.
export ERL_LIBS=$PACKAGES/usr/lib/erlang/lib:$PACKAGES/usr/lib/x86_64-linux-gnu
mkdir log db
cat > ejabberd.yml <<EOF
hosts: [localhost]
loglevel: info
listen:
  - {port: $PORT, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 65536}
  - {port: $((PORT + 1)), ip: "127.0.0.1", module: ejabberd_http, request_handlers: {"/api": mod_http_api, "/ws": ejabberd_http_ws}}
auth_method: internal
modules: {mod_admin_extra: {}, mod_roster: {}, mod_disco: {}, mod_ping: {}, mod_muc: {}, mod_pubsub: {}, mod_vcard: {}, mod_offline: {}, mod_mam: {}}
api_permissions: {all: {who: all, what: "*"}}
EOF
export EJABBERD_CONFIG_PATH=$PWD/ejabberd.yml EJABBERD_LOG_PATH=$PWD/log/ejabberd.log
erl -noinput -sname server@localhost -setcookie x -mnesia dir "\"$PWD/db\"" -s ejabberd > out 2>&1 &
server=$!
for _ in $(seq 1 60); do
    grep -q 'Start accepting TCP.*ejabberd_http' log/ejabberd.log 2> /dev/null && break
    sleep 0.5
done
ask() { erl -noshell -sname asker@localhost -setcookie x -eval "io:format(\"~p~n\", [[$1]]), halt()."; }
ask "rpc:call(server@localhost, ejabberd_auth, try_register, [<<\"joe\">>, <<\"localhost\">>, <<\"pw\">>]),
     rpc:call(server@localhost, ejabberd_auth, check_password, [<<\"joe\">>, <<>>, <<\"localhost\">>, <<\"pw\">>]),
     rpc:call(server@localhost, ejabberd_auth, check_password, [<<\"joe\">>, <<>>, <<\"localhost\">>, <<\"no\">>])"
python3 - "$PORT" <<'EOF'
import base64, socket, sys, urllib.request
port = int(sys.argv[1])
request = urllib.request.Request(f"http://127.0.0.1:{port + 1}/api/registered_users", b'{"host": "localhost"}')
print(urllib.request.urlopen(request, timeout=10).read())
s = socket.create_connection(("127.0.0.1", port), timeout=10)
def ask(text, until):
    s.sendall(text)
    got = b""
    while until not in got:
        part = s.recv(4096)
        if not part:
            break
        got += part
    return got
HELLO = b"<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
print(b"<mechanism>PLAIN</mechanism>" in ask(HELLO, b"</stream:features>"))
print(ask(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64.b64encode(b"\0joe\0pw") + b"</auth>", b"/>"))
ask(HELLO, b"</stream:features>")
print(ask(b"<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>", b"</iq>"))
print(ask(b"<iq type='get' id='2' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>", b"</iq>"))
print(ask("<message to='joe@localhost/r' type='chat' id='3'><body>hi \u00e9 \u4f60</body></message>".encode(), b"</message>").decode().count("\u4f60"))
print(ask(b"<a><b></a>", b"</stream:stream>")[:200])
EOF
ask "rpc:call(server@localhost, ejabberd_admin, stop, [])"
wait $server
echo "server: $?"
grep -c '\[error\]\|\[critical\]' log/ejabberd.log
