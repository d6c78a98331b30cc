/* The host's malloc stays its own: no library of ours takes its place. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "host.h"

int main(int argc, char** argv) {
    static Host host;
    static const char* const names[] = {"malloc", "free", "realloc", "calloc"};
    size_t i;
    CHECK(argc == 2);
    lintel_vm_destroy(host_vm(&host, argv[1], 1));
    for (i = 0; i < sizeof names / sizeof *names; ++i) {
        Dl_info info;
        void* address = dlsym(RTLD_DEFAULT, names[i]);
        CHECK(address != NULL && dladdr(address, &info) != 0);
        if (strstr(info.dli_fname, "/libc.so") == NULL) {
            fprintf(stderr, "%s comes from %s\n", names[i], info.dli_fname);
            return 1;
        }
    }
    return 0;
}
