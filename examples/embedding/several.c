/* Several VMs in one program, each driven by a thread of the host. They share nothing. */
#include <pthread.h>

#include "host.h"

enum { VMS = 4 };

static void* live(void* result) {
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.driving = LINTEL_DRIVING_HOST;
    vm = start_vm(&config);
    must(vm,
         lintel_call_text(vm, "gen_server", "start", "[{local, counter}, counter, 0, []]", LINTEL_FOREVER, result, 20));
    must(vm, lintel_call_text(vm, "gen_server", "call", "[counter, {add, 1}]", LINTEL_FOREVER, result, 20));
    lintel_vm_destroy(vm);
    return NULL;
}

int main(void) {
    pthread_t threads[VMS];
    char results[VMS][20];
    int i;
    for (i = 0; i < VMS; ++i) pthread_create(&threads[i], NULL, live, results[i]);
    for (i = 0; i < VMS; ++i) {
        pthread_join(threads[i], NULL);
        printf("VM %d: counter is %s\n", i, results[i]);
    }
    return 0;
}
