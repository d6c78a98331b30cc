#include <erl_nif.h>

static ErlNifFunc functions[] = {};

ERL_NIF_INIT(first_SUITE, functions, NULL, NULL, NULL, NULL)
