/* A VM that the host talks to: calls, messages, mailboxes, functions of the host, with threads of the VM and without, in either profile. */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "host.h"

static lintel_promise* promise;

static void expect(ERL_NIF_TERM term, const char* text) {
    char buffer[512];
    lintel_term_text(term, buffer, sizeof buffer);
    if (strcmp(buffer, text) != 0) fprintf(stderr, "%s\n", buffer);
    CHECK(strcmp(buffer, text) == 0);
}

static ERL_NIF_TERM parse(ErlNifEnv* env, const char* text) {
    ERL_NIF_TERM term = 0;
    CHECK(lintel_term_parse(env, text, strlen(text), &term, NULL) == LINTEL_OK);
    return term;
}

/* ---- functions of the host */

static ERL_NIF_TERM host_add(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    long a, b;
    (void)argc;
    if (!enif_get_long(env, argv[0], &a) || !enif_get_long(env, argv[1], &b)) return enif_make_badarg(env);
    ++*(int*)enif_priv_data(env);
    return enif_make_long(env, a + b);
}
static ERL_NIF_TERM host_later(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    (void)argv;
    return lintel_defer(env, &promise);
}
static ERL_NIF_TERM host_slow(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    return enif_make_copy(env, argv[0]);
}
static ErlNifFunc functions[] = {
    {"add", 2, host_add, 0}, {"later", 0, host_later, 0}, {"slow", 1, host_slow, ERL_NIF_DIRTY_JOB_CPU_BOUND}};
static ErlNifEntry entry = LINTEL_MODULE("host", functions);

/* ---- */

static lintel_vm* start(Host* host, const char* folder, lintel_profile profile, lintel_driving driving,
                        void (*wake)(void*)) {
    lintel_config config;
    lintel_vm* vm = NULL;
    memset(host, 0, sizeof *host);
    lintel_config_init(&config, sizeof config);
    config.schedulers = 2;
    config.write = host_write;
    config.read = host_read;
    config.context = host;
    config.driving = driving;
    config.wake = wake;
    config.profile = profile;
    if (profile == LINTEL_PROFILE_OTP) {
        const char* argv[] = {"-root", NULL, "-bindir", NULL,          "-progname", "lintel",   "--",  "-home",
                              "/",     "--", "-boot",   "start_clean", "-noshell",  "-noinput", "-pa", folder};
        argv[1] = argv[3] = config.otp_root = "/usr/lib/erlang";
        config.rights = LINTEL_RIGHT_FILES | LINTEL_RIGHT_PORTS;
        CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
        CHECK(lintel_start(vm, sizeof argv / sizeof *argv, argv) == LINTEL_OK);
        CHECK(lintel_boot(vm, 0, NULL, NULL) == LINTEL_ERROR_ARGUMENT);
    } else {
        CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
        CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
        CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
        CHECK(lintel_run(vm, "called", "fail", 0, NULL, NULL) == LINTEL_ERROR_ARGUMENT);
    }
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_ERROR_ARGUMENT);
    return vm;
}

/* module:function(arguments), which are the elements of a list. */
static lintel_result call(lintel_vm* vm, ErlNifEnv* env, const char* module, const char* function,
                          const char* arguments, int64_t time, ERL_NIF_TERM* result) {
    ERL_NIF_TERM list = parse(env, arguments), terms[8];
    unsigned n = 0;
    while (enif_get_list_cell(env, list, &terms[n], &list)) ++n;
    return lintel_call_function(vm, module, function, env, terms, n, time, result);
}

