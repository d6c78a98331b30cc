/* Modules from memory; results and texts of everything that can go wrong. */
#include "host.h"

static size_t lines;

static void take_line(void* context, const char* text) {
    CHECK(context == &lines && strchr(text, '\n') == NULL);
    ++lines;
}

/* What `call` gives, and that the error text has `part` in it. */
#define FAILS(call, result, part)                            \
    do {                                                     \
        CHECK((call) == (result));                           \
        if (strstr(lintel_error(vm), (part)) == NULL) {      \
            fprintf(stderr, "text: %s\n", lintel_error(vm)); \
            CHECK(!"the error text says " part);             \
        }                                                    \
        CHECK(strchr(lintel_error(vm), '\n') == NULL);       \
    } while (0)

int main(int argc, char** argv) {
    static Host host;
    size_t count, gaps = 99;
    unsigned char* beam;
    char path[4096];
    const char* name = NULL;
    int status = -1;
    lintel_vm* vm;
    CHECK(argc == 2);
    snprintf(path, sizeof path, "%s/guest.beam", argv[1]);
    beam = host_file(argv[1], "guest.beam", &count);

    vm = host_vm(&host, "/nowhere", 1);
    FAILS(lintel_load_memory(vm, NULL, 0, "x", NULL), LINTEL_ERROR_ARGUMENT, "no bytes");
    FAILS(lintel_load_memory(vm, beam, 0, "cut.beam", NULL), LINTEL_ERROR_BAD_FILE, "cut.beam");
    FAILS(lintel_load_memory(vm, beam, count / 2, "cut.beam", NULL), LINTEL_ERROR_BAD_FILE, "cut.beam");
    FAILS(lintel_load_memory(vm, "text, no code", 13, NULL, NULL), LINTEL_ERROR_BAD_FILE, "not a BEAM file");
    FAILS(lintel_load_file(vm, "/nowhere/x.beam", NULL), LINTEL_ERROR_NOT_FOUND, "/nowhere/x.beam: cannot be read");
    FAILS(lintel_load_file(vm, NULL, NULL), LINTEL_ERROR_ARGUMENT, "no file");
    FAILS(lintel_load_module(vm, "no_such"), LINTEL_ERROR_NOT_FOUND, "no module no_such");
    FAILS(lintel_load_module(vm, NULL), LINTEL_ERROR_ARGUMENT, "no module given");
    FAILS(lintel_add_code_path(vm, NULL), LINTEL_ERROR_ARGUMENT, "no directory");
    FAILS(lintel_run(vm, "guest", NULL, 0, NULL, NULL), LINTEL_ERROR_NOT_FOUND, "no module guest");
    FAILS(lintel_check_file(vm, path, NULL, NULL, NULL), LINTEL_ERROR_ARGUMENT, "lines");
    FAILS(lintel_disassemble_file(vm, path, "no_such/3", take_line, &lines), LINTEL_ERROR_NOT_FOUND, "no_such/3");

    CHECK(lintel_check_file(vm, path, take_line, &lines, &gaps) == LINTEL_OK && gaps == lines);
    CHECK(gaps > 0); /* lintel_no_such_module:f/0, at least */
    lines = 0;
    CHECK(lintel_disassemble_file(vm, path, "hello/0", take_line, &lines) == LINTEL_OK && lines > 3);

    CHECK(lintel_load_memory(vm, beam, count, "guest.beam", &name) == LINTEL_OK);
    memset(beam, 0xee, count);
    free(beam);
    CHECK(strcmp(name, "guest") == 0);
    FAILS(lintel_run(vm, "guest", "none", 0, NULL, NULL), LINTEL_ERROR_NOT_FOUND, "neither none/1 nor none/0");
    FAILS(lintel_run(vm, "guest", NULL, 1, NULL, NULL), LINTEL_ERROR_ARGUMENT, "no arguments");
    CHECK(lintel_run(vm, "guest", "hello", 0, NULL, &status) == LINTEL_OK && status == 0);
    CHECK(strcmp(host.out[0], "hello\n") == 0);
    FAILS(lintel_run(vm, "guest", "hello", 0, NULL, NULL), LINTEL_ERROR_ARGUMENT, "has run already");
    FAILS(lintel_load_module(vm, "lists"), LINTEL_ERROR_ARGUMENT, "has run already");
    lintel_vm_destroy(vm);

    CHECK(lintel_load_module(NULL, "lists") == LINTEL_ERROR_ARGUMENT);
    CHECK(strcmp(lintel_error(NULL), "") == 0);
    CHECK(strcmp(lintel_result_text(LINTEL_ERROR_BAD_FILE), "bad file") == 0);
    CHECK(strcmp(lintel_result_text((lintel_result)77), "unknown result") == 0);
    return 0;
}
