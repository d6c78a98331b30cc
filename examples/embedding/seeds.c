/* A program is run with one seed after the other until it fails, and then again with that seed. */
#include "host.h"

/* The program's exit status with this seed. */
static int run_with(uint64_t seed) {
    int status;
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.has_seed = 1;
    config.seed = seed;
    if (lintel_vm_create(&config, &vm) != LINTEL_OK) exit(1);
    must(vm, lintel_add_code_path(vm, "."));
    must(vm, lintel_run(vm, "tickets", NULL, 0, NULL, &status));
    lintel_vm_destroy(vm);
    return status;
}

int main(void) {
    uint64_t seed = 1;
    int i;
    while (seed <= 10000 && run_with(seed) == 0) ++seed;
    if (seed > 10000) return 1;
    printf("two desks have sold the last ticket\n");
    for (i = 0; i < 100; ++i) {
        if (run_with(seed) == 0) return 1;
    }
    printf("and do so each time\n");
    return 0;
}
