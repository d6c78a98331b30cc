# Yaws, as its packages install it: a page with Erlang in it, a file, what is not there.
export ERL_LIBS=$PACKAGES/usr/lib/erlang/lib
mkdir www log
echo '<erl>out(Arg) -> {html, io_lib:format("sum ~p ~p", [lists:sum(lists:seq(1, 10)), (Arg#arg.req)#http_request.method])}.</erl>' > www/index.yaws
echo '<erl>out(_) -> error(bad).</erl>' > www/wrong.yaws
echo plain > www/a.txt
cat > yaws.conf <<EOF
logdir = $PWD/log
ebin_dir = $PWD
include_dir = $(dirname "$(find "$PACKAGES" -name yaws_api.hrl | head -1)")
<server localhost>
 port = $PORT
 listen = 127.0.0.1
 docroot = $PWD/www
</server>
EOF
erl -noinput -pa "$(dirname "$(find "$PACKAGES" -name yaws.app | head -1)")" -yaws conf "\"$PWD/yaws.conf\"" -yaws id '"x"' -yaws embedded false \
    -conf "$PWD/yaws.conf" -s yaws > out 2>&1 &
server=$!
python3 - "$PORT" <<'EOF'
import sys, time, urllib.error, urllib.request
def get(path, data=None):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}{path}", data, 10) as answer:
            return answer.status, answer.headers["Server"], answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as e:
        return e.code
for _ in range(60):
    try:
        get("/a.txt")
        break
    except OSError:
        time.sleep(0.5)
for path, data in (("/a.txt", None), ("/index.yaws", None), ("/index.yaws", b"x=1"), ("/nothing", None), ("/wrong.yaws", None), ("/../../etc/passwd", None)):
    print(path, get(path, data))
EOF
kill $server
wait $server
echo "server: $?"
