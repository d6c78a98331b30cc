/* Native libraries: only with the right to them; a VM that finds a library in memory that another has loaded has an image of its own. Arguments: the folder, the
 * library without ".so". */
#include "host.h"

typedef struct Vm {
    Host host;
    lintel_vm* vm;
    int events[2]; /* resources that have gone, libraries that have */
} Vm;

static void start(Vm* v, const char* folder, const char* library, unsigned rights) {
    lintel_config config;
    char address[32];
    const char* arguments[] = {library, address};
    int status = -1;
    memset(v, 0, sizeof *v);
    snprintf(address, sizeof address, "%lu", (unsigned long)(size_t)v->events);
    lintel_config_init(&config, sizeof config);
    config.schedulers = 2;
    config.write = host_write;
    config.context = &v->host;
    config.rights = rights;
    CHECK(lintel_vm_create(&config, &v->vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(v->vm, folder) == LINTEL_OK);
    CHECK(lintel_run(v->vm, "guest_nif", "main", 2, arguments, &status) == LINTEL_OK);
    if (status != 0) fprintf(stderr, "%s%s", v->host.out[0], v->host.out[1]);
    CHECK(status == 0);
}

static void expect(const Vm* v, const char* text) {
    if (strcmp(v->host.out[0], text) != 0) fprintf(stderr, "%s", v->host.out[0]);
    CHECK(strcmp(v->host.out[0], text) == 0);
}

/* As a plug-in the program has another name, by which plugin_host.c knows it. */
#ifndef NIFS_MAIN
#define NIFS_MAIN main
#endif
int NIFS_MAIN(int argc, char** argv);

int NIFS_MAIN(int argc, char** argv) {
    static Vm vms[3];
    static const char kDone[] = "{true,1,1,true}\n";
    int round, i;
    CHECK(argc == 3);
    start(&vms[0], argv[1], argv[2], LINTEL_RIGHT_FILES | LINTEL_RIGHT_PORTS | LINTEL_RIGHT_NETWORK);
    expect(&vms[0], "notsup\n");
    lintel_vm_destroy(vms[0].vm);
    for (round = 0; round < 3; ++round) {
        for (i = 0; i < 3; ++i) {
            start(&vms[i], argv[1], argv[2], LINTEL_RIGHT_NIFS);
            expect(&vms[i], kDone);
        }
        /* In another order each time. */
        for (i = 0; i < 3; ++i) {
            Vm* v = &vms[(i * 2 + round) % 3];
            lintel_vm_destroy(v->vm);
            CHECK(v->events[0] == 1 && v->events[1] == 1);
        }
    }
    return 0;
}
