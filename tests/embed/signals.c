/* Signals: what the program asks of the host, the break menu, and halt(abort). */
#include <pthread.h>
#include <unistd.h>
#include "host.h"

static char asked[256];

static int set_signal(void* context, const char* name, lintel_signal_action action) {
    (void)context;
    snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s %d,", name, (int)action);
    return strcmp(name, "sighup") == 0 ? 22 : 0; /* this one cannot be had */
}

/* A key at a time, as somebody types it. */
static ptrdiff_t read_key(void* context, char* bytes, size_t count) {
    (void)count;
    return host_read(context, bytes, 1);
}

static struct {
    Host host;
    pthread_mutex_t mutex;
    pthread_cond_t written;
} shared = {.mutex = PTHREAD_MUTEX_INITIALIZER, .written = PTHREAD_COND_INITIALIZER};

static int noted_write(void* context, int stream, const char* bytes, size_t count) {
    int result;
    pthread_mutex_lock(&shared.mutex);
    result = host_write(context, stream, bytes, count);
    pthread_cond_broadcast(&shared.written);
    pthread_mutex_unlock(&shared.mutex);
    return result;
}

static void wait_for(const char* text) {
    pthread_mutex_lock(&shared.mutex);
    while (strstr(shared.host.out[0], text) == NULL) pthread_cond_wait(&shared.written, &shared.mutex);
    pthread_mutex_unlock(&shared.mutex);
}

static lintel_vm* make_vm(const char* folder, int with_signals) {
    lintel_config config;
    lintel_vm* vm = NULL;
    memset(&shared.host, 0, sizeof shared.host);
    asked[0] = 0;
    lintel_config_init(&config, sizeof config);
    config.schedulers = 2;
    config.write = noted_write;
    config.read = read_key;
    config.context = &shared.host;
    config.set_signal = with_signals ? set_signal : NULL;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    return vm;
}

static void* use_menu(void* argument) {
    lintel_vm* vm = argument;
    wait_for("]\n");
    CHECK(lintel_break(vm) == LINTEL_OK);
    return NULL;
}

static void run_with_menu(const char* folder, int with_signals, const char* keys, const char* expected,
                          const char* said) {
    int status = -1;
    pthread_t thread;
    lintel_vm* vm = make_vm(folder, with_signals);
    shared.host.in = keys;
    CHECK(pthread_create(&thread, NULL, use_menu, vm) == 0);
    CHECK(lintel_run(vm, "guest", "signals", 0, NULL, &status) == LINTEL_OK);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(status == 0);
    if (strncmp(shared.host.out[0], expected, strlen(expected)) != 0) fprintf(stderr, "%s", shared.host.out[0]);
    CHECK(strncmp(shared.host.out[0], expected, strlen(expected)) == 0);
    CHECK(strstr(shared.host.out[0], said) != NULL);
    lintel_vm_destroy(vm);
}

int main(int argc, char** argv) {
    int status = -1;
    lintel_vm* vm;
    CHECK(argc == 2);
    run_with_menu(argv[1], 1, "?a", "[ok,badarg,ok,badarg,badarg]\n\r\nBREAK: (a)bort", "Invalid option '?'");
    CHECK(strcmp(asked, "sigusr2 2,sighup 1,sigterm 0,") == 0);
    /* The end of the input ends the VM as well. */
    run_with_menu(argv[1], 0, "", "[notsup,notsup,notsup,badarg,badarg]\n\r\nBREAK: (a)bort", "(d)istribution");
    run_with_menu(argv[1], 0, "kna", "[", "(k)ill (n)ext (r)eturn:");
    CHECK(asked[0] == 0);
    CHECK(lintel_break(NULL) == LINTEL_ERROR_ARGUMENT);

    vm = make_vm(argv[1], 0);
    CHECK(lintel_run(vm, "guest", "abort", 0, NULL, &status) == LINTEL_OK);
    CHECK(status == LINTEL_STATUS_ABORT);
    lintel_vm_destroy(vm);
    return 0;
}