static void calls(lintel_vm* vm) {
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM result;
    CHECK(call(vm, env, "lists", "reverse", "[[1, two, \"three\", <<4>>, {5, 6.5}, #{7 => 8}]]", LINTEL_FOREVER,
               &result) == LINTEL_OK);
    expect(result, "[#{7 => 8},{5,6.5},<<4>>,[116,104,114,101,101],two,1]");
    CHECK(call(vm, env, "erlang", "bsl", "[1, 200]", LINTEL_FOREVER, &result) == LINTEL_OK);
    expect(result, "1606938044258990275541962092341162602522202993782792835301376");
    CHECK(call(vm, env, "called", "fail", "[]", LINTEL_FOREVER, &result) == LINTEL_ERROR_EXCEPTION);
    {
        const ERL_NIF_TERM* parts;
        ERL_NIF_TERM frames;
        int arity;
        unsigned length;
        CHECK(enif_get_tuple(env, result, &arity, &parts) && arity == 3);
        expect(parts[0], "error");
        expect(parts[1], "on_purpose");
        frames = parts[2]; /* without the VM's own */
        CHECK(enif_get_list_length(env, frames, &length) && length == 1);
    }
    CHECK(call(vm, env, "no_such_module", "f", "[]", LINTEL_FOREVER, &result) == LINTEL_ERROR_EXCEPTION);
    expect(result, "{error,undef,[{no_such_module,f,[],[]}]}");
    CHECK(call(vm, env, "erlang", "exit", "[why]", LINTEL_FOREVER, &result) == LINTEL_ERROR_EXCEPTION);
    expect(result, "{exit,why,[]}");
    CHECK(call(vm, env, "timer", "sleep", "[infinity]", 20 * 1000 * 1000, &result) == LINTEL_ERROR_TIMEOUT);
    CHECK(call(vm, env, "timer", "sleep", "[20]", LINTEL_FOREVER, &result) == LINTEL_OK);
    expect(result, "ok");
    CHECK(call(vm, env, "io", "format", "[\"~p ~s~n\", [{a, b}, \"\\x63\"]]", LINTEL_FOREVER, &result) == LINTEL_OK);
    /* A call that is cancelled, one whose heap may not grow, one that is forgotten. */
    {
        lintel_call_options options = {.size = sizeof options, .max_heap_words = 100000};
        ERL_NIF_TERM arguments[2];
        lintel_call* c;
        arguments[0] = parse(env, "infinity");
        CHECK(lintel_call_begin(vm, "timer", "sleep", arguments, 1, NULL, &c) == LINTEL_OK);
        CHECK(lintel_call_result(c, NULL, &result) == LINTEL_ERROR_TIMEOUT);
        lintel_call_cancel(c);
        CHECK(lintel_call_wait(c, LINTEL_FOREVER) == LINTEL_OK &&
              lintel_call_result(c, NULL, &result) == LINTEL_ERROR_EXCEPTION);
        expect(result, "{exit,killed,[]}");
        lintel_call_free(c);
        arguments[0] = parse(env, "1");
        arguments[1] = parse(env, "10000000");
        CHECK(lintel_call_begin(vm, "lists", "seq", arguments, 2, &options, &c) == LINTEL_OK);
        CHECK(lintel_call_wait(c, LINTEL_FOREVER) == LINTEL_OK &&
              lintel_call_result(c, env, &result) == LINTEL_ERROR_EXCEPTION);
        expect(result, "{exit,killed,[]}");
        lintel_call_free(c);
        CHECK(lintel_call_begin(vm, "lists", "seq", arguments, 2, NULL, &c) == LINTEL_OK);
        lintel_call_free(c);
    }
    CHECK(lintel_call_function(vm, NULL, "f", env, NULL, 0, 0, &result) == LINTEL_ERROR_ARGUMENT);
    enif_free_env(env);
}

