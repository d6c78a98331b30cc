/* What Erlang code may do with sockets: with the right to the network, and without. */
#include "host.h"

static void run(const char* folder, unsigned rights, const char* expected) {
    static Host host;
    lintel_config config;
    lintel_vm* vm = NULL;
    int status = -1;
    const char* argument = "";
    memset(&host, 0, sizeof host);
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.write = host_write;
    config.context = &host;
    config.rights = rights;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_run(vm, "guest", "sockets", 1, &argument, &status) == LINTEL_OK);
    lintel_vm_destroy(vm); /* with sockets that are still open */
    if (status != 0 || strcmp(host.out[0], expected) != 0) {
        fprintf(stderr, "status %d\n%s%s", status, host.out[0], host.out[1]);
        CHECK(!"what was expected");
    }
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    run(argv[1], 0,
        "[true,error,error,error]\n"
        "[{error,eacces},{error,eacces},{error,eacces},{error,eacces},{error,eacces},ok]\n"
        "0\n");
    run(argv[1], LINTEL_RIGHT_NETWORK,
        "[false,ok,ok,ok]\n"
        "[ok,ok,ok,ok,ok,ok]\n"
        "3\n");
    return 0;
}
