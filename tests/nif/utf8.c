/* What versions 2.17 and 2.18 of the interface have more: UTF-8, options; sizes of terms, the atom cache. */
#include <string.h>
#include "erl_nif.h"

static void halted(void* priv_data) { (void)priv_data; }

static int options[4];

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    options[0] = enif_set_option(env, ERL_NIF_OPT_DELAY_HALT);
    options[1] = enif_set_option(env, ERL_NIF_OPT_ON_HALT, halted);
    options[2] = enif_set_option(env, ERL_NIF_OPT_ON_UNLOAD_THREAD, halted) != 0;
    options[3] = enif_set_option(env, (ErlNifOption)77) != 0;
    return 0;
}

static ERL_NIF_TERM look(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary b;
    char text[300];
    unsigned length = 99;
    ERL_NIF_TERM atom = enif_make_atom(env, "no"), existing = atom;
    if (!enif_inspect_binary(env, argv[0], &b)) return enif_make_badarg(env);
    const int made = enif_make_new_atom_len(env, (const char*)b.data, b.size, &atom, ERL_NIF_UTF8);
    const int found = enif_make_existing_atom_len(env, (const char*)b.data, b.size, &existing, ERL_NIF_UTF8);
    const int got = enif_get_atom(env, atom, text, sizeof text, ERL_NIF_UTF8);
    const int has_length = enif_get_atom_length(env, atom, &length, ERL_NIF_UTF8);
    char latin1[300];
    const int in_latin1 = enif_get_atom(env, atom, latin1, sizeof latin1, ERL_NIF_LATIN1);
    ERL_NIF_TERM string = made ? enif_make_string_len(env, (const char*)b.data, b.size, ERL_NIF_UTF8) : argv[0];
    unsigned string_length = 0;
    const int has_string = enif_get_string_length(env, string, &string_length, ERL_NIF_UTF8);
    const int back = has_string ? enif_get_string(env, string, text, sizeof text, ERL_NIF_UTF8) : 0;
    return enif_make_list(env, 10, enif_make_int(env, made), atom,
                          enif_make_int(env, found && enif_is_identical(atom, existing)), enif_make_int(env, got),
                          enif_make_int(env, has_length ? (int)length : -1), enif_make_int(env, in_latin1), string,
                          enif_make_uint(env, string_length), enif_make_int(env, back),
                          enif_make_int(env, back > 0 && memcmp(text, b.data, b.size) == 0));
}

static ERL_NIF_TERM bad_string(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_string(env, "\xff\xfe", ERL_NIF_UTF8);
}

static ERL_NIF_TERM set(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_list5(env, enif_make_int(env, options[0]), enif_make_int(env, options[1]),
                           enif_make_int(env, options[2]), enif_make_int(env, options[3]),
                           enif_make_int(env, enif_set_option(env, ERL_NIF_OPT_DELAY_HALT) != 0));
}

static ERL_NIF_TERM size_of(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_uint64(env, enif_term_size(argv[0]));
}

static ERL_NIF_TERM cached(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    unsigned index = 77777;
    const int is_atom = enif_get_atom_cache_index(env, argv[0], &index);
    return enif_make_tuple2(
        env, enif_make_int(env, is_atom),
        is_atom ? enif_make_int(env, index <= enif_max_atom_cache_index()) : enif_make_uint(env, index));
}

static ErlNifFunc functions[] = {{"look", 1, look, 0},
                                 {"set", 0, set, 0},
                                 {"bad_string", 0, bad_string, 0},
                                 {"size_of", 1, size_of, 0},
                                 {"cached", 1, cached, 0}};

ERL_NIF_INIT(utf8, functions, load, NULL, NULL, NULL)
