/* VMs with a seed: what the host does in steps is the same each time; time is the VM's own. */
#include "host.h"

typedef struct Record {
    char* text;
    size_t used, room;
} Record;

static void note(void* context, const char* line, size_t length) {
    Record* record = context;
    if (record->used + length + 2 > record->room) {
        record->room = 2 * record->room + length + 2;
        record->text = realloc(record->text, record->room);
        CHECK(record->text != NULL);
    }
    memcpy(record->text + record->used, line, length);
    record->used += length;
    record->text[record->used++] = '\n';
    record->text[record->used] = '\0';
}

static int write_nothing(void* context, int stream, const char* bytes, size_t count) {
    (void)context, (void)stream, (void)bytes, (void)count;
    return 0;
}

static lintel_vm* make(const char* folder, lintel_driving driving, uint64_t seed, Record* record) {
    lintel_config config;
    lintel_vm* vm = NULL;
    lintel_config_init(&config, sizeof config);
    CHECK(config.has_seed == 0 && config.virtual_clock == 0 && config.schedule == NULL);
    config.driving = driving;
    config.write = write_nothing;
    config.has_seed = 1;
    config.seed = seed;
    config.context = record;
    if (record != NULL) config.schedule = note;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    return vm;
}

/* What happens in a VM that the host drives in steps of so many reductions. */
static Record drive(const char* folder, uint64_t seed, int64_t step) {
    Record record = {0};
    lintel_vm* vm = make(folder, LINTEL_DRIVING_HOST, seed, &record);
    lintel_poll_report report;
    ErlNifEnv* env;
    ERL_NIF_TERM argument;
    lintel_call* call;
    int polls = 0;
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    env = lintel_env_create(vm);
    argument = enif_make_int(env, 3600000);
    CHECK(lintel_call_begin(vm, "timer", "sleep", &argument, 1, NULL, &call) == LINTEL_OK);
    report.size = sizeof report;
    do {
        CHECK(lintel_poll(vm, step, LINTEL_FOREVER, &report) == LINTEL_OK);
        CHECK(!report.halted && ++polls < 1000000);
        CHECK(report.next_timer == 0 || report.next_timer == LINTEL_FOREVER);
    } while (lintel_call_wait(call, 0) != LINTEL_OK);
    lintel_call_free(call);
    enif_free_env(env);
    lintel_vm_destroy(vm);
    return record;
}

static void check_steps(const char* folder) {
    Record first = drive(folder, 7, 1000), again = drive(folder, 7, 1000), other = drive(folder, 8, 1000);
    CHECK(first.used != 0 && first.used == again.used && memcmp(first.text, again.text, first.used) == 0);
    CHECK(other.used != first.used || memcmp(first.text, other.text, first.used) != 0);
    CHECK(strstr(first.text, " timer <0.") != NULL);
    free(first.text);
    free(again.text);
    free(other.text);
}

/* Hours take moments, for the host's time limits, too. */
static void check_time(const char* folder, lintel_driving driving) {
    char text[100] = "";
    lintel_vm* vm = make(folder, driving, 1, NULL);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    CHECK(lintel_call_text(vm, "timer", "sleep", "[3600000]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(strcmp(text, "ok") == 0);
    CHECK(lintel_call_text(vm, "calendar", "local_time", "[]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(strcmp(text, "{{2000,1,1},{1,0,0}}") == 0);
    if (driving == LINTEL_DRIVING_HOST) {
        CHECK(lintel_call_text(vm, "timer", "sleep", "[3600000]", INT64_C(3000000000000), text, sizeof text) ==
              LINTEL_ERROR_TIMEOUT);
        /* Nothing is there to be waited for: only the time limit ends it. */
        CHECK(lintel_wait(vm, INT64_C(7200000000000), NULL) == LINTEL_ERROR_TIMEOUT);
    }
    lintel_vm_destroy(vm);
}

static void check_errors(const char* folder) {
    lintel_vm* vm = make(folder, LINTEL_DRIVING_THREADS, 3, NULL);
    int status = -1;
    CHECK(lintel_reported_errors(NULL) == 0 && lintel_reported_errors(vm) == 0);
    CHECK(lintel_run(vm, "called", "fail", 0, NULL, &status) == LINTEL_OK);
    CHECK(status == 1 && lintel_reported_errors(vm) >= 1);
    lintel_vm_destroy(vm);
    /* `waits` waits for ever: a deadlock, with nobody outside who could end it. */
    vm = make(folder, LINTEL_DRIVING_THREADS, 3, NULL);
    CHECK(lintel_run(vm, "called", "waits", 0, NULL, &status) == LINTEL_OK);
    CHECK(status == 1 && lintel_reported_errors(vm) == 0);
    lintel_vm_destroy(vm);
    vm = make(folder, LINTEL_DRIVING_HOST, 3, NULL);
    CHECK(lintel_run(vm, "called", "waits", 0, NULL, &status) == LINTEL_OK);
    CHECK(status == 1);
    lintel_vm_destroy(vm);
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    check_steps(argv[1]);
    check_time(argv[1], LINTEL_DRIVING_HOST);
    check_time(argv[1], LINTEL_DRIVING_THREADS);
    check_errors(argv[1]);
    return 0;
}
