/* Tenants and limits: what hostile processes of a tenant do harms nobody else, and is over soon. */
#include <pthread.h>
#include <time.h>

#include "host.h"

static Host host;

typedef struct Told {
    pthread_mutex_t mutex;
    int limits[LINTEL_LIMIT_TIME + 1];
    lintel_tenant* tenant;
    lintel_reaction reaction;
    int denials;
    unsigned right;
    char what[256];
} Told;
static Told told = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static lintel_reaction limit_reached(void* context, lintel_tenant* tenant, lintel_limit limit,
                                     const ErlNifPid* process) {
    lintel_reaction reaction;
    (void)context;
    (void)process;
    pthread_mutex_lock(&told.mutex);
    ++told.limits[limit];
    told.tenant = tenant;
    reaction = told.reaction;
    pthread_mutex_unlock(&told.mutex);
    return reaction;
}

static void denied(void* context, lintel_tenant* tenant, const ErlNifPid* process, unsigned right, const char* what) {
    (void)context;
    (void)process;
    pthread_mutex_lock(&told.mutex);
    ++told.denials;
    told.tenant = tenant;
    told.right = right;
    snprintf(told.what, sizeof told.what, "%s", what);
    pthread_mutex_unlock(&told.mutex);
}

static int times_told(lintel_limit limit) {
    int n;
    pthread_mutex_lock(&told.mutex);
    n = told.limits[limit];
    pthread_mutex_unlock(&told.mutex);
    return n;
}

static void nap(void) {
    const struct timespec ms = {0, 1000000};
    nanosleep(&ms, NULL);
}

/* Soon: at the end of the slice. */
static int is_told(lintel_limit limit) {
    int i;
    for (i = 0; i < 10000 && times_told(limit) == 0; ++i) nap();
    return times_told(limit) > 0;
}

static lintel_vm* start(const char* folder, lintel_driving driving, unsigned rights, const lintel_limits* limits) {
    lintel_config config = host_config(&host, 2);
    lintel_vm* vm = NULL;
    memset(told.limits, 0, sizeof told.limits);
    config.driving = driving;
    config.rights = rights;
    config.limits = limits;
    config.limit_reached = limit_reached;
    config.denied = denied;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    return vm;
}

static lintel_tenant_config no_limits(void) {
    lintel_tenant_config config;
    lintel_tenant_config_init(&config, sizeof config);
    return config;
}

static lintel_tenant* make(lintel_vm* vm, const lintel_tenant_config* config) {
    lintel_tenant* tenant = NULL;
    CHECK(lintel_tenant_create(vm, config, &tenant) == LINTEL_OK);
    return tenant;
}

static lintel_limits usage(const lintel_tenant* tenant) {
    lintel_limits used;
    used.size = sizeof used;
    CHECK(lintel_tenant_usage(tenant, &used) == LINTEL_OK);
    return used;
}

/* lodger:function(arguments) by a process of the tenant; what comes of it as text. */
static const char* call(lintel_vm* vm, lintel_tenant* tenant, const lintel_call_options* given, const char* function,
                        const char* arguments) {
    return host_call(vm, tenant, given, "lodger", function, arguments);
}

static void await_processes(lintel_tenant* tenant, uint64_t count) {
    int i;
    for (i = 0; i < 60000 && usage(tenant).processes != count; ++i) {
        CHECK(lintel_tenant_wait(tenant, 1000000, NULL) == LINTEL_ERROR_TIMEOUT); /* drives, if the host does */
    }
    CHECK(usage(tenant).processes == count);
}

