/// Functions of the native interface on any terms, and on numbers.

#include <cmath>
#include <utility>

#include "gc/copy.h"
#include "stdlib/int_arg.h"
#include "stdlib/nif/env.h"
#include "term/compare.h"
#include "term/hash.h"

using lintel::Term;
using lintel::term_of;

namespace {

template <typename T>
int get_signed(ERL_NIF_TERM term, T* out) {
    int64_t v;
    if (!lintel::int64_of(term_of(term), &v) || !std::in_range<T>(v)) return 0;
    *out = static_cast<T>(v);
    return 1;
}

template <typename T>
int get_unsigned(ERL_NIF_TERM term, T* out) {
    uint64_t v;
    if (!lintel::uint64_of(term_of(term), &v) || !std::in_range<T>(v)) return 0;
    *out = static_cast<T>(v);
    return 1;
}

ERL_NIF_TERM make_signed(ErlNifEnv& env, int64_t v) {
    return Term::fits_small(v) ? Term::small(v).word() : env.reserve(lintel::kIntegerWords).integer(v).word();
}

}  // namespace

extern "C" {

// ---- types

int enif_is_atom(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_atom() ? 1 : 0; }
int enif_is_binary(ErlNifEnv*, ERL_NIF_TERM t) { return lintel::as_binary(term_of(t)) ? 1 : 0; }
int enif_is_empty_list(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_nil() ? 1 : 0; }
int enif_is_exception(ErlNifEnv* env, ERL_NIF_TERM t) {
    return env->has_raised && term_of(t).is_none() ? 1 : 0;  // what enif_schedule_nif returns is none, too
}
int enif_is_fun(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_fun() ? 1 : 0; }
int enif_is_list(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_list() ? 1 : 0; }
int enif_is_map(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_map() ? 1 : 0; }
int enif_is_number(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_number() ? 1 : 0; }
int enif_is_pid(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_pid() ? 1 : 0; }
int enif_is_port(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_port() ? 1 : 0; }
int enif_is_ref(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_reference() ? 1 : 0; }
int enif_is_tuple(ErlNifEnv*, ERL_NIF_TERM t) { return term_of(t).is_tuple() ? 1 : 0; }

ErlNifTermType enif_term_type(ErlNifEnv*, ERL_NIF_TERM term) {
    const Term t = term_of(term);
    if (t.is_atom()) return ERL_NIF_TERM_TYPE_ATOM;
    if (t.is_bitstring()) return ERL_NIF_TERM_TYPE_BITSTRING;
    if (t.is_float()) return ERL_NIF_TERM_TYPE_FLOAT;
    if (t.is_fun()) return ERL_NIF_TERM_TYPE_FUN;
    if (t.is_integer()) return ERL_NIF_TERM_TYPE_INTEGER;
    if (t.is_list()) return ERL_NIF_TERM_TYPE_LIST;
    if (t.is_map()) return ERL_NIF_TERM_TYPE_MAP;
    if (t.is_pid()) return ERL_NIF_TERM_TYPE_PID;
    if (t.is_port()) return ERL_NIF_TERM_TYPE_PORT;
    if (t.is_reference()) return ERL_NIF_TERM_TYPE_REFERENCE;
    if (t.is_tuple()) return ERL_NIF_TERM_TYPE_TUPLE;
    return ERL_NIF_TERM_TYPE__MISSING_DEFAULT_CASE__READ_THE_MANUAL;  // a native record of OTP 29
}

int enif_is_identical(ERL_NIF_TERM a, ERL_NIF_TERM b) { return lintel::exactly_equal(term_of(a), term_of(b)) ? 1 : 0; }
int enif_compare(ERL_NIF_TERM a, ERL_NIF_TERM b) {
    const int order = lintel::compare(term_of(a), term_of(b));
    return (order > 0) - (order < 0);
}

ErlNifUInt64 enif_hash(ErlNifHash type, ERL_NIF_TERM t, ErlNifUInt64 salt) {
    if (type == ERL_NIF_PHASH2) return lintel::phash2(term_of(t));
    return lintel::internal_hash(term_of(t), static_cast<uint32_t>(salt));
}

size_t enif_term_size(ERL_NIF_TERM t) { return lintel::flat_size(term_of(t), nullptr) * sizeof(lintel::Word); }

// ---- numbers

int enif_get_int(ErlNifEnv*, ERL_NIF_TERM t, int* v) { return get_signed(t, v); }
int enif_get_long(ErlNifEnv*, ERL_NIF_TERM t, long* v) { return get_signed(t, v); }
int enif_get_uint(ErlNifEnv*, ERL_NIF_TERM t, unsigned* v) { return get_unsigned(t, v); }
int enif_get_ulong(ErlNifEnv*, ERL_NIF_TERM t, unsigned long* v) { return get_unsigned(t, v); }

int enif_get_double(ErlNifEnv*, ERL_NIF_TERM t, double* v) {
    if (!term_of(t).is_float()) return 0;
    *v = lintel::to_double(term_of(t));
    return 1;
}

ERL_NIF_TERM enif_make_int(ErlNifEnv*, int v) { return Term::small(v).word(); }
ERL_NIF_TERM enif_make_uint(ErlNifEnv*, unsigned v) { return Term::small(v).word(); }
ERL_NIF_TERM enif_make_long(ErlNifEnv* env, long v) { return make_signed(*env, v); }

ERL_NIF_TERM enif_make_ulong(ErlNifEnv* env, unsigned long v) {
    if (v <= static_cast<unsigned long>(Term::kSmallMax)) return Term::small(static_cast<int64_t>(v)).word();
    return env->reserve(lintel::kIntegerWords).unsigned_integer(v).word();
}

ERL_NIF_TERM enif_make_double(ErlNifEnv* env, double v) {
    if (!std::isfinite(v)) return env->badarg();
    if (const Term immediate = Term::try_immediate_float(v); immediate.is_value()) return immediate.word();
    return env->reserve(lintel::kBoxedFloatWords).make_float(v).word();
}

}  // extern "C"
