/// Functions of the native interface on lists and tuples.

#include <climits>
#include <cstdarg>

#include "stdlib/nif/env.h"
#include "term/views.h"

using lintel::HeapBuilder;
using lintel::Term;
using lintel::term_of;
using lintel::Word;

namespace {

const Term* terms(const ERL_NIF_TERM* words) { return reinterpret_cast<const Term*>(words); }

/// A tuple whose elements next() gives, first to last.
template <typename F>
ERL_NIF_TERM make_tuple(ErlNifEnv& env, unsigned count, F next, const char* function = __builtin_FUNCTION()) {
    HeapBuilder heap = env.reserve(lintel::tuple_words(count), function);
    Word* elements;
    const Term tuple = heap.tuple_of(count, &elements);
    for (unsigned i = 0; i < count; ++i) elements[i] = term_of(next(), function).word();
    return tuple.word();
}

}  // namespace

extern "C" {

ERL_NIF_TERM enif_make_list(ErlNifEnv* env, unsigned count, ...) {
    HeapBuilder heap = env->reserve(lintel::list_words(count));
    Word* const cells = heap.raw(lintel::list_words(count));
    va_list rest;
    va_start(rest, count);
    for (unsigned i = 0; i < count; ++i) {
        Word* const cell = cells + size_t{2} * i;
        cell[0] = term_of(va_arg(rest, ERL_NIF_TERM)).word();
        cell[1] = (i + 1 == count ? Term::nil() : Term::cons(cell + 2)).word();
    }
    va_end(rest);
    return (count == 0 ? Term::nil() : Term::cons(cells)).word();
}

ERL_NIF_TERM enif_make_list_cell(ErlNifEnv* env, ERL_NIF_TERM head, ERL_NIF_TERM tail) {
    return env->reserve(lintel::kConsWords).cons(term_of(head), term_of(tail)).word();
}

ERL_NIF_TERM enif_make_list_from_array(ErlNifEnv* env, const ERL_NIF_TERM elements[], unsigned count) {
    for (unsigned i = 0; i < count; ++i) term_of(elements[i]);
    return env->reserve(lintel::list_words(count)).list({terms(elements), count}).word();
}

int enif_make_reverse_list(ErlNifEnv* env, ERL_NIF_TERM term, ERL_NIF_TERM* reversed) {
    const int64_t length = lintel::list_length(term_of(term));
    if (length < 0) return 0;
    HeapBuilder heap = env->reserve(lintel::list_words(static_cast<size_t>(length)));
    Term result = Term::nil();
    for (Term list(term); list.is_cons(); list = list.tail()) result = heap.cons(list.head(), result);
    *reversed = result.word();
    return 1;
}

int enif_get_list_cell(ErlNifEnv*, ERL_NIF_TERM term, ERL_NIF_TERM* head, ERL_NIF_TERM* tail) {
    const Term list = term_of(term);
    if (!list.is_cons()) return 0;
    *head = list.head().word();
    *tail = list.tail().word();
    return 1;
}

int enif_get_list_length(ErlNifEnv*, ERL_NIF_TERM term, unsigned* length) {
    const int64_t n = lintel::list_length(term_of(term));
    if (n < 0 || n > UINT_MAX) return 0;
    *length = static_cast<unsigned>(n);
    return 1;
}

ERL_NIF_TERM enif_make_tuple(ErlNifEnv* env, unsigned count, ...) {
    va_list rest;
    va_start(rest, count);
    const ERL_NIF_TERM tuple = make_tuple(*env, count, [&rest] { return va_arg(rest, ERL_NIF_TERM); });
    va_end(rest);
    return tuple;
}

ERL_NIF_TERM enif_make_tuple_from_array(ErlNifEnv* env, const ERL_NIF_TERM elements[], unsigned count) {
    return make_tuple(*env, count, [&elements] { return *elements++; });
}

int enif_get_tuple(ErlNifEnv*, ERL_NIF_TERM term, int* arity, const ERL_NIF_TERM** elements) {
    const auto tuple = lintel::as_tuple(term_of(term));
    if (!tuple) return 0;
    *arity = static_cast<int>(tuple.arity());
    *elements = reinterpret_cast<const ERL_NIF_TERM*>(tuple.elements().data());
    return 1;
}

}  // extern "C"
