#include "vm/lower.h"

#include <algorithm>
#include <cstring>

#include "loader/verify.h"
#include "vm/fuse.h"
#include "term/views.h"
#include "vm/lower_p.h"

/// Lowering in one pass over a function's instructions.
///
/// Each external instruction becomes one operation, or a few are fused into one (a test of a list followed by taking it
/// apart, two moves in a row, a call of a fun in tail position). The choice of the operation's variant depends on the kinds of the
/// operands. Labels become distances from the start of the operation that jumps, so a block can be moved until it is
/// published; they are patched at the end.
///
/// What is not lowered here, by family: bit strings in vm/lower_bs.cpp.

namespace lintel {

using ir::Instruction;
using ir::Operand;
using ir::OperandKind;

Lowerer::Lowerer(CodeServer& code, FunctionEntry& function, const int32_t* handlers)
    : code_server_(code),
      entry_(function),
      loaded_(*function.loaded),
      module_(*loaded_.module),
      function_(module_.functions[function.index]),
      handlers_(handlers) {
    words_.reserve((function_.end - function_.begin) * 2);
}

Term Lowerer::constant(Operand o) const {
    switch (o.kind()) {
        case OperandKind::small: return Term::small(o.small());
        case OperandKind::unsigned_: return Term::small(o.value());
        case OperandKind::atom: return module_.atoms[o.value()];
        case OperandKind::nil: return Term::nil();
        case OperandKind::literal: return module_.literals[o.value()];
        default: LINTEL_UNREACHABLE();
    }
}

const BifEntry* Lowerer::bif_of_import(uint32_t import) const { return loaded_.imports[import]->bif; }

void Lowerer::place_label(uint32_t label) {
    labels_.push_back({label, static_cast<uint32_t>(words_.size())});
}

void Lowerer::label_field(size_t op_at, size_t byte_in_op, uint32_t label) {
    if (label == 0) return;
    fixups_.push_back({static_cast<uint32_t>(op_at), static_cast<uint32_t>(byte_in_op), label, false});
}

void Lowerer::rest_label(size_t op_at, uint32_t label) {
    fixups_.push_back({static_cast<uint32_t>(op_at), static_cast<uint32_t>(words_.size()), label, true});
    words_.push_back(0);
}

CodeBlock* Lowerer::run() {
    const Instruction end(module_.code.data() + function_.end);
    Instruction i(module_.code.data() + function_.begin);
    while (i.words() < end.words()) i = lower(i);

    fuse();
    std::sort(labels_.begin(), labels_.end(), [](const auto& a, const auto& b) { return a.label < b.label; });
    for (const Fixup& f : fixups_) {
        const auto at = std::lower_bound(labels_.begin(), labels_.end(), f.label,
                                         [](const auto& l, uint32_t label) { return l.label < label; });
        LINTEL_CHECK(at != labels_.end() && at->label == f.label);
        const int32_t distance = static_cast<int32_t>(at->offset) - static_cast<int32_t>(f.op);
        if (f.in_rest) {
            words_[f.place] = static_cast<Word>(static_cast<int64_t>(distance));
        } else {
            std::memcpy(reinterpret_cast<char*>(&words_[f.op]) + f.place, &distance, sizeof distance);
        }
    }

    const size_t bytes = sizeof(CodeBlock) + words_.size() * kWordBytes + lines_.size() * sizeof(CodeBlock::LineEntry);
    auto* block = static_cast<CodeBlock*>(allocate(bytes));
    block->function = &entry_;
    block->words = static_cast<uint32_t>(words_.size());
    block->entry_offset = entry_offset_;
    block->line_count = static_cast<uint32_t>(lines_.size());
    std::memcpy(block->code(), words_.data(), words_.size() * kWordBytes);
    block->lines = reinterpret_cast<CodeBlock::LineEntry*>(block->code() + words_.size());
    std::memcpy(block->lines, lines_.data(), lines_.size() * sizeof(CodeBlock::LineEntry));
    return block;
}

/// Gives each operation the handler of the longest fused one that begins there. The others keep theirs, for jumps lead to them.
void Lowerer::fuse() {
    for (size_t k = 0; k + 1 < emitted_.size(); ++k) {
        const Op fused = fused_at(emitted_.data() + k, emitted_.size() - k);
        if (fused != Op::count) reinterpret_cast<ops::Head*>(&words_[emitted_at_[k]])->dispatch = handlers_[static_cast<size_t>(fused)];
    }
}

// ---- moves

void Lowerer::emit_move(Operand from, Operand to) {
    using namespace ops;
    if (from.kind() == OperandKind::x && to.kind() == OperandKind::x) {
        auto& op = emit<move_xx>();
        op.from = x_reg(from.reg());
        op.to = x_reg(to.reg());
    } else if (from.kind() == OperandKind::x) {
        auto& op = emit<move_xy>();
        op.from = x_reg(from.reg());
        op.to = static_cast<uint16_t>(to.reg() * 8);
    } else if (from.kind() == OperandKind::y && to.kind() == OperandKind::x) {
        auto& op = emit<move_yx>();
        op.from = static_cast<uint16_t>(from.reg() * 8);
        op.to = x_reg(to.reg());
    } else if (!from.is_register() && to.kind() == OperandKind::x) {
        auto& op = emit<move_cx>();
        op.to = x_reg(to.reg());
        op.value = constant(from).word();
    } else {
        auto& op = emit<move>();
        op.to = reg(to);
        op.from = source(from);
    }
}

// ---- calls

FunctionEntry* Lowerer::callee(Operand label) const { return loaded_.function_at(label.value()); }

const BifEntry* Lowerer::bif_of_label(Operand label) const {
    const Module::Function& f = module_.functions[module_.label_function[label.value()]];
    if (f.takes_contexts) return nullptr;
    return code_server_.find_bif(module_.name, f.name, f.arity);
}

void Lowerer::emit_call_bif(const BifEntry* bif) { emit<ops::call_bif>().bif = bif; }

void Lowerer::emit_return(uint32_t deallocate_words, bool has_frame) {
    if (has_frame) {
        emit<ops::deallocate_return>().words = deallocate_words * 8;
    } else {
        emit<ops::return_>();
    }
}

/// A call in tail position can only be of this form in files of all releases; funs are called with call_fun followed by
/// deallocate and return.
bool Lowerer::is_deallocate_return(Instruction i, uint32_t* words) {
    if (i.op() != Genop::deallocate || i.next().op() != Genop::return_) return false;
    *words = i[0].value();
    return true;
}

void Lowerer::lower_call_ext(Instruction i) {
    using namespace ops;
    ExportEntry* target = loaded_.imports[i[1].value()];
    if (is_exit_function(target->module, target->function, target->arity)) {
        // Whatever frame there is and wherever the code ends, for it does not come back (loader/verify.h).
        if (target->bif == nullptr) return emit_unsupported("a BIF that this VM does not have");
        emit_call_bif(target->bif);
        emit<no_return>();
        return;
    }
    const bool last = i.op() == Genop::call_ext_last;
    if (target->module == am::erlang() && target->function == am::apply() && (target->arity == 2 || target->arity == 3)) {
        // In code of its own, so that what it raises has the caller's line.
        if (i.op() == Genop::call_ext) {
            target->arity == 3 ? void(emit<apply3>()) : void(emit<apply_fun>());
            if (i.needs_check()) emit<no_return>();
            return;
        }
        const uint32_t words = last ? i[2].value() * 8 : 0;
        target->arity == 3 ? void(emit<apply3_last>().words = words) : void(emit<apply_fun_last>().words = words);
        return;
    }
    if (target->bif != nullptr) {
        emit_call_bif(target->bif);
        if (i.op() != Genop::call_ext) return emit_return(last ? i[2].value() : 0, last);
    } else if (i.op() == Genop::call_ext_only) {
        emit<call_ext_only>().target = target;
        return;
    } else if (last) {
        auto& op = emit<call_ext_last>();
        op.target = target;
        op.words = i[2].value() * 8;
        return;
    } else {
        emit<call_ext>().target = target;
    }
    // The code behind it is not made for a call that comes back.
    if (i.needs_check()) emit<no_return>();
}

Instruction Lowerer::lower_call(Instruction i) {
    using namespace ops;
    switch (i.op()) {
        case Genop::call:
            if (const BifEntry* bif = bif_of_label(i[1])) {
                emit_call_bif(bif);
            } else {
                emit<call>().function = callee(i[1]);
            }
            if (i.needs_check()) emit<no_return>();
            break;
        case Genop::call_only:
            if (const BifEntry* bif = bif_of_label(i[1])) {
                emit_call_bif(bif);
                emit_return(0, false);
            } else if (i[1].value() == function_.entry_label) {
                auto& op = emit<call_self_only>();
                op.arity = static_cast<uint16_t>(i[0].value());
                label_field(last_, offsetof(call_self_only, target), i[1].value());
            } else {
                emit<call_only>().function = callee(i[1]);
            }
            break;
        case Genop::call_last:
            if (const BifEntry* bif = bif_of_label(i[1])) {
                emit_call_bif(bif);
                emit_return(i[2].value(), true);
            } else {
                auto& op = emit<call_last>();
                op.function = callee(i[1]);
                op.words = i[2].value() * 8;
            }
            break;
        case Genop::call_ext:
        case Genop::call_ext_only:
        case Genop::call_ext_last: lower_call_ext(i); break;
        case Genop::call_fun: {
            uint32_t words;
            if (is_deallocate_return(i.next(), &words)) {
                auto& op = emit<call_fun_last>();
                op.arity = static_cast<uint16_t>(i[0].value());
                op.words = words * 8;
                return i.next().next().next();
            }
            emit<call_fun>().arity = i[0].value();
            if (i.needs_check()) emit<no_return>();
            break;
        }
        case Genop::call_fun2: {
            uint32_t words;
            if (is_deallocate_return(i.next(), &words)) {
                auto& op = emit<call_fun2_last>();
                op.arity = static_cast<uint16_t>(i[1].value());
                op.words = words * 8;
                op.fun = source(i[2]);
                return i.next().next().next();
            }
            auto& op = emit<call_fun2>();
            op.arity = i[1].value();
            op.fun = source(i[2]);
            if (i.needs_check()) emit<no_return>();
            break;
        }
        case Genop::apply:
            emit<apply>().arity = i[0].value();
            if (i.needs_check()) emit<no_return>();
            break;
        case Genop::apply_last: {
            auto& op = emit<apply_last>();
            op.arity = static_cast<uint16_t>(i[0].value());
            op.words = i[1].value() * 8;
            break;
        }
        default: LINTEL_UNREACHABLE();
    }
    return i.next();
}

// ---- tests

template <typename T>
void Lowerer::emit_type_test(Instruction i) {
    const ops::Reg a = register_before(i[1]);
    auto& op = emit<T>();
    op.a = a;
    label_field(last_, offsetof(T, fail), i[0].value());
}

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
        case Genop::is_eq_exact: emit_exact<is_eq_exact_word_x, is_eq_exact_word, is_eq_exact_xx, is_eq_exact>(i); break;
        case Genop::is_ne_exact: emit_exact<is_ne_exact_word_x, is_ne_exact_word, is_ne_exact_xx, is_ne_exact>(i); break;
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
            while (k < count && cases[k].value.word() != word && static_cast<int64_t>(cases[k].value.word()) < static_cast<int64_t>(word)) ++k;
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

/// A map whose keys the loader has made a literal of.
bool Lowerer::lower_new_map(Instruction i) {
    const auto position = static_cast<uint32_t>(i.words() - module_.code.data());
    const auto found = std::ranges::lower_bound(module_.new_maps, position, {}, &Module::NewMap::position);
    if (found == module_.new_maps.end() || found->position != position) return false;
    auto& op = emit<ops::new_map>();
    op.to = reg(i[2]);
    op.count = static_cast<uint16_t>(i[4].value() / 2);
    op.keys = found->keys.word();
    for (const Term key : as_tuple(found->keys).elements()) {
        uint32_t k = 0;
        while (source(i[5 + 2 * k]) != key.word()) ++k;
        words_.push_back(source(i[5 + 2 * k + 1]));
    }
    return true;
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
                op.live = static_cast<uint16_t>(i[3].value());
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
            for (uint32_t k = 0; k < count; ++k) words_.push_back(source(i[5 + k]));
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

// ---- BIFs in guards and bodies

template <typename T>
void Lowerer::emit_bif2(const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    auto& op = emit<T>();
    op.to = reg(to);
    op.bif = bif;
    op.a = source(a);
    op.b = source(b);
    label_field(last_, offsetof(T, fail), fail);
}

template <typename T>
void Lowerer::emit_add_constant(uint32_t fail, uint16_t a, Operand b, Operand to) {
    auto& op = emit<T>();
    op.to = reg(to);
    op.a = a;
    op.b = constant(b).word();
    label_field(last_, offsetof(T, fail), fail);
}

template <typename T>
void Lowerer::emit_add_registers(const BifEntry* bif, uint32_t fail, uint16_t a, Operand b, Operand to) {
    auto& op = emit<T>();
    op.to = reg(to);
    op.a = a;
    op.b = reg(b);
    op.bif = bif;
    label_field(last_, offsetof(T, fail), fail);
}

/// Addition and subtraction. As in OTP, a constant as the second operand (of an addition: as either) does not show the operator in
/// a stack trace.
void Lowerer::lower_plus(const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    using namespace ops;
    const Operand first = a, second = b;
    if (a.kind() == OperandKind::small) std::swap(a, b);
    if (b.kind() == OperandKind::small) bif = nullptr;
    if (is_x(to)) {
        if (b.kind() == OperandKind::small && is_x(a)) return emit_add_constant<add_xc>(fail, reg(a), b, to);
        if (b.kind() == OperandKind::small && is_y(a)) return emit_add_constant<add_yc>(fail, y_offset(a), b, to);
        if (is_x(a) && is_x(b)) return emit_add_registers<add_xx>(bif, fail, reg(a), b, to);
        if (is_y(a) && is_x(b)) return emit_add_registers<add_yx>(bif, fail, y_offset(a), b, to);
    }
    emit_bif2<add>(bif, fail, first, second, to);
}

void Lowerer::lower_minus(const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    using namespace ops;
    if (b.kind() == OperandKind::small) bif = nullptr;
    if (is_x(to)) {
        if (b.kind() == OperandKind::small && is_x(a)) return emit_add_constant<sub_xc>(fail, reg(a), b, to);
        if (b.kind() == OperandKind::small && is_y(a)) return emit_add_constant<sub_yc>(fail, y_offset(a), b, to);
        if (is_x(a) && is_x(b)) return emit_add_registers<sub_xx>(bif, fail, reg(a), b, to);
    }
    emit_bif2<sub>(bif, fail, a, b, to);
}

/// The other operators. Variants with a constant are for constants that cannot be wrong (vm/steps.h).
bool Lowerer::lower_arithmetic(AtomId name, const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    using namespace ops;
    const bool xx = is_x(to) && is_x(a) && is_x(b);
    const bool xc = is_x(to) && is_x(a) && b.kind() == OperandKind::small;
    const int64_t c = b.kind() == OperandKind::small ? b.small() : 0;
    const auto with_constant = [&]<typename T>(std::type_identity<T>) {
        emit_add_constant<T>(fail, reg(a), b, to);
        reinterpret_cast<T*>(&words_[last_])->bif = bif;
        return true;
    };
    const auto with_registers = [&]<typename T>(std::type_identity<T>) {
        emit_add_registers<T>(bif, fail, reg(a), b, to);
        return true;
    };
    const auto with_any = [&]<typename T>(std::type_identity<T>) {
        emit_bif2<T>(bif, fail, a, b, to);
        return true;
    };
    switch (name) {
        case AtomId::times:
            if (xx) return with_registers(std::type_identity<mul_xx>());
            return xc ? with_constant(std::type_identity<mul_xc>()) : with_any(std::type_identity<mul>());
        case AtomId::div:
            return xc && c > 0 ? with_constant(std::type_identity<int_div_xc>()) : with_any(std::type_identity<int_div>());
        case AtomId::rem:
            return xc && c > 0 ? with_constant(std::type_identity<int_rem_xc>()) : with_any(std::type_identity<int_rem>());
        case AtomId::band:
            if (xx) return with_registers(std::type_identity<band_xx>());
            return xc ? with_constant(std::type_identity<band_xc>()) : with_any(std::type_identity<band>());
        case AtomId::bor: return xx ? with_registers(std::type_identity<bor_xx>()) : with_any(std::type_identity<bor>());
        case AtomId::bxor: return xx ? with_registers(std::type_identity<bxor_xx>()) : with_any(std::type_identity<bxor>());
        case AtomId::bsl:
            return xc && c >= 0 && c < 60 ? with_constant(std::type_identity<bsl_xc>()) : with_any(std::type_identity<bsl>());
        case AtomId::bsr:
            return xc && c >= 0 ? with_constant(std::type_identity<bsr_xc>()) : with_any(std::type_identity<bsr>());
        default: return false;
    }
}

/// `closed`: heap words reserved before must still be there afterwards, so what makes a term makes it elsewhere.
void Lowerer::lower_bif(uint32_t fail, uint32_t import, const Operand* args, uint32_t count, Operand to, bool closed) {
    using namespace ops;
    const ExportEntry* target = loaded_.imports[import];
    const BifEntry* bif = target->bif;
    if (bif == nullptr || !bif->is_guard()) {
        emit_unsupported(bif == nullptr ? "guard BIF that this VM does not have" : "a BIF in a guard that may not be there");
        return;
    }
    const bool erlang = bif->module == am::erlang();
    const AtomId name = erlang ? atom_id(bif->function) : AtomId::count;
    switch (count) {
        case 0:
            if (name == AtomId::self) {
                emit<self>().to = reg(to);
                return;
            } else {
                auto& op = emit<bif0>();
                op.to = reg(to);
                op.bif = bif;
                return;
            }
        case 1: {
            const auto fill = [&](auto& op) {
                op.to = reg(to);
                op.bif = bif;
                op.a = source(args[0]);
            };
            if (name == AtomId::hd) {
                fill(emit<bif_hd>());
                label_field(last_, offsetof(bif_hd, fail), fail);
            } else if (name == AtomId::tl) {
                fill(emit<bif_tl>());
                label_field(last_, offsetof(bif_tl, fail), fail);
            } else {
                auto& op = emit<bif1>();
                fill(op);
                op.closed = closed;
                label_field(last_, offsetof(bif1, fail), fail);
            }
            return;
        }
        case 2: {
            Operand a = args[0], b = args[1];
            switch (name) {
                case AtomId::element: return emit_bif2<bif_element>(bif, fail, a, b, to);
                case AtomId::exactly_equal: {
                    auto& op = emit<bif_exact_eq>();
                    op.to = reg(to);
                    op.a = source(a);
                    op.b = source(b);
                    return;
                }
                default: break;
            }
            if (closed) {
                emit_bif2<bif2>(bif, fail, a, b, to);
                reinterpret_cast<bif2*>(&words_[last_])->closed = 1;
                return;
            }
            switch (name) {
                case AtomId::plus: return lower_plus(bif, fail, a, b, to);
                case AtomId::minus: return lower_minus(bif, fail, a, b, to);
                default:
                    if (lower_arithmetic(name, bif, fail, a, b, to)) return;
                    return emit_bif2<bif2>(bif, fail, a, b, to);
            }
        }
        default: {
            auto& op = emit<bif3>();
            op.to = reg(to);
            op.closed = closed;
            op.bif = bif;
            op.a = source(args[0]);
            op.b = source(args[1]);
            op.c = source(args[2]);
            label_field(last_, offsetof(bif3, fail), fail);
        }
    }
}

// ---- lists, tuples

Instruction Lowerer::lower_data(Instruction i) {
    using namespace ops;
    const Instruction n = i.next();
    switch (i.op()) {
        case Genop::get_list: {
            const Reg from = register_before(i[0]);
            emit_check_cons(i, from);
            if (is_x(i[0]) && is_x(i[1]) && is_x(i[2])) {
                auto& op = emit<get_list_xxx>();
                op.from = from;
                op.head = reg(i[1]);
                op.tail = reg(i[2]);
            } else if (is_x(i[0]) && is_y(i[1]) && is_x(i[2])) {
                auto& op = emit<get_list_xyx>();
                op.from = from;
                op.head = y_offset(i[1]);
                op.tail = reg(i[2]);
            } else if (is_x(i[0]) && is_x(i[1]) && is_y(i[2])) {
                auto& op = emit<get_list_xxy>();
                op.from = from;
                op.head = reg(i[1]);
                op.tail = y_offset(i[2]);
            } else {
                auto& op = emit<get_list>();
                op.from = from;
                op.head = reg(i[1]);
                op.tail = reg(i[2]);
            }
            break;
        }
        case Genop::get_hd: {
            const Reg from = register_before(i[0]);
            emit_check_cons(i, from);
            auto& op = emit<get_hd>();
            op.from = from;
            op.to = reg(i[1]);
            break;
        }
        case Genop::get_tl: {
            const Reg from = register_before(i[0]);
            emit_check_cons(i, from);
            auto& op = emit<get_tl>();
            op.from = from;
            op.to = reg(i[1]);
            break;
        }
        case Genop::get_tuple_element: {
            const Reg from = register_before(i[0]);
            const uint32_t offset = (i[1].value() + 1) * 8;
            if (i.needs_check() && checked_until_ < i.words()) check_elements(i, from);
            if (i[0].kind() == OperandKind::x && offset < 0x10000 && i[2].kind() == OperandKind::x) {
                auto& op = emit<get_tuple_element_xx>();
                op.from = from;
                op.offset = static_cast<uint16_t>(offset);
                op.to = reg(i[2]);
            } else if (i[0].kind() == OperandKind::x && offset < 0x10000) {
                auto& op = emit<get_tuple_element_xy>();
                op.from = from;
                op.offset = static_cast<uint16_t>(offset);
                op.to = static_cast<uint16_t>(i[2].reg() * 8);
            } else {
                auto& op = emit<get_tuple_element>();
                op.from = from;
                op.to = reg(i[2]);
                op.offset = offset;
            }
            break;
        }
        case Genop::set_tuple_element: {
            const Reg tuple = reg(i[1]);
            if (i.needs_check()) {
                auto& check = emit<check_tuple>();
                check.from = tuple;
                check.arity = i[2].value() + 1;
            }
            auto& op = emit<set_tuple_element>();
            op.tuple = tuple;
            op.index = i[2].value();
            op.value = source(i[0]);
            break;
        }
        case Genop::put_list:
            if (is_x(i[0]) && is_x(i[1]) && is_x(i[2])) {
                auto& op = emit<put_list_xxx>();
                op.head = reg(i[0]);
                op.tail = reg(i[1]);
                op.to = reg(i[2]);
            } else if (is_y(i[0]) && is_x(i[1]) && is_x(i[2])) {
                auto& op = emit<put_list_yxx>();
                op.head = y_offset(i[0]);
                op.tail = reg(i[1]);
                op.to = reg(i[2]);
            } else if (is_x(i[0]) && is_y(i[1]) && is_x(i[2])) {
                auto& op = emit<put_list_xyx>();
                op.head = reg(i[0]);
                op.tail = y_offset(i[1]);
                op.to = reg(i[2]);
            } else if (i[0].kind() == OperandKind::x && !i[1].is_register() && i[2].kind() == OperandKind::x) {
                auto& op = emit<put_list_xcx>();
                op.head = reg(i[0]);
                op.tail = constant(i[1]).word();
                op.to = reg(i[2]);
            } else {
                auto& op = emit<put_list>();
                op.to = reg(i[2]);
                op.head = source(i[0]);
                op.tail = source(i[1]);
            }
            break;
        case Genop::put_tuple2: {
            const uint32_t arity = i[1].value();
            if (arity == 2) {
                auto& op = emit<put_tuple2>();
                op.to = reg(i[0]);
                op.a = source(i[2]);
                op.b = source(i[3]);
                break;
            }
            begin_tuple(reg(i[0]), arity);
            for (uint32_t k = 0; k < arity; ++k) words_.push_back(source(i[2 + k]));
            break;
        }
        case Genop::put_tuple: {
            // Arity, Dst, followed by that many put instructions (OTP 21).
            const uint32_t arity = i[0].value();
            begin_tuple(reg(i[1]), arity);
            Instruction put = n;
            for (uint32_t k = 0; k < arity; ++k, put = put.next()) words_.push_back(source(put[0]));
            return put;
        }
        case Genop::update_record: {
            const Reg from = register_before(i[2]);
            const uint32_t count = i[4].value() / 2;
            auto& op = emit<update_record>();
            op.size = static_cast<uint16_t>(i[1].value());
            op.from = from;
            op.to = reg(i[3]);
            op.count = static_cast<uint16_t>(count);
            for (uint32_t k = 0; k < count; ++k) {
                words_.push_back(i[5 + 2 * k].value());
                words_.push_back(source(i[6 + 2 * k]));
            }
            break;
        }
        default: LINTEL_UNREACHABLE();
    }
    return n;
}

/// One check for all the elements that a run of instructions takes from the same tuple.
void Lowerer::check_elements(Instruction i, ops::Reg from) {
    // An operand may say the type of a register, or not: only its kind and number tell whether it is the same.
    const auto is_tuple = [&](Operand o) { return o.kind() == i[0].kind() && o.reg() == i[0].reg(); };
    uint32_t last = i[1].value();
    Instruction n = i;
    while (!is_tuple(n[2])) {
        const Instruction following = n.next();
        if (following.op() != Genop::get_tuple_element || !is_tuple(following[0])) break;
        n = following;
        last = std::max(last, n[1].value());
    }
    checked_until_ = n.words();
    auto& check = emit<ops::check_tuple>();
    check.from = from;
    check.arity = last + 1;
}

void Lowerer::begin_tuple(ops::Reg to, uint32_t arity) {
    auto& op = emit<ops::put_tuple>();
    op.to = to;
    op.arity = static_cast<uint16_t>(arity);
}

void Lowerer::emit_check_cons(Instruction i, ops::Reg from) {
    if (i.needs_check()) emit<ops::check_cons>().from = from;
}

ops::Reg Lowerer::register_before(Operand o) {
    if (o.is_register()) return reg(o);
    auto& op = emit<ops::move_cx>();
    op.to = ops::x_reg(kScratchX);
    op.value = constant(o).word();
    return ops::x_reg(kScratchX);
}

void Lowerer::emit_unsupported(const char* what) { emit<ops::unsupported>().what = what; }

// ---- stack, heap, control, floats, funs, exceptions

Instruction Lowerer::lower(Instruction i) {
    using namespace ops;
    const Instruction n = i.next();
    switch (i.op()) {
        case Genop::label:
            // The code before it does not come that far (loader/verify.cpp).
            if (n.op() == Genop::try_case && n.needs_check()) emit<no_return>();
            place_label(i[0].value());
            if (i[0].value() == function_.entry_label) entry_offset_ = static_cast<uint32_t>(words_.size());
            break;
        case Genop::line:
            lines_.push_back({static_cast<uint32_t>(words_.size()), i[0].value()});
            break;
        case Genop::func_info:
            emit<func_info>().function = &entry_;
            break;
        case Genop::int_code_end:
        case Genop::nif_start:
        case Genop::executable_line:
        case Genop::debug_line:
        case Genop::on_load:
            break;

        case Genop::move: emit_move(i[0], i[1]); break;
        case Genop::swap:
            if (is_x(i[0]) && is_x(i[1])) {
                auto& op = emit<swap_xx>();
                op.a = reg(i[0]);
                op.b = reg(i[1]);
            } else {
                auto& op = emit<swap>();
                op.a = reg(i[0]);
                op.b = reg(i[1]);
            }
            break;
        case Genop::jump:
            emit<jump>();
            label_field(last_, offsetof(jump, target), i[0].value());
            break;
        case Genop::return_: emit_return(0, false); break;

        case Genop::call:
        case Genop::call_only:
        case Genop::call_last:
        case Genop::call_ext:
        case Genop::call_ext_only:
        case Genop::call_ext_last:
        case Genop::call_fun:
        case Genop::call_fun2:
        case Genop::apply:
        case Genop::apply_last:
            return lower_call(i);

        case Genop::allocate:
        case Genop::allocate_zero: {
            // The check bit: some instruction raises before the code itself has set all registers.
            auto& op = emit<ops::allocate>();
            op.words = static_cast<uint16_t>(i[0].value());
            op.live = static_cast<uint16_t>(i[1].value());
            if (i.op() == Genop::allocate_zero || i.needs_check()) init_frame(i[0].value());
            break;
        }
        case Genop::allocate_heap:
        case Genop::allocate_heap_zero: {
            auto& op = emit<allocate_heap>();
            op.words = static_cast<uint16_t>(i[0].value());
            op.need = i[1].value();
            op.live = static_cast<uint16_t>(i[2].value());
            if (i.op() == Genop::allocate_heap_zero || i.needs_check()) init_frame(i[0].value());
            break;
        }
        case Genop::deallocate: {
            if (n.op() == Genop::return_) {
                emit_return(i[0].value(), true);
                return n.next();
            }
            emit<deallocate>().words = i[0].value() * 8;
            break;
        }
        case Genop::trim: emit<trim>().words = i[0].value() * 8; break;
        case Genop::test_heap: {
            auto& op = emit<test_heap>();
            op.need = i[0].value();
            op.live = static_cast<uint16_t>(i[1].value());
            break;
        }
        case Genop::init: emit<init_y1>().a = static_cast<uint16_t>(i[0].reg() * 8); break;
        case Genop::init_yregs: {
            const uint32_t count = i[0].value();
            if (count == 1) {
                emit<init_y1>().a = static_cast<uint16_t>(i[1].reg() * 8);
            } else if (count == 2) {
                auto& op = emit<init_y2>();
                op.a = static_cast<uint16_t>(i[1].reg() * 8);
                op.b = static_cast<uint16_t>(i[2].reg() * 8);
            } else {
                emit<init_yregs>().count = count;
                for (uint32_t k = 0; k < count; ++k) words_.push_back(i[1 + k].reg());
            }
            break;
        }

        case Genop::get_list:
        case Genop::get_hd:
        case Genop::get_tl:
        case Genop::get_tuple_element:
        case Genop::set_tuple_element:
        case Genop::put_list:
        case Genop::put_tuple2:
        case Genop::put_tuple:
        case Genop::update_record:
            return lower_data(i);

        case Genop::is_tuple:
        case Genop::test_arity:
        case Genop::is_tagged_tuple:
        case Genop::is_nonempty_list:
        case Genop::is_list:
        case Genop::is_nil:
        case Genop::is_atom:
        case Genop::is_boolean:
        case Genop::is_integer:
        case Genop::is_float:
        case Genop::is_number:
        case Genop::is_binary:
        case Genop::is_bitstr:
        case Genop::is_map:
        case Genop::is_pid:
        case Genop::is_port:
        case Genop::is_reference:
        case Genop::is_function:
        case Genop::is_function2:
        case Genop::is_eq_exact:
        case Genop::is_ne_exact:
        case Genop::is_eq:
        case Genop::is_ne:
        case Genop::is_lt:
        case Genop::is_ge:
            return lower_test(i);
        case Genop::select_val: lower_select(i); break;
        case Genop::select_tuple_arity: lower_select_tuple_arity(i); break;

        case Genop::put_map_assoc:
        case Genop::put_map_exact:
        case Genop::has_map_fields:
        case Genop::get_map_elements:
            lower_map(i);
            break;

        case Genop::bif0: lower_bif(0, i[0].value(), nullptr, 0, i[1], true); break;
        case Genop::bif1: {
            const Operand args[] = {i[2]};
            lower_bif(i[0].value(), i[1].value(), args, 1, i[3], true);
            break;
        }
        case Genop::bif2: {
            const Operand args[] = {i[2], i[3]};
            lower_bif(i[0].value(), i[1].value(), args, 2, i[4], true);
            break;
        }
        case Genop::bif3: {
            const Operand args[] = {i[2], i[3], i[4]};
            lower_bif(i[0].value(), i[1].value(), args, 3, i[5], true);
            break;
        }
        case Genop::gc_bif1: {
            const Operand args[] = {i[3]};
            lower_bif(i[0].value(), i[2].value(), args, 1, i[4], false);
            break;
        }
        case Genop::gc_bif2: {
            const Operand args[] = {i[3], i[4]};
            lower_bif(i[0].value(), i[2].value(), args, 2, i[5], false);
            break;
        }
        case Genop::gc_bif3: {
            const Operand args[] = {i[3], i[4], i[5]};
            lower_bif(i[0].value(), i[2].value(), args, 3, i[6], false);
            break;
        }

        case Genop::fmove:
            if (i[0].kind() == OperandKind::f && i[1].kind() == OperandKind::f) {
                auto& op = emit<fmove>();
                op.from = static_cast<uint16_t>(i[0].value());
                op.to = static_cast<uint16_t>(i[1].value());
            } else if (i[1].kind() == OperandKind::f) {
                if (i.needs_check()) emit<check_float>().from = source(i[0]);
                auto& op = emit<fload>();
                op.to = static_cast<uint16_t>(i[1].value());
                op.from = source(i[0]);
            } else {
                auto& op = emit<fstore>();
                op.from = static_cast<uint16_t>(i[0].value());
                op.to = reg(i[1]);
            }
            break;
        case Genop::fconv: {
            auto& op = emit<fconv>();
            op.from = source(i[0]);
            op.to = static_cast<uint16_t>(i[1].value());
            break;
        }
        case Genop::fadd: emit_float<fadd>(i); break;
        case Genop::fsub: emit_float<fsub>(i); break;
        case Genop::fmul: emit_float<fmul>(i); break;
        case Genop::fdiv: emit_float<fdiv>(i); break;
        case Genop::fnegate: {
            auto& op = emit<fnegate>();
            op.a = static_cast<uint16_t>(i[1].value());
            op.to = static_cast<uint16_t>(i[2].value());
            break;
        }
        case Genop::fclearerror:
        case Genop::fcheckerror:
            break;

        case Genop::make_fun2: {
            FunEntry* fun = loaded_.lambdas[i[0].value()];
            auto& gc = emit<make_fun_gc>();
            gc.entry = fun;
            gc.count = fun->free_count;
            auto& op = emit<make_fun>();
            op.to = x_reg(0);
            op.entry = fun;
            op.count = fun->free_count;
            for (uint32_t k = 0; k < fun->free_count; ++k) words_.push_back(source_of(x_reg(k)));
            break;
        }
        case Genop::make_fun3: {
            FunEntry* fun = loaded_.lambdas[i[0].value()];
            auto& op = emit<make_fun>();
            op.to = reg(i[1]);
            op.entry = fun;
            op.count = i[2].value();
            for (uint32_t k = 0; k < i[2].value(); ++k) words_.push_back(source(i[3 + k]));
            break;
        }

        case Genop::send: emit<send>(); break;
        case Genop::remove_message: emit<remove_message>(); break;
        case Genop::timeout: emit<timeout>(); break;
        case Genop::loop_rec:
            emit<loop_rec>().settle = i.needs_check();
            label_field(last_, offsetof(loop_rec, empty), i[0].value());
            break;
        case Genop::loop_rec_end:
            emit<loop_rec_end>();
            label_field(last_, offsetof(loop_rec_end, again), i[0].value());
            break;
        case Genop::wait:
            emit<wait>();
            label_field(last_, offsetof(wait, again), i[0].value());
            break;
        case Genop::wait_timeout: {
            auto& op = emit<wait_timeout>();
            op.timeout = source(i[1]);
            if (i[1].kind() == OperandKind::x) op.live = static_cast<uint16_t>(i[1].reg() + 1);
            label_field(last_, offsetof(wait_timeout, again), i[0].value());
            break;
        }
        case Genop::recv_marker_reserve: emit<marker_reserve>().to = reg(i[0]); break;
        case Genop::recv_marker_bind: {
            auto& op = emit<marker_bind>();
            op.marker = reg(i[0]);
            op.reference = reg(i[1]);
            break;
        }
        case Genop::recv_marker_clear: emit<marker_clear>().reference = reg(i[0]); break;
        case Genop::recv_marker_use: emit<marker_use>().reference = reg(i[0]); break;
        case Genop::recv_mark:
        case Genop::recv_set:
            break;  // an optimisation of OTP 23 and older; scanning from the start gives the same answer

        case Genop::catch_:
        case Genop::try_: {
            auto& op = emit<catch_>();
            op.mark = static_cast<uint16_t>(i[0].reg() * 8);
            label_field(last_, offsetof(catch_, handler), i[1].value());
            break;
        }
        case Genop::try_end: emit<try_end>().mark = static_cast<uint16_t>(i[0].reg() * 8); break;
        case Genop::catch_end: emit<catch_end>().mark = static_cast<uint16_t>(i[0].reg() * 8); break;
        case Genop::try_case:
            if (i.needs_check()) emit<check_raised>();
            emit<try_case>().mark = static_cast<uint16_t>(i[0].reg() * 8);
            break;
        case Genop::badmatch: emit<badmatch>().value = source(i[0]); break;
        case Genop::case_end: emit<case_end>().value = source(i[0]); break;
        case Genop::try_case_end: emit<try_case_end>().value = source(i[0]); break;
        case Genop::if_end: emit<if_end>(); break;
        case Genop::badrecord: emit<badrecord>().value = source(i[0]); break;
        case Genop::raise: {
            auto& op = emit<raise>();
            op.trace = source(i[0]);
            op.value = source(i[1]);
            break;
        }
        case Genop::raw_raise: emit<raw_raise>(); break;
        case Genop::build_stacktrace: emit<build_stacktrace>(); break;

        default:
            lower_bits(i);
            break;
    }
    return n;
}

void Lowerer::init_frame(uint32_t count) {
    if (count == 0) return;
    emit<ops::init_yregs>().count = count;
    for (uint32_t k = 0; k < count; ++k) words_.push_back(k);
}

template <typename T>
void Lowerer::emit_float(Instruction i) {
    auto& op = emit<T>();
    op.a = static_cast<uint16_t>(i[1].value());
    op.b = static_cast<uint16_t>(i[2].value());
    op.to = static_cast<uint16_t>(i[3].value());
}

CodeBlock* lower_function(CodeServer& code, FunctionEntry& function, const int32_t* handlers) {
    return Lowerer(code, function, handlers).run();
}

}  // namespace lintel