static void messages(lintel_vm* vm) {
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM result, arguments[1];
    lintel_mailbox *mailbox, *other;
    ErlNifPid self, echo, again;
    CHECK(lintel_mailbox_create(vm, "ui", NULL, NULL, &mailbox) == LINTEL_OK);
    CHECK(lintel_mailbox_create(vm, "ui", NULL, NULL, &other) == LINTEL_ERROR_ARGUMENT);
    self = lintel_mailbox_process(mailbox);
    CHECK(lintel_receive(mailbox, env, 0, &result) == LINTEL_ERROR_TIMEOUT);
    arguments[0] = enif_make_pid(env, &self);
    CHECK(lintel_spawn(vm, "called", "echo_to", arguments, 1, &echo) == LINTEL_OK);
    CHECK(lintel_mailbox_link(mailbox, &echo) == LINTEL_OK && lintel_mailbox_monitor(mailbox, &echo) == LINTEL_OK);
    CHECK(lintel_send(vm, &echo, parse(env, "{hello, 'World', \"x\"}")) == LINTEL_OK);
    CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &result) == LINTEL_OK);
    expect(result, "{echo,{hello,'World',[120]}}");
    CHECK(lintel_exit(vm, &echo, parse(env, "enough")) == LINTEL_OK);
    CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &result) == LINTEL_OK);
    CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &result) == LINTEL_OK); /* 'EXIT' and 'DOWN' */
    CHECK(lintel_send(vm, &echo, parse(env, "hello")) == LINTEL_ERROR_NOT_FOUND);
    CHECK(call(vm, env, "called", "tell_ui", "[50]", LINTEL_FOREVER, &result) == LINTEL_OK);
    {
        int i;
        char text[32];
        for (i = 1; i <= 50; ++i) {
            CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &result) == LINTEL_OK);
            snprintf(text, sizeof text, "{told,%d}", i);
            expect(result, text);
        }
    }
    lintel_mailbox_free(mailbox);
    /* The name is free again, soon. */
    while (lintel_mailbox_create(vm, "ui", NULL, NULL, &mailbox) != LINTEL_OK)
        CHECK(call(vm, env, "erlang", "yield", "[]", LINTEL_FOREVER, &result) == LINTEL_OK);
    CHECK(lintel_send_to_name(vm, "ui", parse(env, "again")) == LINTEL_OK);
    CHECK(lintel_send_to_name(vm, "nobody", parse(env, "again")) == LINTEL_ERROR_NOT_FOUND);
    CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &result) == LINTEL_OK);
    expect(result, "again");
    again = lintel_mailbox_process(mailbox);
    CHECK(lintel_exit(vm, &again, parse(env, "please")) == LINTEL_OK);
    CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &result) == LINTEL_OK);
    lintel_mailbox_free(mailbox);
    enif_free_env(env);
}

static void* answer_later(void* env) {
    const struct timespec pause = {0, 20 * 1000 * 1000};
    nanosleep(&pause, NULL);
    CHECK(lintel_resolve(promise, parse(env, "[at, last]")) == LINTEL_OK);
    return NULL;
}

static void host_functions(lintel_vm* vm) {
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM result;
    pthread_t thread;
    int count = 0;
    CHECK(lintel_define_module(vm, &entry, &count) == LINTEL_OK);
    CHECK(lintel_define_module(vm, &entry, &count) == LINTEL_ERROR_ARGUMENT);
    CHECK(call(vm, env, "host", "add", "[40, 2]", LINTEL_FOREVER, &result) == LINTEL_OK);
    expect(result, "42");
    CHECK(count == 1);
    CHECK(call(vm, env, "host", "add", "[40, x]", LINTEL_FOREVER, &result) == LINTEL_ERROR_EXCEPTION);
    expect(result, "{error,badarg,[{host,add,[40,x],[]}]}");
    CHECK(call(vm, env, "called", "sum_by_host", "[1000]", LINTEL_FOREVER, &result) == LINTEL_OK);
    expect(result, "500500");
    CHECK(call(vm, env, "host", "slow", "[{a, \"copy\"}]", LINTEL_FOREVER, &result) == LINTEL_OK);
    expect(result, "{a,[99,111,112,121]}");
    {
        ErlNifEnv* other = lintel_env_create(vm);
        lintel_call* c;
        CHECK(lintel_call_begin(vm, "host", "later", NULL, 0, NULL, &c) == LINTEL_OK);
        promise = NULL;
        while (promise == NULL) CHECK(lintel_call_wait(c, 1000000) == LINTEL_ERROR_TIMEOUT);
        CHECK(pthread_create(&thread, NULL, answer_later, other) == 0);
        CHECK(lintel_call_wait(c, LINTEL_FOREVER) == LINTEL_OK && lintel_call_result(c, env, &result) == LINTEL_OK);
        expect(result, "[at,last]");
        CHECK(pthread_join(thread, NULL) == 0);
        lintel_call_free(c);
        CHECK(lintel_call_begin(vm, "called", "later", NULL, 0, NULL, &c) == LINTEL_OK);
        promise = NULL;
        while (promise == NULL) CHECK(lintel_call_wait(c, 1000000) == LINTEL_ERROR_TIMEOUT);
        CHECK(lintel_reject(promise, parse(other, "{no, \"luck\"}")) == LINTEL_OK);
        CHECK(lintel_call_wait(c, LINTEL_FOREVER) == LINTEL_OK && lintel_call_result(c, env, &result) == LINTEL_OK);
        expect(result, "{error,{no,[108,117,99,107]}}");
        lintel_call_free(c);
        enif_free_env(other);
    }
    enif_free_env(env);
}

/* ---- a host that drives: its own loop, an fd, a budget */

