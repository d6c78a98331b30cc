/* What goes wrong is a result, and mostly a line of text. */
#include "host.h"

static void show(lintel_vm* vm, lintel_result result) {
    printf("%s: %s\n", lintel_result_text(result), lintel_error(vm));
}

int main(void) {
    char text[100];
    int status;
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.atom_limit = 1;
    if (lintel_vm_create(&config, &vm) == LINTEL_ERROR_ARGUMENT) puts("no such VM");

    lintel_config_init(&config, sizeof config);
    if (lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;
    show(vm, lintel_call_text(vm, "erlang", "self", "[]", LINTEL_FOREVER, text, sizeof text));
    show(vm, lintel_load_module(vm, "no_such_module"));
    show(vm, lintel_start(vm, 0, NULL));
    show(vm, lintel_start(vm, 0, NULL));
    show(vm, lintel_call_text(vm, "erlang", "self", "[1, 2", LINTEL_FOREVER, text, sizeof text));
    show(vm, lintel_call_text(vm, "no_such_module", "f", "[]", LINTEL_FOREVER, text, sizeof text));
    show(vm, lintel_poll(vm, 1000, LINTEL_FOREVER, NULL));
    must(vm, lintel_halt(vm, 3));
    must(vm, lintel_wait(vm, LINTEL_FOREVER, &status));
    printf("halted with %d\n", status);
    if (lintel_call_text(vm, "erlang", "self", "[]", LINTEL_FOREVER, text, sizeof text) == LINTEL_ERROR_HALTED)
        puts("no calls any more");
    lintel_vm_destroy(vm);
    return 0;
}
