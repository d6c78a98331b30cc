#pragma once
/// Persistent updates of large maps: the hash trie of term/map.h, changed by copying the path from the root to one
/// node.
///
/// A key is located first, which remembers the nodes on the way (at most kMapLevels + 1). Then it is known how each
/// of them changes, and so how many words the copies take; they are reserved at once and written from the bottom up.
/// Whatever is off the path is shared with the old map.
///
/// What keeps the form canonical (equal sets of keys have equal shape, see term/map.h):
///   1. Two keys that meet at a place go into a child of their own, below as many single-child nodes as their hashes
///   have
///      digits in common; below the last level into a map_collision.
///   2. A node other than the root with a single pair and no child is not left behind: its pair is lifted into the
///      parent in place of the child, and on, as long as that parent would have nothing else.
///
/// How keys are hashed is a parameter so that tests can make keys collide: hash_of(key, half) gives the digits for the upper
/// (0) or lower (1) half of the levels; the VM uses internal_hash (vm/runtime_map.cpp).

#include "term/compare.h"
#include "term/map.h"
#include "vm/exec_state.h"

namespace lintel {

inline constexpr size_t kHashMapWords = 3;

/// The way from the root to the place of one key.
struct TriePath {
    enum class Found : uint8_t {
        pair,       ///< the key is at slots[depth] of the last node
        other,      ///< a pair with another key is there
        nothing,    ///< its bit is free; a new pair goes to slots[depth]
        collision,  ///< the last node is a map_collision without it
    };
    const Word* nodes[kMapLevels + 1];
    uint16_t slots[kMapLevels + 1];  ///< word in the node: of the child taken; in the last node of the pair
    unsigned depth = 0;              ///< index of the last node
    Found found = Found::nothing;
    Word hash;  ///< of the key; its upper half is 0 if depth is below kMapLevelsOfHash

    template <typename HashOf>
    TriePath(Term map, Term key, const HashOf& hash_of) : hash(hash_of(key, 0)) {
        const Word* node = hash_map_root(map).boxed_words();
        Word digits = hash;
        for (;; ++depth, digits >>= kMapBitsPerLevel) {
            nodes[depth] = node;
            if (LINTEL_UNLIKELY(depth == kMapLevelsOfHash)) {
                digits = hash_of(key, 1);
                hash |= digits << 32;
            }
            if (LINTEL_UNLIKELY(header_kind(*node) == Kind::map_collision)) {
                search_collision(node, key);
                return;
            }
            const uint32_t bit = 1u << (digits & ((1u << kMapBitsPerLevel) - 1));
            const uint32_t data = map_data_bits(*node);
            const auto pairs_before = map_bit_count(data & (bit - 1));
            if ((data & bit) != 0) {
                slots[depth] = static_cast<uint16_t>(1 + 2 * pairs_before);
                found = exactly_equal(Term(node[slots[depth]]), key) ? Found::pair : Found::other;
                return;
            }
            const uint32_t children = map_child_bits(*node);
            if ((children & bit) == 0) {
                slots[depth] = static_cast<uint16_t>(1 + 2 * pairs_before);
                return;
            }
            slots[depth] = static_cast<uint16_t>(1 + 2 * map_bit_count(data) + map_bit_count(children & (bit - 1)));
            node = Term(node[slots[depth]]).boxed_words();
        }
    }

