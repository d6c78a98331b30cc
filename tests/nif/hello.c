/* The smallest of everything: a function, a dirty one, a resource. */
#include "erl_nif.h"

static ErlNifResourceType* box_type;

static ERL_NIF_TERM hello(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_tuple2(env, enif_make_atom(env, "hello"), argv[0]);
}

static ERL_NIF_TERM thread_kind(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_tuple2(env, enif_make_int(env, enif_thread_type()), argv[0]);
}

static ERL_NIF_TERM make_box(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    int value;
    int* box;
    ERL_NIF_TERM term;
    if (!enif_get_int(env, argv[0], &value)) return enif_make_badarg(env);
    box = enif_alloc_resource(box_type, sizeof *box);
    *box = value;
    term = enif_make_resource(env, box);
    enif_release_resource(box);
    return term;
}

static ERL_NIF_TERM open_box(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    void* box;
    if (!enif_get_resource(env, argv[0], box_type, &box)) return enif_make_badarg(env);
    return enif_make_int(env, *(int*)box);
}

static ErlNifPid opener;
static int has_opener;
static void close_box(ErlNifEnv* env, void* box) {
    ErlNifEnv* message = enif_alloc_env();
    if (has_opener)
        enif_send(NULL, &opener, message,
                  enif_make_tuple2(message, enif_make_atom(message, "closed"), enif_make_int(message, *(int*)box)));
    enif_free_env(message);
}

static ERL_NIF_TERM set_opener(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    has_opener = enif_get_local_pid(env, argv[0], &opener);
    return enif_make_atom(env, has_opener ? "ok" : "no");
}

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    box_type = enif_open_resource_type(env, NULL, "box", close_box, ERL_NIF_RT_CREATE, NULL);
    return box_type == NULL;
}

static ErlNifFunc functions[] = {{"hello", 1, hello, 0},
                                 {"scheduler", 1, thread_kind, 0},
                                 {"dirty_cpu", 1, thread_kind, ERL_NIF_DIRTY_JOB_CPU_BOUND},
                                 {"dirty_io", 1, thread_kind, ERL_NIF_DIRTY_JOB_IO_BOUND},
                                 {"make_box", 1, make_box, 0},
                                 {"open_box", 1, open_box, 0},
                                 {"set_opener", 1, set_opener, 0}};

ERL_NIF_INIT(hello, functions, load, NULL, NULL, NULL)
