/* The configuration: sizes of older and later callers, values that make no sense, limits that hold. */
#include "host.h"

typedef struct LaterConfig {
    lintel_config known;
    size_t unknown;
} LaterConfig;

static lintel_result make(const lintel_config* config) {
    lintel_vm* vm = (lintel_vm*)&vm;
    lintel_result result = lintel_vm_create(config, &vm);
    CHECK((vm != NULL) == (result == LINTEL_OK));
    lintel_vm_destroy(vm);
    return result;
}

int main(int argc, char** argv) {
    static Host host;
    lintel_config config;
    LaterConfig later;
    lintel_setting settings[] = {{"printable_range", "unicode"}, {"port_limit", "2048"}};
    int status = -1;
    lintel_vm* vm = NULL;
    char version[64], text[64];
    const char* about = NULL;
    CHECK(argc == 2);

    snprintf(version, sizeof version, "%d.%d.%d", LINTEL_VERSION_MAJOR, LINTEL_VERSION_MINOR, LINTEL_VERSION_PATCH);
    CHECK(strcmp(lintel_version(), version) == 0 && lintel_version_number() == LINTEL_VERSION);
    CHECK(LINTEL_VERSION >= LINTEL_VERSION_OF(0, 1, 0) && LINTEL_VERSION < LINTEL_VERSION_OF(1000, 0, 0));

    CHECK(lintel_has_machine_code(NULL) == lintel_has_machine_code(&about) && about != NULL && *about != 0);

    /* A caller whose struct is longer than the library's: what it did not set is harmless, what it set is refused. */
    memset(&later, 0xff, sizeof later);
    lintel_config_init(&later.known, sizeof later);
    CHECK(later.known.size == sizeof later && later.unknown == 0);
    CHECK(make(&later.known) == LINTEL_OK);
    later.unknown = 1;
    CHECK(make(&later.known) == LINTEL_ERROR_ARGUMENT);

    /* lintel_config_init writes no more than it was told. */
    memset(&config, 0x5a, sizeof config);
    lintel_config_init(&config, offsetof(lintel_config, process_limit));
    CHECK(config.process_limit != 0 && *(unsigned char*)&config.process_limit == 0x5a);

    CHECK(lintel_vm_create(NULL, &vm) == LINTEL_ERROR_ARGUMENT);
    lintel_config_init(&config, sizeof config);
    CHECK(lintel_vm_create(&config, NULL) == LINTEL_ERROR_ARGUMENT);
    config.size = 8;
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);
    lintel_config_init(&config, sizeof config);
    config.process_limit = 0;
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);
    lintel_config_init(&config, sizeof config);
    config.atom_limit = 100;
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);
    config.atom_limit = 8192;
    CHECK(make(&config) == LINTEL_OK);

    /* Settings by name. */
    config.settings = settings;
    config.setting_count = 2;
    CHECK(make(&config) == LINTEL_OK);
    settings[1].value = "1k";
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);
    settings[1].value = "4096";
    settings[0].name = "no_such";
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);
    config.setting_count = 0;

    /* Machine code. */
    config.jit = "eager";
    CHECK(make(&config) == LINTEL_OK);
    config.jit = "off";
    CHECK(make(&config) == LINTEL_OK);
    config.jit = "always";
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);
    config.jit = NULL;
    config.code_symbols = "gdb,false";
    CHECK(make(&config) == LINTEL_OK);
    config.code_symbols = "gdb map";
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);
    config.code_symbols = NULL;

    config.schedulers = 1u << 30;
    CHECK(make(&config) == LINTEL_ERROR_ARGUMENT);

    /* The process limit holds, and the program goes on. */
    memset(&host, 0, sizeof host);
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.process_limit = 1024;
    config.write = host_write;
    config.context = &host;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, argv[1]) == LINTEL_OK);
    CHECK(lintel_run(vm, "guest", "fill", 0, NULL, &status) == LINTEL_OK && status == 0);
    CHECK(strcmp(host.out[0], "true\n") == 0);
    lintel_vm_destroy(vm);

    /* Without an OTP there is nothing that code could run on. */
    config.otp_root = "";
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_load_module(vm, "gen_server") == LINTEL_ERROR_NOT_FOUND);
    CHECK(lintel_add_code_path(vm, argv[1]) == LINTEL_OK);
    CHECK(lintel_load_module(vm, "guest") == LINTEL_OK);
    CHECK(lintel_run(vm, "guest", "stop", 0, NULL, &status) == LINTEL_ERROR_NOT_FOUND);
    CHECK(strstr(lintel_error(vm), "no OTP installation") != NULL);
    lintel_vm_destroy(vm);

    /* A VM that could not be started runs nothing, and nobody waits for it. */
    config.profile = LINTEL_PROFILE_OTP;
    config.otp_root = "/no/such/folder";
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_ERROR_NOT_FOUND);
    CHECK(lintel_call_text(vm, "erlang", "node", "[]", LINTEL_FOREVER, text, sizeof text) == LINTEL_ERROR_ARGUMENT);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_ERROR_ARGUMENT);
    lintel_vm_destroy(vm);
    return 0;
}
