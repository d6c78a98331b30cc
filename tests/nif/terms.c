/* What terms are, what is in them, and making them. */
#include <stdint.h>
#include <string.h>
#include "erl_nif.h"

#define FUNCTION(name) static ERL_NIF_TERM name(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[])

static ERL_NIF_TERM yes_or(ErlNifEnv* env, int ok, ERL_NIF_TERM value) {
    return ok ? value : enif_make_atom(env, "no");
}

FUNCTION(types) {
    ERL_NIF_TERM t = argv[0];
    const int is[] = {enif_is_atom(env, t) != 0,      enif_is_binary(env, t) != 0, enif_is_empty_list(env, t) != 0,
                      enif_is_exception(env, t) != 0, enif_is_fun(env, t) != 0,    enif_is_list(env, t) != 0,
                      enif_is_map(env, t) != 0,       enif_is_number(env, t) != 0, enif_is_pid(env, t) != 0,
                      enif_is_port(env, t) != 0,      enif_is_ref(env, t) != 0,    enif_is_tuple(env, t) != 0,
                      (int)enif_term_type(env, t)};
    ERL_NIF_TERM list = enif_make_list(env, 0);
    for (int i = sizeof is / sizeof *is; i-- > 0;) list = enif_make_list_cell(env, enif_make_int(env, is[i]), list);
    return list;
}

FUNCTION(numbers) {
    int i = 0;
    unsigned u = 0;
    long l = 0;
    unsigned long ul = 0;
    ErlNifSInt64 i64 = 0;
    ErlNifUInt64 u64 = 0;
    double d = 0;
    const int has_i = enif_get_int(env, argv[0], &i), has_u = enif_get_uint(env, argv[0], &u),
              has_l = enif_get_long(env, argv[0], &l), has_ul = enif_get_ulong(env, argv[0], &ul),
              has_i64 = enif_get_int64(env, argv[0], &i64), has_u64 = enif_get_uint64(env, argv[0], &u64),
              has_d = enif_get_double(env, argv[0], &d);
    return enif_make_list7(env, yes_or(env, has_i, enif_make_int(env, i)), yes_or(env, has_u, enif_make_uint(env, u)),
                           yes_or(env, has_l, enif_make_long(env, l)), yes_or(env, has_ul, enif_make_ulong(env, ul)),
                           yes_or(env, has_i64, enif_make_int64(env, i64)),
                           yes_or(env, has_u64, enif_make_uint64(env, u64)),
                           yes_or(env, has_d, enif_make_double(env, d)));
}

FUNCTION(bad_double) { return enif_make_double(env, argc == 0 ? 0.0 / 0.0 : 1.0 / 0.0); }

FUNCTION(atoms) {
    char text[300];
    unsigned length = 0;
    const int n = enif_get_atom(env, argv[0], text, sizeof text, ERL_NIF_LATIN1);
    const int m = enif_get_atom_length(env, argv[0], &length, ERL_NIF_LATIN1);
    char small[4] = "xyz";
    const int s = enif_get_atom(env, argv[0], small, sizeof small, ERL_NIF_LATIN1);
    ERL_NIF_TERM found, same = enif_make_atom(env, "none");
    if (n) same = enif_make_atom(env, text);
    return enif_make_tuple6(
        env, enif_make_int(env, n), enif_make_int(env, m), enif_make_uint(env, length), enif_make_int(env, s), same,
        n && enif_make_existing_atom(env, text, &found, ERL_NIF_LATIN1) ? found : enif_make_atom(env, "no"));
}

FUNCTION(existing) {
    char text[300];
    ERL_NIF_TERM found;
    if (!enif_get_string(env, argv[0], text, sizeof text, ERL_NIF_LATIN1)) return enif_make_badarg(env);
    if (!enif_make_existing_atom(env, text, &found, ERL_NIF_LATIN1))
        return enif_make_string(env, "no such atom", ERL_NIF_LATIN1);
    return found;
}

FUNCTION(new_atom) {
    ErlNifBinary name;
    if (!enif_inspect_binary(env, argv[0], &name)) return enif_make_badarg(env);
    return enif_make_atom_len(env, (const char*)name.data, name.size);
}

FUNCTION(strings) {
    char text[10];
    memset(text, '.', sizeof text);
    const int n = enif_get_string(env, argv[0], text, sizeof text, ERL_NIF_LATIN1);
    return enif_make_tuple3(env, enif_make_int(env, n), enif_make_string_len(env, text, sizeof text, ERL_NIF_LATIN1),
                            n > 0 ? enif_make_string(env, text, ERL_NIF_LATIN1) : enif_make_list(env, 0));
}

