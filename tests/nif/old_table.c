/* A library as compilers made it with the header of version 2.4: shorter rows, a shorter entry, shorter binaries. */
#include "erl_nif.h"

static ERL_NIF_TERM one(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) { return enif_make_int(env, argc + 1); }
static ERL_NIF_TERM two(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_tuple2(env, argv[1], argv[0]);
}

/* What is behind a binary of that time stays as it was. */
static ERL_NIF_TERM three(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    struct {
        size_t size;
        unsigned char* data;
        ERL_NIF_TERM term;
        void* reference;
        unsigned long behind[2];
    } b = {0, NULL, 0, NULL, {17, 18}};
    if (!enif_inspect_binary(env, argv[0], (ErlNifBinary*)&b)) return enif_make_badarg(env);
    const size_t size = b.size;
    if (!enif_alloc_binary(10, (ErlNifBinary*)&b) || !enif_realloc_binary((ErlNifBinary*)&b, 1000))
        return enif_make_badarg(env);
    enif_release_binary((ErlNifBinary*)&b);
    return enif_make_tuple3(env, enif_make_ulong(env, size), enif_make_ulong(env, b.behind[0]),
                            enif_make_ulong(env, b.behind[1]));
}

typedef struct {
    const char* name;
    unsigned arity;
    ERL_NIF_TERM (*fptr)(ErlNifEnv*, int, const ERL_NIF_TERM[]);
} OldFunc;

typedef struct {
    int major, minor;
    const char* name;
    int num_of_funcs;
    OldFunc* funcs;
    int (*load)(ErlNifEnv*, void**, ERL_NIF_TERM);
    int (*reload)(ErlNifEnv*, void**, ERL_NIF_TERM);
    int (*upgrade)(ErlNifEnv*, void**, void**, ERL_NIF_TERM);
    void (*unload)(ErlNifEnv*, void*);
    const char* vm_variant;
} OldEntry;

static OldFunc functions[] = {{"one", 0, one}, {"two", 2, two}, {"three", 1, three}};
static OldEntry entry = {2, 4, "old_table", 3, functions, NULL, NULL, NULL, NULL, "beam.vanilla"};

__attribute__((visibility("default"))) void* nif_init(void) { return &entry; }
