# RabbitMQ's broker and its command line, as rabbitmq-server installs them.
export ERL_LIBS=$PACKAGES/usr/lib/erlang/lib
export RABBITMQ_MNESIA_BASE=$PWD/mnesia RABBITMQ_LOG_BASE=$PWD/log RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_PID_FILE=$PWD/pid \
    RABBITMQ_ENABLED_PLUGINS_FILE=$PWD/plugins RABBITMQ_CONFIG_FILE=$PWD/conf RABBITMQ_NODE_PORT=$PORT RABBITMQ_DIST_PORT=$((PORT + 1)) \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-setcookie x" RABBITMQ_CTL_ERL_ARGS="-setcookie x"
commands=$(echo "$PACKAGES"/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin)
"$commands"/rabbitmq-server > out 2>&1 &
server=$!
for _ in $(seq 1 120); do
    grep -q 'Starting broker... completed' out && break
    sleep 0.5
done
grep -o 'Starting broker... .*' out
"$commands"/rabbitmqctl add_user joe secret
"$commands"/rabbitmqctl authenticate_user joe secret
"$commands"/rabbitmqctl authenticate_user joe wrong 2>&1 | head -2
"$commands"/rabbitmqctl set_permissions -p / joe '.*' '.*' '.*'
"$commands"/rabbitmqctl list_users | sort
"$commands"/rabbitmqctl eval 'rabbit_amqqueue:declare(rabbit_misc:r(<<"/">>, queue, <<"q">>), true, false, [], none, <<"joe">>), ok.'
"$commands"/rabbitmqctl list_queues name durable messages
"$commands"/rabbitmqctl status | grep -E 'version|Node name|Alarms|Memory alarm'
"$commands"/rabbitmqctl stop
wait $server
echo "server: $?"
grep -c '\[error\]\|\[critical\]' log/*.log
