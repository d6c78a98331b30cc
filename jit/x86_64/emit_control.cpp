#include "jit/x86_64/emit_calls.h"

/// Calls, returns, the frame, funs, exceptions.

namespace lintel::x86_64 {

using namespace asmjit::x86;

// ---- calls and returns

/// A call costs a reduction; without one the interpreter ends the slice.
void Emitter::spend_reduction() {
    a_.sub(reg::kReductions, 1);
    a_.jle(cold([this] {
        a_.add(reg::kReductions, 1);
        leave();
    }));
}

/// Leaves the frame of `popped` bytes if that is not negative, else pushes the address behind the operation.
void Emitter::push_return(int32_t popped) {
    if (popped > 0) a_.add(reg::kStack, popped);
    if (popped >= 0) return;
    a_.mov(rax, reinterpret_cast<uint64_t>(behind()) | static_cast<uint64_t>(Tag::code));
    a_.sub(reg::kStack, 8);
    a_.mov(qword_ptr(reg::kStack), rax);
}

/// To a FunctionEntry or ExportEntry; `native`: where in it.
void Emitter::enter(const void* entry, int32_t native) {
    a_.mov(rcx, reinterpret_cast<uint64_t>(entry));
    a_.jmp(qword_ptr(rcx, native));
}

/// If this is still the function's machine code.
void Emitter::jump_if_native(Label to) {
    a_.mov(rcx, reinterpret_cast<uint64_t>(block_.function));
    a_.lea(rax, ptr(entry_));
    a_.cmp(rax, qword_ptr(rcx, layout::kFunctionNative));
    a_.je(to);
}

void Emitter::emit(const ops::return_&) {
    a_.mov(rax, qword_ptr(reg::kStack));
    a_.add(reg::kStack, 8);
    a_.jmp(qword_ptr(rax, layout::kPassCode - static_cast<int32_t>(Tag::code)));
}
void Emitter::emit(const ops::deallocate_return& op) {
    const auto words = static_cast<int32_t>(op.words);
    a_.mov(rax, qword_ptr(reg::kStack, words));
    a_.add(reg::kStack, words + 8);
    a_.jmp(qword_ptr(rax, layout::kPassCode - static_cast<int32_t>(Tag::code)));
}

void Emitter::emit(const ops::call_bif& op) {
    if (op.bif->module == am::erlang() && op.bif->function == am::setelement() && op.bif->arity == 3) {
        const Label done = a_.newLabel();
        const Label other = cold([this, &op, done] {
            call_bif(op);
            a_.jmp(done);
        });
        a_.mov(rax, reinterpret_cast<uint64_t>(&op.bif->from_code));
        a_.mov(rcx, reinterpret_cast<uint64_t>(op.bif->call));
        a_.cmp(qword_ptr(rax), rcx);
        a_.jne(other);  // it is traced
        set_element(other);
        return bind(done);
    }
    call_bif(op);
}

/// erlang:setelement/3 of what fits in the heap.
void Emitter::set_element(Label other) {
    const Gp index = reg::kX[0], tuple = reg::kX[1], value = reg::kX[2];
    a_.cmp(reg::kReductions, 1);
    a_.jle(other);
    jump_unless_small(index, rax, other);
    jump_unless_tag(tuple, Tag::boxed, rax, other);
    a_.mov(ecx, dword_ptr(tuple, layout::kHeader));
    a_.cmp(cl, static_cast<int32_t>(make_header(Kind::tuple, 0)));
    a_.jne(other);
    a_.shr(ecx, static_cast<int32_t>(kSizeShift));
    a_.mov(rdx, index);
    a_.sar(rdx, static_cast<int32_t>(kTagBits));
    a_.lea(rax, qword_ptr(rdx, -1));
    a_.cmp(rax, rcx);
    a_.jae(other);
    a_.lea(rsi, qword_ptr(reg::kHeap, rcx, 3, static_cast<int32_t>(8 * (1 + kStackSlackWords))));
    a_.cmp(rsi, reg::kStack);
    a_.ja(other);
    a_.dec(reg::kReductions);
    a_.lea(rsi, qword_ptr(reg::kHeap, rcx, 3, 8));
    const Label again = a_.newLabel();
    a_.bind(again);
    a_.mov(rax, qword_ptr(tuple, rcx, 3, layout::kHeader));
    a_.mov(qword_ptr(reg::kHeap, rcx, 3), rax);
    a_.dec(rcx);
    a_.jns(again);
    a_.mov(qword_ptr(reg::kHeap, rdx, 3), value);
    a_.lea(reg::kX[0], qword_ptr(reg::kHeap, static_cast<int32_t>(Tag::boxed)));
    a_.mov(reg::kHeap, rsi);
}

/// Out of machine code behind what has been called.
Label Emitter::exit(const void* where, NativeExit why) {
    return cold([this, where, why] {
        a_.mov(rax, reinterpret_cast<uint64_t>(here()));
        a_.mov(edx, static_cast<uint32_t>(why));
        jump_to(where);
    });
}

/// A call that ends what X registers hold, with its arguments in memory: rdi the state, rsi X0's place. The state knows where it is.
void Emitter::begin_call(const void* op) {
    a_.dec(reg::kReductions);
    spill_from(0);
    spill_floats();
    swap_out();
    a_.mov(rax, reinterpret_cast<uint64_t>(op));
    a_.mov(qword_ptr(reg::kState, layout::kIp), rax);
    a_.lea(rsi, qword_ptr(reg::kFile, layout::kX));
    a_.mov(rdi, reg::kState);
}

/// Its result is X0. `failed`: how machine code is left without one.
void Emitter::end_call(NativeExit failed) {
    has_file_ = false;
    swap_in();
    a_.mov(reg::kStack, qword_ptr(reg::kState, layout::kStackTop));
    a_.test(rax, rax);
    a_.jz(exit(native_address(native_code_leave_raw), failed));
    a_.mov(reg::kX[0], rax);
}

void Emitter::call_bif(const ops::call_bif& op) {
    begin_call(&op);
    a_.mov(rax, reinterpret_cast<uint64_t>(&op.bif->from_code));
    a_.call(qword_ptr(rax));
    end_call(NativeExit::bif_failed);
    const Label done = exit(native_address(native_code_leave_why), NativeExit::bif_done);
    a_.cmp(byte_ptr(reg::kState, layout::kCollectOnReturn), 0);
    a_.jne(done);
    a_.test(reg::kReductions, reg::kReductions);
    a_.jle(done);
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
        const Gp m = load(module, rsi), f = load(function, rdx);
        for (const Gp& atom : {m, f}) {
            a_.mov(eax, atom.r32());
            a_.and_(eax, static_cast<int32_t>(kImmMask));
            a_.cmp(eax, static_cast<int32_t>(imm_tag(Imm::atom)));
            a_.jne(leaving());
        }
        if (is_last) {
            // What only raises leaves the frame (never_returns): the interpreter's, so that `last` is never one of these.
            const Label returns = a_.newLabel();
            compare_constant(m, am::erlang().word(), rax);
            a_.jne(returns);
            for (const Term name : {am::error(), am::exit(), am::throw_(), am::apply()}) {
                compare_constant(f, name.word(), rax);
                a_.je(leaving());
            }
            bind(returns);
        }
        if (m != rsi) a_.mov(rsi, m);
        if (f != rdx) a_.mov(rdx, f);
        spill_volatile();
        a_.mov(rdi, reg::kState);
        a_.mov(ecx, arity);
        a_.mov(r8, reinterpret_cast<uint64_t>(last));
        call(reinterpret_cast<const void*>(run_find_export));
        a_.mov(rcx, rax);
        reload_volatile();
        a_.jmp(go);
    });
    a_.mov(rax, reinterpret_cast<uint64_t>(last));
    a_.mov(rcx, qword_ptr(rax));
    a_.test(rcx, rcx);
    a_.jz(other);
    a_.cmp(load(module, rdx), qword_ptr(rcx, layout::kExportModule));
    a_.jne(other);
    a_.cmp(load(function, rdx), qword_ptr(rcx, layout::kExportFunction));
    a_.jne(other);
    bind(go);
    spend_reduction();
    push_return(is_last ? popped : kReturns);
    a_.jmp(qword_ptr(rcx, layout::kExportNative));
}

