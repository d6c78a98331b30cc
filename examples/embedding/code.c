/* Where code comes from: a file, bytes in memory, the code path; and what is said of code that does not load. */
#include "host.h"

/* The file's bytes; the caller frees them. */
static unsigned char* bytes_of(const char* path, size_t* count) {
    FILE* file = fopen(path, "rb");
    unsigned char* bytes = malloc(1 << 16);
    if (file == NULL || bytes == NULL) exit(1);
    *count = fread(bytes, 1, 1 << 16, file);
    fclose(file);
    return bytes;
}

static void print_line(void* context, const char* text) { printf("%s%s\n", (const char*)context, text); }

int main(void) {
    char prefix[] = "missing: ", text[100];
    const char* name;
    unsigned char* bytes;
    size_t size, gaps;
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    if (lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;

    bytes = bytes_of("counter.beam", &size);
    must(vm, lintel_load_memory(vm, bytes, size, "counter.beam", &name));
    printf("loaded %s\n", name);
    free(bytes);

    if (lintel_load_memory(vm, "no code", 7, "text", NULL) == LINTEL_ERROR_BAD_FILE)
        printf("refused: %s\n", lintel_error(vm));
    if (lintel_load_file(vm, "none.beam", NULL) == LINTEL_ERROR_NOT_FOUND) printf("refused: %s\n", lintel_error(vm));
    must(vm, lintel_check_file(vm, "needy.beam", print_line, prefix, &gaps));
    printf("%d missing\n", (int)gaps);

    must(vm, lintel_add_code_path(vm, "."));
    must(vm, lintel_start(vm, 0, NULL));
    must(vm, lintel_load_module(vm, "echo")); /* else it is loaded when something of it is called */
    must(vm, lintel_call_text(vm, "erlang", "module_loaded", "[echo]", LINTEL_FOREVER, text, sizeof text));
    printf("echo is loaded: %s\n", text);
    lintel_vm_destroy(vm);
    return 0;
}
