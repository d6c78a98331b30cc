/* Shared by the programs of this folder: a file in memory, output that is collected. */
#ifndef LINTEL_TESTS_EMBED_HOST_H
#define LINTEL_TESTS_EMBED_HOST_H

#include <lintel/lintel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

typedef struct Host {
    char out[2][1 << 16]; /* what went to streams 1 and 2, with a 0 at the end */
    size_t used[2];
    const char* in; /* what is still to be read */
    int error;      /* what host_write answers */
} Host;

static int host_write(void* context, int stream, const char* bytes, size_t count) {
    Host* host = context;
    size_t i = (size_t)stream - 1;
    if (host->error != 0) return host->error;
    CHECK(i < 2 && host->used[i] + count < sizeof host->out[i]);
    memcpy(host->out[i] + host->used[i], bytes, count);
    host->used[i] += count;
    return 0;
}

static ptrdiff_t host_read(void* context, char* bytes, size_t count) {
    Host* host = context;
    size_t n = host->in == NULL ? 0 : strlen(host->in);
    if (n > count) n = count;
    if (n > 0) {
        memcpy(bytes, host->in, n);
        host->in += n;
    }
    return (ptrdiff_t)n;
}

/* What a VM is made of whose output is `host` (cleared). */
static inline lintel_config host_config(Host* host, unsigned schedulers) {
    lintel_config config;
    memset(host, 0, sizeof *host);
    lintel_config_init(&config, sizeof config);
    config.schedulers = schedulers;
    config.write = host_write;
    config.context = host;
    return config;
}

/* A VM whose input and output is `host` (cleared), with the module `guest` of the folder that the tests are given. */
static inline lintel_vm* host_vm(Host* host, const char* folder, unsigned schedulers) {
    lintel_config config = host_config(host, schedulers);
    lintel_vm* vm = NULL;
    config.read = host_read;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(strcmp(lintel_error(vm), "") == 0);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    return vm;
}

/* Runs `function` of the module `guest` with `argument` (NULL: without), in a VM of its own that has `rights`. It must print `expected`. */
static inline void run_guest(const char* folder, const char* function, unsigned rights, const char* argument,
                             const char* expected) {
    static Host host;
    lintel_config config = host_config(&host, 1);
    lintel_vm* vm = NULL;
    int status = -1;
    CHECK(config.rights == 0);
    config.rights = rights;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    CHECK(lintel_add_code_path(vm, folder) == LINTEL_OK);
    CHECK(lintel_run(vm, "guest", function, argument != NULL, &argument, &status) == LINTEL_OK);
    lintel_vm_destroy(vm); /* with whatever is still open */
    if (status != 0 || strcmp(host.out[0], expected) != 0) {
        fprintf(stderr, "status %d\n%s%s", status, host.out[0], host.out[1]);
        CHECK(!"what was expected");
    }
}

/* The file `name` of `folder`, allocated. */
static inline unsigned char* host_file(const char* folder, const char* name, size_t* count) {
    char path[4096];
    FILE* file;
    unsigned char* bytes = malloc(1 << 20);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    CHECK(file != NULL && bytes != NULL);
    *count = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

/* module:function(arguments) by a process of the tenant (NULL: the VM's own); what comes of it as text, until the next time. */
static inline const char* host_call(lintel_vm* vm, lintel_tenant* tenant, const lintel_call_options* given,
                                    const char* module, const char* function, const char* arguments) {
    static char text[4096];
    lintel_call_options options;
    lintel_call* begun = NULL;
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM list, head, argv[8], result;
    unsigned count = 0;
    lintel_result r;
    memset(&options, 0, sizeof options);
    if (given != NULL) options = *given;
    options.size = sizeof options;
    options.tenant = tenant;
    CHECK(lintel_term_parse(env, arguments, strlen(arguments), &list, NULL) == LINTEL_OK);
    while (enif_get_list_cell(env, list, &head, &list)) argv[count++] = head;
    r = lintel_call_begin(vm, module, function, argv, count, &options, &begun);
    if (r != LINTEL_OK) {
        snprintf(text, sizeof text, "%s", lintel_error(vm));
    } else {
        CHECK(lintel_call_wait(begun, 60 * (int64_t)1000000000) == LINTEL_OK);
        r = lintel_call_result(begun, env, &result);
        CHECK(r == LINTEL_OK || r == LINTEL_ERROR_EXCEPTION);
        lintel_term_text(result, text, sizeof text);
        lintel_call_free(begun);
    }
    enif_free_env(env);
    return text;
}

static inline void host_expect_at(const char* file, int line, const char* got, const char* text) {
    if (strcmp(got, text) == 0) return;
    fprintf(stderr, "%s:%d: got %s, not %s\n", file, line, got, text);
    exit(1);
}
#define host_expect(got, text) host_expect_at(__FILE__, __LINE__, got, text)

#endif
