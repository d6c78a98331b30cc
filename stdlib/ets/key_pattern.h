#pragma once
/// What the heads of a match specification say about the keys of the objects that can match.

#include <vector>

#include "stdlib/ets/table.h"

namespace lintel {

/// What a map without variables is in a pattern. In general it matches every map that has its pairs; but a key without variables is
/// looked up, not matched.
enum class PatternMaps : uint8_t { match_more, are_themselves };
/// Whether the pattern matches itself only: it has no variables (and no maps, if they match more).
bool is_ground(Term pattern, PatternMaps maps);

/// Whether `key` comes before (<0), among (0) or behind (>0) the keys that match `pattern`: the order of terms, up to the first
/// variable of the pattern. Keys that match compare 0, but not only they.
int compare_with_pattern(Term key, Term pattern);

/// Which objects a specification has to be tried on.
struct KeyPlan {
    enum class Scan : uint8_t {
        nothing,  ///< no head can match
        keys,     ///< those with the keys `keys`
        range,    ///< those whose keys are among `pattern`'s (ordered tables)
        all,
    };
    Scan scan = Scan::nothing;
    std::vector<Term> keys;  ///< ascending and no two the same if the table is ordered, else as they come in the heads
    Term pattern;

    /// `spec` is a list of {Head, _, _}. `one_range`: no list of several keys for an ordered table.
    KeyPlan(Term spec, const Table& table, bool one_range);
};

/// Whether what the only value of each body builds has the key of the object that the head matches: what ets:select_replace/2
/// asks for.
bool keeps_keys(Term spec, size_t key_position);

}  // namespace lintel
