/* Libraries with something wrong, by CASE. */
#include <string.h>
#include "erl_nif.h"

static ERL_NIF_TERM one(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) { return enif_make_int(env, 1); }

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
#if CASE == 7
    return 17;
#else
    return 0;
#endif
}

static ErlNifFunc functions[] = {
    {"one", 0, one, 0},
#if CASE == 5
    {"none_such", 0, one, 0},
#elif CASE == 6
    {"one", 0, one, 0},
#elif CASE == 8
    {"two", 0, one, 3},
#elif CASE == 9
    {"one", 1, one, 0},
#elif CASE == 11
    {"main", 0, one, 0},
#endif
};

#if CASE == 4
ERL_NIF_INIT(other_module, functions, load, NULL, NULL, NULL)
#elif CASE == 2
int nothing_here;
#else
static ErlNifEntry entry = {2,          16,
                            "loading",  sizeof functions / sizeof *functions,
                            functions,  load,
                            NULL,       NULL,
                            NULL,       "beam.vanilla",
                            1,          sizeof(ErlNifResourceTypeInit),
                            "erts-12.0"};
__attribute__((visibility("default"))) ErlNifEntry* nif_init(void) {
#if CASE == 1
    entry.vm_variant = "beam.chocolate";
#elif CASE == 3
    return NULL;
#elif CASE == 10
    entry.major = 3;
    entry.min_erts = "erts-99.0";
#endif
    return &entry;
}
#endif
