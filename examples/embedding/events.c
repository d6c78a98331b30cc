/* What a VM logs, and how it ends. */
#include "host.h"

/* Any thread of the VM; calls may overlap. */
static void take_event(void* context, lintel_tenant* tenant, const ErlNifPid* process, const char* level,
                       const char* text, size_t length) {
    (void)context;
    (void)tenant;
    (void)process;
    printf("%s: %.*s\n", level, (int)length, text);
}

static void take_end(void* context, int status) {
    (void)context;
    printf("halted: %d\n", status);
}

static void take_fatal(void* context, const char* text) {
    (void)context;
    printf("fatal: %s\n", text);
}

int main(void) {
    char text[100];
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.log = take_event;
    config.halted = take_end;
    config.fatal = take_fatal;
    vm = start_vm(&config);
    must(vm, lintel_call_text(vm, "logger", "warning", "[\"disk ~p% full\", [91]]", LINTEL_FOREVER, text, sizeof text));
    lintel_call_text(vm, "erlang", "halt", "[\"no more disk\"]", LINTEL_FOREVER, text, sizeof text);
    lintel_vm_destroy(vm);
    return 0;
}
