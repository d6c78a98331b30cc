#include "stdlib/binary_search.h"

#include <algorithm>
#include <cstring>

/// Searching.
///
/// One pattern: memchr and memmem of the C library, which are linear in the worst case and use vector instructions.
///
/// Several patterns: an Aho-Corasick automaton. Its states are the prefixes of the patterns; `fail` of a state is its longest
/// proper suffix that is a state, too. Reading a byte leads to the child for that byte, or to the child of the nearest state
/// along the fail links that has one. In each state `longest` is the longest pattern that ends here: the one that begins first.
///
/// The match wanted is the leftmost, and of several there the longest. So a match found is kept, and the search goes on
/// as long as the state could still grow into one that begins no later: as long as the state itself (the longest
/// prefix of any pattern that ends here) begins no later than the match.
///
/// Small automata are turned into a table, one row of 256 states each. Outside a match, bytes that no pattern begins
/// with are skipped without it.

namespace lintel {

namespace {

/// States of which a table is made: 64 KiB.
constexpr size_t kMaxTableStates = 64;

}  // namespace

SearchPattern::SearchPattern(std::vector<Bytes> patterns) : Magic(&kMagicType), is_set_(patterns.size() > 1) {
    if (is_set_) {
        build(patterns);
    } else {
        single_.assign(patterns[0].data, patterns[0].data + patterns[0].size);
    }
}

uint32_t SearchPattern::child_of(uint32_t state, uint8_t byte) const {
    uint32_t c = states_[state].child;
    while (c != 0 && states_[c].byte != byte) c = states_[c].sibling;
    return c;
}

uint32_t SearchPattern::next(uint32_t state, uint8_t byte) const {
    for (;;) {
        const uint32_t c = child_of(state, byte);
        if (c != 0 || state == 0) return c;
        state = states_[state].fail;
    }
}

void SearchPattern::build(const std::vector<Bytes>& patterns) {
    states_.emplace_back();
    for (const Bytes& pattern : patterns) {
        uint32_t state = 0;
        for (size_t i = 0; i < pattern.size; ++i) {
            uint32_t c = child_of(state, pattern.data[i]);
            if (c == 0) {
                c = static_cast<uint32_t>(states_.size());
                State s;
                s.byte = pattern.data[i];
                s.depth = states_[state].depth + 1;
                s.sibling = states_[state].child;
                states_.push_back(s);
                states_[state].child = c;
            }
            state = c;
        }
        states_[state].longest = states_[state].depth;
        starts_[pattern.data[0]] = true;
    }
    // Breadth first, so that a fail link always leads to a finished state.
    std::vector<uint32_t> queue;
    queue.reserve(states_.size());
    queue.push_back(0);
    for (size_t i = 0; i < queue.size(); ++i) {
        const uint32_t state = queue[i];
        for (uint32_t c = states_[state].child; c != 0; c = states_[c].sibling) {
            states_[c].fail = state == 0 ? 0 : next(states_[state].fail, states_[c].byte);
            if (states_[c].longest == 0) states_[c].longest = states_[states_[c].fail].longest;
            queue.push_back(c);
        }
    }
    if (states_.size() > kMaxTableStates) return;
    table_.resize(states_.size() * 256);
    for (const uint32_t state : queue) {
        uint32_t* row = &table_[state * 256];
        if (state != 0) memcpy(row, &table_[states_[state].fail * 256], 256 * sizeof *row);
        for (uint32_t c = states_[state].child; c != 0; c = states_[c].sibling) row[states_[c].byte] = c;
    }
}

bool SearchPattern::find_any(const uint8_t* bytes, size_t from, size_t to, Found* found) const {
    uint32_t state = 0;
    bool have = false;
    for (size_t i = from; i < to; ++i) {
        if (state == 0) {
            if (have) return true;
            while (i < to && !starts_[bytes[i]]) ++i;
            if (i == to) return false;
        }
        state = table_.empty() ? next(state, bytes[i]) : table_[state * 256 + bytes[i]];
        const State& s = states_[state];
        if (have && i + 1 - s.depth > found->at) return true;
        if (s.longest != 0) {
            const size_t at = i + 1 - s.longest;
            if (!have || at <= found->at) *found = {at, s.longest};
            have = true;
        }
    }
    return have;
}

bool SearchPattern::find(const uint8_t* bytes, size_t from, size_t to, Found* found) const {
    if (from >= to) return false;
    if (is_set_) return find_any(bytes, from, to, found);
    const void* at = single_.size() == 1 ? memchr(bytes + from, single_[0], to - from)
                                         : memmem(bytes + from, to - from, single_.data(), single_.size());
    if (at == nullptr) return false;
    *found = {static_cast<size_t>(static_cast<const uint8_t*>(at) - bytes), single_.size()};
    return true;
}

}  // namespace lintel