FUNCTION(lists) {
    ERL_NIF_TERM head = argv[0], tail = argv[0], reversed = argv[0], elements[100];
    unsigned length = 77, n = 0;
    const int has_length = enif_get_list_length(env, argv[0], &length),
              has_cell = enif_get_list_cell(env, argv[0], &head, &tail),
              has_reversed = enif_make_reverse_list(env, argv[0], &reversed);
    ERL_NIF_TERM at = argv[0], element;
    while (n < 100 && enif_get_list_cell(env, at, &element, &at)) elements[n++] = element;
    return enif_make_list6(env, enif_make_tuple2(env, enif_make_int(env, has_length), enif_make_uint(env, length)),
                           enif_make_tuple3(env, enif_make_int(env, has_cell), head, tail),
                           enif_make_int(env, has_reversed), reversed, enif_make_list_from_array(env, elements, n),
                           enif_make_tuple_from_array(env, elements, n));
}

FUNCTION(tuples) {
    const ERL_NIF_TERM* elements;
    int arity;
    if (!enif_get_tuple(env, argv[0], &arity, &elements)) return enif_make_badarg(env);
    return enif_make_list_from_array(env, elements, (unsigned)arity);
}

FUNCTION(order) {
    return enif_make_tuple2(env, enif_make_int(env, enif_compare(argv[0], argv[1])),
                            enif_make_int(env, enif_is_identical(argv[0], argv[1]) != 0));
}

FUNCTION(hashes) {
    return enif_make_tuple2(env, enif_make_uint64(env, enif_hash(ERL_NIF_PHASH2, argv[0], 0)),
                            enif_make_int(env, enif_hash(ERL_NIF_INTERNAL_HASH, argv[0], 5) ==
                                                   enif_hash(ERL_NIF_INTERNAL_HASH, argv[1], 5)));
}

/* Map: {size, value of key, with key => new, updated, removed, pairs forwards, pairs backwards}. */
FUNCTION(maps) {
    ERL_NIF_TERM no = enif_make_atom(env, "no"), value = no, put = no, updated = no, removed = no,
                 forwards = enif_make_list(env, 0), backwards = forwards, k, v;
    size_t size = 0;
    ErlNifMapIterator it;
    const int is_map = enif_get_map_size(env, argv[0], &size);
    if (!enif_get_map_value(env, argv[0], argv[1], &value)) value = no;
    if (!enif_make_map_put(env, argv[0], argv[1], argv[2], &put)) put = no;
    if (!enif_make_map_update(env, argv[0], argv[1], argv[2], &updated)) updated = no;
    if (!enif_make_map_remove(env, argv[0], argv[1], &removed)) removed = no;
    if (enif_map_iterator_create(env, argv[0], &it, ERL_NIF_MAP_ITERATOR_FIRST)) {
        for (; enif_map_iterator_get_pair(env, &it, &k, &v); enif_map_iterator_next(env, &it))
            forwards = enif_make_list_cell(env, enif_make_tuple2(env, k, v), forwards);
        if (!enif_map_iterator_is_tail(env, &it)) forwards = no;
        enif_map_iterator_destroy(env, &it);
    }
    if (enif_map_iterator_create(env, argv[0], &it, ERL_NIF_MAP_ITERATOR_LAST)) {
        for (; enif_map_iterator_get_pair(env, &it, &k, &v); enif_map_iterator_prev(env, &it))
            backwards = enif_make_list_cell(env, enif_make_tuple2(env, k, v), backwards);
        if (!enif_map_iterator_is_head(env, &it)) backwards = no;
        enif_map_iterator_destroy(env, &it);
    }
    return enif_make_list8(env, enif_make_int(env, is_map), enif_make_uint64(env, size), value, put, updated, removed,
                           forwards, backwards);
}

FUNCTION(map_of) {
    ERL_NIF_TERM keys[200], values[200], k, v, a = argv[0], b = argv[1], map;
    size_t n = 0;
    while (n < 200 && enif_get_list_cell(env, a, &k, &a) && enif_get_list_cell(env, b, &v, &b)) {
        keys[n] = k;
        values[n++] = v;
    }
    if (!enif_make_map_from_arrays(env, keys, values, n, &map))
        return enif_make_tuple2(env, enif_make_atom(env, "twice"), enif_make_new_map(env));
    return map;
}