/* Its processes go, and with them what they had. */
static void vacate(lintel_tenant* tenant) {
    int i;
    lintel_tenant_end(tenant);
    CHECK(lintel_tenant_wait(tenant, 60 * (int64_t)1000000000, NULL) == LINTEL_OK);
    for (i = 0; i < 5000 && (usage(tenant).binaries != 0 || usage(tenant).memory > 200000); ++i) nap();
    if (usage(tenant).memory > 200000) fprintf(stderr, "%lu bytes left\n", (unsigned long)usage(tenant).memory);
    CHECK(usage(tenant).binaries == 0 && usage(tenant).memory <= 200000 && usage(tenant).processes == 0);
    CHECK(usage(tenant).tables == 0);
    lintel_tenant_free(tenant);
}

/* What has been killed is told of before it is freed. */
static void await_memory(lintel_tenant* tenant, uint64_t bytes) {
    int i;
    for (i = 0; i < 60000 && usage(tenant).memory > bytes; ++i) nap();
}

static void memory(lintel_vm* vm) {
    lintel_tenant_config config = no_limits();
    lintel_tenant* tenant;
    config.limits.memory = 8 << 20;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "grow", "[]"), "{exit,killed,[]}");
    await_memory(tenant, 1 << 20);
    host_expect(call(vm, tenant, NULL, "deep", "[0]"), "{exit,killed,[]}");
    await_memory(tenant, 1 << 20);
    host_expect(call(vm, tenant, NULL, "sum", "[1000]"), "500500");
    CHECK(is_told(LINTEL_LIMIT_MEMORY) && told.tenant == tenant);
    vacate(tenant);
    config.limits.memory = 0;
    config.limits.process_heap = 100000;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "grow", "[]"), "{exit,killed,[]}");
    vacate(tenant);
    config.limits.process_heap = 0;
    config.limits.binaries = 10 << 20;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "hoard", "[1000000]"), "10");
    CHECK(is_told(LINTEL_LIMIT_BINARIES));
    vacate(tenant);
}

static void counts(lintel_vm* vm) {
    lintel_tenant_config config = no_limits();
    lintel_tenant* tenant;
    config.limits.processes = 50;
    config.limits.tables = 7;
    config.limits.atoms = 1000;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "spawns", "[1000, 0]"), "{system_limit,49}");
    await_processes(tenant, 49); /* the caller goes */
    CHECK(is_told(LINTEL_LIMIT_PROCESSES));
    host_expect(call(vm, tenant, NULL, "tables", "[0]"), "7");
    await_processes(tenant, 49);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "idle", NULL, 0, NULL) == LINTEL_OK);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "idle", NULL, 0, NULL) == LINTEL_ERROR_MEMORY);
    vacate(tenant);
    tenant = make(vm, &config);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "fork_bomb", NULL, 0, NULL) == LINTEL_OK);
    await_processes(tenant, 50);
    vacate(tenant);
    config.limits.processes = 0;
    tenant = make(vm, &config);
    CHECK(atoi(call(vm, tenant, NULL, "flood_atoms", "[0]")) <= 1000);
    CHECK(usage(tenant).atoms == 1000 && is_told(LINTEL_LIMIT_ATOMS));
    lintel_tenant_free(tenant); /* atoms stay, and with them some memory */
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void reductions(lintel_vm* vm) {
    lintel_tenant_config config = no_limits();
    lintel_call_options options;
    lintel_tenant *tenant, *other;
    double begun, used, passed;
    int i;
    /* in all: the tenant ends */
    config.limits.reductions = 1000000;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "spin", "[]"), "{exit,killed,[]}");
    CHECK(is_told(LINTEL_LIMIT_REDUCTIONS) && told.tenant == tenant);
    used = (double)usage(tenant).reductions;
    CHECK(used >= 1000000 && used < 1100000);
    host_expect(call(vm, tenant, NULL, "sum", "[1]"), "no process can be made");
    vacate(tenant);
    /* of each process, and of a call */
    config.limits.reductions = 0;
    config.limits.process_reductions = 500000;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "spin", "[]"), "{exit,reduction_limit,[]}");
    CHECK(is_told(LINTEL_LIMIT_PROCESS_REDUCTIONS));
    memset(&options, 0, sizeof options);
    options.max_reductions = 100000;
    host_expect(call(vm, NULL, &options, "spin", "[]"), "{exit,reduction_limit,[]}");
    options.max_reductions = 0;
    options.max_time = 20000000;
    host_expect(call(vm, NULL, &options, "spin", "[]"), "{exit,time_limit,[]}");
    host_expect(call(vm, NULL, &options, "idle", "[]"), "{exit,time_limit,[]}");
    vacate(tenant);
    /* per second: it waits, others do not */
    config.limits.process_reductions = 0;
    config.limits.reductions_per_second = 2000000;
    tenant = make(vm, &config);
    config.limits.reductions_per_second = 0;
    other = make(vm, &config);
    begun = seconds();
    for (i = 0; i < 5; ++i) CHECK(lintel_tenant_spawn(tenant, "lodger", "spin", NULL, 0, NULL) == LINTEL_OK);
    while (seconds() - begun < 0.3) host_expect(call(vm, other, NULL, "sum", "[1000]"), "500500");
    passed = seconds() - begun;
    used = (double)usage(tenant).reductions;
    if (used > 2000000 * (passed + 0.1) + 5 * 2 * 4000) fprintf(stderr, "%f in %f s\n", used, passed);
    CHECK(used <= 2000000 * (passed + 0.1) + 5 * 2 * 4000 && used > 100000);
    vacate(tenant);
    vacate(other);
    /* its time is over */
    config.limits.time = 50000000;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "idle", "[]"), "{exit,killed,[]}");
    CHECK(times_told(LINTEL_LIMIT_TIME) == 1);
    vacate(tenant);
    /* the host lets it go on */
    config.limits.time = 0;
    config.limits.reductions = 20000;
    told.reaction = LINTEL_REACTION_IGNORE;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "sum", "[500000]"), "125000250000");
    told.reaction = LINTEL_REACTION_USUAL;
    vacate(tenant);
}

