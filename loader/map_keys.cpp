#include "loader/map_keys.h"

#include <algorithm>

#include "term/compare.h"
#include "term/map.h"

namespace lintel {

namespace {

/// Before the literals are there.
bool is_immediate(ir::Operand o) {
    return o.kind() == ir::OperandKind::atom || o.kind() == ir::OperandKind::small || o.kind() == ir::OperandKind::nil;
}

}  // namespace

void MapKeys::find(const Module& module, const std::vector<bool>& is_empty_map) {
    for (size_t at = 0; at < module.code.size();) {
        const ir::Instruction i(&module.code[at]);
        if (i.op() == Genop::put_map_assoc && i[1].kind() == ir::OperandKind::literal &&
            i[1].value() < is_empty_map.size() && is_empty_map[i[1].value()]) {
            site(module, i);
        }
        at += 1 + i.operand_words();
    }
}

void MapKeys::site(const Module& module, ir::Instruction i) {
    const uint32_t count = i[4].value() / 2;
    if (count == 0 || count > kMaxFlatMapSize) return;
    std::vector<Term> keys;
    for (uint32_t k = 0; k < count; ++k) {
        if (!is_immediate(i[5 + 2 * k])) return;
        keys.push_back(module.constant(i[5 + 2 * k]));
    }
    std::sort(keys.begin(), keys.end(), [](Term a, Term b) { return compare_keys(a, b) < 0; });
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return;
    const auto found = std::find(sets_.begin(), sets_.end(), keys);
    sites_.push_back(
        {static_cast<uint32_t>(i.words() - module.code.data()), static_cast<size_t>(found - sets_.begin())});
    if (found != sets_.end()) return;
    words_ += tuple_words(keys.size());
    sets_.push_back(std::move(keys));
}

void MapKeys::build(Module& module, HeapBuilder& heap) const {
    std::vector<Term> tuples;
    for (const std::vector<Term>& keys : sets_) {
        Word* elements;
        tuples.push_back(heap.tuple_of(keys.size(), &elements));
        for (const Term key : keys) *elements++ = key.word();
    }
    for (const Site& s : sites_) module.new_maps.push_back({s.position, tuples[s.keys]});
}

}  // namespace lintel