// ---- funs

/// A local fun with up to kMostFree free variables; other ones are left to the interpreter.
void Emitter::call_fun(unsigned arity, Word fun, int32_t popped, bool is_last) {
    constexpr unsigned kMostFree = 4;
    load_source_into(rdx, fun);
    jump_unless_tag(rdx, Tag::boxed, rax, leaving());
    a_.mov(rax, qword_ptr(rdx, layout::kHeader));
    a_.mov(rcx, rax);
    a_.shr(rcx, static_cast<int32_t>(kAuxShift));
    a_.cmp(ecx, static_cast<int32_t>(arity));
    a_.jne(leaving());
    a_.cmp(al, static_cast<int32_t>(make_header(Kind::fun, 0)));
    a_.jne(leaving());
    a_.shr(eax, static_cast<int32_t>(kSizeShift));  // 2 and the number of free variables
    a_.cmp(eax, static_cast<int32_t>(2 + kMostFree));
    a_.ja(leaving());
    a_.mov(rcx, qword_ptr(rdx, layout::kHeader + 8));
    a_.mov(rcx, qword_ptr(rcx, layout::kFunCode));
    a_.test(rcx, rcx);
    a_.jz(leaving());
    spend_reduction();
    const Label go = a_.newLabel();
    for (unsigned k = 0; k < kMostFree; ++k) {
        a_.cmp(eax, static_cast<int32_t>(2 + k));
        a_.je(go);
        const Place to = x_place((arity + k) * 8);
        const Gp value = target(to, rsi);
        a_.mov(value, qword_ptr(rdx, layout::kHeader + 8 * static_cast<int32_t>(3 + k)));
        store(to, value);
    }
    bind(go);
    push_return(is_last ? popped : kReturns);
    a_.jmp(qword_ptr(rcx, layout::kFunctionNative));
}