static void messages(lintel_vm* vm) {
    lintel_tenant_config config = no_limits();
    lintel_tenant *tenant, *other;
    lintel_mailbox* mailbox = NULL;
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM message, argv[2];
    ErlNifPid pid, self;
    int i;
    config.limits.message_queue = 10000;
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "flood_self", "[]"), "{exit,message_queue_limit,[]}");
    CHECK(is_told(LINTEL_LIMIT_MESSAGE_QUEUE));
    /* what is sent to another tenant is the receiver's */
    config.limits.message_queue = 0;
    config.limits.memory = 20 << 20;
    other = make(vm, &config);
    CHECK(lintel_tenant_spawn(other, "lodger", "idle", NULL, 0, &pid) == LINTEL_OK);
    argv[0] = enif_make_pid(env, &pid);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "flood_other", argv, 1, NULL) == LINTEL_OK);
    for (i = 0; i < 60000 && usage(other).memory < 5 << 20; ++i) nap();
    CHECK(usage(other).memory >= 5 << 20 && usage(tenant).memory < 5 << 20);
    lintel_tenant_end(tenant);
    vacate(other);
    vacate(tenant);
    /* what the host sends counts, and is nobody's when it is gone */
    config.limits.memory = 0;
    tenant = make(vm, &config);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "idle", NULL, 0, &pid) == LINTEL_OK);
    CHECK(lintel_term_parse(env, "[1,2,3,4,5,6,7,8,9,10]", 22, &message, NULL) == LINTEL_OK);
    for (i = 0; i < 10000; ++i) CHECK(lintel_send(vm, &pid, message) == LINTEL_OK);
    CHECK(usage(tenant).memory > 10000 * 20 * 8);
    vacate(tenant);
    /* a binary is its maker's until nobody needs it */
    CHECK(lintel_mailbox_create(vm, NULL, NULL, NULL, &mailbox) == LINTEL_OK);
    self = lintel_mailbox_process(mailbox);
    argv[0] = enif_make_pid(env, &self);
    argv[1] = enif_make_int(env, 3000000);
    tenant = make(vm, &config);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "make_binary", argv, 2, NULL) == LINTEL_OK);
    enif_clear_env(env);
    CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &message) == LINTEL_OK);
    CHECK(lintel_tenant_wait(tenant, LINTEL_FOREVER, NULL) == LINTEL_OK);
    CHECK(usage(tenant).binaries >= 3000000);
    enif_free_env(env);
    lintel_mailbox_free(mailbox);
    host_expect(call(vm, tenant, NULL, "timers", "[10000]"), "ok");
    vacate(tenant);
}

