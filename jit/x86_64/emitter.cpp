#include "jit/x86_64/emitter.h"

namespace lintel::x86_64 {

using namespace asmjit::x86;

Emitter::Emitter(asmjit::CodeHolder& holder, const CodeBlock& block, const std::vector<LoweredOp>& operations)
    : BlockEmitter(holder, a_, block, operations, SIZE_MAX), a_(&holder) {
    // What is in front of a point of entry is gone through: by few instructions.
    a_.addEncodingOptions(asmjit::EncodingOptions::kOptimizedAlign);
}

void Emitter::emit_operation(Op op, const Word* at) {
    switch (op) {
#define OP(name, fields, flags)                        \
    case Op::name:                                     \
        emit(*reinterpret_cast<const ops::name*>(at)); \
        break;
#include "vm/ops.def"
        default: LINTEL_UNREACHABLE();  // fused operations are in heads only
    }
}

// ---- leaving

void Emitter::jump_to(const void* address) {
    a_.mov(rcx, reinterpret_cast<uint64_t>(address));
    a_.jmp(rcx);
}

void Emitter::leave() {
    spill_floats();
    a_.mov(rax, reinterpret_cast<uint64_t>(here()));
    a_.jmp(leave_);
}

void Emitter::emit_leave() { jump_to(native_address(native_code_leave)); }

// ---- registers

Mem Emitter::memory(Place p) {
    if (p.is_y) return qword_ptr(reg::kStack, static_cast<int32_t>(p.offset));
    load_file();
    return qword_ptr(reg::kFile, layout::kX + static_cast<int32_t>(p.offset));
}

void Emitter::load_file() {
    if (has_file_) return;
    a_.mov(reg::kFile, qword_ptr(reg::kState, layout::kRegisters));
    has_file_ = true;
}

Gp Emitter::load(Place p, Gp scratch) {
    if (is_pinned(p)) return reg::kX[p.offset / 8];
    a_.mov(scratch, memory(p));
    return scratch;
}

void Emitter::load_into(Gp to, Place p) {
    const Gp from = load(p, to);
    if (from != to) a_.mov(to, from);
}

void Emitter::constant(Gp to, Word value) {
    if (value == 0) {
        a_.xor_(to.r32(), to.r32());
    } else if (value <= UINT32_MAX) {
        a_.mov(to.r32(), static_cast<uint32_t>(value));
    } else {
        a_.mov(to, value);
    }
}

Gp Emitter::load_source(Word source, Gp scratch) {
    if (!is_constant(source)) return load(place_of_source(source), scratch);
    constant(scratch, source);
    return scratch;
}

void Emitter::load_source_into(Gp to, Word source) {
    const Gp from = load_source(source, to);
    if (from != to) a_.mov(to, from);
}

namespace {

bool fits_32(Word value) { return static_cast<int64_t>(value) == static_cast<int32_t>(value); }

}  // namespace

void Emitter::store(Place p, Gp value) {
    if (is_pinned(p)) {
        if (reg::kX[p.offset / 8] != value) a_.mov(reg::kX[p.offset / 8], value);
    } else {
        a_.mov(memory(p), value);
    }
}

void Emitter::store_constant(Place p, Word value) {
    if (is_pinned(p)) return constant(reg::kX[p.offset / 8], value);
    write_word(memory(p), value, rax);
}

void Emitter::write_word(Mem to, Word value, Gp scratch) {
    if (fits_32(value)) {
        a_.mov(to, static_cast<int32_t>(value));
    } else {
        constant(scratch, value);
        a_.mov(to, scratch);
    }
}

/// A source to memory that no register of the VM is in.
void Emitter::write_source(Mem to, Word source, Gp scratch) {
    if (is_constant(source)) return write_word(to, source, scratch);
    a_.mov(to, load(place_of_source(source), scratch));
}

void Emitter::compare_constant(Gp term, Word value, Gp scratch) {
    if (fits_32(value)) {
        a_.cmp(term, static_cast<int32_t>(value));
    } else {
        constant(scratch, value);
        a_.cmp(term, scratch);
    }
}

// ---- calls of C++

void Emitter::swap_out() {
    a_.mov(qword_ptr(reg::kState, layout::kStackTop), reg::kStack);
    a_.mov(qword_ptr(reg::kState, layout::kHeapTop), reg::kHeap);
    a_.mov(dword_ptr(reg::kState, layout::kReductions), reg::kReductions);
}

/// The stack is where it was: what is called here does not collect.
void Emitter::swap_in() {
    a_.mov(reg::kHeap, qword_ptr(reg::kState, layout::kHeapTop));
    a_.mov(reg::kReductions, dword_ptr(reg::kState, layout::kReductions));
}

namespace {

/// X0 and X1 are in registers that calls of C++ keep.
constexpr unsigned kKept = 2;

}  // namespace

void Emitter::spill_from(unsigned first) {
    load_file();
    for (unsigned n = first; n < reg::kPinned; ++n)
        a_.mov(qword_ptr(reg::kFile, layout::kX + 8 * static_cast<int32_t>(n)), reg::kX[n]);
}

void Emitter::reload_from(unsigned first) {
    load_file();
    for (unsigned n = first; n < reg::kPinned; ++n)
        a_.mov(reg::kX[n], qword_ptr(reg::kFile, layout::kX + 8 * static_cast<int32_t>(n)));
}

void Emitter::spill_volatile() {
    spill_from(kKept);
    spill_floats();
}

void Emitter::reload_volatile() {
    reload_from(kKept);
    reload_floats();
}

void Emitter::spill_floats() {
    if (floats_ == 0) return;
    load_file();
    for (unsigned n = 0; n < kMachineFloats; ++n) {
        if ((floats_ >> n & 1) != 0)
            a_.movsd(qword_ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)), xmm(reg::kFirstFloat + n));
    }
}

