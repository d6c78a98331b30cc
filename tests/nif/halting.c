/* A function that takes longer than the program. */
#include <unistd.h>
#include "erl_nif.h"

static ERL_NIF_TERM sleep_long(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    enif_get_local_pid(env, argv[0], &pid);
    enif_send(env, &pid, NULL, enif_make_atom(env, "sleeping"));
    sleep(60);
    return argv[0];
}

static ErlNifFunc functions[] = {{"sleep_long", 1, sleep_long, ERL_NIF_DIRTY_JOB_IO_BOUND}};

ERL_NIF_INIT(halting, functions, NULL, NULL, NULL, NULL)
