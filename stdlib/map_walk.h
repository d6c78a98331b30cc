#pragma once
/// Walking a large map in slices, with a position in between that is a plain number.
///
/// A walk gives out the pairs in the order of MapIterator, in steps: some pairs of one node, up to its next child. A position names where
/// the next step begins by the digits that lead there from the root, as hexadecimal digits behind a leading 1: 0x1a3 is digit 3 of the
/// child for digit 10 of the root. Below level kDeepest, where only keys live whose hashes agree in 52 bits, a subtree counts as one
/// step; so a position always is a small integer.
///
/// Any number is a valid position: it means the first step that does not lie before it, which is how Erlang code that makes
/// numbers up is answered without harm.

#include "term/map.h"

namespace lintel {

class MapWalk {
public:
    static constexpr Word kStart = 0;

    /// `map` is a map_hash.
    MapWalk(Term map, Word position) {
        path_[0] = hash_map_root(map).boxed_words();
        if (position > 1) {
            const auto digits = (63u - static_cast<unsigned>(std::countl_zero(position))) / kMapBitsPerLevel;
            for (unsigned i = 0; i < digits; ++i) {
                digits_[depth_] = static_cast<unsigned>(position >> ((digits - 1 - i) * kMapBitsPerLevel)) & 15;
                if (i + 1 == digits || depth_ == kDeepest || !enters_child(digits_[depth_])) break;
            }
        }
        settle();
    }

    bool done() const { return done_; }
    /// The next step has no more pairs than that.
    size_t most_pairs() const {
        LINTEL_ASSERT(!done_);
        if (LINTEL_LIKELY(depth_ != kDeepest)) return 16;
        size_t n = 0;
        Term key, value;
        for (MapIterator all = MapIterator::of_node(Term::boxed(path_[depth_])); all.next(&key, &value);) ++n;
        return n;
    }

    /// Calls emit(const Term* key_and_value) for each pair of a step, then goes on to the next. Returns their number.
    template <typename Emit>
    size_t visit(Emit emit) {
        LINTEL_ASSERT(!done_);
        const Word* node = path_[depth_];
        size_t pairs = 0;
        if (depth_ == kDeepest) {
            MapIterator all = MapIterator::of_node(Term::boxed(node));
            Term pair[2];
            for (; all.next(pair, pair + 1); ++pairs) emit(pair);
            digits_[depth_] = 16;
        } else {
            const uint32_t left = ~uint32_t{0} << digits_[depth_];
            const uint32_t data = map_data_bits(*node);
            const uint32_t children = map_child_bits(*node) & left;
            const uint32_t end = children & (0 - children);  // 0: none
            const auto* pair = reinterpret_cast<const Term*>(node + 1) + size_t{2} * map_bit_count(data & ~left);
            pairs = map_bit_count(data & left & (end - 1));
            for (size_t i = 0; i < pairs; ++i) emit(pair + 2 * i);
            digits_[depth_] = end == 0 ? 16 : static_cast<unsigned>(std::countr_zero(end));
        }
        settle();
        return pairs;
    }

    /// Where a later walk of the same map goes on; not kStart.
    Word position() const {
        Word position = 1;
        for (unsigned i = 0; i <= depth_; ++i) position = position << kMapBitsPerLevel | digits_[i];
        return position;
    }

private:
    static constexpr unsigned kDeepest = 13;

    /// Goes down to the beginning of the child for `digit` if there is one.
    bool enters_child(unsigned digit) {
        const Word* node = path_[depth_];
        const uint32_t data = map_data_bits(*node), children = map_child_bits(*node);
        const uint32_t bit = 1u << digit;
        if ((children & bit) == 0) return false;
        const size_t slot = 1 + size_t{2} * map_bit_count(data) + map_bit_count(children & (bit - 1));
        path_[++depth_] = Term(node[slot]).boxed_words();
        digits_[depth_] = 0;
        return true;
    }
    /// Goes on to where there is a pair.
    void settle() {
        for (;;) {
            if (depth_ == kDeepest) {
                if (digits_[depth_] == 0) return;
            } else {
                const Word header = *path_[depth_];
                const uint32_t data = map_data_bits(header);
                const uint32_t left = (data | map_child_bits(header)) & ~uint32_t{0} << digits_[depth_];
                const uint32_t next = left & (0 - left);
                if ((data & next) != 0) return;
                if (next != 0) {
                    digits_[depth_] = static_cast<unsigned>(std::countr_zero(next));
                    enters_child(digits_[depth_]);
                    continue;
                }
            }
            if (depth_ == 0) break;
            ++digits_[--depth_];
        }
        done_ = true;
    }

    unsigned depth_ = 0;
    bool done_ = false;
    unsigned digits_[kDeepest + 1] = {};  ///< the last: of what comes next in the node, 16: nothing
    const Word* path_[kDeepest + 1];
};

}  // namespace lintel
