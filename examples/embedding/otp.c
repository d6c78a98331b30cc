/* The OTP profile: an installed OTP is booted, with its kernel, code server and applications. */
#include "host.h"

int main(void) {
    const char* root = "/usr/lib/erlang";
    const char* argv[] = {"-root", NULL,    "-bindir", NULL, "-progname", "host",
                          "--",    "-home", "/",       "--", "-noshell",  "-noinput"};
    char text[400];
    lintel_config config;
    lintel_vm* vm;
    argv[1] = argv[3] = root;
    lintel_config_init(&config, sizeof config);
    config.profile = LINTEL_PROFILE_OTP;
    config.otp_root = root;
    config.rights = LINTEL_RIGHT_FILES | LINTEL_RIGHT_PORTS;
    if (lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;
    must(vm, lintel_start(vm, sizeof argv / sizeof *argv, argv));
    must(vm,
         lintel_call_text(vm, "application", "ensure_all_started", "[compiler]", LINTEL_FOREVER, text, sizeof text));
    printf("started: %s\n", text);
    must(vm, lintel_call_text(vm, "code", "is_loaded", "[no_such_module]", LINTEL_FOREVER, text, sizeof text));
    printf("loaded: %s\n", text);
    lintel_vm_destroy(vm);
    return 0;
}
