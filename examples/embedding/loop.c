/* The host drives: a loop of its own, with poll(2), in which a VM is one descriptor and one timer. */
#include <poll.h>

#include "host.h"

static int ended;

static void done(void* context, lintel_call* call) {
    ERL_NIF_TERM result;
    (void)context;
    if (lintel_call_result(call, NULL, &result) == LINTEL_OK) print_term("done", result);
    lintel_call_free(call);
    ended = 1;
}

/* Milliseconds for poll(2), rounded up; -1: for ever. */
static int milliseconds(int64_t time) { return time == LINTEL_FOREVER ? -1 : (int)(time / 1000000 + 1); }

int main(void) {
    lintel_call_options options = {.size = sizeof options, .done = done};
    lintel_config config;
    lintel_poll_report report;
    struct pollfd due;
    ErlNifEnv* env;
    ERL_NIF_TERM argument;
    lintel_call* call;
    lintel_vm* vm;

    lintel_config_init(&config, sizeof config);
    config.driving = LINTEL_DRIVING_HOST;
    vm = start_vm(&config);
    env = lintel_env_create(vm);
    argument = enif_make_int(env, 20);
    must(vm, lintel_call_begin(vm, "timer", "sleep", &argument, 1, &options, &call));

    due.fd = lintel_poll_fd(vm);
    due.events = POLLIN;
    while (!ended) {
        report.size = sizeof report;
        must(vm, lintel_poll(vm, 100000, 2000000, &report)); /* at most 100,000 reductions and 2 ms */
        if (report.halted) return report.status;
        if (ended) break;
        /* Here the loop does what else it has to; then it sleeps until the VM has something to do. */
        poll(&due, 1, report.idle ? milliseconds(report.next_timer) : 0);
    }
    enif_free_env(env);
    lintel_vm_destroy(vm);
    return 0;
}
