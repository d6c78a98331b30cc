#pragma once
/// Searching bytes for one or several patterns: what binary:match, matches and split use. stdlib/binary_search.cpp tells how.

#include <vector>

#include "gc/heap.h"

namespace lintel {

struct Found {
    size_t at;
    size_t length;
};

/// A set of patterns, made ready for searching. Immutable once made; any thread may search.
class SearchPattern : public Magic {
public:
    static inline const char kMagicType = 0;
    /// Bytes of a pattern; only read while the SearchPattern is made.
    struct Bytes {
        const uint8_t* data;
        size_t size;
    };

    /// `patterns`: at least one, none empty.
    explicit SearchPattern(std::vector<Bytes> patterns);

    /// More than one pattern ({ac, Ref} rather than {bm, Ref}).
    bool is_set() const { return is_set_; }
    /// The first match in bytes [from, to): the leftmost, and of those at the same place the longest.
    bool find(const uint8_t* bytes, size_t from, size_t to, Found* found) const;

private:
    struct State {
        uint32_t child = 0, sibling = 0;  ///< trie
        uint32_t fail = 0;                ///< longest proper suffix of this state that is a state
        uint32_t depth = 0;
        uint32_t longest = 0;  ///< length of the longest pattern that is a suffix of this state; 0: none
        uint8_t byte = 0;
    };
    void build(const std::vector<Bytes>& patterns);
    uint32_t child_of(uint32_t state, uint8_t byte) const;
    uint32_t next(uint32_t state, uint8_t byte) const;
    bool find_any(const uint8_t* bytes, size_t from, size_t to, Found* found) const;

    bool is_set_;
    std::vector<uint8_t> single_;  ///< the only pattern
    std::vector<State> states_;    ///< of a set; 0 is the root
    std::vector<uint32_t> table_;  ///< states × 256, if small enough
    bool starts_[256] = {};        ///< bytes that a pattern starts with
};

}  // namespace lintel
