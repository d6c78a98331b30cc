/* VMs that begin with a snapshot: what they share does not show. Arguments: the folder, the library guest_nif without ".so", how many VMs are alive at once, how many are made and
 * destroyed. */
#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "host.h"

static const char* folder;
static int has_elixir;

typedef struct Vm {
    Host host;
    lintel_vm* vm;
} Vm;

static void expect(lintel_vm* vm, const char* module, const char* function, const char* arguments,
                   const char* expected) {
    char text[1024];
    const lintel_result r = lintel_call_text(vm, module, function, arguments, LINTEL_FOREVER, text, sizeof text);
    if ((r != LINTEL_OK && r != LINTEL_ERROR_EXCEPTION) || strcmp(text, expected) != 0)
        fprintf(stderr, "%s:%s(%s): %s %s\n", module, function, arguments, lintel_result_text(r), text);
    CHECK(strcmp(text, expected) == 0);
}

/* The call raises something of which this is a part. */
static void expect_error(lintel_vm* vm, const char* module, const char* function, const char* arguments,
                         const char* part) {
    char text[1024];
    CHECK(lintel_call_text(vm, module, function, arguments, LINTEL_FOREVER, text, sizeof text) ==
          LINTEL_ERROR_EXCEPTION);
    if (strstr(text, part) == NULL) fprintf(stderr, "%s:%s(%s): %s\n", module, function, arguments, text);
    CHECK(strstr(text, part) != NULL);
}

static lintel_config config_of(Host* host, lintel_snapshot* snapshot, lintel_driving driving) {
    lintel_config config;
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.driving = driving;
    config.snapshot = snapshot;
    if (host != NULL) {
        memset(host, 0, sizeof *host);
        config.write = host_write;
        config.context = host;
    }
    return config;
}

static lintel_vm* start(const lintel_config* config) {
    lintel_vm* vm;
    CHECK(lintel_vm_create(config, &vm) == LINTEL_OK);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    return vm;
}

static lintel_vm* begin(lintel_snapshot* snapshot, lintel_driving driving) {
    const lintel_config config = config_of(NULL, snapshot, driving);
    return start(&config);
}

static void load_folder(lintel_vm* vm, const char* path) {
    struct dirent* entry;
    DIR* d = opendir(path);
    CHECK(d != NULL);
    while ((entry = readdir(d)) != NULL) {
        char name[256];
        const size_t length = strlen(entry->d_name);
        if (length < 6 || length >= sizeof name || strcmp(entry->d_name + length - 5, ".beam") != 0) continue;
        memcpy(name, entry->d_name, length - 5);
        name[length - 5] = 0;
        CHECK(lintel_load_module(vm, name) == LINTEL_OK);
    }
    closedir(d);
}

static ERL_NIF_TERM host_answer(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    (void)argv;
    return enif_make_int(env, 42);
}
static ErlNifFunc functions[] = {{"answer", 0, host_answer, 0}};
static ErlNifEntry entry = LINTEL_MODULE("host", functions);

/* A snapshot of a VM that has lived, and has gone. */
static lintel_snapshot* make_snapshot(void) {
    static const char* const modules[] = {"erlang", "gen_server", "gen",       "proc_lib", "sys",        "supervisor",
                                          "lists",  "maps",       "code",      "io",       "io_lib",     "file",
                                          "logger", "proplists",  "guest_nif", "forked",   "code_server"};
    static Host host;
    lintel_config config = config_of(&host, NULL, LINTEL_DRIVING_THREADS);
    lintel_snapshot* snapshot;
    lintel_vm* vm;
    size_t i;
    config.rights = LINTEL_RIGHT_ENVIRONMENT;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    for (i = 0; i < sizeof modules / sizeof *modules; ++i) CHECK(lintel_load_module(vm, modules[i]) == LINTEL_OK);
    has_elixir = lintel_load_module(vm, "Elixir.Tally") == LINTEL_OK;
    if (has_elixir) load_folder(vm, "/usr/lib/elixir/lib/elixir/ebin");
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK);
    CHECK(lintel_define_module(vm, &entry, NULL) == LINTEL_OK);
    expect(vm, "host", "answer", "[]", "42");
    expect(vm, "persistent_term", "put", "[secret, [1,2,3]]", "ok");
    expect(vm, "os", "putenv", "[\"SECRET\", \"1\"]", "true");
    expect(vm, "erlang", "list_to_atom", "[\"before the snapshot\"]", "'before the snapshot'");
    expect(vm, "forked", "start", "[]", "ok");
    CHECK(lintel_snapshot_create(vm, &snapshot) == LINTEL_OK);
    expect(vm, "erlang", "list_to_atom", "[\"after the snapshot\"]", "'after the snapshot'");
    expect(vm, "forked", "version", "[]", "1");
    expect(vm, "host", "answer", "[]", "42");
    lintel_vm_destroy(vm);
    CHECK(lintel_snapshot_modules(snapshot) >= sizeof modules / sizeof *modules &&
          lintel_snapshot_bytes(snapshot) > 1 << 16);
    return snapshot;
}