static int wakes;
static void wake(void* context) {
    (void)context;
    ++wakes;
}

static int dones;
static void done(void* context, lintel_call* c) {
    ERL_NIF_TERM result;
    CHECK(context == &dones && lintel_call_result(c, NULL, &result) == LINTEL_OK);
    expect(result, "done");
    ++dones;
    lintel_call_free(c);
}

static void* send_from_outside(void* argument) {
    lintel_vm* vm = argument;
    ErlNifEnv* env = lintel_env_create(vm);
    const struct timespec pause = {0, 20 * 1000 * 1000};
    do nanosleep(&pause, NULL);
    while (lintel_send_to_name(vm, "waits", parse(env, "go")) == LINTEL_ERROR_NOT_FOUND);
    enif_free_env(env);
    return NULL;
}

static void own_loop(lintel_vm* vm) {
    lintel_poll_report report;
    lintel_call_options options = {.size = sizeof options, .done = done, .context = &dones};
    lintel_call* c;
    pthread_t thread;
    int timers = 0, descriptor = lintel_poll_fd(vm), i;
    report.size = sizeof report;
    CHECK(descriptor >= 0);
    /* What has been forgotten comes to its end. */
    do CHECK(lintel_poll(vm, INT64_MAX, LINTEL_FOREVER, &report) == LINTEL_OK);
    while (!report.idle);
    /* A budget: an endless loop stays where it is. */
    CHECK(lintel_spawn(vm, "called", "endless", NULL, 0, NULL) == LINTEL_OK);
    for (i = 0; i < 10; ++i) {
        CHECK(lintel_poll(vm, 20000, LINTEL_FOREVER, &report) == LINTEL_OK);
        CHECK(!report.idle && !report.halted && report.reductions >= 20000 && report.reductions < 30000);
    }
    CHECK(lintel_poll(vm, INT64_MAX, 2000000, &report) == LINTEL_OK && !report.idle);
    CHECK(lintel_poll(vm, INT64_MAX, -1, &report) == LINTEL_OK && !report.idle); /* the time was over before */
    {
        ErlNifEnv* env = lintel_env_create(vm);
        ERL_NIF_TERM result;
        CHECK(call(vm, env, "called", "stop_endless", "[]", LINTEL_FOREVER, &result) == LINTEL_OK);
        enif_free_env(env);
    }
    /* Asleep in the host's loop until a timer, or a message of another thread. */
    CHECK(lintel_call_begin(vm, "called", "waits", NULL, 0, &options, &c) == LINTEL_OK);
    CHECK(pthread_create(&thread, NULL, send_from_outside, vm) == 0);
    wakes = dones = 0;
    while (dones == 0) {
        struct pollfd fd;
        CHECK(lintel_poll(vm, INT64_MAX, LINTEL_FOREVER, &report) == LINTEL_OK && report.idle);
        if (dones != 0) break;
        fd.fd = descriptor;
        fd.events = POLLIN;
        if (poll(&fd, 1, report.next_timer == LINTEL_FOREVER ? -1 : (int)(report.next_timer / 1000000) + 1) == 0)
            ++timers;
    }
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(wakes >= 1 && timers >= 1);
}

int main(int argc, char** argv) {
    static Host host;
    int round, status = -1;
    lintel_vm* vm;
    CHECK(argc == 2);
    for (round = 0; round < 4; ++round) {
        const lintel_driving driving = round % 2 == 0 ? LINTEL_DRIVING_THREADS : LINTEL_DRIVING_HOST;
        vm = start(&host, argv[1], round < 2 ? LINTEL_PROFILE_BARE : LINTEL_PROFILE_OTP, driving, wake);
        calls(vm);
        messages(vm);
        host_functions(vm);
        if (driving == LINTEL_DRIVING_HOST) own_loop(vm);
        /* In the OTP profile it went to descriptor 1. Behind it OTP tells of the heap that was too large. */
        CHECK(round >= 2 || strncmp(host.out[0], "{a,b} c\n", 8) == 0);
        CHECK(lintel_wait(vm, 1000000, &status) == LINTEL_ERROR_TIMEOUT);
        CHECK(lintel_halt(vm, 7) == LINTEL_OK && lintel_wait(vm, LINTEL_FOREVER, &status) == LINTEL_OK && status == 7);
        lintel_vm_destroy(vm);
    }
    return 0;
}
