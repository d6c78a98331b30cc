/* What the host is told: log events, the VM's halt, fatal errors. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

static Host host;

typedef struct Told {
    pthread_mutex_t mutex;
    int events, halts, fatals;
    int status;
    char level[20], text[1000], first[1000], fatal[300];
    lintel_tenant* tenant;
    ErlNifPid process;
} Told;
static Told told = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void tell_log(void* context, lintel_tenant* tenant, const ErlNifPid* process, const char* level,
                     const char* text, size_t length) {
    CHECK(context == &host && strlen(text) == length);
    pthread_mutex_lock(&told.mutex);
    ++told.events;
    told.tenant = tenant;
    told.process.pid = process != NULL ? process->pid : 0;
    snprintf(told.level, sizeof told.level, "%s", level);
    snprintf(told.text, sizeof told.text, "%s", text);
    if (told.events == 1) snprintf(told.first, sizeof told.first, "%s", text);
    pthread_mutex_unlock(&told.mutex);
}

static void tell_halted(void* context, int status) {
    CHECK(context == &host);
    ++told.halts;
    told.status = status;
}

static void tell_fatal(void* context, const char* text) {
    CHECK(context == &host);
    ++told.fatals;
    snprintf(told.fatal, sizeof told.fatal, "%s", text);
}

static lintel_vm* make(lintel_profile profile, const char* folder) {
    lintel_config config = host_config(&host, 2);
    lintel_vm* vm = NULL;
    config.profile = profile;
    if (profile == LINTEL_PROFILE_OTP) config.otp_root = "/usr/lib/erlang";
    if (folder == NULL && profile == LINTEL_PROFILE_BARE) config.otp_root = ""; /* nothing but what is in packs */
    config.rights = LINTEL_RIGHT_FILES | LINTEL_RIGHT_PORTS;                    /* what booting needs */
    config.log = tell_log;
    config.halted = tell_halted;
    config.fatal = tell_fatal;
    told.events = told.halts = told.fatals = 0;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    if (folder != NULL) CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    return vm;
}

static int events(void) {
    int n;
    pthread_mutex_lock(&told.mutex);
    n = told.events;
    pthread_mutex_unlock(&told.mutex);
    return n;
}

static void nap(void) {
    const struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
}

/* The next event, however late, is this one. */
static void expect_event(int before, const char* level, const char* part) {
    while (events() == before) nap();
    pthread_mutex_lock(&told.mutex);
    if (told.events != before + 1 || strcmp(told.level, level) != 0 || strstr(told.text, part) == NULL) {
        fprintf(stderr, "%d events, %s: %s\n", told.events - before, told.level, told.text);
        CHECK(!"the event");
    }
    pthread_mutex_unlock(&told.mutex);
}

static void call(lintel_vm* vm, lintel_tenant* tenant, const char* module, const char* function,
                 const char* arguments) {
    const char* const text = host_call(vm, tenant, NULL, module, function, arguments);
    if (strcmp(text, "ok") == 0 || text[0] == '<') return;
    fprintf(stderr, "%s:%s: %s\n", module, function, text);
    CHECK(!"a call");
}

/* `kernel`: what its parameter `logger` is, or NULL. */
static void start_otp(lintel_vm* vm, const char* kernel) {
    const char* argv[] = {
        "-root", "/usr/lib/erlang", "-bindir",     "/usr/lib/erlang", "-progname", "lintel",  "--",     "-home", "/",
        "--",    "-boot",           "start_clean", "-noshell",        "-noinput",  "-kernel", "logger", kernel};
    const size_t count = sizeof argv / sizeof *argv;
    const lintel_result r = lintel_start(vm, (int)(kernel != NULL ? count : count - 3), argv);
    if (r != LINTEL_OK) fprintf(stderr, "%s: %s\n%s%s", lintel_error(vm), told.fatal, host.out[0], host.out[1]);
    CHECK(r == LINTEL_OK);
}

/* Through OTP's logger. */
static void logs(lintel_profile profile, const char* folder) {
    lintel_vm* vm = make(profile, profile == LINTEL_PROFILE_OTP ? NULL : folder);
    if (profile == LINTEL_PROFILE_OTP) {
        start_otp(vm, NULL);
    } else {
        CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    }
    call(vm, NULL, "logger", "error", "[\"disk ~ts: ~p\", [[228, 8364], {full, 1}]]");
    expect_event(0, "error", "disk \xc3\xa4\xe2\x82\xac: {full,1}");
    CHECK(strcmp(told.text, "disk \xc3\xa4\xe2\x82\xac: {full,1}") == 0 && told.tenant == NULL);
    CHECK(told.process.pid != 0);
    call(vm, NULL, "logger", "info", "[\"below the level\"]");
    call(vm, NULL, "logger", "set_primary_config", "[level, debug]");
    call(vm, NULL, "logger", "debug", "[\"two\\nlines\"]");
    expect_event(1, "debug", "two\nlines");
    call(vm, NULL, "logger", "set_primary_config", "[level, notice]");
    call(vm, NULL, "error_logger", "warning_msg", "[\"beware ~p\", [1]]");
    expect_event(2, "warning", "beware 1");
    /* What the VM has to say of a process. */
    call(vm, NULL, "erlang", "spawn", "[erlang, error, [on_purpose]]");
    expect_event(3, "error", "on_purpose");
    CHECK(strstr(told.text, "Error in process <0.") == told.text);
    /* Nothing went where it usually goes. */
    CHECK(strstr(host.out[0], "beware") == NULL && strstr(host.out[1], "beware") == NULL);
    CHECK(told.halts == 0 && told.fatals == 0);
    lintel_vm_destroy(vm);
    CHECK(told.halts == 0 && told.events == 4);
}

