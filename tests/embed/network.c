/* Sockets exist only for those that have the right to the network. */
#include "host.h"

static void run(const char* folder, unsigned rights, const char* expected) {
    static Host host;
    lintel_config config;
    lintel_vm* vm = NULL;
    int status = -1;
    memset(&host, 0, sizeof host);
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.write = host_write;
    config.context = &host;
    config.rights = rights;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_run(vm, "guest", "network", 0, NULL, &status) == LINTEL_OK);
    lintel_vm_destroy(vm);
    if (status != 0 || strcmp(host.out[0], expected) != 0) {
        fprintf(stderr, "status %d\n%s%s", status, host.out[0], host.out[1]);
        CHECK(!"what was expected");
    }
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    run(argv[1], LINTEL_RIGHT_FILES,
        "[{error,eperm},{error,eperm},{error,eperm},{error,eperm}]\n[{error,ebadf},{error,exbadport},ok]\n");
    /* Descriptors of the host are another right. */
    run(argv[1], LINTEL_RIGHT_NETWORK, "[ok,ok,ok,{error,eperm}]\n[{error,ebadf},{error,exbadport},ok]\n");
    return 0;
}