static void ends(lintel_vm* vm) {
    lintel_tenant_config config = no_limits();
    lintel_tenant* tenant = make(vm, &config);
    lintel_mailbox* mailbox = NULL;
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM message, count = enif_make_int(env, 1000);
    ErlNifPid pid, idle;
    char text[256];
    int status = 0;
    CHECK(lintel_tenant_spawn(tenant, "lodger", "idlers", &count, 1, &pid) == LINTEL_OK);
    await_processes(tenant, 1001);
    CHECK(lintel_tenant_wait(tenant, 1000000, &status) == LINTEL_ERROR_TIMEOUT);
    /* links reach beyond it */
    CHECK(lintel_mailbox_create(vm, NULL, NULL, NULL, &mailbox) == LINTEL_OK);
    CHECK(lintel_mailbox_link(mailbox, &pid) == LINTEL_OK);
    lintel_tenant_end(tenant);
    CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &message) == LINTEL_OK);
    lintel_term_text(message, text, sizeof text);
    /* noproc: the link came too late */
    CHECK(strstr(text, "{'EXIT',<") == text && (strstr(text, ",killed}") != NULL || strstr(text, ",noproc}") != NULL));
    CHECK(lintel_tenant_wait(tenant, LINTEL_FOREVER, &status) == LINTEL_OK && status == -1);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "idle", NULL, 0, &pid) == LINTEL_ERROR_MEMORY);
    vacate(tenant);
    /* halt is the end of the tenant only, and others are out of its reach */
    tenant = make(vm, &config);
    host_expect(call(vm, tenant, NULL, "halts", "[7]"), "{exit,killed,[]}");
    CHECK(lintel_tenant_wait(tenant, LINTEL_FOREVER, &status) == LINTEL_OK && status == 7);
    vacate(tenant);
    tenant = make(vm, &config);
    told.denials = 0;
    CHECK(lintel_spawn(vm, "lodger", "idle", NULL, 0, &idle) == LINTEL_OK);
    {
        ERL_NIF_TERM who = enif_make_pid(env, &idle);
        CHECK(lintel_tenant_spawn(tenant, "lodger", "kill", &who, 1, NULL) == LINTEL_OK);
        CHECK(lintel_tenant_spawn(tenant, "lodger", "suspend", &who, 1, NULL) == LINTEL_OK);
        CHECK(lintel_tenant_wait(tenant, LINTEL_FOREVER, NULL) == LINTEL_OK);
        CHECK(told.denials == 2 && told.right == LINTEL_RIGHT_CONTROL && told.tenant == tenant);
        CHECK(lintel_mailbox_link(mailbox, &idle) == LINTEL_OK);
        CHECK(lintel_receive(mailbox, env, 20000000, &message) == LINTEL_ERROR_TIMEOUT);
        CHECK(lintel_spawn(vm, "lodger", "kill", &who, 1, NULL) == LINTEL_OK);
        CHECK(lintel_receive(mailbox, env, LINTEL_FOREVER, &message) == LINTEL_OK);
    }
    host_expect(call(vm, tenant, NULL, "flag", "[]"), "eperm");
    enif_free_env(env);
    lintel_mailbox_free(mailbox);
    vacate(tenant);
}

