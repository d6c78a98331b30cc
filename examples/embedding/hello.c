#include <lintel/lintel.h>
#include <stdio.h>

int main(void) {
    char text[100] = "";
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    if (lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;
    if (lintel_add_code_path(vm, ".") != LINTEL_OK || lintel_start(vm, 0, NULL) != LINTEL_OK ||
        lintel_call_text(vm, "gen_server", "start", "[{local, counter}, counter, 40, []]", LINTEL_FOREVER, text,
                         sizeof text) != LINTEL_OK ||
        lintel_call_text(vm, "gen_server", "call", "[counter, {add, 2}]", LINTEL_FOREVER, text, sizeof text) !=
            LINTEL_OK)
        fprintf(stderr, "%s\n", lintel_error(vm));
    printf("counter: %s\n", text);
    lintel_vm_destroy(vm);
    return 0;
}
