#include "loader/map_keys.h"

#include <algorithm>

#include "term/compare.h"
#include "term/map.h"

namespace lintel {

namespace {

/// The non-value: not an atom, small integer or [].
Term immediate(const Module& module, ir::Operand o) {
    switch (o.kind()) {
        case ir::OperandKind::atom: return module.atoms[o.value()];
        case ir::OperandKind::small: return Term::small(o.small());
        case ir::OperandKind::nil: return Term::nil();
        default: return Term::none();
    }
}

}  // namespace

void MapKeys::find(const Module& module, const std::vector<bool>& is_empty_map) {
    for (size_t at = 0; at < module.code.size();) {
        const ir::Instruction i(&module.code[at]);
        if (i.op() == Genop::put_map_assoc && i[1].kind() == ir::OperandKind::literal && i[1].value() < is_empty_map.size() &&
            is_empty_map[i[1].value()]) {
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
        keys.push_back(immediate(module, i[5 + 2 * k]));
        if (keys.back().is_none()) return;
    }
    std::sort(keys.begin(), keys.end(), [](Term a, Term b) { return compare_keys(a, b) < 0; });
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return;
    const auto found = std::find(sets_.begin(), sets_.end(), keys);
    sites_.push_back({static_cast<uint32_t>(i.words() - module.code.data()), static_cast<size_t>(found - sets_.begin())});
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
