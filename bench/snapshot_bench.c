/* What VMs cost: bare ones, and ones that begin with a snapshot of all of Elixir and of OTP's kernel and stdlib.
 *
 *     snapshot_bench [vms alive at once] [folder with Elixir.Tally.beam]
 *
 * The folder is tests/embed/ebin of the build; without Elixir the calls are of gen_server alone. */
#include <dirent.h>
#include <lintel/lintel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../tests/embed/check.h"

enum { kRounds = 300 };

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int entries(const char* folder) {
    int n = 0;
    DIR* d = opendir(folder);
    CHECK(d != NULL);
    while (readdir(d) != NULL) ++n;
    closedir(d);
    return n - 3; /* ., .. and its own */
}

static lintel_vm* create(lintel_snapshot* snapshot, lintel_driving driving, const char* folder) {
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.driving = driving;
    config.snapshot = snapshot;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    if (folder != NULL) CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    return vm;
}

static void call(lintel_vm* vm, const char* module, const char* function, const char* arguments, const char* expected) {
    char text[256];
    const lintel_result r = lintel_call_text(vm, module, function, arguments, LINTEL_FOREVER, text, sizeof text);
    if (r != LINTEL_OK || strcmp(text, expected) != 0) fprintf(stderr, "%s %s\n", lintel_error(vm), text);
    CHECK(r == LINTEL_OK && strcmp(text, expected) == 0);
}

/* Every module of the folder. */
static int load_folder(lintel_vm* vm, const char* folder) {
    int n = 0;
    struct dirent* entry;
    DIR* d = opendir(folder);
    if (d == NULL) return 0;
    while ((entry = readdir(d)) != NULL) {
        char name[256];
        const size_t length = strlen(entry->d_name);
        if (length < 6 || length >= sizeof name || strcmp(entry->d_name + length - 5, ".beam") != 0) continue;
        memcpy(name, entry->d_name, length - 5);
        name[length - 5] = 0;
        n += lintel_load_module(vm, name) == LINTEL_OK;
    }
    closedir(d);
    return n;
}

typedef struct Work {
    const char *title, *module, *function, *arguments, *expected;
} Work;
static const Work kNothing = {"bare, erlang:'+'", "erlang", "+", "[1,2]", "3"};
static const Work kElixir = {"snapshot, a GenServer in Elixir", "Elixir.Tally", "sum", "[[1,2]]", "3"};

static void measure(const Work* w, lintel_snapshot* snapshot, lintel_driving driving) {
    double made = 0, started = 0, called = 0, gone = 0, least = 1e9;
    int i;
    for (i = 0; i < kRounds; ++i) {
        const double t0 = now_us();
        lintel_vm* vm = create(snapshot, driving, NULL);
        const double t1 = now_us();
        double t2, t3, t4;
        CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
        t2 = now_us();
        call(vm, w->module, w->function, w->arguments, w->expected);
        t3 = now_us();
        lintel_vm_destroy(vm);
        t4 = now_us();
        made += t1 - t0;
        started += t2 - t1;
        called += t3 - t2;
        gone += t4 - t3;
        if (t4 - t0 < least) least = t4 - t0;
    }
    printf("%-32s %-8s create %5.0f  start %5.0f  call %5.0f  destroy %5.0f  all %5.0f us (least %.0f)\n", w->title,
           driving == LINTEL_DRIVING_HOST ? "host" : "threads", made / kRounds, started / kRounds, called / kRounds,
           gone / kRounds, (made + started + called + gone) / kRounds, least);
}

static void many(const Work* w, lintel_snapshot* snapshot, lintel_driving driving, int count) {
    lintel_vm** vms = malloc((size_t)count * sizeof *vms);
    const long before = resident_kb();
    const int fds = entries("/proc/self/fd"), threads = entries("/proc/self/task");
    double t = now_us();
    int i;
    CHECK(vms != NULL);
    for (i = 0; i < count; ++i) {
        vms[i] = create(snapshot, driving, NULL);
        CHECK(lintel_start(vms[i], 0, NULL) == LINTEL_OK);
        call(vms[i], w->module, w->function, w->arguments, w->expected);
    }
    t = now_us() - t;
    printf("%-32s %-8s %d alive: %.0f kB, %.2f descriptors, %.2f threads each, %.0f us each\n", w->title,
           driving == LINTEL_DRIVING_HOST ? "host" : "threads", count, (double)(resident_kb() - before) / count,
           (double)(entries("/proc/self/fd") - fds) / count, (double)(entries("/proc/self/task") - threads) / count,
           t / count);
    for (i = 0; i < count; ++i) lintel_vm_destroy(vms[i]);
    free(vms);
}

int main(int argc, char** argv) {
    const int count = argc > 1 ? atoi(argv[1]) : 1000;
    const char* const folder = argc > 2 ? argv[2] : NULL;
    const lintel_driving drivings[] = {LINTEL_DRIVING_HOST, LINTEL_DRIVING_THREADS};
    lintel_snapshot* snapshot;
    lintel_vm* vm = create(NULL, LINTEL_DRIVING_HOST, folder);
    double t = now_us();
    int d;
    load_folder(vm, "/usr/lib/erlang/lib/kernel-8.5.3/ebin");
    load_folder(vm, "/usr/lib/erlang/lib/stdlib-4.2/ebin");
    load_folder(vm, "/usr/lib/elixir/lib/elixir/ebin");
    if (folder != NULL) load_folder(vm, folder);
    printf("loading %.0f us\n", now_us() - t);
    t = now_us();
    CHECK(lintel_snapshot_create(vm, &snapshot) == LINTEL_OK);
    t = now_us() - t;
    printf("snapshot: %zu modules, %zu kB, taken in %.0f us\n", lintel_snapshot_modules(snapshot),
           lintel_snapshot_bytes(snapshot) / 1024, t);
    lintel_vm_destroy(vm);
    for (d = 0; d < 2; ++d) {
        measure(&kNothing, NULL, drivings[d]);
        measure(&kNothing, snapshot, drivings[d]);
        if (folder != NULL) measure(&kElixir, snapshot, drivings[d]);
    }
    for (d = 0; d < 2 && count > 0; ++d) {
        many(&kNothing, NULL, drivings[d], count);
        if (folder != NULL) many(&kElixir, snapshot, drivings[d], count);
    }
    lintel_snapshot_release(snapshot);
    return 0;
}