/* Who a tenant's events are of. */
static void logs_of_tenants(const char* folder) {
    lintel_tenant* tenant = NULL;
    lintel_tenant_config config;
    lintel_vm* vm = make(LINTEL_PROFILE_BARE, folder);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    lintel_tenant_config_init(&config, sizeof config);
    CHECK(lintel_tenant_create(vm, &config, &tenant) == LINTEL_OK);
    call(vm, tenant, "logger", "alert", "[\"~p\", [ours], #{pid => self}]");
    expect_event(0, "alert", "ours");
    CHECK(told.tenant == tenant && told.process.pid != 0);
    call(vm, tenant, "erlang", "spawn", "[erlang, error, [its_own]]");
    expect_event(1, "error", "its_own");
    CHECK(told.tenant == tenant);
    lintel_tenant_free(tenant);
    lintel_vm_destroy(vm);
}

/* In a VM without OTP's logger, its own events come as they are. */
static void logs_without_logger(const char* folder) {
    char path[4096];
    size_t count;
    lintel_packer* packer = NULL;
    lintel_vm* vm = make(LINTEL_PROFILE_BARE, folder);
    snprintf(path, sizeof path, "%s/called.beam", folder);
    CHECK(lintel_packer_create(vm, &packer) == LINTEL_OK && lintel_packer_add_file(packer, path, NULL) == LINTEL_OK);
    CHECK(lintel_packer_drop(packer, "logger*") == LINTEL_OK &&
          lintel_packer_drop(packer, "application*") == LINTEL_OK);
    CHECK(lintel_packer_resolve(packer, NULL, NULL) == LINTEL_OK);
    snprintf(path, sizeof path, "%s/events_%ld.lpk", folder, (long)getpid());
    CHECK(lintel_packer_write(packer, path, 0, &count) == LINTEL_OK);
    lintel_packer_free(packer);
    lintel_vm_destroy(vm);

    vm = make(LINTEL_PROFILE_BARE, NULL);
    CHECK(lintel_add_pack(vm, path, NULL) == LINTEL_OK && lintel_start(vm, 0, NULL) == LINTEL_OK);
    call(vm, NULL, "erlang", "spawn", "[called, fail, []]");
    while (events() == 0) nap();
    lintel_vm_destroy(vm); /* after another one, perhaps: that there is no logger */
    CHECK(strncmp(told.first, "<0.", 3) == 0 && strstr(told.first, "on_purpose") != NULL);
    CHECK(remove(path) == 0);
}

/* Elixir's. */
static void logs_of_elixir(const char* folder) {
    lintel_vm* vm = make(LINTEL_PROFILE_BARE, folder);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    if (lintel_load_module(vm, "Elixir.Tally") == LINTEL_OK) { /* there is an Elixir */
        call(vm, NULL, "Elixir.Tally", "note", "[{a, 1}]");
        expect_event(0, "warning", "noted: {:a, 1}");
        CHECK(strcmp(told.text, "noted: {:a, 1}") == 0);
    }
    lintel_vm_destroy(vm);
    CHECK(host.used[0] == 0 && host.used[1] == 0);
}

/* Configured handlers stay; one of them may be the host's. */
static void configured_handlers(void) {
    static const char kernel[] = "[{handler,mine,lintel_logger,#{level=>alert}}]";
    lintel_vm* vm = make(LINTEL_PROFILE_OTP, NULL);
    start_otp(vm, kernel);
    call(vm, NULL, "logger", "error", "[\"too low\"]");
    call(vm, NULL, "logger", "alert", "[\"high\"]");
    expect_event(0, "alert", "high");
    lintel_vm_destroy(vm);
}

/* Ends: each is told once. */
static void halts(const char* folder) {
    int status = -1;
    lintel_vm* vm = make(LINTEL_PROFILE_BARE, folder);
    CHECK(lintel_run(vm, "guest", "stop", 0, NULL, &status) == LINTEL_OK && status == 7);
    CHECK(told.halts == 1 && told.status == 7 && told.fatals == 0);
    lintel_vm_destroy(vm);
    CHECK(told.halts == 1);

    vm = make(LINTEL_PROFILE_BARE, folder);
    CHECK(lintel_run(vm, "guest", "slogan", 0, NULL, &status) == LINTEL_OK && status == 1);
    CHECK(told.halts == 1 && told.status == 1 && told.fatals == 1);
    CHECK(strcmp(told.fatal, "The End") == 0 && host.used[1] == 0);
    lintel_vm_destroy(vm);

    vm = make(LINTEL_PROFILE_BARE, folder);
    CHECK(lintel_run(vm, "guest", "abort", 0, NULL, &status) == LINTEL_OK && status == LINTEL_STATUS_ABORT);
    CHECK(told.halts == 1 && told.status == status && told.fatals == 0);
    lintel_vm_destroy(vm);
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    logs(LINTEL_PROFILE_BARE, argv[1]);
    logs(LINTEL_PROFILE_OTP, argv[1]);
    logs_of_tenants(argv[1]);
    logs_without_logger(argv[1]);
    logs_of_elixir(argv[1]);
    configured_handlers();
    halts(argv[1]);
    return 0;
}
