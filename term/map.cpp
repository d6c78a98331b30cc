#include "term/map.h"

#include "term/compare.h"

namespace lintel {

const Term* flat_map_find_slow(Term map, Term key) {
    const Term* keys = flat_map_keys(map);
    const size_t n = flat_map_size(map);
    for (size_t i = 0; i < n; ++i) {
        if (exactly_equal(keys[i], key)) return flat_map_values(map) + i;
    }
    return nullptr;
}

namespace {

template <typename CountBits>
[[gnu::always_inline]] inline const Term* find(Term map, Term key, const CountBits& count) {
    constexpr Word kLevelMark = Word{1} << 32;  // above the hash: when it has come down, all digits are used
    Word hash = kLevelMark | internal_hash(key);
    const Word* node = hash_map_root(map).boxed_words();
    while (header_kind(*node) == Kind::map_node) {
        const uint32_t bit = 1u << (hash & ((1u << kMapBitsPerLevel) - 1));
        const uint32_t data = map_data_bits(*node);
        const auto* slots = reinterpret_cast<const Term*>(node + 1);
        if ((data & bit) != 0) {
            const Term* pair = slots + 2 * count(data & (bit - 1));
            return exactly_equal(pair[0], key) ? pair + 1 : nullptr;
        }
        const uint32_t children = map_child_bits(*node);
        if ((children & bit) == 0) return nullptr;
        node = slots[2 * count(data) + count(children & (bit - 1))].boxed_words();
        hash >>= kMapBitsPerLevel;
        if (LINTEL_UNLIKELY(hash == 1)) hash = kLevelMark | internal_hash_again(key, 1);
    }
    const size_t words = header_size(*node);
    const auto* pairs = reinterpret_cast<const Term*>(node + 1);
    for (size_t i = 0; i < words; i += 2) {
        if (exactly_equal(pairs[i], key)) return pairs + i + 1;
    }
    return nullptr;
}

#if defined(__x86_64__) && !defined(__POPCNT__)
#define LINTEL_POPCNT 1
const bool kHasPopcnt = __builtin_cpu_supports("popcnt") != 0;

struct PopcntInstruction {
    uint32_t operator()(uint32_t bits) const {
        asm("popcnt %1, %0" : "=r"(bits) : "r"(bits) : "cc");
        return bits;
    }
};

/// Counting is part of the way from one node to the next: the instruction halves the time.
const Term* find_with_popcnt(Term map, Term key) { return find(map, key, PopcntInstruction()); }
#endif

}  // namespace

const Term* hash_map_find(Term map, Term key) {
#ifdef LINTEL_POPCNT
    if (LINTEL_LIKELY(kHasPopcnt)) return find_with_popcnt(map, key);
#endif
    return find(map, key, map_bit_count);
}

}  // namespace lintel
