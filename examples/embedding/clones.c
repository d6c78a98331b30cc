/* Many VMs that begin with the same code. */
#include "host.h"

enum { VMS = 100 };

static const char* const modules[] = {"counter", "gen_server", "gen", "proc_lib", "sys", "erlang"};

int main(void) {
    lintel_config config;
    lintel_vm *vm, *clones[VMS];
    char text[20];
    int i, sum = 0;
    lintel_config_init(&config, sizeof config);
    config.driving = LINTEL_DRIVING_HOST;
    if (lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;
    must(vm, lintel_add_code_path(vm, "."));
    for (i = 0; i < (int)(sizeof modules / sizeof *modules); ++i) must(vm, lintel_load_module(vm, modules[i]));
    must(vm, lintel_snapshot_create(vm, &config.snapshot));
    lintel_vm_destroy(vm);

    config.otp_root = ""; /* they need no other modules */
    for (i = 0; i < VMS; ++i) {
        if (lintel_vm_create(&config, &clones[i]) != LINTEL_OK) return 1;
        must(clones[i], lintel_start(clones[i], 0, NULL));
        must(clones[i], lintel_call_text(clones[i], "gen_server", "start", "[{local, counter}, counter, 1, []]",
                                         LINTEL_FOREVER, text, sizeof text));
    }
    lintel_snapshot_release(config.snapshot);
    for (i = 0; i < VMS; ++i) {
        must(clones[i], lintel_call_text(clones[i], "gen_server", "call", "[counter, {add, 1}]", LINTEL_FOREVER, text,
                                         sizeof text));
        sum += atoi(text);
        lintel_vm_destroy(clones[i]);
    }
    printf("%d VMs: %d\n", VMS, sum);
    return 0;
}
