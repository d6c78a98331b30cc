/* Output and input of Erlang code are the host's, and so is what else a VM is configured to be. */
#include "host.h"

typedef struct Console {
    const char* input; /* what is still to be read */
} Console;

/* Any thread of the VM; calls do not overlap. */
static int write_line(void* context, int stream, const char* bytes, size_t count) {
    (void)context;
    printf("[stream %d] %.*s", stream, (int)count, bytes);
    return 0; /* or an errno value */
}

static ptrdiff_t read_line(void* context, char* bytes, size_t count) {
    Console* console = context;
    size_t size = strlen(console->input);
    if (size > count) size = count;
    memcpy(bytes, console->input, size);
    console->input += size;
    return (ptrdiff_t)size; /* 0: the end */
}

int main(void) {
    const lintel_setting settings[] = {{"max_heap_size", "1000000"}, {"message_queue_data", "off_heap"}};
    Console console = {"first\nsecond\n"};
    char text[100];
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.write = write_line;
    config.read = read_line;
    config.context = &console;
    config.schedulers = 1;
    config.settings = settings;
    config.setting_count = sizeof settings / sizeof *settings;
    vm = start_vm(&config);
    must(vm, lintel_call_text(vm, "io", "format", "[\"~p and ~s~n\", [{a, 1}, \"text\"]]", LINTEL_FOREVER, text,
                              sizeof text));
    must(vm, lintel_call_text(vm, "io", "format", "[standard_error, \"careful~n\", []]", LINTEL_FOREVER, text,
                              sizeof text));
    must(vm, lintel_call_text(vm, "io", "get_line", "[\"name?\"]", LINTEL_FOREVER, text, sizeof text));
    printf("\nread: %s\n", text);
    must(vm, lintel_call_text(vm, "erlang", "system_info", "[message_queue_data]", LINTEL_FOREVER, text, sizeof text));
    printf("message_queue_data: %s\n", text);
    lintel_vm_destroy(vm);
    return 0;
}