FUNCTION(bytes) {
    ErlNifBinary b;
    if (!enif_inspect_iolist_as_binary(env, argv[0], &b)) return enif_make_badarg(env);
    unsigned sum = 0;
    for (size_t i = 0; i < b.size; ++i) sum += b.data[i];
    ERL_NIF_TERM copy;
    unsigned char* to = enif_make_new_binary(env, b.size, &copy);
    for (size_t i = 0; i < b.size; ++i) to[i] = (unsigned char)(b.data[i] ^ 1);
    ErlNifBinary own;
    if (!enif_alloc_binary(b.size, &own)) return enif_make_badarg(env);
    memcpy(own.data, b.data, b.size);
    if (!enif_realloc_binary(&own, b.size + 3)) return enif_make_badarg(env);
    memcpy(own.data + b.size, "end", 3);
    ERL_NIF_TERM made = enif_make_binary(env, &own);
    ErlNifBinary kept;
    enif_inspect_binary(env, argv[1], &kept);
    if (!enif_realloc_binary(&kept, kept.size / 2)) return enif_make_badarg(env);
    ERL_NIF_TERM half = enif_make_binary(env, &kept);
    return enif_make_list6(env, enif_make_uint(env, sum), copy, made, half, enif_make_sub_binary(env, made, b.size, 2),
                           enif_make_sub_binary(env, argv[1], 1, 1));
}

FUNCTION(is_bytes) {
    ErlNifBinary b;
    return enif_make_tuple2(env, enif_make_int(env, enif_inspect_binary(env, argv[0], &b)),
                            enif_make_int(env, enif_inspect_iolist_as_binary(env, argv[0], &b)));
}

FUNCTION(external) {
    ErlNifBinary b;
    ERL_NIF_TERM t = argv[0], no = enif_make_atom(env, "no");
    if (!enif_term_to_binary(env, argv[0], &b)) return enif_make_badarg(env);
    size_t used = enif_binary_to_term(env, b.data, b.size, &t, 0);
    ERL_NIF_TERM list =
        enif_make_list4(env, enif_make_int(env, used == b.size), t,
                        enif_make_int(env, (int)enif_binary_to_term(env, b.data, b.size - 1, &no, 0)),
                        enif_make_int(env, (int)enif_binary_to_term(env, (const unsigned char*)"\203d\0\012not_there_",
                                                                    15, &no, ERL_NIF_BIN2TERM_SAFE)));
    enif_release_binary(&b);
    return list;
}

FUNCTION(formatted) {
    char text[200], small[5];
    int n = enif_snprintf(text, sizeof text, "[%T|%5d|%-5d|%s|%.3f|%c|%x|%%|%lu|%-6s|%*d]", argv[0], 42, -7, "text",
                          3.14159, 'c', 255, 123456789012ul, "ab", 4, 1);
    int m = enif_snprintf(small, sizeof small, "%T", argv[0]);
    return enif_make_tuple4(env, enif_make_int(env, n), enif_make_string(env, text, ERL_NIF_LATIN1),
                            enif_make_int(env, m > 3), enif_make_string(env, small, ERL_NIF_LATIN1));
}

FUNCTION(raise) {
    ERL_NIF_TERM reason, e = enif_raise_exception(env, argv[0]);
    if (!enif_has_pending_exception(env, &reason) || !enif_is_identical(reason, argv[0]) || !enif_is_exception(env, e))
        return argv[0];
    return enif_make_atom(env, "not_this");
}

FUNCTION(copies) {
    ErlNifEnv* other = enif_alloc_env();
    ERL_NIF_TERM there = enif_make_copy(other, argv[0]), again, back;
    there = enif_make_list3(other, there, there, enif_make_atom(other, "more"));
    again = enif_make_copy(other, there);
    back = enif_make_copy(env, enif_make_tuple2(other, there, again));
    enif_clear_env(other);
    enif_make_list_cell(other, enif_make_double(other, 1e300), enif_make_ulong(other, UINT64_MAX));
    enif_free_env(other);
    return back;
}

/* A list of so many cells, made one by one. */
FUNCTION(many) {
    unsigned n;
    ERL_NIF_TERM list = enif_make_list(env, 0);
    if (!enif_get_uint(env, argv[0], &n)) return enif_make_badarg(env);
    while (n-- > 0)
        list = enif_make_list_cell(env, enif_make_tuple2(env, enif_make_uint(env, n), enif_make_double(env, n * 1e200)),
                                   list);
    return list;
}

