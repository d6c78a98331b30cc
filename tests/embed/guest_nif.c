/* The library of the module guest_nif. It keeps an atom in a static variable from its first load on, as OTP's crypto does. */
#include <dlfcn.h>

#include <lintel/erl_nif.h>

static int loads;
static ERL_NIF_TERM kept;
static int* events; /* of the host: resources that have gone, libraries that have */
static ErlNifResourceType* type;

static void gone(ErlNifEnv* env, void* obj) {
    (void)env;
    (void)obj;
    ++events[0];
}

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    unsigned long address;
    (void)priv_data;
    if (!enif_get_ulong(env, info, &address)) return 1;
    if (dlsym(dlopen(NULL, RTLD_NOW), "enif_make_atom") == NULL) return 2; /* as Rust's libraries look for functions */
    if (loads++ == 0) kept = enif_make_atom(env, "an_atom_of_the_guest");
    events = (int*)address;
    type = enif_open_resource_type(env, NULL, "thing", gone, ERL_NIF_RT_CREATE, NULL);
    return type == NULL;
}

static void unload(ErlNifEnv* env, void* priv_data) {
    (void)env;
    (void)priv_data;
    ++events[1];
}

static ERL_NIF_TERM look(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    void* obj = enif_alloc_resource(type, 10);
    ERL_NIF_TERM term = enif_make_resource(env, obj);
    (void)argc;
    enif_release_resource(obj);
    return enif_make_tuple4(env, kept, enif_make_int(env, loads), enif_make_int(env, enif_is_identical(kept, argv[0])),
                            term);
}

static ErlNifFunc functions[] = {{"look", 1, look, 0}};

ERL_NIF_INIT(guest_nif, functions, load, NULL, NULL, unload)