#define LITERALS(version)                                                                                              \
    "{" version                                                                                                        \
    ",[one,{two,[116,104,114,101,101]},#{four => "                                                                     \
    "<<102,105,118,101,44,32,97,32,98,105,110,97,114,121,32,116,104,97,116,32,105,115,32"                              \
    ",108,111,110,103,101,114,32,116,104,97,110,32,116,104,111,115,101,32,116,104,97,116,32,97,114,101,32,111,110,32," \
    "116,104,101,32"                                                                                                   \
    ",104,101,97,112,32,111,102,32,97,32,112,114,111,99,101,115,115>>}],1.5,123456789012345678901234567890}"

static void use(lintel_vm* vm) {
    expect(vm, "forked", "look", "[forked]", "{true,true,true,false,true,[1],[[2,1]],true}");
    expect(vm, "forked", "literals", "[]", LITERALS("1"));
    expect(vm, "forked", "keys", "[7]", "#{b => 2,fun lists:sum/1 => 7}");
    expect(vm, "forked", "funs", "[]", "[fun lists:reverse/1,{fun forked:version/0},#{f => fun no_such_module:f/7}]");
    if (has_elixir) expect(vm, "Elixir.Tally", "sum", "[[1,2,3]]", "6");
}

/* Nothing but code is in the snapshot. */
static void only_code(lintel_snapshot* snapshot) {
    lintel_config config = config_of(NULL, snapshot, LINTEL_DRIVING_HOST);
    lintel_vm *a, *b;
    config.rights = LINTEL_RIGHT_ENVIRONMENT;
    a = start(&config);
    b = begin(snapshot, LINTEL_DRIVING_HOST);
    expect(a, "persistent_term", "get", "[secret, none]", "none");
    expect(a, "os", "getenv", "[\"SECRET\", none]", "none");
    expect(a, "erlang", "whereis", "[forked]", "undefined");
    expect(a, "erlang", "list_to_existing_atom", "[\"before the snapshot\"]", "'before the snapshot'");
    expect_error(a, "erlang", "list_to_existing_atom", "[\"after the snapshot\"]", "badarg");
    /* Atoms made later are each VM's own. */
    expect(a, "erlang", "list_to_atom", "[\"of a\"]", "'of a'");
    expect_error(b, "erlang", "list_to_existing_atom", "[\"of a\"]", "badarg");
    expect(b, "erlang", "list_to_atom", "[\"of a\"]", "'of a'");
    expect(b, "erlang", "list_to_existing_atom", "[\"of a\"]", "'of a'");
    /* Functions of the host are not code of the snapshot. */
    expect_error(a, "host", "answer", "[]", "undef");
    CHECK(lintel_define_module(a, &entry, NULL) == LINTEL_OK);
    expect(a, "host", "answer", "[]", "42");
    expect_error(b, "host", "answer", "[]", "undef");
    use(a);
    lintel_vm_destroy(a);
    use(b);
    lintel_vm_destroy(b);
}

/* Services whose modules are in the snapshot start when they are first used, as they do without one. */
static void services(lintel_snapshot* snapshot) {
    static const char* const calls[][3] = {
        {"code", "is_loaded", "[no_such_module]"},
        {"application", "start", "[stdlib]"},
        {"file", "get_cwd", "[]"},
        {"file", "list_dir", "[\"/\"]"},
        {"logger", "get_primary_config", "[]"},
        {"global", "whereis_name", "[nobody]"},
    };
    lintel_vm* a = begin(snapshot, LINTEL_DRIVING_THREADS);
    lintel_vm* plain = begin(NULL, LINTEL_DRIVING_THREADS);
    size_t i;
    char text[1024];
    expect(a, "forked", "look", "[forked]",
           "{true,true,true,false,true,[1],[[2,1]],true}"); /* with code:all_loaded() */
    for (i = 0; i < sizeof calls / sizeof *calls; ++i) {
        CHECK(lintel_call_text(plain, calls[i][0], calls[i][1], calls[i][2], LINTEL_FOREVER, text, sizeof text) ==
              LINTEL_OK);
        expect(a, calls[i][0], calls[i][1], calls[i][2], text);
    }
    lintel_vm_destroy(a);
    lintel_vm_destroy(plain);
}

/* lintel_run, without an OTP. */
static void run(lintel_snapshot* snapshot) {
    lintel_config config = config_of(NULL, snapshot, LINTEL_DRIVING_THREADS);
    lintel_vm* vm;
    int status = -1;
    config.otp_root = "";
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_run(vm, "forked", "version", 0, NULL, &status) == LINTEL_OK && status == 0);
    lintel_vm_destroy(vm);
}

