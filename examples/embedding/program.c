/* A whole program is run, as `lintel run` does it. */
#include "host.h"

int main(int argc, char** argv) {
    int status;
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    if (lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;
    must(vm, lintel_add_code_path(vm, "."));
    must(vm, lintel_run(vm, "greet", NULL, argc - 1, (const char* const*)argv + 1, &status));
    lintel_vm_destroy(vm);
    printf("status %d\n", status);
    return 0;
}
