#pragma once
/// Maps from pairs, all at once: what binary_to_term, maps:from_list, literals and term copies between formats use.

#include "gc/heap_builder.h"

namespace lintel {

/// Heap words that build_map needs at most for `pairs` pairs. Large maps usually need a fraction of it: keys whose
/// hashes agree in many bits are what the bound is about.
size_t map_words_bound(size_t pairs);

/// The map of `pairs` pairs (key, value, key, value, … at `key_values`, which is reordered and holds nothing of use
/// afterwards). Of equal keys the last one stays; *duplicate (if not nullptr) tells whether there were any.
/// map_words_bound(pairs) words.
Term build_map(HeapBuilder& heap, Term* key_values, size_t pairs, bool* duplicate);

/// The same in two steps, so that exactly what the map takes can be reserved: sort and count, then build.
class MapPlan {
public:
    struct Entry {
        Word digits;  ///< the hash, its lowest four bits on top
        Term key, value;
    };

    /// As build_map; `key_values` must stay until build is done.
    MapPlan(Term* key_values, size_t pairs);
    ~MapPlan();
    MapPlan(const MapPlan&) = delete;
    MapPlan& operator=(const MapPlan&) = delete;

    /// Pairs of the map: fewer than were given if keys were repeated.
    size_t pairs() const { return pairs_; }
    /// Words that build takes, exactly.
    size_t words() const { return words_; }
    Term build(HeapBuilder& heap);

private:
    Term* key_values_;
    size_t pairs_;
    size_t words_ = 0;
    Entry* entries_ = nullptr;  // of a large map
};

}  // namespace lintel
