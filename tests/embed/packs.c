/* Packs: made, read, added from a file and from memory; what is damaged, or not signed by whom the host wants, is refused. */
#include <unistd.h>

#include "host.h"

static const unsigned char kSeed[32] = "a secret of thirty-two bytes, ..", kOtherSeed[32] = "another";

static char pack_path[4200];

/* Packs `guest`, with what its function hello reaches; signed if there is a seed. */
static void make(const char* folder, const unsigned char* seed) {
    Host host;
    lintel_vm* vm = host_vm(&host, folder, 1);
    lintel_packer* packer = NULL;
    const char* module = NULL;
    char path[4200];
    size_t count = 0;
    CHECK(lintel_packer_create(vm, &packer) == LINTEL_OK);
    snprintf(path, sizeof path, "%s/guest.beam", folder);
    CHECK(lintel_packer_add_file(packer, path, &module) == LINTEL_OK && strcmp(module, "guest") == 0);
    CHECK(lintel_packer_add_file(packer, pack_path, NULL) == LINTEL_ERROR_BAD_FILE && *lintel_error(vm) != 0);
    CHECK(lintel_packer_add_application(packer, "no_such") == LINTEL_ERROR_NOT_FOUND);
    CHECK(lintel_packer_set_main(packer, "guest", "hello") == LINTEL_OK);
    CHECK(lintel_packer_set_flags(packer, 1u << 31) == LINTEL_ERROR_ARGUMENT);
    CHECK(lintel_packer_write(packer, pack_path, 0, &count) == LINTEL_ERROR_ARGUMENT);
    if (seed != NULL) CHECK(lintel_packer_sign(packer, seed) == LINTEL_OK);
    CHECK(lintel_packer_resolve(packer, NULL, NULL) == LINTEL_OK);
    CHECK(lintel_packer_write(packer, pack_path, 0, &count) == LINTEL_OK && count > 10000);
    lintel_packer_free(packer);
    lintel_vm_destroy(vm);
}

/* A VM that has nothing, not even an OTP. */
static lintel_vm* empty_vm(Host* host) {
    lintel_config config;
    lintel_vm* vm = NULL;
    memset(host, 0, sizeof *host);
    lintel_config_init(&config, sizeof config);
    config.schedulers = 1;
    config.otp_root = "";
    config.write = host_write;
    config.context = host;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK);
    return vm;
}

static void run_and_destroy(lintel_vm* vm, Host* host, const lintel_pack_info* info) {
    int status = 9;
    CHECK(strcmp(info->module, "guest") == 0 && strcmp(info->function, "hello") == 0 && info->complete);
    CHECK(lintel_run(vm, info->module, info->function, 0, NULL, &status) == LINTEL_OK && status == 0);
    CHECK(strcmp(host->out[0], "hello\n") == 0);
    lintel_vm_destroy(vm);
}

static int count_entry(void* context, const lintel_pack_entry* entry) {
    CHECK(entry->count > 0 && entry->bytes != NULL && *entry->path != 0);
    ++*(size_t*)context;
    return 0;
}

int main(int argc, char** argv) {
    Host host;
    lintel_pack_info info;
    lintel_vm* vm;
    size_t count, entries = 0;
    unsigned char* bytes;
    unsigned char key[32], other[32];
    CHECK(argc == 2);
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    snprintf(pack_path, sizeof pack_path, "%s/packs_%ld.lpk", argv[1], (long)getpid());
    CHECK(!lintel_has_own_pack());

    make(argv[1], NULL);
    vm = empty_vm(&host);
    CHECK(lintel_add_own_pack(vm, NULL) == LINTEL_ERROR_NOT_FOUND);
    CHECK(lintel_add_pack(vm, "no/such.lpk", NULL) == LINTEL_ERROR_BAD_FILE);
    CHECK(lintel_read_pack(vm, pack_path, 1, count_entry, &entries, &info) == LINTEL_OK);
    CHECK(entries == info.modules + info.files && entries > 20 && !info.is_signed);
    CHECK(lintel_add_pack(vm, pack_path, &info) == LINTEL_OK && !info.trusted);
    run_and_destroy(vm, &host, &info);

    /* From memory; what is cut or changed is refused, with the place. */
    bytes = malloc(1 << 24);
    {
        FILE* const file = fopen(pack_path, "rb");
        CHECK(file != NULL && bytes != NULL);
        count = fread(bytes, 1, 1 << 24, file);
        fclose(file);
    }
    vm = empty_vm(&host);
    CHECK(lintel_add_pack_memory(vm, bytes, count - 1, "cut", NULL) == LINTEL_ERROR_BAD_FILE);
    CHECK(strncmp(lintel_error(vm), "cut: offset 16: ", 16) == 0);
    bytes[count - 1] ^= 1;
    CHECK(lintel_add_pack_memory(vm, bytes, count, "changed", NULL) == LINTEL_ERROR_BAD_FILE);
    bytes[count - 1] ^= 1;
    CHECK(lintel_add_pack_memory(vm, bytes, count, "memory", &info) == LINTEL_OK);
    run_and_destroy(vm, &host, &info);

    /* A host may insist on signatures. */
    vm = empty_vm(&host);
    lintel_pack_public_key(kSeed, key);
    lintel_pack_public_key(kOtherSeed, other);
    CHECK(lintel_require_signed_packs(vm) == LINTEL_OK && lintel_trust_pack_key(vm, other) == LINTEL_OK);
    CHECK(lintel_add_pack_memory(vm, bytes, count, "memory", NULL) == LINTEL_ERROR_BAD_FILE);
    CHECK(strstr(lintel_error(vm), "not signed") != NULL);
    make(argv[1], kSeed);
    CHECK(lintel_add_pack(vm, pack_path, NULL) == LINTEL_ERROR_BAD_FILE);
    CHECK(strstr(lintel_error(vm), "a key that is not trusted") != NULL);
    CHECK(lintel_trust_pack_key(vm, key) == LINTEL_OK);
    CHECK(lintel_add_pack(vm, pack_path, &info) == LINTEL_OK && info.is_signed && info.trusted);
    CHECK(memcmp(info.key, key, 32) == 0);
    run_and_destroy(vm, &host, &info);

    remove(pack_path);
    free(bytes);
    return 0;
}
