#include <algorithm>
#include <numeric>

#include "term/compare.h"
#include "term/views.h"
#include "vm/lower_p.h"

/// Lowering of what looks at terms: type tests, comparisons, selection by value or arity, maps.

namespace lintel {

using ir::Instruction;
using ir::Operand;
using ir::OperandKind;

// ---- tests

/// The variant for an X register, or that for any.
template <typename T_x, typename T>
void Lowerer::emit_type_test_x(Instruction i) {
    if (is_x(i[1])) {
        emit_type_test<T_x>(i);
    } else {
        emit_type_test<T>(i);
    }
}

template <typename T>
void Lowerer::emit_compare(Instruction i) {
    auto& op = emit<T>();
    op.a = source(i[1]);
    op.b = source(i[2]);
    label_field(last_, offsetof(T, fail), i[0].value());
}

template <typename XX, typename XC, typename CX, typename Generic>
void Lowerer::emit_order(Instruction i) {
    const Operand a = i[1], b = i[2];
    const uint32_t fail = i[0].value();
    if (a.kind() == OperandKind::x && b.kind() == OperandKind::x) {
        auto& op = emit<XX>();
        op.a = ops::x_reg(a.reg());
        op.b = ops::x_reg(b.reg());
        label_field(last_, offsetof(XX, fail), fail);
    } else if (a.kind() == OperandKind::x && b.kind() == OperandKind::small) {
        auto& op = emit<XC>();
        op.a = ops::x_reg(a.reg());
        op.b = constant(b).word();
        label_field(last_, offsetof(XC, fail), fail);
    } else if (a.kind() == OperandKind::small && b.kind() == OperandKind::x) {
        auto& op = emit<CX>();
        op.b = ops::x_reg(b.reg());
        op.a = constant(a).word();
        label_field(last_, offsetof(CX, fail), fail);
    } else {
        emit_compare<Generic>(i);
    }
}

/// Values for which =:= is equality of words.
bool Lowerer::is_word_constant(Operand o) const {
    if (o.is_register()) return false;
    const Term t = constant(o);
    return t.is_immediate() && !t.is_immediate_float();
}

template <typename WordX, typename WordOp, typename XX, typename Generic>
void Lowerer::emit_exact(Instruction i) {
    Operand a = i[1], b = i[2];
    const uint32_t fail = i[0].value();
    if (is_word_constant(a)) std::swap(a, b);
    const auto fill = [&](auto& op) {
        op.a = reg(a);
        op.value = constant(b).word();
        label_field(last_, offsetof(std::remove_reference_t<decltype(op)>, fail), fail);
    };
    if (is_word_constant(b) && is_x(a)) {
        fill(emit<WordX>());
    } else if (is_word_constant(b) && is_y(a)) {
        fill(emit<WordOp>());
    } else if (is_x(a) && is_x(b)) {
        auto& op = emit<XX>();
        op.a = reg(a);
        op.b = reg(b);
        label_field(last_, offsetof(XX, fail), fail);
    } else {
        emit_compare<Generic>(i);
    }
}

void Lowerer::emit_arity_test(uint32_t fail, Operand tuple, uint32_t arity) {
    const ops::Reg a = register_before(tuple);
    const auto fill = [&](auto& op) {
        op.a = a;
        op.header = make_header(Kind::tuple, arity);
        label_field(last_, offsetof(std::remove_reference_t<decltype(op)>, fail), fail);
    };
    if (is_x(tuple)) {
        fill(emit<ops::is_tuple_of_arity_x>());
    } else {
        fill(emit<ops::is_tuple_of_arity>());
    }
}

Instruction Lowerer::lower_test(Instruction i) {
    using namespace ops;
    const Instruction n = i.next();
    switch (i.op()) {
        case Genop::is_nonempty_list: emit_type_test_x<is_nonempty_list_x, is_nonempty_list>(i); break;
        case Genop::is_nil: emit_type_test_x<is_nil_x, is_nil>(i); break;
        case Genop::is_tuple:
            if (i[1].is_register() && n.op() == Genop::test_arity && n[1].bits == i[1].bits && n[0] == i[0]) {
                emit_arity_test(i[0].value(), i[1], n[2].value());
                return n.next();
            }
            emit_type_test<is_tuple>(i);
            break;
        // Checks all of the header: safe whatever the register holds.
        case Genop::test_arity: emit_arity_test(i[0].value(), i[1], i[2].value()); break;
        case Genop::is_tagged_tuple: {
            const Reg a = register_before(i[1]);
            const auto fill = [&](auto& op) {
                op.a = a;
                op.header = make_header(Kind::tuple, i[2].value());
                op.tag = constant(i[3]).word();
                label_field(last_, offsetof(std::remove_reference_t<decltype(op)>, fail), i[0].value());
            };
            if (is_x(i[1])) {
                fill(emit<is_tagged_tuple_x>());
            } else {
                fill(emit<is_tagged_tuple>());
            }
            break;
        }
        case Genop::is_list: emit_type_test<is_list>(i); break;
        case Genop::is_atom: emit_type_test<is_atom>(i); break;
        case Genop::is_boolean: emit_type_test<is_boolean>(i); break;
        case Genop::is_integer: emit_type_test<is_integer>(i); break;
        case Genop::is_float: emit_type_test<is_float>(i); break;
        case Genop::is_number: emit_type_test<is_number>(i); break;
        case Genop::is_binary: emit_type_test<is_binary>(i); break;
        case Genop::is_bitstr: emit_type_test<is_bitstr>(i); break;
        case Genop::is_map: emit_type_test<is_map>(i); break;
        case Genop::is_pid: emit_type_test<is_pid>(i); break;
        case Genop::is_port: emit_type_test<is_port>(i); break;
        case Genop::is_reference: emit_type_test<is_reference>(i); break;
        case Genop::is_function: emit_type_test<is_function>(i); break;
        case Genop::is_function2: {
            auto& op = emit<is_function2>();
            op.a = source(i[1]);
            op.arity = source(i[2]);
            label_field(last_, offsetof(is_function2, fail), i[0].value());
            break;
        }
        case Genop::is_eq_exact:
            emit_exact<is_eq_exact_word_x, is_eq_exact_word, is_eq_exact_xx, is_eq_exact>(i);
            break;
        case Genop::is_ne_exact:
            emit_exact<is_ne_exact_word_x, is_ne_exact_word, is_ne_exact_xx, is_ne_exact>(i);
            break;
        case Genop::is_eq: emit_compare<is_eq>(i); break;
        case Genop::is_ne: emit_compare<is_ne>(i); break;
        case Genop::is_lt: emit_order<is_lt_xx, is_lt_xc, is_lt_cx, is_lt>(i); break;
        case Genop::is_ge: emit_order<is_ge_xx, is_ge_xc, is_ge_cx, is_ge>(i); break;
        default: LINTEL_UNREACHABLE();
    }
    return n;
}

void Lowerer::lower_select(Instruction i) {
    using namespace ops;
    const uint32_t fail = i[1].value();
    const uint32_t count = i[2].value() / 2;
    struct Case {
        Term value;
        uint32_t label;
    };
    std::vector<Case> cases;
    bool words_only = true, smalls_only = true;
    for (uint32_t k = 0; k < count; ++k) {
        const Operand v = i[3 + 2 * k];
        cases.push_back({constant(v), i[4 + 2 * k].value()});
        words_only = words_only && is_word_constant(v);
        smalls_only = smalls_only && cases.back().value.is_small();
    }
    if (!words_only || count == 0) {
        auto& op = emit<select_linear>();
        const size_t at = last_;
        op.a = source(i[0]);
        op.count = count;
        label_field(at, offsetof(select_linear, fail), fail);
        for (const Case& c : cases) {
            words_.push_back(c.value.word());
            rest_label(at, c.label);
        }
        return;
    }
    const auto less = [](const Case& a, const Case& b) {
        return static_cast<int64_t>(a.value.word()) < static_cast<int64_t>(b.value.word());
    };
    std::stable_sort(cases.begin(), cases.end(), less);
    const auto range = static_cast<uint64_t>(cases.back().value.word() - cases.front().value.word()) >> kTagBits;
    if (smalls_only && count >= 4 && range <= 2 * count + 8) {
        auto& op = emit<select_dense>();
        const size_t at = last_;
        op.a = source(i[0]);
        op.first = cases.front().value.word();
        op.count = static_cast<uint32_t>(range + 1);
        label_field(at, offsetof(select_dense, fail), fail);
        size_t k = 0;
        for (uint64_t v = 0; v <= range; ++v) {
            const Word word = cases.front().value.word() + (v << kTagBits);
            while (k < count && cases[k].value.word() != word &&
                   static_cast<int64_t>(cases[k].value.word()) < static_cast<int64_t>(word))
                ++k;
            rest_label(at, k < count && cases[k].value.word() == word ? cases[k].label : fail);
        }
        return;
    }
    auto& op = emit<select_words>();
    const size_t at = last_;
    op.a = source(i[0]);
    op.count = count;
    label_field(at, offsetof(select_words, fail), fail);
    for (const Case& c : cases) words_.push_back(c.value.word());
    for (const Case& c : cases) rest_label(at, c.label);
}

void Lowerer::lower_select_tuple_arity(Instruction i) {
    using namespace ops;
    const uint32_t count = i[2].value() / 2;
    const Reg a = register_before(i[0]);
    auto& op = emit<select_tuple_arity>();
    const size_t at = last_;
    op.a = a;
    op.count = count;
    label_field(at, offsetof(select_tuple_arity, fail), i[1].value());
    for (uint32_t k = 0; k < count; ++k) {
        words_.push_back(make_header(Kind::tuple, i[3 + 2 * k].value()));
        rest_label(at, i[4 + 2 * k].value());
    }
}

// ---- maps

/// The live registers of put_map_…, if all X registers that it reads are among them.
uint16_t Lowerer::live_of_map(Instruction i) {
    const uint32_t live = i[3].value();
    const auto is_dead = [live](Operand o) { return is_x(o) && o.reg() >= live; };
    bool has_dead = is_dead(i[1]);
    for (uint32_t k = 0; k < i[4].value(); ++k) has_dead = has_dead || is_dead(i[5 + k]);
    return has_dead ? ops::kNoLive : static_cast<uint16_t>(live);
}

/// A map whose keys the loader has made a literal of.
bool Lowerer::lower_new_map(Instruction i) {
    const auto position = static_cast<uint32_t>(i.words() - module_.code.data());
    const auto found = std::ranges::lower_bound(module_.new_maps, position, {}, &Module::NewMap::position);
    if (found == module_.new_maps.end() || found->position != position) return false;
    auto& op = emit<ops::new_map>();
    op.to = reg(i[2]);
    op.count = static_cast<uint16_t>(i[4].value() / 2);
    op.live = live_of_map(i);
    op.keys = found->keys.word();
    for (const Term key : as_tuple(found->keys).elements()) {
        uint32_t k = 0;
        while (source(i[5 + 2 * k]) != key.word()) ++k;
        words_.push_back(source(i[5 + 2 * k + 1]));
    }
    return true;
}

/// The pairs of an update in the order of their keys, if all are known: the first one that is missing is told. (The compiler's order is that
/// of terms, to which 1.5 is before 2.)
std::vector<uint32_t> Lowerer::key_order(Instruction i) const {
    std::vector<uint32_t> order(i[4].value() / 2);
    std::iota(order.begin(), order.end(), 0u);
    const auto key = [&](uint32_t k) { return i[5 + 2 * k]; };
    if (std::ranges::any_of(order, [&](uint32_t k) { return key(k).is_register(); })) return order;
    std::ranges::stable_sort(
        order, [&](uint32_t a, uint32_t b) { return compare_keys(constant(key(a)), constant(key(b))) < 0; });
    return order;
}

void Lowerer::lower_map(Instruction i) {
    using namespace ops;
    switch (i.op()) {
        case Genop::put_map_assoc:
        case Genop::put_map_exact: {
            if (lower_new_map(i)) break;
            const uint32_t count = i[4].value();
            const auto fill = [&](auto& op) {
                op.to = reg(i[2]);
                op.live = live_of_map(i);
                op.count = count / 2;
                op.map = source(i[1]);
            };
            size_t at;
            if (i.op() == Genop::put_map_assoc) {
                fill(emit<put_map_assoc>());
                at = last_;
                label_field(at, offsetof(put_map_assoc, fail), i[0].value());
            } else {
                fill(emit<put_map_exact>());
                at = last_;
                label_field(at, offsetof(put_map_exact, fail), i[0].value());
            }
            for (const uint32_t k : key_order(i)) {
                words_.push_back(source(i[5 + 2 * k]));
                words_.push_back(source(i[5 + 2 * k + 1]));
            }
            break;
        }
        case Genop::has_map_fields: {
            const Reg map = register_before(i[1]);
            auto& op = emit<has_map_fields>();
            const size_t at = last_;
            op.map = map;
            op.count = i[2].value();
            label_field(at, offsetof(has_map_fields, fail), i[0].value());
            for (uint32_t k = 0; k < i[2].value(); ++k) words_.push_back(source(i[3 + k]));
            break;
        }
        case Genop::get_map_elements: {
            const uint32_t pairs = i[2].value() / 2;
            if (pairs == 1 && i[1].is_register()) {
                auto& op = emit<get_map_element>();
                op.map = reg(i[1]);
                op.to = reg(i[4]);
                op.key = source(i[3]);
                label_field(last_, offsetof(get_map_element, fail), i[0].value());
                break;
            }
            const Reg map = register_before(i[1]);
            auto& op = emit<get_map_elements>();
            const size_t at = last_;
            op.map = map;
            op.count = pairs;
            label_field(at, offsetof(get_map_elements, fail), i[0].value());
            for (uint32_t k = 0; k < pairs; ++k) {
                words_.push_back(source(i[3 + 2 * k]));
                words_.push_back(reg(i[4 + 2 * k]));
            }
            break;
        }
        default: LINTEL_UNREACHABLE();
    }
}

}  // namespace lintel