    /// Words of copies of the first `count` nodes.
    size_t words_of_first(unsigned count) const {
        size_t words = 0;
        for (unsigned i = 0; i < count; ++i) words += 1 + header_size(*nodes[i]);
        return words;
    }

private:
    void search_collision(const Word* node, Term key) {
        const size_t size = header_size(*node);
        found = Found::collision;
        for (size_t i = 1; i <= size; i += 2) {
            if (!exactly_equal(Term(node[i]), key)) continue;
            slots[depth] = static_cast<uint16_t>(i);
            found = Found::pair;
            return;
        }
    }
};

namespace map_trie {

inline Word* copy_words(Word* to, const Word* from, size_t words) {
    for (size_t i = 0; i < words; ++i) to[i] = from[i];
    return to + words;
}

/// The bit that the path takes in node `level`.
inline uint32_t bit_at(Word hash, unsigned level) { return 1u << ((hash >> (level * kMapBitsPerLevel)) & 15); }

/// Copies the nodes above `level`, the lowest of them with `child`, and makes the map of `count` pairs.
inline Term finish(HeapBuilder& heap, const TriePath& path, unsigned level, Term child, size_t count) {
    while (level-- > 0) {
        const Word* old = path.nodes[level];
        const size_t words = 1 + header_size(*old);
        Word* copy = heap.raw(words);
        copy_words(copy, old, words);
        copy[path.slots[level]] = child.word();
        child = Term::boxed(copy);
    }
    Word* map = heap.raw(kHashMapWords);
    map[0] = make_header(Kind::map_hash, kHashMapWords - 1);
    map[1] = Term::small(static_cast<int64_t>(count)).word();
    map[2] = child.word();
    return Term::boxed(map);
}

/// Nodes with nothing but one child each, for the levels [from, to) of `hash`, above `child`.
inline Term chain(HeapBuilder& heap, Word hash, unsigned from, unsigned to, Term child) {
    while (to-- > from) {
        Word* node = heap.raw(2);
        node[0] = make_header(Kind::map_node, 1, map_node_aux(0, bit_at(hash, to)));
        node[1] = child.word();
        child = Term::boxed(node);
    }
    return child;
}

/// A node of level `level` with two pairs whose hashes differ there, or the collision of two pairs.
inline Term node_of_two(HeapBuilder& heap, unsigned level, const Word* pair1, Word hash1, Term key2, Term value2,
                        Word hash2) {
    Word* node = heap.raw(5);
    bool swap = false;
    if (level == kMapLevels) {
        node[0] = make_header(Kind::map_collision, 4);
    } else {
        const uint32_t bit1 = bit_at(hash1, level), bit2 = bit_at(hash2, level);
        node[0] = make_header(Kind::map_node, 4, map_node_aux(bit1 | bit2, 0));
        swap = bit2 < bit1;
    }
    Word* first = node + (swap ? 3 : 1);
    Word* second = node + (swap ? 1 : 3);
    first[0] = pair1[0];
    first[1] = pair1[1];
    second[0] = key2.word();
    second[1] = value2.word();
    return Term::boxed(node);
}

}  // namespace map_trie

/// `map` (a map_hash) with another value under the key that `path` has found. The very same map if it has that value (the same
/// word) already.
inline Term trie_replace(ExecState& p, Term map, const TriePath& path, Term value) {
    using namespace map_trie;
    LINTEL_ASSERT(path.found == TriePath::Found::pair);
    const Word* old = path.nodes[path.depth];
    const size_t old_size = header_size(*old);
    const size_t slot = path.slots[path.depth];
    if (old[slot + 1] == value.word()) return map;
    auto heap = p.reserve(kHashMapWords + path.words_of_first(path.depth + 1));
    Word* leaf = heap.raw(1 + old_size);
    copy_words(leaf, old, 1 + old_size);
    leaf[slot + 1] = value.word();
    return finish(heap, path, path.depth, Term::boxed(leaf), map_size(map));
}

/// `map` (a map_hash) with key => value. The very same map if it has that value (the same word) already.
template <typename HashOf>
Term trie_put(ExecState& p, Term map, Term key, Term value, const HashOf& hash_of) {
    using namespace map_trie;
    const TriePath path(map, key, hash_of);
    const unsigned last = path.depth;
    const Word* old = path.nodes[last];
    const size_t old_size = header_size(*old);
    const size_t slot = path.slots[last];
    const size_t count = map_size(map);
    Word hash = path.hash;

    switch (path.found) {
        case TriePath::Found::pair: return trie_replace(p, map, path, value);
        case TriePath::Found::nothing: {
            auto heap = p.reserve(kHashMapWords + path.words_of_first(last + 1) + 2);
            Word* leaf = heap.raw(1 + old_size + 2);
            leaf[0] = make_header(Kind::map_node, old_size + 2,
                                  map_node_aux(map_data_bits(*old) | bit_at(hash, last), map_child_bits(*old)));
            Word* w = copy_words(leaf + 1, old + 1, slot - 1);
            *w++ = key.word();
            *w++ = value.word();
            copy_words(w, old + slot, 1 + old_size - slot);
            return finish(heap, path, last, Term::boxed(leaf), count + 1);
        }
        case TriePath::Found::collision: {
            auto heap = p.reserve(kHashMapWords + path.words_of_first(last + 1) + 2);
            Word* leaf = heap.raw(1 + old_size + 2);
            leaf[0] = make_header(Kind::map_collision, old_size + 2);
            Word* w = copy_words(leaf + 1, old + 1, old_size);
            *w++ = key.word();
            *w++ = value.word();
            return finish(heap, path, last, Term::boxed(leaf), count + 1);
        }
        case TriePath::Found::other: break;
    }

    const Term other(old[slot]);
    Word other_hash = hash_of(other, 0);
    if (LINTEL_UNLIKELY(static_cast<uint32_t>(hash) == other_hash)) {
        if (last < kMapLevelsOfHash) hash |= Word{hash_of(key, 1)} << 32;
        other_hash |= Word{hash_of(other, 1)} << 32;
    }
    const Word difference = hash ^ other_hash;
    const unsigned split =
        difference == 0 ? kMapLevels : static_cast<unsigned>(std::countr_zero(difference)) / kMapBitsPerLevel;
    LINTEL_ASSERT(split > last);
    auto heap = p.reserve(kHashMapWords + path.words_of_first(last + 1) - 1 + 2 * (split - last - 1) + 5);
    Term child = node_of_two(heap, split, old + slot, other_hash, key, value, hash);
    child = chain(heap, hash, last + 1, split, child);
    const uint32_t bit = bit_at(hash, last);
    const uint32_t data = map_data_bits(*old) & ~bit;
    const uint32_t children = map_child_bits(*old) | bit;
    const size_t child_slot = 1 + size_t{2} * map_bit_count(data) + map_bit_count(children & (bit - 1));
    Word* leaf = heap.raw(old_size);
    leaf[0] = make_header(Kind::map_node, old_size - 1, map_node_aux(data, children));
    Word* w = copy_words(leaf + 1, old + 1, slot - 1);
    w = copy_words(w, old + slot + 2, static_cast<size_t>(leaf + child_slot - w));
    *w++ = child.word();
    const size_t copied = child_slot + 2;  // words of the old node that have been dealt with
    copy_words(w, old + copied, 1 + old_size - copied);
    return finish(heap, path, last, Term::boxed(leaf), count + 1);
}

/// `map` (a map_hash) without `key`, again a map_hash however few pairs are left. *removed is the value, or, when there
/// is no such key, the non-value; the result is then `map`.
template <typename HashOf>
Term trie_remove(ExecState& p, Term map, Term key, Term* removed, const HashOf& hash_of) {
    using namespace map_trie;
    const TriePath path(map, key, hash_of);
    const Word hash = path.hash;
    if (path.found != TriePath::Found::pair) {
        *removed = Term::none();
        return map;
    }
    const unsigned last = path.depth;
    const Word* old = path.nodes[last];
    const size_t old_size = header_size(*old);
    const size_t slot = path.slots[last];
    const size_t count = map_size(map) - 1;
    *removed = Term(old[slot + 1]);

    const bool is_collision = header_kind(*old) == Kind::map_collision;
    const bool lifts = last > 0 && old_size == 4 && (is_collision || map_child_bits(*old) == 0);
    if (!lifts) {
        auto heap = p.reserve(kHashMapWords + path.words_of_first(last + 1) - 2);
        Word* leaf = heap.raw(1 + old_size - 2);
        leaf[0] = is_collision
                      ? make_header(Kind::map_collision, old_size - 2)
                      : make_header(Kind::map_node, old_size - 2,
                                    map_node_aux(map_data_bits(*old) & ~bit_at(hash, last), map_child_bits(*old)));
        Word* w = copy_words(leaf + 1, old + 1, slot - 1);
        copy_words(w, old + slot + 2, 1 + old_size - slot - 2);
        return finish(heap, path, last, Term::boxed(leaf), count);
    }

    // One pair is left in the node: the lowest node above that has anything else takes it in place of the child.
    const Word* pair = old + (slot == 1 ? 3 : 1);
    unsigned level = last - 1;
    while (level > 0 && header_size(*path.nodes[level]) == 1) --level;
    const Word* parent = path.nodes[level];
    const size_t parent_size = header_size(*parent);
    const size_t child_slot = path.slots[level];
    const uint32_t bit = bit_at(hash, level);
    const uint32_t data = map_data_bits(*parent);
    const size_t pair_slot = 1 + size_t{2} * map_bit_count(data & (bit - 1));
    auto heap = p.reserve(kHashMapWords + path.words_of_first(level + 1) + 1);
    Word* node = heap.raw(1 + parent_size + 1);
    node[0] = make_header(Kind::map_node, parent_size + 1, map_node_aux(data | bit, map_child_bits(*parent) & ~bit));
    Word* w = copy_words(node + 1, parent + 1, pair_slot - 1);
    *w++ = pair[0];
    *w++ = pair[1];
    w = copy_words(w, parent + pair_slot, child_slot - pair_slot);
    copy_words(w, parent + child_slot + 1, 1 + parent_size - child_slot - 1);
    return finish(heap, path, level, Term::boxed(node), count);
}

}  // namespace lintel
