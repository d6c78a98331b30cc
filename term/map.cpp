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

const Term* hash_map_find(Term map, Term key, Word hash) {
    const Word* node = hash_map_root(map).boxed_words();
    for (; header_kind(*node) == Kind::map_node; hash >>= kMapBitsPerLevel) {
        const uint32_t bit = 1u << (hash & ((1u << kMapBitsPerLevel) - 1));
        const uint32_t data = map_data_bits(*node);
        const auto* slots = reinterpret_cast<const Term*>(node + 1);
        if ((data & bit) != 0) {
            const Term* pair = slots + 2 * map_bit_count(data & (bit - 1));
            return exactly_equal(pair[0], key) ? pair + 1 : nullptr;
        }
        const uint32_t children = map_child_bits(*node);
        if ((children & bit) == 0) return nullptr;
        node = slots[2 * map_bit_count(data) + map_bit_count(children & (bit - 1))].boxed_words();
    }
    const size_t words = header_size(*node);
    const auto* pairs = reinterpret_cast<const Term*>(node + 1);
    for (size_t i = 0; i < words; i += 2) {
        if (exactly_equal(pairs[i], key)) return pairs + i + 1;
    }
    return nullptr;
}

}  // namespace lintel