void Emitter::reload_floats() {
    if (floats_ == 0) return;
    load_file();
    for (unsigned n = 0; n < kMachineFloats; ++n) {
        if ((floats_ >> n & 1) != 0)
            a_.movsd(xmm(reg::kFirstFloat + n), qword_ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)));
    }
}

void Emitter::call(const void* function) {
    a_.mov(rax, reinterpret_cast<uint64_t>(function));
    a_.call(rax);
    has_file_ = false;
}

/// A function of the state, in rdi, and of what is in rsi, rdx and rcx. It may build; all but the result, in rax, stays.
void Emitter::call_out(const void* function) {
    spill_volatile();
    swap_out();
    a_.mov(rdi, reg::kState);
    call(function);
    swap_in();
    reload_volatile();
}

/// A function of jit/calls.h that works on the VM's registers in memory: its result is in rax, nothing else is lost. Flags, too, are those
/// of `test al, al`.
void Emitter::call_on_registers(const void* function, const void* op) {
    spill_from(0);
    spill_floats();
    a_.mov(qword_ptr(reg::kState, layout::kHeapTop), reg::kHeap);
    a_.add(rdi, layout::kX);
    a_.mov(rsi, reg::kStack);
    a_.lea(rdx, qword_ptr(reg::kState, layout::kHeapTop));
    a_.mov(rcx, reinterpret_cast<uint64_t>(op));
    call(function);
    a_.test(al, al);
    a_.mov(reg::kHeap, qword_ptr(reg::kState, layout::kHeapTop));
    reload_from(0);
    reload_floats();
}

/// A function of jit/calls.h that builds. Flags are those of `test rax, rax`, the result.
void Emitter::call_building(const void* function, const void* op) {
    spill_from(0);
    spill_floats();
    swap_out();
    a_.lea(rsi, qword_ptr(reg::kFile, layout::kX));
    a_.mov(rdi, reg::kState);
    a_.mov(rdx, reg::kStack);
    a_.mov(rcx, reinterpret_cast<uint64_t>(op));
    call(function);
    swap_in();
    reload_from(0);
    reload_floats();
    a_.test(rax, rax);
}

/// Where an operation goes on that has raised in C++: at its label, or in the interpreter, which does it once more.
Label Emitter::raising(int32_t fail) {
    if (fail == 0) return leaving();
    return cold([this, fail] {
        a_.mov(byte_ptr(reg::kState, layout::kPending), static_cast<int32_t>(Pending::none));
        a_.jmp(label_at(fail));
    });
}

/// If the last call has asked for a collection, the slice ends at the next call.
void Emitter::settle() {
    a_.cmp(byte_ptr(reg::kState, layout::kCollectOnReturn), 0);
    const Label done = a_.newLabel();
    a_.jne(cold([this, done] {
        // What it has cost beyond them stays.
        a_.xor_(edx, edx);
        a_.cmp(reg::kReductions, edx);
        a_.cmovg(reg::kReductions, edx);
        a_.jmp(done);
    }));
    bind(done);
}

// ---- terms

void Emitter::jump_unless_small(Gp term, Gp scratch, Label to) {
    static_assert(static_cast<Word>(Tag::small) == kTagMask);
    a_.lea(scratch.r32(), dword_ptr(term, 1));
    a_.test(scratch.r8(), static_cast<int32_t>(kTagMask));
    a_.jnz(to);
}

void Emitter::jump_unless_both_small(Gp a, Gp b, Gp scratch, Label to) {
    if (a == b) return jump_unless_small(a, scratch, to);
    a_.mov(scratch.r32(), a.r32());
    a_.and_(scratch.r32(), b.r32());
    a_.inc(scratch.r32());
    a_.test(scratch.r8(), static_cast<int32_t>(kTagMask));
    a_.jnz(to);
}

void Emitter::jump_unless_tag(Gp term, Tag tag, Gp scratch, Label to) {
    a_.lea(scratch.r32(), dword_ptr(term, -static_cast<int32_t>(tag)));
    a_.test(scratch.r8(), static_cast<int32_t>(kTagMask));
    a_.jnz(to);
}

/// The kind bits of a boxed term's header.
void Emitter::load_kind(Gp to, Gp boxed) {
    a_.movzx(to.r32(), byte_ptr(boxed, layout::kHeader));
    static_assert(kKindShift + 5 == 8, "a kind fills the rest of the first byte");
}

}  // namespace lintel::x86_64
