#pragma once
/// Maps: the read side. vm/runtime_map.h builds and updates them.
///
/// map_flat      [header, size 1 + n][keys: tuple of n keys, sorted by compare_keys][n values]   n <= kMaxFlatMapSize
///               The empty map has a keys tuple of arity 0.
/// map_hash      [header, size 2][n, a small][root: map_node]                                    n > kMaxFlatMapSize
/// map_node      [header, aux = data bitmap | child bitmap << 16][key, value …][child …]
///               Pairs, then children, each in ascending bit order. Four bits of the key's hash a level, the lowest four at
///               level 0; 16 levels; below them map_collision. The hash is internal_hash for levels 0 to 7, then
///               internal_hash_again, which is only made where two keys need it.
/// map_collision [header][key, value …]                                 keys with the same 64 bits of hash, in any order
///
/// Invariant (equality, order and hashing rely on it): except for the order within map_collision, the shape follows from
/// the set of keys. A node other than the root holds at least two pairs (counting those below it), so a child with one pair
/// left is taken into its parent; and a map of at most kMaxFlatMapSize pairs is flat.

#include "term/hash.h"

namespace lintel {

inline constexpr unsigned kMapBitsPerLevel = 4;
inline constexpr unsigned kMapLevels = 64 / kMapBitsPerLevel;
/// Levels for which a key's first hash is enough.
inline constexpr unsigned kMapLevelsOfHash = 32 / kMapBitsPerLevel;

constexpr uint32_t map_node_aux(uint32_t data_bits, uint32_t child_bits) { return data_bits | child_bits << 16; }
constexpr uint32_t map_data_bits(Word node_header) { return header_aux(node_header) & 0xffff; }
constexpr uint32_t map_child_bits(Word node_header) { return header_aux(node_header) >> 16; }

/// Number of ones in a bitmap of at most 16 bits. Without the instruction, std::popcount is a call of a library's function.
constexpr uint32_t map_bit_count(uint32_t bits) {
#ifdef __POPCNT__
    return static_cast<uint32_t>(std::popcount(bits));
#else
    bits -= bits >> 1 & 0x5555;
    bits = (bits & 0x3333) + (bits >> 2 & 0x3333);
    bits = (bits + (bits >> 4)) & 0x0f0f;
    return (bits + (bits >> 8)) & 0x1f;
#endif
}

/// Number of pairs. `map` must be a map.
inline size_t map_size(Term map) {
    LINTEL_ASSERT(map.is_map());
    const Word* w = map.boxed_words();
    return header_kind(*w) == Kind::map_flat ? header_size(*w) - 1 : static_cast<size_t>(Term(w[1]).to_small());
}

/// The words of a flat map.
inline size_t flat_map_size(Term map) { return header_size(map.header()) - 1; }
inline Term flat_map_keys_tuple(Term map) { return Term(map.boxed_words()[1]); }
inline const Term* flat_map_keys(Term map) {
    return reinterpret_cast<const Term*>(flat_map_keys_tuple(map).boxed_words() + 1);
}
inline const Term* flat_map_values(Term map) { return reinterpret_cast<const Term*>(map.boxed_words() + 2); }
inline Term hash_map_root(Term map) { return Term(map.boxed_words()[2]); }

/// Use map_find; these are its parts.
const Term* flat_map_find_slow(Term map, Term key);
const Term* hash_map_find(Term map, Term key);

/// Where the value of `key` (compared by =:=) is, or nullptr. `map` must be a map. Constant C stack.
inline const Term* map_find(Term map, Term key) {
    LINTEL_ASSERT(map.is_map());
    if (LINTEL_UNLIKELY(!map.is_flat_map())) return hash_map_find(map, key);
    if (LINTEL_UNLIKELY(!key.is_immediate() || key.is_zero_float())) return flat_map_find_slow(map, key);
    const Term* keys = flat_map_keys(map);
    const size_t n = flat_map_size(map);
    for (size_t i = 0; i < n; ++i) {
        if (keys[i] == key) return flat_map_values(map) + i;
    }
    return nullptr;
}

/// All pairs of a map, once each: a flat map's in key order, another's by the digits of their keys' hashes, the first digit first. So
/// the order depends on the set of keys alone (but for keys with the same hash); it is that of iterators in OTP 25, and of its lists of
/// pairs backwards. The map must not move meanwhile.
class MapIterator {
public:
    explicit MapIterator(Term map) {
        LINTEL_ASSERT(map.is_map());
        if (map.is_flat_map()) {
            const size_t n = flat_map_size(map);
            step_ = 1;
            key_ = flat_map_keys(map);
            end_ = key_ + n;
            value_ = flat_map_values(map);
        } else {
            step_ = 2;
            enter(hash_map_root(map));
        }
    }

    /// The pairs of a map_node or map_collision and below it.
    static MapIterator of_node(Term node) { return MapIterator(node, 2); }

    /// The next pair; false when there is none (and then again).
    bool next(Term* key, Term* value) {
        while (LINTEL_UNLIKELY(key_ == end_)) {
            if (!go_on()) return false;
        }
        *key = *key_;
        *value = *value_;
        key_ += step_;
        value_ += step_;
        return true;
    }

private:
    /// A node with children that have not been entered, or in one of them. Its pairs come in runs, between which its children are.
    struct Level {
        const Term* pairs;  ///< of the whole node
        const Term* key;    ///< of the next run
        const Term* child;  ///< the next one
        uint32_t data;
        uint32_t children;  ///< those that have not been entered
        bool is_in_child;
    };

    MapIterator(Term node, ptrdiff_t step) : step_(step) { enter(node); }

    static uint32_t lowest(uint32_t bits) { return bits & (0 - bits); }

    void enter(Term node) {
        const Word* w = node.boxed_words();
        const auto* first = reinterpret_cast<const Term*>(w + 1);
        const Term* const all_end = first + header_size(*w);
        if (LINTEL_UNLIKELY(header_kind(*w) == Kind::map_collision)) {
            set_run(first, all_end);
            return;
        }
        const uint32_t data = map_data_bits(*w), children = map_child_bits(*w);
        if (children == 0) {
            set_run(first, all_end);
            return;
        }
        levels_[depth_++] = {first, first, first + size_t{2} * map_bit_count(data), data, children, false};
        set_run(first, first + size_t{2} * map_bit_count(data & (lowest(children) - 1)));
    }
    void set_run(const Term* key, const Term* end) {
        key_ = key;
        value_ = key + 1;
        end_ = end;
    }
    /// To the next run, which may be empty; false: there is none.
    bool go_on() {
        if (depth_ == 0) return false;
        Level& l = levels_[depth_ - 1];
        if (!l.is_in_child) {
            l.key = end_;
            l.is_in_child = true;
            l.children &= l.children - 1;
            enter(*l.child++);
            return true;
        }
        l.is_in_child = false;
        const uint32_t before = l.children != 0 ? l.data & (lowest(l.children) - 1) : l.data;
        set_run(l.key, l.pairs + size_t{2} * map_bit_count(before));
        if (l.children == 0) --depth_;
        return true;
    }

    const Term* key_;
    const Term* end_;
    const Term* value_;
    ptrdiff_t step_;
    unsigned depth_ = 0;
    Level levels_[kMapLevels];
};

}  // namespace lintel
