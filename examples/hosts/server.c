/* A server on libuv's loop, which drives the VM, too: each line that a client sends is a call of the gen_server `account` (examples/bank), each answer a
 * line. No thread but this one, and nobody waits: a call tells when it has ended.
 *
 *     server FOLDER-OF-ACCOUNT.BEAM [PORT]       then: nc localhost PORT, and: balance | deposit 10 | withdraw 5 */
#include <lintel/lintel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { LINE = 200 };
static const int64_t kStep = 2000000; /* ns for the VM before the loop sees to its clients again */

typedef struct Client {
    uv_tcp_t tcp;
    char line[LINE];
    size_t used;
    int calls; /* that have not ended */
    int gone;
} Client;

typedef struct Answer {
    uv_write_t write;
    uv_buf_t buffer;
    char text[LINE];
} Answer;

static lintel_vm* vm;
static uv_loop_t* loop;
static uv_poll_t due;    /* the VM's descriptor */
static uv_timer_t timer; /* the VM's next timer, or the rest of what it has to do */

static void fail(const char* what) {
    fprintf(stderr, "server: %s: %s\n", what, lintel_error(vm));
    exit(1);
}

/* ---- the VM in the loop */

static void step(void);
static void on_due(uv_poll_t* handle, int status, int events) {
    (void)handle;
    (void)status;
    (void)events;
    step();
}
static void on_timer(uv_timer_t* handle) {
    (void)handle;
    step();
}

static void step(void) {
    lintel_poll_report report;
    report.size = sizeof report;
    lintel_poll(vm, INT64_MAX, kStep, &report);
    if (report.halted) exit(report.status);
    if (!report.idle) {
        uv_timer_start(&timer, on_timer, 0, 0);
    } else if (report.next_timer != LINTEL_FOREVER) {
        uv_timer_start(&timer, on_timer, (uint64_t)(report.next_timer / 1000000 + 1), 0);
    } else {
        uv_timer_stop(&timer);
    }
}

/* ---- clients */

static void free_client(uv_handle_t* handle) { free(handle->data); }

static void leave(Client* client) {
    if (client->gone && client->calls == 0) uv_close((uv_handle_t*)&client->tcp, free_client);
}

static void written(uv_write_t* write, int status) {
    (void)status;
    free(write->data);
}

static void say(Client* client, const char* text) {
    Answer* answer = malloc(sizeof *answer);
    if (answer == NULL) return;
    snprintf(answer->text, sizeof answer->text, "%s\n", text);
    answer->buffer = uv_buf_init(answer->text, (unsigned)strlen(answer->text));
    answer->write.data = answer;
    if (uv_write(&answer->write, (uv_stream_t*)&client->tcp, &answer->buffer, 1, written) != 0) free(answer);
}

/* On this thread, since it polls. */
static void called(void* context, lintel_call* call) {
    Client* client = context;
    ERL_NIF_TERM result;
    char text[LINE] = "";
    lintel_call_result(call, NULL, &result);
    lintel_term_text(result, text, sizeof text);
    lintel_call_free(call);
    --client->calls;
    if (!client->gone) say(client, text);
    leave(client);
}

static void obey(Client* client, const char* line) {
    char function[LINE], text[LINE] = "";
    lintel_call_options options = {.size = sizeof options, .done = called};
    lintel_call* call;
    ERL_NIF_TERM argument;
    ErlNifEnv* env = lintel_env_create(vm);
    const int words = sscanf(line, "%199s %199[^\n]", function, text);
    options.context = client;
    if (words < 1 || (words == 2 && lintel_term_parse(env, text, strlen(text), &argument, NULL) != LINTEL_OK)) {
        say(client, "what?");
    } else {
        ++client->calls;
        if (lintel_call_begin(vm, "account", function, &argument, words == 2, &options, &call) != LINTEL_OK) {
            --client->calls;
            say(client, lintel_error(vm));
        }
    }
    enif_free_env(env);
}

static void room(uv_handle_t* handle, size_t wanted, uv_buf_t* buffer) {
    Client* client = handle->data;
    (void)wanted;
    if (client->used == LINE) client->used = 0; /* a line that is too long */
    *buffer = uv_buf_init(client->line + client->used, (unsigned)(LINE - client->used));
}

static void came(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
    Client* client = stream->data;
    char* end;
    (void)buffer;
    if (count < 0) {
        client->gone = 1;
        uv_read_stop(stream);
        leave(client);
        return;
    }
    client->used += (size_t)count;
    while ((end = memchr(client->line, '\n', client->used)) != NULL) {
        *end = '\0';
        obey(client, client->line);
        client->used -= (size_t)(end + 1 - client->line);
        memmove(client->line, end + 1, client->used);
    }
}

static void connected(uv_stream_t* server, int status) {
    Client* client = calloc(1, sizeof *client);
    if (status != 0 || client == NULL) {
        free(client);
        return;
    }
    client->tcp.data = client;
    uv_tcp_init(loop, &client->tcp);
    if (uv_accept(server, (uv_stream_t*)&client->tcp) == 0) {
        uv_read_start((uv_stream_t*)&client->tcp, room, came);
    } else {
        uv_close((uv_handle_t*)&client->tcp, free_client);
    }
}

int main(int argc, char** argv) {
    struct sockaddr_in address;
    int length = sizeof address;
    uv_tcp_t server;
    char text[LINE];
    lintel_config config;
    lintel_config_init(&config, sizeof config);
    config.driving = LINTEL_DRIVING_HOST;
    if (argc < 2 || lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;
    if (lintel_add_code_path(vm, argv[1]) != LINTEL_OK || lintel_start(vm, 0, NULL) != LINTEL_OK) fail("start");
    if (lintel_call_text(vm, "gen_server", "start", "[{local, account}, account, [], []]", LINTEL_FOREVER, text,
                         sizeof text) != LINTEL_OK)
        fail(text);
    loop = uv_default_loop();
    uv_timer_init(loop, &timer);
    uv_poll_init(loop, &due, lintel_poll_fd(vm));
    uv_poll_start(&due, UV_READABLE, on_due);
    uv_tcp_init(loop, &server);
    uv_ip4_addr("127.0.0.1", argc > 2 ? atoi(argv[2]) : 0, &address);
    if (uv_tcp_bind(&server, (const struct sockaddr*)&address, 0) != 0 ||
        uv_listen((uv_stream_t*)&server, 128, connected) != 0)
        return 1;
    uv_tcp_getsockname(&server, (struct sockaddr*)&address, &length);
    printf("listening on port %d\n", (int)((address.sin_port & 0xff) << 8 | address.sin_port >> 8));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
