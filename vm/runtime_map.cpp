#include "vm/runtime_map.h"

#include "gc/map_builder.h"
#include "vm/map_trie.h"
#include "vm/scratch.h"

// Small maps are copied whole. Their keys tuple is copied only when a key comes or goes, so that maps that are made
// by the same expression, and all their updates, share one. Large maps: vm/map_trie.h.

namespace lintel {

namespace {

uint32_t hash_of_key(Term key, unsigned half) {
    return half == 0 ? internal_hash(key) : internal_hash_again(key, half);
}

Term bad_map(ExecState& p, Term map) { return p.error_tuple(am::badmap(), map); }
Term bad_key(ExecState& p, Term key) { return p.error_tuple(am::badkey(), key); }

/// Where `key`, which is not in the `n` sorted keys, belongs.
size_t insert_position(const Term* keys, size_t n, Term key) {
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (compare_keys(keys[middle], key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

inline void copy_terms(Word* to, const Term* from, size_t n) {
    for (size_t i = 0; i < n; ++i) to[i] = from[i].word();
}

/// A copy of a flat map with the same keys. Its values begin at *values.
inline Term copy_flat(ExecState& p, Term map, Word** values) {
    const Word* old = map.boxed_words();
    const size_t words = 1 + header_size(*old);
    auto heap = p.reserve(words);
    Word* copy = heap.raw(words);
    map_trie::copy_words(copy, old, words);
    *values = copy + 2;
    return Term::boxed(copy);
}

Term flat_replace(ExecState& p, Term map, const Term* place, Term value) {
    if (*place == value) return map;
    const auto index = static_cast<size_t>(place - flat_map_values(map));
    Word* values;
    const Term copy = copy_flat(p, map, &values);
    values[index] = value.word();
    return copy;
}

/// The parts of a new flat map of `n` pairs with a keys tuple of its own.
struct FlatParts {
    Word* keys;
    Word* values;
    Term map;

    static constexpr size_t words(size_t n) { return (1 + n) + (2 + n); }
    FlatParts(HeapBuilder& heap, size_t n) {
        const Term tuple = heap.tuple_of(n, &keys);
        Word* w = heap.raw(2 + n);
        w[0] = make_header(Kind::map_flat, 1 + n);
        w[1] = tuple.word();
        values = w + 2;
        map = Term::boxed(w);
    }
};

Term build_from_pairs(ExecState& p, Term* pairs, size_t count) {
    MapPlan plan(pairs, count);
    auto heap = p.reserve(plan.words());
    return plan.build(heap);
}

/// maps:merge/2 of flat maps that have at most kMaxFlatMapSize pairs together: both runs are sorted.
Term flat_merge(ExecState& p, Term a, Term b) {
    const size_t n = flat_map_size(a), m = flat_map_size(b);
    const Term *a_keys = flat_map_keys(a), *a_values = flat_map_values(a);
    const Term *b_keys = flat_map_keys(b), *b_values = flat_map_values(b);
    Term keys[kMaxFlatMapSize], values[kMaxFlatMapSize];
    size_t i = 0, j = 0, out = 0;
    for (; i < n && j < m; ++out) {
        const int order = compare_keys(a_keys[i], b_keys[j]);
        keys[out] = order < 0 ? a_keys[i] : b_keys[j];
        values[out] = order < 0 ? a_values[i] : b_values[j];
        i += order <= 0;
        j += order >= 0;
    }
    for (; i < n; ++i, ++out) keys[out] = a_keys[i], values[out] = a_values[i];
    for (; j < m; ++j, ++out) keys[out] = b_keys[j], values[out] = b_values[j];
    // Nothing new to one of them: its keys serve.
    const bool has_all = out == n || out == m;
    auto heap = p.reserve(has_all ? 2 + out : FlatParts::words(out));
    if (has_all) {
        Word* map = heap.raw(2 + out);
        map[0] = make_header(Kind::map_flat, 1 + out);
        map[1] = flat_map_keys_tuple(out == n ? a : b).word();
        copy_terms(map + 2, values, out);
        return Term::boxed(map);
    }
    const FlatParts to(heap, out);
    copy_terms(to.keys, keys, out);
    copy_terms(to.values, values, out);
    return to.map;
}

/// A flat map with a pair more; `key` is not in it.
Term flat_insert(ExecState& p, Term map, Term key, Term value) {
    const size_t n = flat_map_size(map);
    const Term* keys = flat_map_keys(map);
    const Term* values = flat_map_values(map);
    if (LINTEL_UNLIKELY(n == kMaxFlatMapSize)) {
        Term pairs[2 * (kMaxFlatMapSize + 1)];
        for (size_t i = 0; i < n; ++i) {
            pairs[2 * i] = keys[i];
            pairs[2 * i + 1] = values[i];
        }
        pairs[2 * n] = key;
        pairs[2 * n + 1] = value;
        return build_from_pairs(p, pairs, n + 1);
    }
    const size_t at = insert_position(keys, n, key);
    auto heap = p.reserve(FlatParts::words(n + 1));
    const FlatParts to(heap, n + 1);
    copy_terms(to.keys, keys, at);
    to.keys[at] = key.word();
    copy_terms(to.keys + at + 1, keys + at, n - at);
    copy_terms(to.values, values, at);
    to.values[at] = value.word();
    copy_terms(to.values + at + 1, values + at, n - at);
    return to.map;
}

Term flat_remove(ExecState& p, Term map, size_t at) {
    const size_t n = flat_map_size(map) - 1;
    auto heap = p.reserve(FlatParts::words(n));
    const FlatParts to(heap, n);
    copy_terms(to.keys, flat_map_keys(map), at);
    copy_terms(to.keys + at, flat_map_keys(map) + at + 1, n - at);
    copy_terms(to.values, flat_map_values(map), at);
    copy_terms(to.values + at, flat_map_values(map) + at + 1, n - at);
    return to.map;
}

/// All pairs of `map` but that of `key`, from a hash map that becomes flat by it.
Term flatten_without(ExecState& p, Term map, Term key) {
    Term pairs[2 * kMaxFlatMapSize];
    size_t n = 0;
    MapIterator it(map);
    Term k, v;
    while (n < 2 * kMaxFlatMapSize && it.next(&k, &v)) {
        if (exactly_equal(k, key)) continue;
        pairs[n++] = k;
        pairs[n++] = v;
    }
    LINTEL_ASSERT(n == 2 * kMaxFlatMapSize);
    return build_from_pairs(p, pairs, n / 2);
}

/// Appends all pairs of `map`; returns the end.
Term* append_pairs(Term* to, Term map) {
    MapIterator it(map);
    while (it.next(to, to + 1)) to += 2;
    return to;
}

/// Pairs that an assoc on a flat map handles without a general build.
constexpr size_t kMaxNewPairs = kMaxFlatMapSize;

/// A flat map with `fresh_count` pairs more, whose keys are not in it: merge of two sorted runs.
Term flat_insert_many(ExecState& p, Term map, const Term** fresh, size_t fresh_count) {
    // Insertion sort: the compiler gives literal keys in order. Of equal keys the later one stays.
    size_t count = 0;
    for (size_t i = 0; i < fresh_count; ++i) {
        const Term* pair = fresh[i];
        size_t at = count;
        int order = 1;
        while (at > 0 && (order = compare_keys(fresh[at - 1][0], pair[0])) > 0) --at;
        if (at > 0 && order == 0) {
            fresh[at - 1] = pair;
            continue;
        }
        for (size_t j = count; j > at; --j) fresh[j] = fresh[j - 1];
        fresh[at] = pair;
        ++count;
    }
    const size_t n = flat_map_size(map);
    const Term* keys = flat_map_keys(map);
    const Term* values = flat_map_values(map);
    auto heap = p.reserve(FlatParts::words(n + count));
    const FlatParts to(heap, n + count);
    for (size_t i = 0, j = 0, out = 0; out < n + count; ++out) {
        const bool take_fresh = i == n || (j < count && compare_keys(fresh[j][0], keys[i]) < 0);
        to.keys[out] = take_fresh ? fresh[j][0].word() : keys[i].word();
        to.values[out] = take_fresh ? fresh[j++][1].word() : values[i++].word();
    }
    return to.map;
}

Term flat_assoc(ExecState& p, Term map, const Term* pairs, size_t count) {
    const size_t n = flat_map_size(map);
    const Term* fresh[kMaxNewPairs];
    const Term* replaced[kMaxFlatMapSize];
    size_t fresh_count = 0;
    bool replaces = false;
    for (size_t i = 0; i < n; ++i) replaced[i] = flat_map_values(map) + i;
    for (size_t i = 0; i < count; ++i) {
        const Term* pair = pairs + 2 * i;
        const Term* place = map_find(map, pair[0]);
        if (place != nullptr) {
            replaced[place - flat_map_values(map)] = pair + 1;
            replaces = true;
        } else if (n + fresh_count == kMaxFlatMapSize) {
            // It becomes a large map, unless keys are repeated, which the compiler does not do.
            const ScratchArray<Term> all(2 * (n + count));
            if (!all) return p.system_limit();
            copy_terms(reinterpret_cast<Word*>(append_pairs(all.data(), map)), pairs, 2 * count);
            return build_from_pairs(p, all.data(), n + count);
        } else {
            fresh[fresh_count++] = pair;
        }
    }
    if (fresh_count == 0) {
        Word* values;
        const Term copy = copy_flat(p, map, &values);
        for (size_t i = 0; i < n; ++i) values[i] = replaced[i]->word();
        return copy;
    }
    const Term result = flat_insert_many(p, map, fresh, fresh_count);
    if (replaces) {
        // Fresh, so it may still be written.
        Word* values = result.boxed_words() + 2;
        for (size_t i = 0, j = 0; i < n; ++j) {
            if (flat_map_keys(result)[j] != flat_map_keys(map)[i]) continue;
            values[j] = replaced[i]->word();
            ++i;
        }
    }
    return result;
}

Term flat_exact(ExecState& p, Term map, const Term* pairs, size_t count) {
    // There are no more places than pairs, unless some keys are repeated, which the compiler does not do.
    uint8_t places[kMaxFlatMapSize];
    const Term* old = flat_map_values(map);
    for (size_t i = 0; i < count; ++i) {
        const Term* place = map_find(map, pairs[2 * i]);
        if (LINTEL_UNLIKELY(place == nullptr)) return bad_key(p, pairs[2 * i]);
        if (i < kMaxFlatMapSize) places[i] = static_cast<uint8_t>(place - old);
    }
    Word* values;
    const Term copy = copy_flat(p, map, &values);
    for (size_t i = 0; i < count; ++i) {
        const Term* place = i < kMaxFlatMapSize ? old + places[i] : map_find(map, pairs[2 * i]);
        if (LINTEL_UNLIKELY(place == nullptr)) return bad_key(p, pairs[2 * i]);
        values[place - old] = pairs[2 * i + 1].word();
    }
    return copy;
}

}  // namespace

Term map_put(ExecState& p, Term map, Term key, Term value) {
    if (LINTEL_LIKELY(map.is_flat_map())) {
        const Term* place = map_find(map, key);
        return place != nullptr ? flat_replace(p, map, place, value) : flat_insert(p, map, key, value);
    }
    if (LINTEL_UNLIKELY(!map.is_hash_map())) return bad_map(p, map);
    return trie_put(p, map, key, value, hash_of_key);
}

Term map_update(ExecState& p, Term map, Term key, Term value) {
    if (LINTEL_LIKELY(map.is_flat_map())) {
        const Term* place = map_find(map, key);
        return place != nullptr ? flat_replace(p, map, place, value) : bad_key(p, key);
    }
    if (LINTEL_UNLIKELY(!map.is_hash_map())) return bad_map(p, map);
    const TriePath path(map, key, hash_of_key);
    return path.found == TriePath::Found::pair ? trie_replace(p, map, path, value) : bad_key(p, key);
}

Term map_remove(ExecState& p, Term map, Term key, Term* removed) {
    Term value;
    if (removed == nullptr) removed = &value;
    *removed = Term::none();
    if (LINTEL_LIKELY(map.is_flat_map())) {
        const Term* place = map_find(map, key);
        if (place == nullptr) return map;
        *removed = *place;
        return flat_remove(p, map, static_cast<size_t>(place - flat_map_values(map)));
    }
    if (LINTEL_UNLIKELY(!map.is_hash_map())) return bad_map(p, map);
    if (map_size(map) == kMaxFlatMapSize + 1) {
        const Term* place = hash_map_find(map, key);
        if (place == nullptr) return map;
        *removed = *place;
        return flatten_without(p, map, key);
    }
    return trie_remove(p, map, key, removed, hash_of_key);
}

Term put_map_assoc(ExecState& p, Term map, const Term* pairs, size_t count) {
    if (count == 1) return map_put(p, map, pairs[0], pairs[1]);
    if (LINTEL_LIKELY(map.is_flat_map())) return count == 0 ? map : flat_assoc(p, map, pairs, count);
    if (LINTEL_UNLIKELY(!map.is_hash_map())) return bad_map(p, map);
    for (size_t i = 0; i < count; ++i) map = map_put(p, map, pairs[2 * i], pairs[2 * i + 1]);
    return map;
}

Term put_map_exact(ExecState& p, Term map, const Term* pairs, size_t count) {
    if (count == 1) return map_update(p, map, pairs[0], pairs[1]);
    if (LINTEL_LIKELY(map.is_flat_map())) return count == 0 ? map : flat_exact(p, map, pairs, count);
    if (LINTEL_UNLIKELY(!map.is_hash_map())) return bad_map(p, map);
    for (size_t i = 0; i < count && map.is_value(); ++i) map = map_update(p, map, pairs[2 * i], pairs[2 * i + 1]);
    return map;
}

Term map_from_pairs(ExecState& p, Term* pairs, size_t count) { return build_from_pairs(p, pairs, count); }

Term map_merge(ExecState& p, Term a, Term b) {
    if (!a.is_map()) return bad_map(p, a);
    if (!b.is_map()) return bad_map(p, b);
    const size_t size_a = map_size(a), size_b = map_size(b);
    if (size_b == 0 || a == b) return a;
    if (size_a == 0) return b;
    // A few pairs into a large map: copy paths, share the rest.
    if (size_b <= size_a / 8) {
        MapIterator it(b);
        Term key, value;
        while (it.next(&key, &value)) a = map_put(p, a, key, value);
        return a;
    }
    if (size_a <= size_b / 8) {
        MapIterator it(a);
        Term key, value;
        while (it.next(&key, &value)) {
            if (map_find(b, key) == nullptr) b = map_put(p, b, key, value);
        }
        return b;
    }
    if (size_a + size_b <= kMaxFlatMapSize) return flat_merge(p, a, b);
    const ScratchArray<Term> all(2 * (size_a + size_b));
    if (!all) return p.system_limit();
    append_pairs(append_pairs(all.data(), a), b);
    return build_from_pairs(p, all.data(), size_a + size_b);
}

}  // namespace lintel
