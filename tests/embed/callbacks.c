/* Input and output go through the host; exit statuses arrive. */
#include <time.h>

#include "host.h"

static int run(const char* folder, const char* function, Host* host, const char* input, int write_error) {
    int status = -1;
    lintel_vm* vm = host_vm(host, folder, 1);
    host->in = input;
    host->error = write_error;
    CHECK(lintel_run(vm, "guest", function, 0, NULL, &status) == LINTEL_OK);
    lintel_vm_destroy(vm);
    return status;
}

static ptrdiff_t slow_read(void* context, char* bytes, size_t count) {
    const struct timespec pause = {0, 200 * 1000 * 1000};
    (void)count;
    nanosleep(&pause, NULL);
    ((Host*)context)->used[1] = 1; /* the host is still there: the VM waits for us */
    bytes[0] = 'x';
    return 1;
}

/* A VM may go while a read is under way. */
static void leave_a_read(const char* folder) {
    Host* host = calloc(1, sizeof *host);
    lintel_config config;
    lintel_vm* vm = NULL;
    int status = -1;
    CHECK(host != NULL);
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.read = slow_read;
    config.write = host_write;
    config.context = host;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK && lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_run(vm, "guest", "leave", 0, NULL, &status) == LINTEL_OK && status == 3);
    lintel_vm_destroy(vm);
    CHECK(host->used[1] == 1);
    free(host);
}

static unsigned char* stored;
static size_t stored_size;
static int asked, given, released;

static int find_code(void* context, const char* module, const void** bytes, size_t* count) {
    (void)context;
    ++asked;
    if (strcmp(module, "broken") == 0) {
        *bytes = "FOR1 broken";
        *count = 11;
        return ++given;
    }
    if (strcmp(module, "called") != 0 && strcmp(module, "other_name") != 0) return 0;
    *bytes = stored;
    *count = stored_size;
    return ++given;
}

static void release_code(void* context, const void* bytes, size_t count) {
    (void)context;
    CHECK((bytes == stored && count == stored_size) || count == 11);
    ++released;
}

/* Modules come from the host: what it has not, what is broken, what is called otherwise. */
static void host_has_code(const char* folder) {
    Host host;
    char text[200];
    lintel_config config = host_config(&host, 1);
    lintel_vm* vm = NULL;
    config.find_code = find_code;
    config.release_code = release_code;
    stored = host_file(folder, "called.beam", &stored_size);
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK && lintel_start(vm, 0, NULL) == LINTEL_OK);
    CHECK(lintel_call_text(vm, "called", "module_info", "[module]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(strcmp(text, "called") == 0 && given == 1 && released == 1);
    CHECK(lintel_call_text(vm, "code", "is_loaded", "[called]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(strcmp(text, "{file,[104,111,115,116,58,99,97,108,108,101,100,46,98,101,97,109]}") ==
          0); /* host:called.beam */
    CHECK(lintel_call_text(vm, "lists", "sum", "[[1, 2]]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(strcmp(text, "3") == 0 && asked > given); /* of OTP: the host has not got it */
    CHECK(lintel_load_module(vm, "nobody_has_it") == LINTEL_ERROR_NOT_FOUND);
    CHECK(lintel_load_module(vm, "broken") == LINTEL_ERROR_BAD_FILE);
    CHECK(strstr(lintel_error(vm), "host:broken.beam") != NULL);
    CHECK(lintel_call_text(vm, "other_name", "f", "[]", LINTEL_FOREVER, text, sizeof text) == LINTEL_ERROR_EXCEPTION);
    CHECK(strstr(text, "undef") != NULL);
    lintel_vm_destroy(vm);
    CHECK(given == released);
    free(stored);
}

int main(int argc, char** argv) {
    static Host host;
    const char* arguments[] = {"one", "2"};
    int status = -1;
    lintel_vm* vm;
    CHECK(argc == 2);
    host_has_code(argv[1]);

    CHECK(run(argv[1], "hello", &host, NULL, 0) == 0);
    CHECK(strcmp(host.out[0], "hello\n") == 0 && host.used[1] == 0);

    CHECK(run(argv[1], "echo", &host, "a\nbc\n", 0) == 0);
    CHECK(strcmp(host.out[0], "<a\n<bc\nend\n") == 0);

    CHECK(run(argv[1], "crash", &host, NULL, 0) == 1);
    CHECK(host.used[0] == 0 && strstr(host.out[1], "on_purpose") != NULL);

    CHECK(run(argv[1], "complain", &host, NULL, 0) == 1);
    CHECK(strcmp(host.out[0], "here\r\n") == 0 && strstr(host.out[1], "undef") != NULL);

    CHECK(run(argv[1], "stop", &host, NULL, 0) == 7);

    leave_a_read(argv[1]);

    vm = host_vm(&host, argv[1], 2);
    CHECK(lintel_run(vm, "guest", NULL, 2, arguments, &status) == LINTEL_OK && status == 0);
    CHECK(strcmp(host.out[0], "[\"one\",\"2\"]\n") == 0);
    lintel_vm_destroy(vm);
    return 0;
}
