#include "jit/aarch64/emit_calls.h"

/// Calls, returns, the frame, funs, exceptions.

namespace lintel::aarch64 {

using namespace asmjit::a64;

// ---- calls and returns

/// A call costs a reduction; without one the interpreter ends the slice.
void Emitter::spend_reduction() {
    a_.subs(reg::kReductions, reg::kReductions, 1);
    a_.b_le(cold([this] {
        a_.add(reg::kReductions, reg::kReductions, 1);
        leave();
    }));
}

/// Leaves the frame of `popped` bytes if that is not negative, else pushes the address behind the operation.
void Emitter::push_return(int32_t popped) {
    if (popped >= 0) return add(reg::kStack, reg::kStack, popped);
    constant(x9, reinterpret_cast<Word>(behind()) | static_cast<Word>(Tag::code));
    a_.str(x9, ptr_pre(reg::kStack, -8));
}

/// To a FunctionEntry or ExportEntry in x16; `native`: where in it.
void Emitter::go_to(Gp entry, int32_t native) {
    a_.ldr(reg::kFar, ptr(entry, native));
    a_.br(reg::kFar);
}

void Emitter::enter(const void* entry, int32_t native) {
    address(reg::kTarget, entry);
    go_to(reg::kTarget, native);
}

/// If this is still the function's machine code.
void Emitter::jump_if_native(Label to) {
    address(reg::kTarget, block_.function);
    a_.ldr(x9, ptr(reg::kTarget, layout::kFunctionNative));
    a_.adr(x10, entry_);
    a_.cmp(x9, x10);
    a_.b_eq(to);
}

/// x0: the return address.
void Emitter::emit(const ops::return_&) {
    a_.ldr(x0, ptr_post(reg::kStack, 8));
    go_to(x0, layout::kPassCode - static_cast<int32_t>(Tag::code));
}
void Emitter::emit(const ops::deallocate_return& op) {
    add(reg::kStack, reg::kStack, op.words);
    a_.ldr(x0, ptr_post(reg::kStack, 8));
    go_to(x0, layout::kPassCode - static_cast<int32_t>(Tag::code));
}

void Emitter::emit(const ops::call_bif& op) {
    if (op.bif->module == am::erlang() && op.bif->function == am::setelement() && op.bif->arity == 3) {
        const Label done = a_.newLabel();
        const Label other = cold([this, &op, done] {
            call_bif(op);
            a_.b(done);
        });
        address(x9, &op.bif->from_code);
        address(x10, reinterpret_cast<const void*>(op.bif->call));
        a_.ldr(x9, ptr(x9));
        a_.cmp(x9, x10);
        a_.b_ne(other);  // it is traced
        set_element(other);
        return bind(done);
    }
    call_bif(op);
}

/// A boxed term's words to the heap top; `size`: how many behind the header, lost. x13, x14.
void Emitter::copy_to_heap(Gp from, Gp size) {
    const Label again = a_.newLabel();
    add(x13, from, layout::kHeader);
    a_.bind(again);
    a_.ldr(x14, ptr(x13, size, lsl(3)));
    a_.str(x14, ptr(reg::kHeap, size, lsl(3)));
    a_.subs(size, size, 1);
    a_.b_pl(again);
}

/// erlang:setelement/3 of what fits in the heap.
void Emitter::set_element(Label other) {
    const Gp index = reg::kX[0], tuple = reg::kX[1], value = reg::kX[2];
    a_.cmp(reg::kReductions, 1);
    a_.b_le(other);
    jump_unless_small(index, x9, other);
    jump_unless_tag(tuple, Tag::boxed, x9, other);
    load_kind(x9, tuple);
    jump_unless_kinds(x9, Kind::tuple, Kind::tuple, other);
    load_size(x10, tuple);
    a_.asr(x11, index, kTagBits);
    a_.sub(x9, x11, 1);
    a_.cmp(x9, x10);
    a_.b_hs(other);
    a_.add(x12, reg::kHeap, x10, lsl(3));
    add(x9, x12, 8 * (1 + kStackSlackWords));
    a_.cmp(x9, reg::kStack);
    a_.b_hi(other);
    a_.sub(reg::kReductions, reg::kReductions, 1);
    copy_to_heap(tuple, x10);
    a_.str(value, ptr(reg::kHeap, x11, lsl(3)));
    add(reg::kX[0], reg::kHeap, static_cast<int64_t>(Tag::boxed));
    add(reg::kHeap, x12, 8);
}

/// Out of machine code behind what has been called.
Label Emitter::exit(const void* where, NativeExit why) {
    return cold([this, where, why] {
        spill_floats();
        address(x0, here());
        constant(w1, static_cast<Word>(why));
        jump_to(where);
    });
}

/// A call that ends what X registers hold, with its arguments in memory: x0 the state, x1 X0's place. The state knows where it is.
void Emitter::begin_call(const void* op) {
    a_.sub(reg::kReductions, reg::kReductions, 1);
    spill();
    swap_out();
    address(x9, op);
    a_.str(x9, ptr(reg::kState, layout::kIp));
    add(x1, reg::kFile, layout::kX);
    a_.mov(x0, reg::kState);
}

/// Its result is X0. `failed`: how machine code is left without one.
void Emitter::end_call(NativeExit failed) {
    swap_in();
    a_.ldr(reg::kStack, ptr(reg::kState, layout::kStackTop));
    a_.cbz(x0, exit(native_address(native_code_leave_raw), failed));
    a_.mov(reg::kX[0], x0);
}

void Emitter::call_bif(const ops::call_bif& op) {
    begin_call(&op);
    address(reg::kTarget, &op.bif->from_code);
    a_.ldr(reg::kTarget, ptr(reg::kTarget));
    a_.blr(reg::kTarget);
    has_file_ = false;
    end_call(NativeExit::bif_failed);
    const Label done = exit(native_address(native_code_leave_why), NativeExit::bif_done);
    a_.ldrb(w9, ptr(reg::kState, layout::kCollectOnReturn));
    a_.cbnz(w9, done);
    a_.cmp(reg::kReductions, 0);
    a_.b_le(done);
}

// ---- functions whose names are terms

/// Module and function are atoms in the X registers behind the arguments; anything else raises, in the interpreter. An export lives as long as
/// the VM, so the site keeps that of its last call.
void Emitter::apply(unsigned arity, int32_t popped, bool is_last) {
    std::atomic<ExportEntry*>* const last = sites_.take_export();
    if (last == nullptr) return leave();
    const Place module = x_place(arity * 8), function = x_place((arity + 1) * 8);
    const Label go = a_.newLabel();
    const Label other = cold([this, arity, is_last, last, module, function, go] {
        load_into(x1, module);
        load_into(x2, function);
        jump_unless_atom(x1, x9, leaving());
        jump_unless_atom(x2, x9, leaving());
        if (is_last) {
            // What only raises leaves the frame (never_returns): the interpreter's, so that `last` is never one of these.
            const Label returns = a_.newLabel();
            compare_constant(x1, am::erlang().word());
            a_.b_ne(returns);
            for (const Term name : {am::error(), am::exit(), am::throw_(), am::apply()}) {
                compare_constant(x2, name.word());
                a_.b_eq(leaving());
            }
            bind(returns);
        }
        a_.mov(x0, reg::kState);
        constant(w3, arity);
        address(x4, last);
        call(reinterpret_cast<const void*>(run_find_export));
        a_.mov(reg::kTarget, x0);
        a_.b(go);
    });
    address(x9, last);
    a_.ldr(reg::kTarget, ptr(x9));
    a_.cbz(reg::kTarget, other);
    a_.ldr(x9, ptr(reg::kTarget, layout::kExportModule));
    a_.cmp(load(module, x10), x9);
    a_.b_ne(other);
    a_.ldr(x9, ptr(reg::kTarget, layout::kExportFunction));
    a_.cmp(load(function, x10), x9);
    a_.b_ne(other);
    bind(go);
    spend_reduction();
    push_return(is_last ? popped : kReturns);
    go_to(reg::kTarget, layout::kExportNative);
}

// ---- funs

/// A local fun with up to kMostFree free variables; other ones are left to the interpreter.
void Emitter::call_fun(unsigned arity, Word fun, int32_t popped, bool is_last) {
    constexpr unsigned kMostFree = 4;
    load_source_into(x11, fun);
    jump_unless_tag(x11, Tag::boxed, x9, leaving());
    a_.ldur(x9, ptr(x11, layout::kHeader));
    a_.lsr(x10, x9, kAuxShift);
    compare_constant(x10, arity);
    a_.b_ne(leaving());
    a_.and_(w10, w9, 0xff);
    jump_unless_kinds(x10, Kind::fun, Kind::fun, leaving());
    a_.lsr(w9, w9, kSizeShift);  // 2 and the number of free variables
    a_.cmp(w9, 2 + kMostFree);
    a_.b_hi(leaving());
    read(reg::kTarget, x11, layout::kHeader + 8);
    a_.ldr(reg::kTarget, ptr(reg::kTarget, layout::kFunCode));
    a_.cbz(reg::kTarget, leaving());
    spend_reduction();
    const Label go = a_.newLabel();
    for (unsigned k = 0; k < kMostFree; ++k) {
        a_.cmp(w9, 2 + k);
        a_.b_eq(go);
        load_word(x_place((arity + k) * 8), x11, layout::kHeader + 8 * static_cast<int64_t>(3 + k));
    }
    bind(go);
    push_return(is_last ? popped : kReturns);
    go_to(reg::kTarget, layout::kFunctionNative);
}

void Emitter::emit(const ops::make_fun& op) {
    const Word* free = ops::rest(op);
    const uint32_t n = op.count;
    write_word(reg::kHeap, 0, make_header(Kind::fun, 2 + n, op.entry->id.arity), x9);
    address(x9, op.entry);
    write(reg::kHeap, 8, x9);
    a_.ldr(x9, ptr(reg::kState, layout::kSelf));
    write(reg::kHeap, 16, x9);
    for (uint32_t k = 0; k < n; ++k) write_source(reg::kHeap, 24 + 8 * int64_t{k}, free[k], x9);
    make_boxed(place_of(op.to), 3 + n);
}

// ---- the frame and the heap

/// At least `words` words free, and slack; collections are the interpreter's.
void Emitter::room(size_t words) {
    add(x9, reg::kStack, -static_cast<int64_t>(8 * (words + kStackSlackWords)));
    a_.cmp(x9, reg::kHeap);
    a_.b_lo(leaving());
}

void Emitter::emit(const ops::allocate& op) {
    room(op.words);
    add(reg::kStack, reg::kStack, -8 * int64_t{op.words});
}
void Emitter::emit(const ops::allocate_heap& op) {
    if (op.need > kMostInlineWords) return leave();
    room(op.words + op.need);
    add(reg::kStack, reg::kStack, -8 * int64_t{op.words});
}
void Emitter::emit(const ops::test_heap& op) {
    if (op.need > kMostInlineWords) return leave();
    room(op.need);
}
void Emitter::emit(const ops::deallocate& op) { add(reg::kStack, reg::kStack, op.words); }
void Emitter::emit(const ops::trim& op) { add(reg::kStack, reg::kStack, op.words); }

// ---- exceptions

void Emitter::emit(const ops::catch_end& op) {
    a_.cbz(reg::kX[0], leaving());
    store_constant(y_place(op.mark), Term::nil().word());
}

// ---- jumps

void Emitter::emit(const ops::jump& op) { a_.b(label_at(op.target)); }

/// Of `values`, sorted as signed words, those from `low` up to `high`.
void Emitter::select_range(const Word* values, const Word* targets, uint32_t low, uint32_t high, Gp key, Label fail) {
    constexpr uint32_t kFewCases = 3;
    if (high - low <= kFewCases) {
        for (uint32_t k = low; k < high; ++k) {
            compare_constant(key, values[k]);
            a_.b_eq(label_at(static_cast<int64_t>(targets[k])));
        }
        a_.b(fail);
        return;
    }
    const uint32_t middle = low + (high - low) / 2;
    const Label below = a_.newLabel();
    compare_constant(key, values[middle]);
    a_.b_lt(below);
    select_range(values, targets, middle, high, key, fail);
    bind(below);
    select_range(values, targets, low, middle, key, fail);
}

void Emitter::emit(const ops::select_words& op) {
    const Word* values = ops::rest(op);
    const Gp key = load_source(op.a, x9);
    select_range(values, values + op.count, 0, op.count, key, label_at(op.fail));
}

void Emitter::emit(const ops::select_dense& op) {
    const Gp key = load_source(op.a, x9);
    // Both words end in the small tag, or the difference is not a multiple of 8 and thus too large once rotated.
    add(x9, key, -static_cast<int64_t>(op.first));
    a_.ror(x9, x9, kTagBits);
    compare_constant(x9, op.count);
    a_.b_hs(label_at(op.fail));
    const Label table = a_.newLabel();
    a_.adr(x10, table);
    a_.ldrsw(x9, ptr(x10, x9, lsl(2)));
    a_.add(reg::kTarget, x10, x9);
    a_.br(reg::kTarget);
    const Word* targets = ops::rest(op);
    a_.bind(table);
    for (uint32_t k = 0; k < op.count; ++k) {
        const auto distance = static_cast<int64_t>(targets[k]);
        a_.embedLabelDelta(label_at(distance != 0 ? distance : op.fail), table, 4);
    }
}

void Emitter::emit(const ops::select_tuple_arity& op) {
    const Label fail = label_at(op.fail);
    const Gp tuple = load(op.a, x9);
    jump_unless_tag(tuple, Tag::boxed, x10, fail);
    read(x11, tuple, layout::kHeader);
    const Word* cases = ops::rest(op);
    for (uint32_t k = 0; k < op.count; ++k) {
        compare_constant(x11, cases[2 * k]);
        a_.b_eq(label_at(static_cast<int64_t>(cases[2 * k + 1])));
    }
    a_.b(fail);
}

#include "jit/forms_control.inc"

}  // namespace lintel::aarch64
