/* How far rights reach: files below a directory, files that are only read, addresses of the network. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

static Host host;
static int denials;
static char denied_what[512];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void denied(void* context, lintel_tenant* tenant, const ErlNifPid* process, unsigned right, const char* what) {
    (void)context;
    (void)tenant;
    (void)process;
    if (right != LINTEL_RIGHT_FILES && right != LINTEL_RIGHT_NETWORK)
        return; /* of the environment something is asked on the way */
    pthread_mutex_lock(&mutex);
    ++denials;
    snprintf(denied_what, sizeof denied_what, "%s", what);
    pthread_mutex_unlock(&mutex);
}

static lintel_result create(const char* folder, unsigned rights, const lintel_scope* scope, lintel_vm** vm) {
    lintel_config config = host_config(&host, 1);
    lintel_result r;
    config.rights = rights;
    config.denied = denied;
    config.scope = scope;
    r = lintel_vm_create(&config, vm);
    if (r != LINTEL_OK) return r;
    CHECK(lintel_add_code_path(*vm, folder) == LINTEL_OK);
    CHECK(lintel_start(*vm, 0, NULL) == LINTEL_OK);
    return r;
}

static void expect(lintel_vm* vm, lintel_tenant* tenant, const char* function, const char* arguments,
                   const char* text) {
    char got[4096];
    lintel_call_options options;
    lintel_call* call;
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM list, head, argv[4], result;
    unsigned count = 0;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.tenant = tenant;
    CHECK(lintel_term_parse(env, arguments, strlen(arguments), &list, NULL) == LINTEL_OK);
    while (enif_get_list_cell(env, list, &head, &list)) argv[count++] = head;
    CHECK(lintel_call_begin(vm, "lodger", function, argv, count, &options, &call) == LINTEL_OK);
    CHECK(lintel_call_wait(call, LINTEL_FOREVER) == LINTEL_OK);
    lintel_call_result(call, env, &result);
    lintel_term_text(result, got, sizeof got);
    if (strcmp(got, text) != 0) fprintf(stderr, "%s\n", got);
    CHECK(strcmp(got, text) == 0);
    lintel_call_free(call);
    enif_free_env(env);
}

static void put_file(const char* path, const char* text) {
    FILE* file = fopen(path, "wb");
    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

static const char kBelow[] =
    "[ok,{ok,<<116,101,120,116>>},{ok,<<116,101,120,116>>},{ok,<<116,101,120,116>>},[ok,ok,ok,ok],[],{ok,<<116,101,120,"
    "116>>},true,error,ok,{error,enoent},ok,ok,ok,ok,"
    "{ok,[[99],[100],[105,110],[111,117,116,100,105,114],[117,112]]},{ok,[]},{ok,[47]},{error,eacces},ok,{error,einval}"
    ",[ok,ok,ok,ok],{ok,[]},eperm]";

static void files(const char* folder) {
    char directory[] = "/tmp/lintel_scope_XXXXXX", outside[64], root[64], inner[80], arguments[128], file[96];
    lintel_scope scope = {sizeof(lintel_scope), NULL, 0, NULL}, below = scope;
    lintel_tenant_config config;
    lintel_tenant* tenant;
    lintel_vm* vm = NULL;
    CHECK(mkdtemp(directory) != NULL);
    snprintf(outside, sizeof outside, "%s/secret", directory);
    snprintf(root, sizeof root, "%s/root", directory);
    snprintf(inner, sizeof inner, "%s/inner", root);
    put_file(outside, "secret");
    CHECK(mkdir(root, 0755) == 0);
    snprintf(arguments, sizeof arguments, "[\"%s\"]", outside);
    scope.file_root = root;
    CHECK(create(folder, LINTEL_RIGHT_FILES, &scope, &vm) == LINTEL_OK);
    expect(vm, NULL, "below_root", arguments, kBelow);
    /* a tenant further below */
    CHECK(mkdir(inner, 0755) == 0);
    lintel_tenant_config_init(&config, sizeof config);
    config.rights = LINTEL_RIGHT_FILES;
    config.scope = &below;
    below.file_root = "/../inner";
    CHECK(lintel_tenant_create(vm, &config, &tenant) == LINTEL_OK);
    expect(vm, tenant, "below_root", arguments, kBelow);
    lintel_tenant_free(tenant);
    below.file_root = "/none";
    CHECK(lintel_tenant_create(vm, &config, &tenant) == LINTEL_ERROR_SYSTEM &&
          strstr(lintel_error(vm), "/none: ") != NULL);
    snprintf(file, sizeof file, "%s/x", inner);
    put_file(file, "x");
    below.file_root = "inner";
    below.files_only_read = 1;
    CHECK(lintel_tenant_create(vm, &config, &tenant) == LINTEL_OK);
    denials = 0;
    expect(vm, tenant, "below_root_only_reads", "[]",
           "[{ok,<<120>>},{error,eacces},{error,eacces},{error,eacces},{error,eacces},{error,eacces},{error,eacces},{"
           "error,eacces},{error,eacces},error,ok,{ok,[[120]]}]");
    CHECK(denials == 9);
    lintel_tenant_free(tenant);
    lintel_vm_destroy(vm);
    unlink(file);
    CHECK(rmdir(inner) == 0 && rmdir(root) == 0); /* nothing was left there, or anywhere else */
    unlink(outside);
    CHECK(rmdir(directory) == 0);
    CHECK(create(folder, LINTEL_RIGHT_FILES, &scope, &vm) == LINTEL_ERROR_SYSTEM && vm == NULL);
}

/* A socket that listens on the loopback, and its port. */
static int listener(int* port) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    CHECK(fd >= 0 && bind(fd, (struct sockaddr*)&address, sizeof address) == 0 && listen(fd, 8) == 0);
    CHECK(getsockname(fd, (struct sockaddr*)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void network(const char* folder) {
    int port, other, fd = listener(&port), closed = listener(&other);
    char rules[128], arguments[64];
    lintel_scope scope = {sizeof(lintel_scope), NULL, 0, rules};
    lintel_vm* vm = NULL;
    close(closed);
    snprintf(rules, sizeof rules, "127.0.0.1:%d [::1]", port);
    snprintf(arguments, sizeof arguments, "[%d, %d]", port, other);
    CHECK(create(folder, LINTEL_RIGHT_NETWORK, &scope, &vm) == LINTEL_OK);
    denials = 0;
    expect(vm, NULL, "reach", arguments,
           "[ok,{error,eacces},{error,eacces},ok,{error,eacces},ok,{error,eacces},{error,eacces},ok]");
    CHECK(denials == 5);
    snprintf(arguments, sizeof arguments, "127.0.0.1:%d", other);
    CHECK(strcmp(denied_what, arguments) == 0);
    lintel_vm_destroy(vm);
    scope.network = "127.0.0.1:x";
    CHECK(create(folder, LINTEL_RIGHT_NETWORK, &scope, &vm) == LINTEL_ERROR_ARGUMENT && vm == NULL);
    close(fd);
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    files(argv[1]);
    network(argv[1]);
    return 0;
}
