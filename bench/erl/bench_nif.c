/* What the programs of bench/erl/natives call. */
#include <erl_nif.h>

#define FUNCTION(name) static ERL_NIF_TERM name(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[])

static ErlNifResourceType* type;

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    type = enif_open_resource_type(env, NULL, "number", NULL, ERL_NIF_RT_CREATE, NULL);
    return type == NULL;
}

FUNCTION(successor) {
    int n;
    return enif_get_int(env, argv[0], &n) ? enif_make_int(env, n + 1) : enif_make_badarg(env);
}

FUNCTION(new_number) {
    int* number = enif_alloc_resource(type, sizeof *number);
    ERL_NIF_TERM made = enif_make_resource(env, number);
    if (!enif_get_int(env, argv[0], number)) return enif_make_badarg(env);
    enif_release_resource(number);
    return made;
}

FUNCTION(number) {
    void* object;
    return enif_get_resource(env, argv[0], type, &object) ? enif_make_int(env, *(int*)object) : enif_make_badarg(env);
}

FUNCTION(list) {
    int n;
    ERL_NIF_TERM made = enif_make_list(env, 0);
    if (!enif_get_int(env, argv[0], &n)) return enif_make_badarg(env);
    for (; n > 0; --n)
        made = enif_make_list_cell(env, enif_make_tuple2(env, enif_make_int(env, n), enif_make_double(env, n)), made);
    return made;
}

FUNCTION(map) {
    int n, i;
    ERL_NIF_TERM keys[32], values[32], made;
    if (!enif_get_int(env, argv[0], &n) || n > 32) return enif_make_badarg(env);
    for (i = 0; i < n; ++i) {
        keys[i] = enif_make_int(env, i);
        values[i] = argv[0];
    }
    return enif_make_map_from_arrays(env, keys, values, (size_t)n, &made) ? made : enif_make_badarg(env);
}

/* The sum of the bytes of a binary. */
FUNCTION(sum) {
    ErlNifBinary bytes;
    unsigned long total = 0;
    if (!enif_inspect_binary(env, argv[0], &bytes)) return enif_make_badarg(env);
    for (size_t i = 0; i < bytes.size; ++i) total += bytes.data[i];
    return enif_make_ulong(env, total);
}

static ErlNifFunc functions[] = {{"successor", 1, successor, 0},
                                 {"dirty_successor", 1, successor, ERL_NIF_DIRTY_JOB_CPU_BOUND},
                                 {"new_number", 1, new_number, 0},
                                 {"number", 1, number, 0},
                                 {"list", 1, list, 0},
                                 {"map", 1, map, 0},
                                 {"sum", 1, sum, 0}};

ERL_NIF_INIT(bench_nif, functions, load, NULL, NULL, NULL)
