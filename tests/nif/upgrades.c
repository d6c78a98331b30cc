/* A library in versions: it counts what happens to it, and tells a process. VERSION 3 cannot be upgraded to; 4 refuses. */
#include <stdio.h>
#include "erl_nif.h"

typedef struct {
    int version;
    int calls;
} Data;

static ErlNifResourceType* type;
static ErlNifPid listener;

static void tell(ErlNifEnv* caller, const char* what, int version, int calls) {
    ErlNifEnv* env = enif_alloc_env();
    enif_send(caller, &listener, env,
              enif_make_tuple4(env, enif_make_atom(env, what), enif_make_int(env, VERSION), enif_make_int(env, version),
                               enif_make_int(env, calls)));
    enif_free_env(env);
}

static void gone(ErlNifEnv* env, void* obj) {
    tell(env, "destroyed", *(int*)obj, enif_priv_data(env) ? ((Data*)enif_priv_data(env))->version : -1);
}

static void down(ErlNifEnv* env, void* obj, ErlNifPid* pid, ErlNifMonitor* monitor) {
    tell(env, "down", *(int*)obj, 0);
}

static void called(ErlNifEnv* env, void* obj, void* data) { *(int*)data += *(int*)obj + VERSION; }

static int open_type(ErlNifEnv* env, ErlNifResourceFlags flags, int* tried) {
    ErlNifResourceTypeInit init = {gone, NULL, down, 4, called};
    ErlNifResourceFlags did = 0;
    type = enif_init_resource_type(env, "thing", &init, flags, &did);
    *tried = did;
    return type != NULL;
}

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    int tried;
    Data* data = enif_alloc(sizeof *data);
    data->version = VERSION;
    data->calls = 0;
    *priv_data = data;
    if (!enif_get_local_pid(env, info, &listener) || !open_type(env, ERL_NIF_RT_CREATE, &tried)) return 1;
    tell(env, "loaded", tried, 0);
    return 0;
}

static int upgrade(ErlNifEnv* env, void** priv_data, void** old_priv_data, ERL_NIF_TERM info) {
    static int times; /* since the library is in memory */
    int tried;
    Data* data = enif_alloc(sizeof *data);
    Data* old = *old_priv_data;
    data->version = VERSION;
    data->calls = old->calls;
    *priv_data = data;
    enif_get_local_pid(env, info, &listener);
    if (open_type(env, ERL_NIF_RT_CREATE, &tried)) return 2;
    if (!open_type(env, (ErlNifResourceFlags)(ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER), &tried)) return 3;
    tell(env, "upgraded", old->version, tried + 100 * times++);
#if VERSION == 4
    enif_free(data);
    return 44;
#else
    return 0;
#endif
}

static void unload(ErlNifEnv* env, void* priv_data) {
    Data* data = priv_data;
    tell(env, "unloaded", data->version, data->calls);
    enif_free(data);
}

static ERL_NIF_TERM version(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Data* data = enif_priv_data(env);
    return enif_make_list3(env, enif_make_int(env, VERSION), enif_make_int(env, data->version),
                           enif_make_int(env, ++data->calls));
}

static ERL_NIF_TERM make(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    int* obj = enif_alloc_resource(type, sizeof *obj);
    enif_get_int(env, argv[0], obj);
    ERL_NIF_TERM term = enif_make_resource(env, obj);
    enif_release_resource(obj);
    return term;
}

static ERL_NIF_TERM look(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    void* obj;
    int sum = 1000;
    const int is_called = enif_dynamic_resource_call(env, enif_make_atom(env, "upgrades_code"),
                                                     enif_make_atom(env, "thing"), argv[0], &sum);
    const int is_not = enif_dynamic_resource_call(env, enif_make_atom(env, "upgrades_code"),
                                                  enif_make_atom(env, "thong"), argv[0], &sum);
    if (!enif_get_resource(env, argv[0], type, &obj)) return enif_make_badarg(env);
    return enif_make_list4(env, enif_make_int(env, *(int*)obj), enif_make_int(env, is_called),
                           enif_make_int(env, is_not != 0), enif_make_int(env, sum));
}

static ErlNifFunc functions[] = {{"version", 0, version, 0}, {"make", 1, make, 0}, {"look", 1, look, 0}};

#if VERSION == 3
ERL_NIF_INIT(upgrades_code, functions, load, NULL, NULL, unload)
#else
ERL_NIF_INIT(upgrades_code, functions, load, NULL, upgrade, unload)
#endif