void Emitter::emit(const ops::make_fun& op) {
    const Word* free = ops::rest(op);
    const uint32_t n = op.count;
    write_word(qword_ptr(reg::kHeap), make_header(Kind::fun, 2 + n, op.entry->id.arity), rax);
    a_.mov(rax, reinterpret_cast<uint64_t>(op.entry));
    a_.mov(qword_ptr(reg::kHeap, 8), rax);
    a_.mov(rax, qword_ptr(reg::kState, layout::kSelf));
    a_.mov(qword_ptr(reg::kHeap, 16), rax);
    for (uint32_t k = 0; k < n; ++k)
        write_source(qword_ptr(reg::kHeap, static_cast<int32_t>(24 + 8 * k)), free[k], rax);
    make_boxed(place_of(op.to), 3 + n);
}

// ---- the frame and the heap

/// At least `words` words free, and slack; collections are the interpreter's.
void Emitter::room(size_t words) {
    const size_t bytes = (words + kStackSlackWords) * 8;
    a_.lea(rax, qword_ptr(reg::kStack, -static_cast<int32_t>(bytes)));
    a_.cmp(rax, reg::kHeap);
    a_.jb(leaving());
}

void Emitter::emit(const ops::allocate& op) {
    room(op.words);
    if (op.words > 0) a_.sub(reg::kStack, 8 * op.words);
}
void Emitter::emit(const ops::allocate_heap& op) {
    if (op.need > kMostInlineWords) return leave();
    room(op.words + op.need);
    if (op.words > 0) a_.sub(reg::kStack, 8 * op.words);
}
void Emitter::emit(const ops::test_heap& op) {
    if (op.need > kMostInlineWords) return leave();
    room(op.need);
}
void Emitter::emit(const ops::deallocate& op) {
    if (op.words > 0) a_.add(reg::kStack, static_cast<int32_t>(op.words));
}
void Emitter::emit(const ops::trim& op) {
    if (op.words > 0) a_.add(reg::kStack, static_cast<int32_t>(op.words));
}

// ---- exceptions

void Emitter::emit(const ops::catch_end& op) {
    a_.test(reg::kX[0], reg::kX[0]);
    a_.jz(leaving());
    store_constant(y_place(op.mark), Term::nil().word());
}

// ---- jumps

void Emitter::emit(const ops::jump& op) { a_.jmp(label_at(op.target)); }

/// Of `values`, sorted as signed words, those from `low` up to `high`.
void Emitter::select_range(const Word* values, const Word* targets, uint32_t low, uint32_t high, Gp key, Label fail) {
    constexpr uint32_t kFewCases = 3;
    if (high - low <= kFewCases) {
        for (uint32_t k = low; k < high; ++k) {
            compare_constant(key, values[k], rcx);
            a_.je(label_at(static_cast<int64_t>(targets[k])));
        }
        a_.jmp(fail);
        return;
    }
    const uint32_t middle = low + (high - low) / 2;
    const Label below = a_.newLabel();
    compare_constant(key, values[middle], rcx);
    a_.jl(below);
    select_range(values, targets, middle, high, key, fail);
    bind(below);
    select_range(values, targets, low, middle, key, fail);
}

void Emitter::emit(const ops::select_words& op) {
    const Word* values = ops::rest(op);
    const Gp key = load_source(op.a, rax);
    select_range(values, values + op.count, 0, op.count, key, label_at(op.fail));
}

void Emitter::emit(const ops::select_dense& op) {
    const Gp key = load_source(op.a, rax);
    // Both words end in the small tag, or the difference is not a multiple of 8 and thus too large once rotated.
    constant(rcx, op.first);
    if (key != rax) a_.mov(rax, key);
    a_.sub(rax, rcx);
    a_.ror(rax, static_cast<int32_t>(kTagBits));
    a_.cmp(rax, static_cast<int32_t>(op.count));
    a_.jae(label_at(op.fail));
    const Label table = a_.newLabel();
    a_.lea(rcx, ptr(table));
    a_.movsxd(rax, dword_ptr(rcx, rax, 2));
    a_.add(rax, rcx);
    a_.jmp(rax);
    const Word* targets = ops::rest(op);
    a_.align(asmjit::AlignMode::kData, 4);
    a_.bind(table);
    for (uint32_t k = 0; k < op.count; ++k) {
        const auto distance = static_cast<int64_t>(targets[k]);
        a_.embedLabelDelta(label_at(distance != 0 ? distance : op.fail), table, 4);
    }
}

void Emitter::emit(const ops::select_tuple_arity& op) {
    const Label fail = label_at(op.fail);
    const Gp tuple = load(op.a, rax);
    jump_unless_tag(tuple, Tag::boxed, rcx, fail);
    a_.mov(rdx, qword_ptr(tuple, layout::kHeader));
    const Word* cases = ops::rest(op);
    for (uint32_t k = 0; k < op.count; ++k) {
        compare_constant(rdx, cases[2 * k], rcx);
        a_.je(label_at(static_cast<int64_t>(cases[2 * k + 1])));
    }
    a_.jmp(fail);
}

#include "jit/forms_control.inc"

}  // namespace lintel::x86_64
