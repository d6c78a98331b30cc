/* Memory of the host's own: all of a VM's comes from there and goes back; a host that has none left ends nothing but what needs it. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

static Host host;

/* Each block has its size before it, and a mark behind. */
enum { kHead = 16, kMark = 8 };
static const unsigned char mark[kMark] = {1, 2, 3, 5, 8, 13, 21, 34};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static size_t blocks, used, most, largest, limit = (size_t)-1;

static void* take(void* context, size_t bytes) {
    unsigned char* block = NULL;
    CHECK(context == &host && bytes != 0);
    pthread_mutex_lock(&mutex);
    if (bytes <= limit && used <= limit - bytes) block = malloc(kHead + bytes + kMark);
    if (block != NULL) {
        memcpy(block, &bytes, sizeof bytes);
        memcpy(block + kHead + bytes, mark, kMark);
        memset(block + kHead, 0xa5, bytes); /* nobody relies on zeros */
        ++blocks;
        used += bytes;
        if (used > most) most = used;
        if (bytes > largest) largest = bytes;
    }
    pthread_mutex_unlock(&mutex);
    return block == NULL ? NULL : block + kHead;
}

static void give(void* context, void* given, size_t bytes) {
    unsigned char* const block = (unsigned char*)given - kHead;
    CHECK(context == &host && memcmp(block, &bytes, sizeof bytes) == 0);
    CHECK(memcmp(block + kHead + bytes, mark, kMark) == 0);
    pthread_mutex_lock(&mutex);
    --blocks;
    used -= bytes;
    pthread_mutex_unlock(&mutex);
    free(block);
}

static char fatal[200];

static void tell_fatal(void* context, const char* text) {
    CHECK(context == &host);
    snprintf(fatal, sizeof fatal, "%s", text);
    CHECK(write(2, text, strlen(text)) == (ssize_t)strlen(text));
}

static lintel_vm* start(const char* folder) {
    lintel_config config = host_config(&host, 1);
    lintel_vm* vm = NULL;
    config.fatal = tell_fatal;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK && lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    return vm;
}

/* What comes of called:function(arguments). */
static const char* result(lintel_vm* vm, const char* function, const char* arguments) {
    return host_call(vm, NULL, NULL, "called", function, arguments);
}

int main(int argc, char** argv) {
    lintel_memory memory;
    lintel_vm* vm;
    size_t before;
    CHECK(argc == 2);
    memset(&memory, 0, sizeof memory);
    memory.size = sizeof memory;
    memory.context = &host;
    memory.allocate = take;
    CHECK(lintel_use_memory(NULL) == LINTEL_ERROR_ARGUMENT && lintel_use_memory(&memory) == LINTEL_ERROR_ARGUMENT);
    memory.release = give;
    memory.size = 4;
    CHECK(lintel_use_memory(&memory) == LINTEL_ERROR_ARGUMENT);
    memory.size = sizeof memory;
    CHECK(lintel_use_memory(&memory) == LINTEL_OK);
    CHECK(blocks == 0);

    vm = start(argv[1]);
    CHECK(lintel_use_memory(&memory) == LINTEL_ERROR_ARGUMENT); /* too late */
    CHECK(blocks != 0);
    /* Heaps and binaries of any size. */
    before = most;
    host_expect(result(vm, "size_of_list", "[2000000]"), "2000000");
    CHECK(most > before + 16 * 2000000 && largest > 8 * 2000000);
    host_expect(result(vm, "size_of_binary", "[20000000]"), "20000000");
    /* A host that has no more: the process fails or is killed, the VM goes on. */
    pthread_mutex_lock(&mutex);
    limit = used + (8 << 20);
    pthread_mutex_unlock(&mutex);
    host_expect(result(vm, "size_of_list", "[5000000]"), "{exit,killed,[]}");
    host_expect(result(vm, "size_of_binary", "[100000000]"), "system_limit");
    host_expect(result(vm, "size_of_list", "[20000]"), "20000");
    pthread_mutex_lock(&mutex);
    limit = (size_t)-1;
    pthread_mutex_unlock(&mutex);
    host_expect(result(vm, "size_of_list", "[2000000]"), "2000000");
    lintel_vm_destroy(vm);
    /* Builds with assertions keep a few environments that are gone, to find misuse: two of each call. */
    if (blocks != 0) fprintf(stderr, "%zu blocks, %zu bytes left\n", blocks, used);
    CHECK(blocks <= 14 && used <= 14 * 1200);
    CHECK(fatal[0] == 0);
    return 0;
}
