/* A library as compilers made it with the header of version 2.4: shorter rows, a shorter entry. */
#include "erl_nif.h"

static ERL_NIF_TERM one(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) { return enif_make_int(env, argc + 1); }
static ERL_NIF_TERM two(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_tuple2(env, argv[1], argv[0]);
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

static OldFunc functions[] = {{"one", 0, one}, {"two", 2, two}};
static OldEntry entry = {2, 4, "old_table", 2, functions, NULL, NULL, NULL, NULL, "beam.vanilla"};

__attribute__((visibility("default"))) void* nif_init(void) { return &entry; }