/* One VM has another version, and none, of what the other runs. */
static void upgrade(lintel_snapshot* snapshot) {
    lintel_config config = config_of(NULL, snapshot, LINTEL_DRIVING_THREADS);
    char file[4200];
    lintel_vm *a, *b;
    config.rights = LINTEL_RIGHT_FILES;
    a = start(&config);
    b = begin(snapshot, LINTEL_DRIVING_THREADS);
    snprintf(file, sizeof file, "[\"%s/v2/forked.beam\"]", folder);
    expect(a, "forked", "start", "[]", "ok");
    expect(b, "forked", "start", "[]", "ok");
    expect(a, "forked", "upgrade", file, "2");
    expect(b, "forked", "version", "[]", "1");
    expect(a, "forked", "literals", "[]", LITERALS("2"));
    expect(a, "forked", "ask", "[forked, version]", "{1," LITERALS("1") "}");
    expect(a, "erlang", "check_old_code", "[forked]", "true");
    expect(b, "erlang", "check_old_code", "[forked]", "false");
    expect(a, "forked", "ask", "[forked, upgrade]", "ok");
    expect(a, "forked", "ask", "[forked, version]", "{2," LITERALS("1") "}");
    /* The process has literals of the version that goes. */
    expect(a, "code", "purge", "[forked]", "false");
    expect(a, "forked", "ask", "[forked, version]", "{2," LITERALS("1") "}");
    expect(b, "forked", "ask", "[forked, version]", "{1," LITERALS("1") "}");
    /* Deleted and purged, with the process that uses it. */
    expect(a, "code", "delete", "[forked]", "true");
    expect(a, "code", "purge", "[forked]", "true");
    expect(a, "erlang", "whereis", "[forked]", "undefined");
    expect(a, "erlang", "function_exported", "[forked, version, 0]", "false");
    expect(a, "erlang", "module_loaded", "[forked]", "false");
    /* One that has never been called, too. */
    expect(a, "erlang", "module_loaded", "[sys]", "true");
    expect(a, "code", "delete", "[sys]", "true");
    expect(a, "erlang", "module_loaded", "[sys]", "false");
    expect(a, "code", "purge", "[sys]", "false");
    expect(b, "erlang", "module_loaded", "[sys]", "true");
    use(b);
    lintel_vm_destroy(a);
    use(b);
    expect(b, "forked", "ask", "[forked, version]", "{1," LITERALS("1") "}");
    lintel_vm_destroy(b);
}

/* Breakpoints and native functions are one VM's. */
static void marks(lintel_snapshot* snapshot, const char* library) {
    static Host host;
    lintel_config config = config_of(&host, snapshot, LINTEL_DRIVING_HOST);
    int events[2] = {0, 0};
    char arguments[4200];
    lintel_vm *a, *b;
    config.rights = LINTEL_RIGHT_NIFS;
    a = start(&config);
    b = begin(snapshot, LINTEL_DRIVING_HOST);
    expect(a, "erlang", "trace_pattern", "[{forked, version, 0}, true, [local]]", "1");
    expect(a, "erlang", "trace_info", "[{forked, version, 0}, traced]", "{traced,local}");
    expect(b, "erlang", "trace_info", "[{forked, version, 0}, traced]", "{traced,false}");
    expect(a, "forked", "version", "[]", "1");
    expect(b, "forked", "version", "[]", "1");
    /* All there are, those too that have not been called. */
    expect(b, "erlang", "trace_pattern", "[{proplists, get_value, 3}, true, [local]]", "1");
    expect(b, "erlang", "trace_info", "[{proplists, get_value, 3}, traced]", "{traced,local}");
    expect(a, "erlang", "trace_info", "[{proplists, get_value, 3}, traced]", "{traced,false}");
    snprintf(arguments, sizeof arguments, "[[\"%s\", \"%lu\"]]", library, (unsigned long)(size_t)events);
    expect(a, "guest_nif", "main", arguments, "ok");
    CHECK(strcmp(host.out[0], "{true,1,1,true}\n") == 0);
    expect_error(b, "guest_nif", "look", "[x]", "not_loaded");
    lintel_vm_destroy(a);
    CHECK(events[0] == 1 && events[1] == 1);
    use(b);
    lintel_vm_destroy(b);
}

