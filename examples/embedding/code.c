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

/* The modules of this host are in a store of its own: here a folder. */
static int find_code(void* context, const char* module, const void** bytes, size_t* count) {
    char path[300];
    if (strcmp(module, "greet") != 0) return 0;
    snprintf(path, sizeof path, "%s/%s.beam", (const char*)context, module);
    *bytes = bytes_of(path, count);
    return 1;
}

static void release_code(void* context, const void* bytes, size_t count) {
    (void)context, (void)count;
    free((void*)bytes);
}

static void print_line(void* context, const char* text) { printf("%s%s\n", (const char*)context, text); }

int main(void) {
    char prefix[] = "missing: ", store[] = "store", text[100];
    const char* name;
    unsigned char* bytes;
    size_t size, gaps;
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.find_code = find_code;
    config.release_code = release_code;
    config.context = store;
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
    must(vm, lintel_call_text(vm, "greet", "module_info", "[module]", LINTEL_FOREVER, text, sizeof text));
    printf("the host has %s\n", text);
    lintel_vm_destroy(vm);
    return 0;
}
