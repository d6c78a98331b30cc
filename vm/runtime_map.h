#pragma once
/// Making and changing maps: what the interpreter, a JIT and the BIFs share. term/map.h has the layout and the read
/// side.
///
/// Each takes any terms, reserves exactly what it builds, never collects, and returns the non-value after raising in
/// `p`. The words come from the heap or, if it is full, from a fragment: an engine that calls them in an instruction
/// should, when p.heap.fragments has become non-null, collect at its next safepoint. Only the thread that runs `p`.

#include "term/map.h"
#include "vm/exec_state.h"

namespace lintel {

/// maps:put/3: `map` with key => value. Fails: {badmap, map}. The same map if nothing changes; keys shared if `key`
/// is there.
Term map_put(ExecState& p, Term map, Term key, Term value);
/// maps:update/3: `map` with key := value. Fails: {badmap, map}, {badkey, key}.
Term map_update(ExecState& p, Term map, Term key, Term value);
/// maps:remove/2: `map` without `key`. Fails: {badmap, map}. If `removed` is given, it is set to the value that went,
/// or to the non-value.
Term map_remove(ExecState& p, Term map, Term key, Term* removed = nullptr);

/// The instructions put_map_assoc and put_map_exact: `count` pairs (key, value, key, value, …), the last one counts
/// when a key is repeated. Fails: {badmap, map}; exact: {badkey, Key} of the first missing key.
Term put_map_assoc(ExecState& p, Term map, const Term* pairs, size_t count);
Term put_map_exact(ExecState& p, Term map, const Term* pairs, size_t count);

/// Room that put_map_assoc and put_map_exact of so many pairs take as a rule, for who can collect before.
inline size_t put_map_words(Term map, size_t count) {
    constexpr size_t kPathWords = 48;  // of nodes from the root of a large map to one place
    if (map.is_flat_map()) return 3 + 2 * (flat_map_size(map) + count);
    return map.is_hash_map() ? kPathWords * count : 0;
}

/// The flat map with these keys (a tuple, sorted by compare_keys, no two equal, at most kMaxFlatMapSize) and as many
/// values. What `#{a => X, b => Y}` comes down to when an engine has the keys tuple as a literal.
inline Term make_flat_map(ExecState& p, Term keys, const Term* values) {
    const size_t n = header_size(keys.header());
    auto heap = p.reserve(2 + n);
    Word* map = heap.raw(2 + n);
    map[0] = make_header(Kind::map_flat, 1 + n);
    map[1] = keys.word();
    for (size_t i = 0; i < n; ++i) map[2 + i] = values[i].word();
    return Term::boxed(map);
}

/// The map of `count` pairs; the last one counts when a key is repeated. `pairs` is reordered and holds nothing of use
/// afterwards.
Term map_from_pairs(ExecState& p, Term* pairs, size_t count);
/// maps:merge/2; of keys in both `b` has the value. Fails: {badmap, _} of the first that is none.
Term map_merge(ExecState& p, Term a, Term b);

}  // namespace lintel