static void rights(lintel_vm* vm, const char* folder) {
    lintel_tenant_config config = no_limits();
    lintel_tenant *with, *without;
    char arguments[4096], found[4200];
    snprintf(arguments, sizeof arguments, "[\"%s/../Makefile.none\"]", folder);
    snprintf(found, sizeof found, "%s", call(vm, NULL, NULL, "read_server", arguments));
    host_expect(found, "{error,enoent}");
    config.rights = LINTEL_RIGHT_FILES | LINTEL_RIGHT_NETWORK;
    with = make(vm, &config);
    config.rights = 0;
    without = make(vm, &config);
    host_expect(call(vm, with, NULL, "read", arguments), "{error,enoent}");
    host_expect(call(vm, with, NULL, "read_server", arguments), "{error,enoent}");
    told.denials = 0;
    host_expect(call(vm, without, NULL, "read", arguments), "{error,eacces}");
    CHECK(told.denials == 1 && told.right == LINTEL_RIGHT_FILES && told.tenant == without);
    CHECK(strstr(told.what, "Makefile.none") != NULL);
    host_expect(call(vm, without, NULL, "read_server", arguments), "{error,eacces}");
    CHECK(told.denials >= 2 && told.tenant == without);
    host_expect(call(vm, with, NULL, "read_server", arguments), "{error,enoent}");
    host_expect(call(vm, without, NULL, "port", "[]"), "eperm");
    host_expect(call(vm, with, NULL, "port", "[]"), "eperm");
    vacate(with);
    vacate(without);
}

static void forget_output(void) {
    memset(host.out, 0, sizeof host.out);
    host.used[0] = host.used[1] = 0;
}

/* The VM's servers are what they were and serve: what they say. */
static void check_servers(lintel_vm* vm, char* servers, size_t size) {
    const char* text = call(vm, NULL, NULL, "servers", "[]");
    if (servers[0] == 0) snprintf(servers, size, "%s", text);
    host_expect(text, servers);
    forget_output();
    host_expect(call(vm, NULL, NULL, "serve", "[]"),
                "{{started,started},ok,ok,true,{module,ordsets},true,{error,enoent},[true,true],true,true}");
    CHECK(strstr(host.out[0], "served\n") != NULL && strstr(host.out[1], "served\n") != NULL);
}

#define SPIED "{false,{error,eacces},{error,eacces},ok}"

