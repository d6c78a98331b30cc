#pragma once
/// Walking a large map in slices, with a position in between that is a plain number.
///
/// A walk visits the nodes of the trie in pre-order, as MapIterator does, and gives out the pairs of a node together.
/// A position names the next node to visit by the child bits taken from the root, as hexadecimal digits behind a
/// leading 1: 0x1 is the root, 0x1a3 the child for digit 3 of the child for digit 10 of the root. Below level
/// kDeepest, where only keys live whose hashes agree in 56 bits, a subtree counts as one node; so a position always
/// is a small integer.
///
/// Any number is a valid position: what names no node means the first node behind it, which is how Erlang code that
/// makes numbers up is answered without harm.

#include "term/map.h"

namespace lintel {

class MapWalk {
public:
    static constexpr Word kStart = 0;

    /// `map` is a map_hash.
    MapWalk(Term map, Word position) {
        path_[0] = hash_map_root(map).boxed_words();
        if (position <= 1) return;
        const auto digits = (63u - static_cast<unsigned>(std::countl_zero(position))) / kMapBitsPerLevel;
        const unsigned depth = digits < kDeepest ? digits : kDeepest;
        for (unsigned i = 0; i < depth; ++i) {
            const auto digit = static_cast<unsigned>(position >> ((digits - 1 - i) * kMapBitsPerLevel)) & 15;
            if (!enter_from(digit)) {
                go_up();
                return;
            }
            if (digits_[depth_ - 1] != digit) return;
        }
    }

    bool done() const { return done_; }

    /// Calls emit(const Term* key_and_value) for each pair of the present node, then goes on to the next. Returns
    /// their number.
    template <typename Emit>
    size_t visit(Emit emit) {
        LINTEL_ASSERT(!done_);
        const Word* node = path_[depth_];
        if (depth_ == kDeepest) {
            const size_t n = visit_all(node, emit);
            go_up();
            return n;
        }
        const auto pairs = size_t{map_bit_count(map_data_bits(*node))};
        emit_pairs(node, pairs, emit);
        if (!enter_from(0)) go_up();
        return pairs;
    }

    /// Where a later walk of the same map goes on; not kStart.
    Word position() const {
        Word position = 1;
        for (unsigned i = 0; i < depth_; ++i) position = position << kMapBitsPerLevel | digits_[i];
        return position;
    }

private:
    static constexpr unsigned kDeepest = 14;

    template <typename Emit>
    static void emit_pairs(const Word* node, size_t pairs, Emit& emit) {
        for (size_t i = 0; i < pairs; ++i) emit(reinterpret_cast<const Term*>(node + 1 + 2 * i));
    }
    /// Recursion: at most two levels of nodes and a collision are left below kDeepest.
    template <typename Emit>
    static size_t visit_all(const Word* node, Emit& emit) {
        const size_t size = header_size(*node);
        if (header_kind(*node) == Kind::map_collision) {
            emit_pairs(node, size / 2, emit);
            return size / 2;
        }
        auto pairs = size_t{map_bit_count(map_data_bits(*node))};
        emit_pairs(node, pairs, emit);
        for (size_t i = 1 + 2 * pairs; i <= size; ++i) pairs += visit_all(Term(node[i]).boxed_words(), emit);
        return pairs;
    }

    /// Enters the child of the least digit that is at least `digit`; false if there is none.
    bool enter_from(unsigned digit) {
        const Word* node = path_[depth_];
        const uint32_t children = map_child_bits(*node);
        const uint32_t left = children >> digit << digit;
        if (left == 0) return false;
        const auto entered = static_cast<unsigned>(std::countr_zero(left));
        const size_t slot =
            1 + 2 * size_t{map_bit_count(map_data_bits(*node))} + map_bit_count(children & ((1u << entered) - 1));
        digits_[depth_++] = static_cast<uint8_t>(entered);
        path_[depth_] = Term(node[slot]).boxed_words();
        return true;
    }
    /// Leaves the present node for the next one that is not below it.
    void go_up() {
        while (depth_ > 0) {
            --depth_;
            if (enter_from(digits_[depth_] + 1u)) return;
        }
        done_ = true;
    }

    unsigned depth_ = 0;
    bool done_ = false;
    uint8_t digits_[kDeepest] = {};
    const Word* path_[kDeepest + 1];
};

}  // namespace lintel
