/* A tracer (the behaviour erl_tracer). Its state is {Pid, Wanted}: Pid is sent what it is told, Wanted is what it answers when it is asked (an atom), or a list of the
   tags that it wants. With SPLIT it has a function for each family of events. */
#include <string.h>
#include "erl_nif.h"

#define FUNCTION(name) static ERL_NIF_TERM name(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[])

static ERL_NIF_TERM ask(ErlNifEnv* env, const ERL_NIF_TERM argv[], const char* only) {
    const ERL_NIF_TERM* state;
    int arity;
    ERL_NIF_TERM wanted, head;
    if (!enif_get_tuple(env, argv[1], &arity, &state) || arity != 2) return enif_make_atom(env, "remove");
    const int is_status = enif_is_identical(argv[0], enif_make_atom(env, "trace_status"));
    if (enif_is_atom(env, state[1])) {
        /* Only the question whether it is still a tracer may be answered with remove. */
        const int removes = enif_is_identical(state[1], enif_make_atom(env, "remove"));
        return removes && !is_status ? enif_make_atom(env, "discard") : state[1];
    }
    if (is_status) return enif_make_atom(env, "trace");
    for (wanted = state[1]; enif_get_list_cell(env, wanted, &head, &wanted);) {
        if (enif_is_identical(head, argv[0])) return enif_make_atom(env, "trace");
    }
    return enif_make_atom(env, "discard");
}

static ERL_NIF_TERM tell(ErlNifEnv* env, const ERL_NIF_TERM argv[], const char* name) {
    const ERL_NIF_TERM* state;
    int arity;
    ErlNifPid to, self;
    if (!enif_get_tuple(env, argv[1], &arity, &state) || !enif_get_local_pid(env, state[0], &to))
        return enif_make_badarg(env);
    ERL_NIF_TERM who = enif_self(env, &self) != NULL ? enif_make_pid(env, &self) : enif_make_atom(env, "none");
    ERL_NIF_TERM event = enif_make_tuple5(env, argv[0], argv[2], argv[3], argv[4], who);
    enif_send(env, &to, NULL, enif_make_tuple2(env, enif_make_atom(env, name), event));
    return enif_make_atom(env, "ok");
}

#define FAMILY(name)                                                    \
    FUNCTION(enabled##name) { return ask(env, argv, "enabled" #name); } \
    FUNCTION(trace##name) { return tell(env, argv, "trace" #name); }
#define ROWS(name) \
    {"enabled" #name, 3, enabled##name}, { "trace" #name, 5, trace##name }

FAMILY()
FAMILY(_send)
FAMILY(_receive)
FAMILY(_call)
FAMILY(_running_procs)
FAMILY(_running_ports)
FAMILY(_garbage_collection)
FAMILY(_procs)
FAMILY(_ports)

#ifdef SPLIT
static ErlNifFunc functions[] = {ROWS(),
                                 ROWS(_send),
                                 ROWS(_receive),
                                 ROWS(_call),
                                 ROWS(_running_procs),
                                 ROWS(_running_ports),
                                 ROWS(_garbage_collection),
                                 ROWS(_procs),
                                 ROWS(_ports)};
ERL_NIF_INIT(tracers_split, functions, NULL, NULL, NULL, NULL)
#else
static ErlNifFunc functions[] = {ROWS()};
static int upgrade(ErlNifEnv* env, void** priv_data, void** old_priv_data, ERL_NIF_TERM info) { return 0; }
ERL_NIF_INIT(tracers_plain, functions, NULL, NULL, upgrade, NULL)
#endif
