/* Hostile programs in a VM with limits and without rights, beside a VM that wants to work: that one answers all the time, the hostile one goes when it is told to, and
 * the program lives. Arguments: the folder of the modules, and (0.2) seconds for each attack. Prints how long the other VM took to answer: medians, without and beside the attack. */
#include <pthread.h>
#include <time.h>

#include "host.h"

enum { kMostSamples = 1 << 16 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int ignore_output(void* context, int stream, const char* bytes, size_t count) {
    (void)context, (void)stream, (void)bytes, (void)count;
    return 0;
}

static lintel_vm* make(const char* folder, const lintel_limits* limits, unsigned rights) {
    lintel_config config;
    lintel_vm* vm = NULL;
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.write = ignore_output;
    config.limits = limits;
    config.rights = rights;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK && lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    return vm;
}

static int by_size(const void* a, const void* b) {
    const double x = *(const double*)a, y = *(const double*)b;
    return (x > y) - (x < y);
}

/* Seconds that the VM takes to answer, as the median over `seconds`; each answer is one more than the one before. */
static double latency(lintel_vm* vm, double seconds, long* answers) {
    static double samples[kMostSamples];
    size_t n = 0;
    const double end = now() + seconds;
    const struct timespec pause = {0, 200000};
    do {
        char text[40];
        const double begun = now();
        CHECK(lintel_call_text(vm, "hostile", "served", "[]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
        samples[n++] = now() - begun;
        CHECK(strtol(text, NULL, 10) == ++*answers);
        nanosleep(&pause, NULL);
    } while (now() < end && n < kMostSamples);
    qsort(samples, n, sizeof samples[0], by_size);
    return samples[n / 2];
}

int main(int argc, char** argv) {
    lintel_limits limits;
    char attacks[1000];
    char* attack;
    char* rest = attacks;
    long answers = 0;
    double seconds;
    lintel_vm* good;
    CHECK(argc >= 2);
    seconds = argc > 2 ? atof(argv[2]) : 0.2;
    memset(&limits, 0, sizeof limits);
    limits.size = sizeof limits;
    limits.memory = 128 << 20;
    limits.binaries = 64 << 20;
    limits.processes = 5000;
    limits.tables = 100;
    limits.atoms = 20000;
    limits.message_queue = 100000;
    limits.process_heap = 4 << 20;
    good = make(argv[1], NULL, LINTEL_RIGHT_CLOCK);
    CHECK(lintel_call_text(good, "hostile", "attacks", "[]", LINTEL_FOREVER, attacks, sizeof attacks) == LINTEL_OK);
    latency(good, 0.05, &answers);
    for (attack = strtok_r(attacks, "[,]\n ", &rest); attack != NULL; attack = strtok_r(NULL, "[,]\n ", &rest)) {
        const double quiet = latency(good, seconds / 2, &answers);
        lintel_vm* const bad = make(argv[1], &limits, 0);
        ErlNifEnv* env = lintel_env_create(bad);
        const ERL_NIF_TERM name = enif_make_atom(env, attack);
        double beside, ending;
        CHECK(lintel_spawn(bad, "hostile", "attack", &name, 1, NULL) == LINTEL_OK);
        beside = latency(good, seconds, &answers);
        enif_free_env(env);
        ending = now();
        lintel_vm_destroy(bad);
        ending = now() - ending;
        printf("%-12s %6.1f us, alone %6.1f us, ratio %.2f; ended in %.1f ms\n", attack, beside * 1e6, quiet * 1e6,
               beside / quiet, ending * 1e3);
        fflush(stdout);
    }
    lintel_vm_destroy(good);
    return 0;
}