/* Nothing of it gets out of the tenant, and the VM and its servers go on. */
static void attacks(const char* folder) {
    static const char* const attempts[][2] = {
        {"init", "{exit,killed,[]}"},
        {"timer", "{exit,killed,[]}"},
        {"code_server", "{error,eperm}"},
        {"load", "{error,eperm}"},
        {"delete", "{error,eperm}"},
        {"path", "[eperm,eperm,{error,eacces}]"},
        {"natives", "[badarg,badarg,error]"},
        {"sys", "timeout"},
        {"supervisor", "error"},
        {"descriptor", "[{error,eacces},{error,eacces},{error,eacces}]"},
        {"heap", "{exit,killed,[]}"},
        {"link", "{exit,boom,[]}"},
        {"spawn_link", "{exit,??"},
        {"names", "[badarg,badarg,badarg]"},
        {"driver", "{error,no_ddll_available}"},
        {"signal", "eperm"},
        {"leader", "badarg"},
        {"first_event", "ok"},
        {"io_apply", "[" SPIED "," SPIED "," SPIED "," SPIED "," SPIED "," SPIED "]"},
        {"io_end", "{error,put_chars}"},
        {"io_order", "[{1,ok},{2,ok},{3,ok},{4,ok},{5,ok},{6,{error,put_chars}},{7,ok}]"},
        {"io_requests",
         "[{error,put_chars},{error,put_chars},{error,put_chars},{error,put_chars},{error,{request,"
         "{put_chars,1,2,3,4,5}}},{error,{requests,x}}]"},
        {"io_settings", "[{error,eperm},{error,eperm},binary]"},
        {"io_input", "[{error,spied},{error,spied},{error,tokens},{error,eacces},{error,eacces},{error,eacces}]"},
        {"io_senders",
         "[{error,{request,{}}},{error,{request,{get_line}}},{error,{request,{get_chars,x,y,z}}},{error,"
         "{requests,x}}]"},
        {"down", "ok"},
        {"init_messages", "ok"},
        {"code_messages", "{[error,error,error,error,error,error,error,error],true,true}"},
        {"code_changes",
         "[{error,eperm},{error,eperm},{error,eperm},{error,eperm},{error,eperm},{error,eperm},{error,"
         "eperm},{error,eperm},{error,eperm},{error,eperm},{error,eperm},{error,eperm},{error,eperm},{"
         "error,eperm},{error,eperm},{error,eperm}]"},
        {"purger", "ok"},
        {"keepers", "eperm"},
        {"file_server", "{error,eacces}"},
        {"kernel_sup", "[{error,eperm}]"},
    };
    lintel_tenant_config config = no_limits();
    lintel_vm* vm = start(folder, LINTEL_DRIVING_THREADS, LINTEL_RIGHTS_ALL, NULL);
    char servers[1024] = "";
    size_t i;
    config.limits.process_heap = 1000000;
    for (i = 0; i < sizeof attempts / sizeof *attempts; ++i) {
        lintel_tenant* tenant = make(vm, &config);
        char arguments[64], got[1024];
        snprintf(arguments, sizeof arguments, "[%s]", attempts[i][0]);
        snprintf(got, sizeof got, "%s", call(vm, tenant, NULL, "attack", arguments));
        if (strncmp(got, attempts[i][1], strlen(attempts[i][1]) - 2) != 0)
            fprintf(stderr, "%s: %s\n", attempts[i][0], got);
        CHECK(strncmp(got, attempts[i][1], strlen(attempts[i][1]) - 2) == 0); /* stacks of errors differ */
        lintel_tenant_end(tenant);
        CHECK(lintel_tenant_wait(tenant, 60 * (int64_t)1000000000, NULL) == LINTEL_OK);
        lintel_tenant_free(tenant);
        check_servers(vm, servers, sizeof servers);
    }
    lintel_vm_destroy(vm);
}

/* What the I/O servers have a tenant compute is the tenant's: it pays for it, and it ends with it. */
static void output(const char* folder) {
    lintel_tenant_config config = no_limits();
    lintel_vm* vm = start(folder, LINTEL_DRIVING_THREADS, LINTEL_RIGHTS_ALL, NULL);
    lintel_tenant* tenant;
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM endless = enif_make_atom(env, "io_endless");
    char servers[1024] = "";
    char timer[64];
    int i;
    check_servers(vm, servers, sizeof servers);
    config.limits.process_heap = 1000000;
    config.limits.binaries = 50 << 20;
    config.limits.memory = 50 << 20;
    tenant = make(vm, &config);
    CHECK(lintel_tenant_spawn(tenant, "lodger", "attack", &endless, 1, NULL) == LINTEL_OK);
    for (i = 0; i < 60000 && strstr(host.out[0], "from a guest\n") == NULL; ++i) nap();
    CHECK(strstr(host.out[0], "from a guest\n") != NULL);
    check_servers(vm, servers, sizeof servers);
    CHECK(usage(tenant).processes >= 3); /* at least two that spin */
    lintel_tenant_end(tenant);
    CHECK(lintel_tenant_wait(tenant, 60 * (int64_t)1000000000, NULL) == LINTEL_OK);
    CHECK(usage(tenant).processes == 0);
    lintel_tenant_free(tenant); /* a server may still hold a binary of its */
    check_servers(vm, servers, sizeof servers);
    /* in the order of the requests, and not more of a list than succeeds */
    config = no_limits();
    tenant = make(vm, &config);
    forget_output();
    host_expect(call(vm, tenant, NULL, "attack", "[io_order]"),
                "[{1,ok},{2,ok},{3,ok},{4,ok},{5,ok},{6,{error,put_chars}},{7,ok}]");
    CHECK(strcmp(host.out[0], "one-two-threeone-four-five\n") == 0);
    /* a server that a guest is the first to need is everybody's */
    snprintf(timer, sizeof timer, "%s", call(vm, tenant, NULL, "use_timer", "[]"));
    vacate(tenant);
    host_expect(call(vm, NULL, NULL, "use_timer", "[]"), timer);
    /* it may have no process for it */
    config.limits.processes = 1;
    tenant = make(vm, &config);
    host_expect(
        call(vm, tenant, NULL, "attack", "[io_requests]"),
        "[{error,put_chars},{error,put_chars},{error,put_chars},{error,put_chars},{error,{request,{put_chars,1,2,3,"
        "4,5}}},{error,{requests,x}}]");
    vacate(tenant);
    check_servers(vm, servers, sizeof servers);
    enif_free_env(env);
    lintel_vm_destroy(vm);
}