FUNCTION(identities) {
    ErlNifPid self, other;
    ErlNifPort port;
    ERL_NIF_TERM ref = enif_make_ref(env), one = enif_make_unique_integer(env, ERL_NIF_UNIQUE_POSITIVE),
                 two = enif_make_unique_integer(env, ERL_NIF_UNIQUE_POSITIVE | ERL_NIF_UNIQUE_MONOTONIC);
    ErlNifPid nobody;
    enif_set_pid_undefined(&nobody);
    enif_self(env, &self);
    return enif_make_list(
        env, 9, enif_make_pid(env, &self), enif_make_int(env, enif_get_local_pid(env, argv[0], &other)),
        enif_make_int(env, enif_whereis_pid(env, enif_make_atom(env, "code_server"), &other)),
        enif_make_int(env, enif_whereis_pid(env, enif_make_atom(env, "nobody_at_all"), &other)),
        enif_make_int(env, enif_whereis_port(env, enif_make_atom(env, "code_server"), &port)),
        enif_make_int(env, enif_is_pid_undefined(&nobody) != 0 && !enif_is_pid_undefined(&self)),
        enif_make_int(env, enif_is_ref(env, ref) && enif_compare(one, two) != 0),
        enif_make_int(env, enif_is_process_alive(env, &self)), enif_make_int(env, enif_is_current_process_alive(env)));
}

FUNCTION(clocks) {
    ErlNifTime a = enif_monotonic_time(ERL_NIF_NSEC), b = enif_monotonic_time(ERL_NIF_NSEC),
               o = enif_time_offset(ERL_NIF_SEC);
    char value[50];
    size_t size = sizeof value, tiny = 2, none = 10;
    ErlNifSysInfo info;
    const int found = enif_getenv("NIF_TEST", value, &size), short_of = enif_getenv("NIF_TEST", value + 40, &tiny),
              not_found = enif_getenv("NOT_THERE_", value + 20, &none);
    enif_system_info(&info, sizeof info);
    return enif_make_list(
        env, 11, enif_make_int(env, a <= b), enif_make_int(env, o > 1000000000),
        enif_make_long(env, enif_convert_time_unit(-1, ERL_NIF_MSEC, ERL_NIF_SEC)),
        enif_make_long(env, enif_convert_time_unit(-1999, ERL_NIF_MSEC, ERL_NIF_SEC)),
        enif_make_long(env, enif_convert_time_unit(7, ERL_NIF_SEC, ERL_NIF_USEC)), enif_make_int(env, found),
        enif_make_uint64(env, size), enif_make_string(env, value, ERL_NIF_LATIN1), enif_make_int(env, short_of > 0),
        enif_make_int(env, not_found < 0),
        enif_make_tuple4(env, enif_make_string(env, info.otp_release, ERL_NIF_LATIN1),
                         enif_make_int(env, info.smp_support), enif_make_int(env, info.dirty_scheduler_support),
                         enif_make_int(env, info.scheduler_threads)));
}

/* Binaries of Size bytes that are filled as text is, with a NUL behind it: OTP's have room for that. */
FUNCTION(texts) {
    unsigned size;
    ErlNifBinary own;
    ERL_NIF_TERM made = enif_make_int(env, 0);
    if (!enif_get_uint(env, argv[0], &size) || !enif_alloc_binary(size, &own)) return enif_make_badarg(env);
    memset(own.data, 'a', size + 1);
    own.data[size] = 0;
    if (size > 64) {
        unsigned char* to = enif_make_new_binary(env, size, &made);
        memcpy(to, own.data, size + 1);
    }
    return enif_make_tuple2(env, enif_make_binary(env, &own), made);
}

static ErlNifFunc functions[] = {{"types", 1, types},
                                 {"numbers", 1, numbers},
                                 {"bad_double", 0, bad_double},
                                 {"bad_double", 1, bad_double},
                                 {"atoms", 1, atoms},
                                 {"existing", 1, existing},
                                 {"new_atom", 1, new_atom},
                                 {"strings", 1, strings},
                                 {"lists", 1, lists},
                                 {"tuples", 1, tuples},
                                 {"order", 2, order},
                                 {"hashes", 2, hashes},
                                 {"maps", 3, maps},
                                 {"map_of", 2, map_of},
                                 {"bytes", 2, bytes},
                                 {"is_bytes", 1, is_bytes},
                                 {"external", 1, external},
                                 {"formatted", 1, formatted},
                                 {"raise", 1, raise},
                                 {"copies", 1, copies},
                                 {"many", 1, many},
                                 {"identities", 1, identities},
                                 {"clocks", 0, clocks},
                                 {"texts", 1, texts}};

ERL_NIF_INIT(terms, functions, NULL, NULL, NULL, NULL)
