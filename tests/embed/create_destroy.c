/* 200 VMs made and destroyed, every tenth after a run. Under AddressSanitizer nothing may leak. */
#include "host.h"

int main(int argc, char** argv) {
    static Host host;
    int i;
    CHECK(argc == 2);
    lintel_vm_destroy(NULL);
    for (i = 0; i < 200; ++i) {
        lintel_vm* vm = host_vm(&host, argv[1], 1 + (unsigned)i % 3);
        if (i % 10 == 0) {
            int status = -1;
            CHECK(lintel_run(vm, "guest", "hello", 0, NULL, &status) == LINTEL_OK && status == 0);
            CHECK(strcmp(host.out[0], "hello\n") == 0);
        } else if (i % 10 == 1) {
            CHECK(lintel_load_module(vm, "lists") == LINTEL_OK);
        }
        lintel_vm_destroy(vm);
    }
    return 0;
}
