/* Several VMs in one program: alive at once, and running at once on threads of their own. They do not see each other. */
#include <pthread.h>

#include "host.h"

enum { kVms = 4 };

typedef struct Job {
    Host host;
    lintel_vm* vm;
    char argument[16];
    int status;
} Job;

static Job jobs[kVms];

static void* run(void* context) {
    Job* job = context;
    const char* arguments[] = {job->argument};
    CHECK(lintel_run(job->vm, "guest", "count", 1, arguments, &job->status) == LINTEL_OK);
    return NULL;
}

int main(int argc, char** argv) {
    pthread_t threads[kVms];
    int i, round;
    CHECK(argc == 2);
    for (round = 0; round < 2; ++round) {
        for (i = 0; i < kVms; ++i) {
            jobs[i].vm = host_vm(&jobs[i].host, argv[1], 1 + (unsigned)i % 2);
            jobs[i].status = -1;
            snprintf(jobs[i].argument, sizeof jobs[i].argument, "%d", 20000 + 2 * i);
        }
        /* First all at once, then one after the other, the last made first. */
        for (i = 0; i < kVms && round == 0; ++i) CHECK(pthread_create(&threads[i], NULL, run, &jobs[i]) == 0);
        for (i = 0; i < kVms && round == 0; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
        for (i = kVms; i-- > 0 && round == 1;) run(&jobs[i]);
        for (i = 0; i < kVms; ++i) {
            char expected[16];
            snprintf(expected, sizeof expected, "%d\n", 10000 + i);
            CHECK(jobs[i].status == 0 && strcmp(jobs[i].host.out[0], expected) == 0);
            CHECK(jobs[i].host.used[1] == 0);
        }
        for (i = 0; i < kVms; ++i) lintel_vm_destroy(jobs[i].vm);
    }
    return 0;
}