static void limits(lintel_snapshot* snapshot) {
    static Host host;
    lintel_config config = config_of(NULL, snapshot, LINTEL_DRIVING_HOST);
    lintel_limits most = {0};
    lintel_vm* vm;
    char text[64];
    most.size = sizeof most;
    most.atoms = 100;
    config.limits = &most;
    vm = start(&config);
    CHECK(lintel_call_text(vm, "forked", "fill", "[0]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(atoi(text) > 50 && atoi(text) <= 100);
    expect(vm, "forked", "literals", "[]", LITERALS("1"));
    lintel_vm_destroy(vm);
    config.limits = NULL;
    config.atom_limit = 8192;
    vm = start(&config);
    CHECK(lintel_call_text(vm, "forked", "fill", "[0]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(atoi(text) > 4000 && atoi(text) < 8192);
    lintel_vm_destroy(vm);
    config = config_of(&host, snapshot, LINTEL_DRIVING_HOST);
    config.max_memory = 4 << 20;
    vm = start(&config);
    use(vm);
    expect_error(vm, "lists", "seq", "[1, 10000000]", "killed");
    lintel_vm_destroy(vm);
    config.profile = LINTEL_PROFILE_OTP;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_ERROR_ARGUMENT);
}

/* All modules become the VM's own at once. */
static void all(lintel_snapshot* snapshot) {
    lintel_vm* vm = begin(snapshot, LINTEL_DRIVING_HOST);
    char text[64];
    CHECK(lintel_call_text(vm, "forked", "patterns", "[true]", LINTEL_FOREVER, text, sizeof text) == LINTEL_OK);
    CHECK(atoi(text) > 2000);
    use(vm);
    expect(vm, "forked", "patterns", "[false]", text);
    use(vm);
    lintel_vm_destroy(vm);
}

enum { kThreads = 4, kRounds = 8 };

/* Makes VMs, and snapshots of them, and lets go of what it had. */
static void* live(void* context) {
    lintel_snapshot* snapshot = context;
    int i;
    for (i = 0; i < kRounds; ++i) {
        lintel_vm* vm = begin(snapshot, i % 2 == 0 ? LINTEL_DRIVING_HOST : LINTEL_DRIVING_THREADS);
        lintel_snapshot* next;
        use(vm);
        CHECK(lintel_snapshot_create(vm, &next) == LINTEL_OK);
        lintel_snapshot_release(snapshot);
        snapshot = next;
        if (i % 3 == 0) use(vm);
        lintel_vm_destroy(vm);
    }
    lintel_snapshot_release(snapshot);
    return NULL;
}

static void threads(lintel_snapshot* snapshot) {
    pthread_t thread[kThreads];
    int i;
    for (i = 0; i < kThreads; ++i) {
        lintel_snapshot_retain(snapshot);
        CHECK(pthread_create(&thread[i], NULL, live, snapshot) == 0);
    }
    for (i = 0; i < kThreads; ++i) CHECK(pthread_join(thread[i], NULL) == 0);
}

/* All of them at once, each with a process of its own; the snapshot's handle goes before them. */
static void alive(lintel_snapshot* snapshot, int count) {
    lintel_vm** vms = malloc((size_t)count * sizeof *vms);
    int i;
    CHECK(vms != NULL);
    for (i = 0; i < count; ++i) {
        vms[i] = begin(snapshot, i % 10 == 0 ? LINTEL_DRIVING_THREADS : LINTEL_DRIVING_HOST);
        expect(vms[i], "forked", "start", "[]", "ok");
    }
    lintel_snapshot_release(snapshot);
    for (i = 0; i < count; ++i) {
        expect(vms[i], "forked", "ask", "[forked, version]", "{1," LITERALS("1") "}");
        if (has_elixir) expect(vms[i], "Elixir.Tally", "sum", "[[1,2,3]]", "6");
    }
    for (i = count; i-- > 0;) lintel_vm_destroy(vms[i]);
    free(vms);
}

static void nothing_leaks(lintel_snapshot* snapshot, int count) {
    long before = 0;
    int i;
    for (i = 0; i < count; ++i) {
        lintel_vm* vm = begin(snapshot, LINTEL_DRIVING_HOST);
        expect(vm, "forked", "version", "[]", "1");
        lintel_vm_destroy(vm);
        if (i == count / 2) before = resident_kb();
    }
    /* One kB for each VM would be beyond it, if there are enough of them. */
    CHECK(count < 2000 || resident_kb() - before < count / 2);
}

int main(int argc, char** argv) {
    lintel_snapshot* snapshot;
    CHECK(argc == 5);
    folder = argv[1];
    CHECK(lintel_snapshot_create(NULL, &snapshot) == LINTEL_ERROR_ARGUMENT);
    lintel_snapshot_retain(NULL);
    lintel_snapshot_release(NULL);
    snapshot = make_snapshot();
    only_code(snapshot);
    services(snapshot);
    run(snapshot);
    upgrade(snapshot);
    marks(snapshot, argv[2]);
    limits(snapshot);
    all(snapshot);
    threads(snapshot);
    nothing_leaks(snapshot, atoi(argv[4]));
    alive(snapshot, atoi(argv[3]));
    return 0;
}