/* Input is for who may read it, whoever waits for it. */
static void input(const char* folder) {
    lintel_tenant_config config = no_limits();
    lintel_tenant* tenant;
    lintel_config given = host_config(&host, 2);
    lintel_vm* vm = NULL;
    given.read = host_read;
    CHECK(lintel_vm_create(&given, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    tenant = make(vm, &config);
    host.in = "one\naxyz\n{t, 1}.\n17\n";
    host_expect(call(vm, tenant, NULL, "lines", "[]"),
                "[{error,eacces},{error,eacces},{error,eacces},{error,eacces},{error,eacces},{error,eacces}]");
    CHECK(host.out[0][0] == 0);
    vacate(tenant);
    host_expect(call(vm, NULL, NULL, "lines", "[]"),
                "[[111,110,101,10],[97,120],[121,122,10],{ok,{t,1}},{ok,[17]},eof]");
    CHECK(strcmp(host.out[0], "more? ") == 0);
    lintel_vm_destroy(vm);
}

/* What there is to see of the program around the VM. */
static void surroundings(const char* folder) {
    lintel_tenant_config config = no_limits();
    lintel_tenant *with, *without;
    lintel_vm* vm = start(folder, LINTEL_DRIVING_THREADS, 0, NULL);
    CHECK(setenv("TZ", "Asia/Tokyo", 1) == 0);
    told.denials = 0;
    host_expect(call(vm, NULL, NULL, "surroundings", "[]"), "{false,false,true,[120],{error,eacces},true,true}");
    CHECK(told.denials == 2 && told.right == LINTEL_RIGHT_INPUT);
    lintel_vm_destroy(vm);
    vm = start(folder, LINTEL_DRIVING_THREADS, LINTEL_RIGHT_ENVIRONMENT | LINTEL_RIGHT_CLOCK, NULL);
    host_expect(call(vm, NULL, NULL, "surroundings", "[]"), "{true,true,true,[120],{error,eacces},false,false}");
    without = make(vm, &config);
    host_expect(call(vm, without, NULL, "surroundings", "[]"), "{false,false,eperm,false,{error,eacces},false,false}");
    config.rights = LINTEL_RIGHT_ENVIRONMENT | LINTEL_RIGHT_INPUT; /* which the VM has not */
    with = make(vm, &config);
    host_expect(call(vm, with, NULL, "surroundings", "[]"), "{true,true,true,[120],{error,eacces},false,false}");
    vacate(with);
    vacate(without);
    lintel_vm_destroy(vm);
}

static void many(lintel_vm* vm) {
    lintel_tenant_config config = no_limits();
    int i;
    for (i = 0; i < 2000; ++i) {
        lintel_tenant* tenant = make(vm, &config);
        CHECK(lintel_tenant_spawn(tenant, "lodger", "idle", NULL, 0, NULL) == LINTEL_OK);
        lintel_tenant_free(tenant);
    }
}

/* Limits of the VM itself. */
static void whole_vm(const char* folder) {
    lintel_limits limits, used;
    lintel_vm* vm;
    int i, status = 0;
    memset(&limits, 0, sizeof limits);
    limits.size = sizeof limits;
    limits.processes = 100;
    limits.tables = 5;
    limits.message_queue = 1000;
    limits.reductions = 50000000;
    vm = start(folder, LINTEL_DRIVING_THREADS, 0, &limits);
    CHECK(atoi(call(vm, NULL, NULL, "tables", "[0]")) <= 5);
    host_expect(call(vm, NULL, NULL, "flood_self", "[]"), "{exit,message_queue_limit,[]}");
    CHECK(is_told(LINTEL_LIMIT_MESSAGE_QUEUE) && told.tenant == NULL);
    CHECK(strstr(call(vm, NULL, NULL, "spawns", "[1000, 0]"), "{system_limit,") != NULL);
    used.size = sizeof used;
    CHECK(lintel_vm_usage(vm, &used) == LINTEL_OK);
    CHECK(used.processes > 50 && used.reductions > 1000 && used.atoms > 500);
    for (i = 0; i < 10 && lintel_spawn(vm, "lodger", "idle", NULL, 0, NULL) == LINTEL_OK; ++i) nap();
    CHECK(i < 10); /* too many */
    lintel_vm_destroy(vm);
    limits.processes = 0;
    vm = start(folder, LINTEL_DRIVING_THREADS, 0, &limits);
    CHECK(lintel_spawn(vm, "lodger", "spin", NULL, 0, NULL) == LINTEL_OK);
    CHECK(lintel_wait(vm, LINTEL_FOREVER, &status) == LINTEL_OK && status == 1);
    CHECK(is_told(LINTEL_LIMIT_REDUCTIONS));
    lintel_vm_destroy(vm);
}

/* Wrong use. */
static void misuse(lintel_vm* vm) {
    lintel_tenant_config config = no_limits();
    lintel_tenant* tenant = NULL;
    lintel_limits used;
    CHECK(lintel_tenant_create(vm, NULL, &tenant) == LINTEL_ERROR_ARGUMENT && tenant == NULL);
    config.size = 3;
    CHECK(lintel_tenant_create(vm, &config, &tenant) == LINTEL_ERROR_ARGUMENT);
    config = no_limits();
    config.limits.size = 8;
    CHECK(lintel_tenant_create(vm, &config, &tenant) == LINTEL_ERROR_ARGUMENT);
    config.limits.size = 0;
    CHECK(lintel_tenant_create(vm, &config, &tenant) == LINTEL_OK);
    used.size = 1;
    CHECK(lintel_tenant_usage(tenant, &used) == LINTEL_ERROR_ARGUMENT);
    CHECK(lintel_tenant_spawn(tenant, "lodger", NULL, NULL, 0, NULL) == LINTEL_ERROR_ARGUMENT);
    lintel_tenant_free(tenant);
    lintel_tenant_free(NULL);
}

int main(int argc, char** argv) {
    static const lintel_driving drivers[] = {LINTEL_DRIVING_THREADS, LINTEL_DRIVING_HOST};
    size_t i;
    CHECK(argc == 2);
    for (i = 0; i < 2; ++i) {
        lintel_vm* vm = start(argv[1], drivers[i], LINTEL_RIGHT_FILES, NULL);
        misuse(vm);
        if (drivers[i] == LINTEL_DRIVING_THREADS) { /* naps drive nothing */
            memory(vm);
            counts(vm);
            reductions(vm);
            messages(vm);
            many(vm);
        }
        ends(vm);
        rights(vm, argv[1]);
        lintel_vm_destroy(vm);
    }
    whole_vm(argv[1]);
    surroundings(argv[1]);
    attacks(argv[1]);
    output(argv[1]);
    input(argv[1]);
    return 0;
}
