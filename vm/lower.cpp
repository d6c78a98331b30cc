#include "vm/lower.h"

#include <algorithm>
#include <cstring>

#include "loader/verify.h"
#include "vm/fuse.h"
#include "vm/lower_p.h"

/// Lowering in one pass over a function's instructions.
///
/// Each external instruction becomes one operation, or a few are fused into one (a test of a list followed by taking it
/// apart, two moves in a row, a call of a fun in tail position). The choice of the operation's variant depends on the kinds of the
/// operands. Labels become distances from the start of the operation that jumps, so a block can be moved until it is
/// published; they are patched at the end.
///
/// What is not lowered here, by family: tests, selection and maps in vm/lower_match.cpp, BIFs and arithmetic in vm/lower_bif.cpp, bit
/// strings in vm/lower_bs.cpp, native records in vm/lower_records.cpp.

namespace lintel {

using ir::Instruction;
using ir::Operand;
using ir::OperandKind;

Lowerer::Lowerer(CodeServer& code, FunctionEntry& function, const int32_t* handlers, bool entries)
    : code_server_(code), entry_(function), loaded_(*function.loaded), module_(*loaded_.module),
      function_(module_.functions[function.index]), handlers_(handlers), entries_(entries) {
    words_.reserve((function_.end - function_.begin) * 2);
}

const BifEntry* Lowerer::bif_of_import(uint32_t import) const { return loaded_.imports[import]->bif; }

/// Where machine code is entered again behind what has left it.
void Lowerer::pass() {
    is_pass_due_ = false;
    emit<ops::pass>().code = native_address(native_code_to_return);
}

void Lowerer::place_label(uint32_t label) {
    if (is_pass_due_) pass();
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
    return finish();
}

/// The first operation does nothing: it is where a breakpoint stops new calls, while a call that is made again (Pending::yield) goes on at
/// the second.
CodeBlock* Lowerer::run_native(const BifEntry& bif) {
    emit<ops::func_info>().function = &entry_;
    entry_offset_ = static_cast<uint32_t>(words_.size());
    is_pass_due_ = false;
    emit<ops::jump>().target = sizeof(ops::jump) / kWordBytes;
    emit<ops::bif_stub>().bif = &bif;
    return finish();
}

std::vector<LoweredOp> Lowerer::operations() const {
    std::vector<LoweredOp> ops;
    ops.reserve(emitted_.size());
    for (size_t k = 0; k < emitted_.size(); ++k) ops.push_back({emitted_[k], emitted_at_[k]});
    return ops;
}

/// Patches labels and makes the block.
CodeBlock* Lowerer::finish() {
    if (is_pass_due_) pass();
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
    std::copy(words_.begin(), words_.end(), block->code());
    block->entry_dispatch = reinterpret_cast<const ops::Head*>(block->entry())->dispatch;
    const int32_t counting = handlers_[static_cast<size_t>(Op::count_calls)];
    block->traced_dispatch =
        block->entry_dispatch == counting ? handlers_[static_cast<size_t>(Op::pass)] : block->entry_dispatch;
    block->native = nullptr;
    // Where a breakpoint looks for the function.
    LINTEL_ASSERT(reinterpret_cast<const ops::func_info*>(block->entry())[-1].function == &entry_);
    block->lines = reinterpret_cast<CodeBlock::LineEntry*>(block->code() + words_.size());
    block->replaced = nullptr;
    std::copy(lines_.begin(), lines_.end(), block->lines);  // there may be none
    return block;
}

/// Gives each operation the handler of the longest fused one that begins there. The others keep theirs, for jumps lead to them.
void Lowerer::fuse() {
    for (size_t k = 0; k + 1 < emitted_.size(); ++k) {
        const Op fused = fused_at(emitted_.data() + k, emitted_.size() - k);
        if (fused != Op::count)
            reinterpret_cast<ops::Head*>(&words_[emitted_at_[k]])->dispatch = handlers_[static_cast<size_t>(fused)];
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
    if (target->module == am::erlang() && target->function == am::apply() &&
        (target->arity == 2 || target->arity == 3)) {
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

// ---- lists, tuples

// NOLINTNEXTLINE(readability-function-size): a case for each instruction of the family
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

// NOLINTNEXTLINE(readability-function-size): a case for each instruction of the family
Instruction Lowerer::lower(Instruction i) {
    using namespace ops;
    const Instruction n = i.next();
    switch (i.op()) {
        case Genop::label:
            // The code before it does not come that far (loader/verify.cpp).
            if (n.op() == Genop::try_case && n.needs_check()) emit<no_return>();
            place_label(i[0].value());
            if (i[0].value() == function_.entry_label) {
                entry_offset_ = static_cast<uint32_t>(words_.size());
                // Calls go to the BIF of this name at once, but funs come here.
                if (const BifEntry* bif = bif_of_label(i[0])) {
                    emit<bif_stub>().bif = bif;
                } else if (entries_) {
                    emit<count_calls>();
                }
            }
            break;
        case Genop::line: lines_.push_back({static_cast<uint32_t>(words_.size()), i[0].value()}); break;
        case Genop::func_info: emit<func_info>().function = &entry_; break;
        case Genop::int_code_end:
        case Genop::nif_start:
        case Genop::executable_line:
        case Genop::debug_line:
        case Genop::on_load: break;

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
        case Genop::apply_last: return lower_call(i);

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
        case Genop::update_record: return lower_data(i);

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
        case Genop::is_ge: return lower_test(i);
        case Genop::select_val: lower_select(i); break;
        case Genop::select_tuple_arity: lower_select_tuple_arity(i); break;

        case Genop::put_map_assoc:
        case Genop::put_map_exact:
        case Genop::has_map_fields:
        case Genop::get_map_elements: lower_map(i); break;

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
        case Genop::fcheckerror: break;

        case Genop::make_fun2: {
            FunEntry* fun = loaded_.lambdas[i[0].value()];
            auto& gc = emit<make_fun_gc>();
            gc.entry = fun;
            gc.count = fun->id.free_count;
            auto& op = emit<make_fun>();
            op.to = x_reg(0);
            op.entry = fun;
            op.count = fun->id.free_count;
            for (uint32_t k = 0; k < fun->id.free_count; ++k) words_.push_back(source_of(x_reg(k)));
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
            if (const Instruction behind = lower_bs_filled(i); behind.words() != i.words()) return behind;
            if (!lower_record(i)) lower_bits(i);
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

CodeBlock* lower_function(CodeServer& code, FunctionEntry& function, const int32_t* handlers, bool entries) {
    return Lowerer(code, function, handlers, entries).run();
}

CodeBlock* lower_native(CodeServer& code, FunctionEntry& function, const BifEntry& bif, const int32_t* handlers) {
    return Lowerer(code, function, handlers, false).run_native(bif);
}

std::vector<LoweredOp> operations_of(CodeServer& code, FunctionEntry& function, const int32_t* handlers,
                                     const CodeBlock& block) {
    Lowerer again(code, function, handlers, true);
    CodeBlock* const same = again.run();
    const bool is_same = same->words == block.words;
    release(same);
    return is_same ? again.operations() : std::vector<LoweredOp>();
}

}  // namespace lintel
