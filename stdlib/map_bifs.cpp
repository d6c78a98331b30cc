/// BIFs on maps. Updates are in vm/runtime_map.h, which the map instructions use too.
///
/// Order of pairs: small maps in key order. Of large maps iterators give the order of MapIterator, and maps:keys/1, values/1 and
/// to_list/1 the reverse of it, as in OTP. Lists are made by putting each
/// pair before those visited earlier, which is also how to_list can go on after a pause.

#include "base/patience.h"
#include "stdlib/bif.h"
#include "stdlib/map_walk.h"
#include "term/views.h"
#include "vm/runtime_map.h"
#include "vm/scratch.h"

namespace lintel {

namespace {

constexpr size_t kPairsPerReduction = 16;
/// Pairs that an iterator of a large map hands out at a time at the most.
constexpr size_t kIteratorPairs = 48;
/// Pairs of a large map that one call adds for maps:to_list/1.
constexpr size_t kListPairs = 8192;

Term bad_map(ExecState& p, Term map) { return p.error_tuple(am::badmap(), map); }

/// Value of `key` in `map`. Fails: {badmap, map}, {badkey, key}.
Term get_or_raise(ExecState& p, Term map, Term key) {
    if (!map.is_map()) return bad_map(p, map);
    const Term* value = map_find(map, key);
    return value != nullptr ? *value : p.error_tuple(am::badkey(), key);
}

Term is_key_or_raise(ExecState& p, Term map, Term key) {
    if (!map.is_map()) return bad_map(p, map);
    if (map_find(map, key) != nullptr) return am::true_();
    leave_ended_slice();  // in a guard, where no slice could end otherwise
    return am::false_();
}

/// The keys or the values of a large map, in the order of maps:to_list/1.
Term list_of_hash_map(ExecState& p, Term map, bool values) {
    const size_t n = map_size(map);
    p.charge(n / kPairsPerReduction);
    auto heap = p.reserve(list_words(n));
    Term list = Term::nil();
    MapIterator it(map);
    Term key, value;
    while (it.next(&key, &value)) list = heap.cons(values ? value : key, list);
    return list;
}

/// What maps:next/1 gives for `count` pairs: {K, V, {K, V, … Rest}}. Call add for each, then finish.
class IteratorChain {
public:
    static constexpr size_t kWords = tuple_words(3);
    explicit IteratorChain(HeapBuilder& heap) : heap_(heap) {}
    void add(Term key, Term value) {
        Word* elements;
        *link_ = heap_.tuple_of(3, &elements).word();
        elements[0] = key.word();
        elements[1] = value.word();
        link_ = elements + 2;
    }
    Term finish(Term rest) {
        *link_ = rest.word();
        return Term(first_);
    }

private:
    HeapBuilder& heap_;
    Word first_ = 0;
    Word* link_ = &first_;
};

Term next_of_flat_map(ExecState& p, Term map) {
    const size_t n = flat_map_size(map);
    auto heap = p.reserve(n * IteratorChain::kWords);
    IteratorChain chain(heap);
    for (size_t i = 0; i < n; ++i) chain.add(flat_map_keys(map)[i], flat_map_values(map)[i]);
    return chain.finish(am::none());
}

/// Pairs and steps of a slice of a walk.
struct Slice {
    size_t pairs = 0;
    size_t steps = 0;
    Word next = MapWalk::kStart;  ///< kStart: the walk has come to the end
};

Slice measure(Term map, Word position, size_t wanted) {
    Slice slice;
    MapWalk walk(map, position);
    while (!walk.done() && slice.pairs < wanted) {
        slice.pairs += walk.visit([](const Term*) {});
        ++slice.steps;
    }
    if (!walk.done()) slice.next = walk.position();
    return slice;
}

Term next_of_hash_map(ExecState& p, Term map, Word position) {
    MapWalk walk(map, position);
    if (walk.done()) return am::none();
    const size_t room = std::max(kIteratorPairs, walk.most_pairs());
    auto heap = p.reserve(room * IteratorChain::kWords + kConsWords);
    IteratorChain chain(heap);
    size_t pairs = 0;
    do {
        pairs += walk.visit([&](const Term* pair) { chain.add(pair[0], pair[1]); });
    } while (!walk.done() && pairs + walk.most_pairs() <= room);
    p.charge(pairs / kPairsPerReduction);
    if (walk.done()) return chain.finish(am::none());
    return chain.finish(heap.cons(Term::small(static_cast<int64_t>(walk.position())), map));
}

Term list_flat_map(ExecState& p, Term map, Term tail) {
    const size_t n = flat_map_size(map);
    auto heap = p.reserve(n * (kConsWords + tuple_words(2)));
    for (size_t i = n; i-- > 0;) {
        const Term pair = heap.tuple(flat_map_keys(map)[i], flat_map_values(map)[i]);
        tail = heap.cons(pair, tail);
    }
    return tail;
}

Term list_hash_map(ExecState& p, Term map, Word position, Term tail) {
    if (position == MapWalk::kStart && map_size(map) <= kListPairs) {
        const size_t n = map_size(map);
        p.charge(n / kPairsPerReduction);
        auto heap = p.reserve(n * (kConsWords + tuple_words(2)));
        MapIterator it(map);
        for (Term key, value; it.next(&key, &value);) tail = heap.cons(heap.tuple(key, value), tail);
        return tail;
    }
    const Slice slice = measure(map, position, kListPairs);
    auto heap = p.reserve(slice.pairs * (kConsWords + tuple_words(2)) + 2 * kConsWords);
    MapWalk walk(map, position);
    for (size_t i = 0; i < slice.steps; ++i) {
        walk.visit([&](const Term* pair) { tail = heap.cons(heap.tuple(pair[0], pair[1]), tail); });
    }
    p.charge(slice.pairs / kPairsPerReduction);
    if (slice.next == MapWalk::kStart) return tail;
    return heap.cons(Term::small(static_cast<int64_t>(slice.next)), heap.cons(map, tail));
}

}  // namespace

/// erlang:map_size/1. Fails: {badmap, Map}.
Term map_size_1(ExecState& p, Args a) {
    if (!a[0].is_map()) return bad_map(p, a[0]);
    return Term::small(static_cast<int64_t>(map_size(a[0])));
}

/// erlang:map_get/2: Key, Map. Fails: {badmap, Map}, {badkey, Key}.
Term map_get_2(ExecState& p, Args a) { return get_or_raise(p, a[1], a[0]); }

/// erlang:is_map_key/2: Key, Map. Fails: {badmap, Map}.
Term is_map_key_2(ExecState& p, Args a) { return is_key_or_raise(p, a[1], a[0]); }

/// maps:get/2: as map_get/2.
Term maps_get_2(ExecState& p, Args a) { return get_or_raise(p, a[1], a[0]); }

/// maps:is_key/2: as is_map_key/2.
Term maps_is_key_2(ExecState& p, Args a) { return is_key_or_raise(p, a[1], a[0]); }

/// maps:find/2: {ok, Value} or error. Fails: {badmap, Map}.
Term maps_find_2(ExecState& p, Args a) {
    if (!a[1].is_map()) return bad_map(p, a[1]);
    const Term* value = map_find(a[1], a[0]);
    if (value == nullptr) return am::error();
    auto heap = p.reserve(tuple_words(2));
    return heap.tuple(am::ok(), *value);
}

/// maps:put/3: Key, Value, Map. Fails: {badmap, Map}.
Term maps_put_3(ExecState& p, Args a) { return map_put(p, a[2], a[0], a[1]); }

/// maps:update/3: Key, Value, Map. Fails: {badmap, Map}, {badkey, Key}.
Term maps_update_3(ExecState& p, Args a) { return map_update(p, a[2], a[0], a[1]); }

/// maps:remove/2: Key, Map. Fails: {badmap, Map}.
Term maps_remove_2(ExecState& p, Args a) { return map_remove(p, a[1], a[0]); }

/// maps:take/2: {Value, Map without Key} or error. Fails: {badmap, Map}.
Term maps_take_2(ExecState& p, Args a) {
    Term value;
    const Term rest = map_remove(p, a[1], a[0], &value);
    if (rest.is_none()) return rest;
    if (value.is_none()) return am::error();
    auto heap = p.reserve(tuple_words(2));
    return heap.tuple(value, rest);
}

/// maps:keys/1. Fails: {badmap, Map}.
Term maps_keys_1(ExecState& p, Args a) {
    if (!a[0].is_map()) return bad_map(p, a[0]);
    if (a[0].is_hash_map()) return list_of_hash_map(p, a[0], false);
    const size_t n = flat_map_size(a[0]);
    auto heap = p.reserve(list_words(n));
    return heap.list({flat_map_keys(a[0]), n});
}

/// maps:values/1: in the order of keys/1. Fails: {badmap, Map}.
Term maps_values_1(ExecState& p, Args a) {
    if (!a[0].is_map()) return bad_map(p, a[0]);
    if (a[0].is_hash_map()) return list_of_hash_map(p, a[0], true);
    const size_t n = flat_map_size(a[0]);
    auto heap = p.reserve(list_words(n));
    return heap.list({flat_map_values(a[0]), n});
}

/// maps:merge/2: Map1, Map2; of keys in both Map2 has the value. Fails: {badmap, _} of the first that is none.
Term maps_merge_2(ExecState& p, Args a) {
    if (a[0].is_map() && a[1].is_map()) p.charge((map_size(a[0]) + map_size(a[1])) / kPairsPerReduction);
    return map_merge(p, a[0], a[1]);
}

/// maps:from_list/1: of pairs with the same key the last one stays. Fails: badarg unless a list of pairs.
Term maps_from_list_1(ExecState& p, Args a) {
    const int64_t length = list_length(a[0]);
    if (length < 0) return p.badarg();
    const auto n = static_cast<size_t>(length);
    const ScratchArray<Term> pairs(2 * n);
    if (!pairs) return p.system_limit();
    Term* to = pairs.data();
    for (Term list = a[0]; list.is_cons(); list = list.tail()) {
        const auto pair = as_tuple(list.head(), 2);
        if (!pair) return p.badarg();
        *to++ = pair[0];
        *to++ = pair[1];
    }
    p.charge(n / kPairsPerReduction);
    return map_from_pairs(p, pairs.data(), n);
}

/// maps:from_keys/2: Keys, Value. Fails: badarg unless Keys is a proper list.
Term maps_from_keys_2(ExecState& p, Args a) {
    const int64_t length = list_length(a[0]);
    if (length < 0) return p.badarg();
    const auto n = static_cast<size_t>(length);
    const ScratchArray<Term> pairs(2 * n);
    if (!pairs) return p.system_limit();
    Term* to = pairs.data();
    for (Term list = a[0]; list.is_cons(); list = list.tail()) {
        *to++ = list.head();
        *to++ = a[1];
    }
    p.charge(n / kPairsPerReduction);
    return map_from_pairs(p, pairs.data(), n);
}

namespace {

/// {K, V, Next} for the keys of an ordered iterator (OTP 26), of which some are taken at a time.
Term next_of_keys(ExecState& p, Term keys, Term map) {
    constexpr size_t kMost = 64;
    Term found[kMost], values[kMost];
    size_t n = 0;
    for (; keys.is_cons() && n < kMost; keys = keys.tail(), ++n) {
        const Term* value = map_find(map, keys.head());
        if (value == nullptr) return p.badarg();
        found[n] = keys.head();
        values[n] = *value;
    }
    if (!keys.is_list()) return p.badarg();
    p.charge(n / kPairsPerReduction + 1);
    auto heap = p.reserve(n * tuple_words(3) + (keys.is_cons() ? kConsWords : 0));
    Term next = keys.is_cons() ? heap.cons(keys, map) : am::none();
    while (n-- > 0) next = heap.tuple(found[n], values[n], next);
    return next;
}

}  // namespace

/// erts_internal:map_next/3: what maps.erl makes iterators and to_list/1 of. Position (0: the start), Map, Mode.
/// Mode `iterator`: {K, V, Next} where Next is such a tuple again, an iterator [Position | Map], or none.
/// Mode a list: the list with {K, V}s put before it; if there are more to come, [Position, Map | List].
/// A list of keys as position, in mode `iterator`: these, in their order. Fails: badarg if an argument is none of these. Any position is good for a small map, which is given out whole.
Term erts_internal_map_next_3(ExecState& p, Args a) {
    const Term map = a[1];
    if (a[0].is_list() && map.is_map() && a[2] == am::iterator()) return next_of_keys(p, a[0], map);
    if (!a[0].is_small() || a[0].to_small() < 0 || !map.is_map()) return p.badarg();
    const auto position = static_cast<Word>(a[0].to_small());
    if (a[2] == am::iterator())
        return map.is_flat_map() ? next_of_flat_map(p, map) : next_of_hash_map(p, map, position);
    if (!a[2].is_list()) return p.badarg();
    return map.is_flat_map() ? list_flat_map(p, map, a[2]) : list_hash_map(p, map, position, a[2]);
}

/// erts_internal:map_to_tuple_keys/1: the keys tuple itself. Fails: {badmap, Map}; badarg if Map is large and has none.
Term erts_internal_map_to_tuple_keys_1(ExecState& p, Args a) {
    if (!a[0].is_map()) return bad_map(p, a[0]);
    return a[0].is_flat_map() ? flat_map_keys_tuple(a[0]) : p.badarg();
}

/// erts_internal:map_hashmap_children/1: what is in a large map, as erts_debug:size/1 wants it: [Key | Value] of all
/// pairs. (OTP gives its trie nodes as well; ours are never seen by Erlang code.) Fails: {badmap, Map}; badarg if Map
/// is small.
Term erts_internal_map_hashmap_children_1(ExecState& p, Args a) {
    if (!a[0].is_map()) return bad_map(p, a[0]);
    if (a[0].is_flat_map()) return p.badarg();
    const size_t n = map_size(a[0]);
    p.charge(n / kPairsPerReduction);
    auto heap = p.reserve(2 * list_words(n));
    Term list = Term::nil();
    MapIterator it(a[0]);
    Term key, value;
    while (it.next(&key, &value)) list = heap.cons(heap.cons(key, value), list);
    return list;
}

}  // namespace lintel
