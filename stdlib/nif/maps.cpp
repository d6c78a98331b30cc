/// Functions of the native interface on maps.

#include <vector>

#include "gc/map_builder.h"
#include "stdlib/nif/env.h"
#include "term/map.h"
#include "vm/runtime_map.h"

using lintel::Term;
using lintel::term_of;
using lintel::Word;

namespace {

/// What an iterator of a large map has: all its pairs, so that it can go both ways.
struct Pairs {
    std::vector<Term> keys, values;
};

const Pairs* pairs_of(const ErlNifMapIterator& it) { return static_cast<const Pairs*>(it.lintel_state[0]); }

/// Position 0 is before the first pair, size + 1 behind the last.
bool is_on_pair(const ErlNifMapIterator& it) { return it.idx >= 1 && it.idx <= it.size; }

}  // namespace

extern "C" {

ERL_NIF_TERM enif_make_new_map(ErlNifEnv* env) {
    lintel::HeapBuilder heap = env->reserve(lintel::map_words_bound(0));
    return lintel::build_map(heap, nullptr, 0, nullptr).word();
}

int enif_make_map_from_arrays(ErlNifEnv* env, ERL_NIF_TERM keys[], ERL_NIF_TERM values[], size_t count,
                              ERL_NIF_TERM* map) {
    lintel::Word few[2 * lintel::kMaxFlatMapSize];  // no Terms: those would be initialised
    std::vector<Term> many;
    if (count > lintel::kMaxFlatMapSize) many.resize(2 * count);
    Term* const pairs = count > lintel::kMaxFlatMapSize ? many.data() : reinterpret_cast<Term*>(few);
    for (size_t i = 0; i < count; ++i) {
        pairs[2 * i] = Term(keys[i]);
        pairs[2 * i + 1] = Term(values[i]);
    }
    lintel::MapPlan plan(pairs, count);
    if (plan.pairs() != count) return 0;  // a key stands twice
    lintel::HeapBuilder heap = env->reserve(plan.words());
    *map = plan.build(heap).word();
    return 1;
}

int enif_make_map_put(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value, ERL_NIF_TERM* result) {
    if (!term_of(map).is_map()) return 0;
    *result = lintel::map_put(env->state(), term_of(map), term_of(key), term_of(value)).word();
    return 1;
}

int enif_make_map_update(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value, ERL_NIF_TERM* result) {
    if (!term_of(map).is_map() || lintel::map_find(term_of(map), term_of(key)) == nullptr) return 0;
    return enif_make_map_put(env, map, key, value, result);
}

int enif_make_map_remove(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* result) {
    if (!term_of(map).is_map()) return 0;
    *result = lintel::map_remove(env->state(), term_of(map), term_of(key)).word();
    return 1;
}

int enif_get_map_size(ErlNifEnv*, ERL_NIF_TERM map, size_t* size) {
    if (!term_of(map).is_map()) return 0;
    *size = lintel::map_size(term_of(map));
    return 1;
}

int enif_get_map_value(ErlNifEnv*, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* value) {
    const Term* const found = term_of(map).is_map() ? lintel::map_find(term_of(map), term_of(key)) : nullptr;
    if (found == nullptr) return 0;
    *value = found->word();
    return 1;
}

int enif_map_iterator_create(ErlNifEnv*, ERL_NIF_TERM map, ErlNifMapIterator* it, ErlNifMapIteratorEntry entry) {
    if (!term_of(map).is_map() || (entry != ERL_NIF_MAP_ITERATOR_FIRST && entry != ERL_NIF_MAP_ITERATOR_LAST)) return 0;
    *it = {};
    it->map = map;
    it->size = lintel::map_size(term_of(map));
    it->idx = entry == ERL_NIF_MAP_ITERATOR_FIRST ? 1 : it->size;
    if (term_of(map).is_flat_map()) return 1;
    auto* const pairs = new Pairs;
    pairs->keys.reserve(it->size);
    pairs->values.reserve(it->size);
    lintel::MapIterator all{term_of(map)};
    Term key, value;
    while (all.next(&key, &value)) {
        pairs->keys.push_back(key);
        pairs->values.push_back(value);
    }
    it->lintel_state[0] = pairs;
    return 1;
}

void enif_map_iterator_destroy(ErlNifEnv*, ErlNifMapIterator* it) {
    delete pairs_of(*it);
    it->lintel_state[0] = nullptr;
}

int enif_map_iterator_is_head(ErlNifEnv*, ErlNifMapIterator* it) { return it->idx == 0 ? 1 : 0; }
int enif_map_iterator_is_tail(ErlNifEnv*, ErlNifMapIterator* it) { return it->idx > it->size ? 1 : 0; }

int enif_map_iterator_next(ErlNifEnv*, ErlNifMapIterator* it) {
    if (it->idx <= it->size) ++it->idx;
    return is_on_pair(*it) ? 1 : 0;
}

int enif_map_iterator_prev(ErlNifEnv*, ErlNifMapIterator* it) {
    if (it->idx > 0) --it->idx;
    return is_on_pair(*it) ? 1 : 0;
}

int enif_map_iterator_get_pair(ErlNifEnv*, ErlNifMapIterator* it, ERL_NIF_TERM* key, ERL_NIF_TERM* value) {
    if (!is_on_pair(*it)) return 0;
    const size_t i = it->idx - 1;
    const Pairs* const pairs = pairs_of(*it);
    *key = (pairs != nullptr ? pairs->keys[i] : lintel::flat_map_keys(Term(it->map))[i]).word();
    *value = (pairs != nullptr ? pairs->values[i] : lintel::flat_map_values(Term(it->map))[i]).word();
    return 1;
}

}  // extern "C"
