#include "jit/aarch64/emitter.h"

namespace lintel::aarch64 {

using namespace asmjit::a64;

namespace {

/// As far as conditional jumps reach, and a little less.
constexpr size_t kMostBytes = (size_t{1} << 20) - 4096;

}  // namespace

Emitter::Emitter(asmjit::CodeHolder& holder, const CodeBlock& block, const std::vector<LoweredOp>& operations)
    : BlockEmitter(holder, a_, block, operations, kMostBytes), a_(&holder) {}

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

void Emitter::jump_to(const void* where) {
    address(reg::kTarget, where);
    a_.br(reg::kTarget);
}

void Emitter::leave() {
    spill_floats();
    address(x0, here());
    a_.b(leave_);
}

void Emitter::emit_leave() { jump_to(native_address(native_code_leave)); }

// ---- instructions with operands of any size

namespace {

constexpr int64_t kMostShort = 4095;        ///< of immediate operands of add, sub and cmp
constexpr int64_t kMostLong = 4095 * 4096;  ///< the same, if it is a multiple of 4096

bool is_short(int64_t n) { return n >= 0 && (n <= kMostShort || (n % 4096 == 0 && n <= kMostLong)); }

}  // namespace

/// x17 may be `to`, but not `from`.
void Emitter::add(Gp to, Gp from, int64_t n) {
    const int64_t size = n < 0 ? -n : n;
    if (size > kMostLong) {
        constant(reg::kFar, static_cast<Word>(n));
        a_.add(to, from, reg::kFar);
        return;
    }
    const auto part = [this, to, n](Gp left, int64_t right) {
        n < 0 ? a_.sub(to, left, right) : a_.add(to, left, right);
    };
    if (is_short(size)) {
        if (size != 0 || to != from) part(from, size);
        return;
    }
    part(from, size & ~kMostShort);
    part(to, size & kMostShort);
}

/// Flags as if the two were subtracted.
void Emitter::compare_constant(Gp term, Word value) {
    const auto n = static_cast<int64_t>(value);
    if (is_short(n)) {
        a_.cmp(term, n);
    } else if (n < 0 && n >= -kMostLong && is_short(-n)) {
        a_.cmn(term, -n);
    } else {
        constant(reg::kFar, value);
        a_.cmp(term, reg::kFar);
    }
}

/// A word in memory, for the next load or store only: its address may be in x17.
Mem Emitter::word_at(Gp base, int64_t offset) {
    constexpr int64_t kNear = 256, kMostWords = 4095;
    const bool has_room =
        (offset >= -kNear && offset < kNear) || (offset >= 0 && offset % 8 == 0 && offset <= 8 * kMostWords);
    if (has_room) return ptr(base, static_cast<int32_t>(offset));
    add(reg::kFar, base, offset);
    return ptr(reg::kFar);
}

// ---- registers

Mem Emitter::memory(Place p) {
    if (p.is_y) return word_at(reg::kStack, p.offset);
    load_file();
    return word_at(reg::kFile, layout::kX + int64_t{p.offset});
}

void Emitter::load_file() {
    if (has_file_) return;
    a_.ldr(reg::kFile, ptr(reg::kState, layout::kRegisters));
    has_file_ = true;
}

Gp Emitter::load(Place p, Gp scratch) {
    if (is_pinned(p)) return reg::kX[p.offset / 8];
    a_.ldr(scratch, memory(p));
    return scratch;
}

void Emitter::load_into(Gp to, Place p) {
    const Gp from = load(p, to);
    if (from != to) a_.mov(to, from);
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

void Emitter::store(Place p, Gp value) {
    if (is_pinned(p)) {
        if (reg::kX[p.offset / 8] != value) a_.mov(reg::kX[p.offset / 8], value);
    } else {
        a_.str(value, memory(p));
    }
}

void Emitter::store_constant(Place p, Word value) {
    const Gp made = target(p, x9);
    constant(made, value);
    store(p, made);
}

void Emitter::write_word(Gp base, int64_t offset, Word value, Gp scratch) {
    constant(scratch, value);
    write(base, offset, scratch);
}

/// A source to memory that no register of the VM is in.
void Emitter::write_source(Gp base, int64_t offset, Word source, Gp scratch) {
    write(base, offset, load_source(source, scratch));
}

// ---- calls of C++

void Emitter::swap_out() {
    a_.str(reg::kStack, ptr(reg::kState, layout::kStackTop));
    a_.str(reg::kHeap, ptr(reg::kState, layout::kHeapTop));
    a_.str(reg::kReductions, ptr(reg::kState, layout::kReductions));
}

/// The stack is where it was: what is called here does not collect.
void Emitter::swap_in() {
    a_.ldr(reg::kHeap, ptr(reg::kState, layout::kHeapTop));
    a_.ldr(reg::kReductions, ptr(reg::kState, layout::kReductions));
}

/// X0 to X5 to their places in memory, for who looks for them there.
void Emitter::spill() {
    load_file();
    for (unsigned n = 0; n < reg::kPinned; n += 2)
        a_.stp(reg::kX[n], reg::kX[n + 1], ptr(reg::kFile, layout::kX + 8 * static_cast<int32_t>(n)));
}

void Emitter::reload() {
    load_file();
    for (unsigned n = 0; n < reg::kPinned; n += 2)
        a_.ldp(reg::kX[n], reg::kX[n + 1], ptr(reg::kFile, layout::kX + 8 * static_cast<int32_t>(n)));
}

void Emitter::spill_floats() {
    if (floats_ == 0) return;
    load_file();
    for (unsigned n = 0; n < kMachineFloats; ++n) {
        if ((floats_ >> n & 1) != 0)
            a_.str(d(reg::kFirstFloat + n), ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)));
    }
}

void Emitter::reload_floats() {
    if (floats_ == 0) return;
    load_file();
    for (unsigned n = 0; n < kMachineFloats; ++n) {
        if ((floats_ >> n & 1) != 0)
            a_.ldr(d(reg::kFirstFloat + n), ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)));
    }
}

void Emitter::call(const void* function) {
    address(reg::kTarget, function);
    a_.blr(reg::kTarget);
    has_file_ = false;
}

/// A function of the state, in x0, and of what is in x1, x2 and x3. It may build; all but the result, in x0, stays.
void Emitter::call_out(const void* function) {
    swap_out();
    a_.mov(x0, reg::kState);
    call(function);
    swap_in();
}

/// A function of jit/calls.h that works on the VM's registers in memory: its result is in w0, nothing else is lost.
void Emitter::call_on_registers(const void* function, const void* op) {
    spill();
    a_.str(reg::kHeap, ptr(reg::kState, layout::kHeapTop));
    add(x0, reg::kFile, layout::kX);
    a_.mov(x1, reg::kStack);
    add(x2, reg::kState, layout::kHeapTop);
    address(x3, op);
    call(function);
    a_.ldr(reg::kHeap, ptr(reg::kState, layout::kHeapTop));
    reload();
}

/// A function of jit/calls.h that builds from the VM's registers in memory: its result is in x0.
void Emitter::call_building(const void* function, const void* op) {
    spill();
    swap_out();
    add(x1, reg::kFile, layout::kX);
    a_.mov(x0, reg::kState);
    a_.mov(x2, reg::kStack);
    address(x3, op);
    call(function);
    swap_in();
}

/// The bool that has been returned, which says nothing of the bits above its first byte.
void Emitter::jump_unless_true(Label to) {
    a_.tst(w0, 0xff);
    a_.b_eq(to);
}

/// Where an operation goes on that has raised in C++: at its label, or in the interpreter, which does it once more.
Label Emitter::raising(int32_t fail) {
    if (fail == 0) return leaving();
    return cold([this, fail] {
        static_assert(static_cast<int>(Pending::none) == 0);
        a_.strb(wzr, ptr(reg::kState, layout::kPending));
        a_.b(label_at(fail));
    });
}

/// If the last call has asked for a collection, the slice ends at the next call.
void Emitter::settle() {
    const Label done = a_.newLabel();
    a_.ldrb(w9, ptr(reg::kState, layout::kCollectOnReturn));
    a_.cbnz(w9, cold([this, done] {
                // What it has cost beyond them stays.
                a_.cmp(reg::kReductions, 0);
                a_.csel(reg::kReductions, reg::kReductions, wzr, CondCode::kLT);
                a_.b(done);
            }));
    bind(done);
}

// ---- terms

void Emitter::jump_unless_small(Gp term, Gp scratch, Label to) { jump_unless_tag(term, Tag::small, scratch, to); }

void Emitter::jump_unless_both_small(Gp a, Gp b, Gp scratch, Label to) {
    static_assert(static_cast<Word>(Tag::small) == kTagMask);
    if (a == b) return jump_unless_small(a, scratch, to);
    a_.and_(scratch.w(), a.w(), b.w());
    jump_unless_small(scratch, scratch, to);
}

void Emitter::jump_unless_tag(Gp term, Tag tag, Gp scratch, Label to) {
    a_.and_(scratch.w(), term.w(), kTagMask);
    a_.cmp(scratch.w(), static_cast<Word>(tag));
    a_.b_ne(to);
}

void Emitter::jump_unless_atom(Gp term, Gp scratch, Label to) {
    a_.and_(scratch.w(), term.w(), kImmMask);
    a_.cmp(scratch.w(), imm_tag(Imm::atom));
    a_.b_ne(to);
}

/// The kind bits of a boxed term's header.
void Emitter::load_kind(Gp to, Gp boxed) {
    a_.ldurb(to.w(), ptr(boxed, layout::kHeader));
    static_assert(kKindShift + 5 == 8, "a kind fills the rest of the first byte");
}

/// The size in a boxed term's header.
void Emitter::load_size(Gp to, Gp boxed) {
    a_.ldur(to.w(), ptr(boxed, layout::kHeader));
    a_.lsr(to.w(), to.w(), kSizeShift);
    static_assert(kSizeShift + 24 == 32, "a size fills the rest of the first half");
}

void Emitter::tag_small(Gp to, Gp number) {
    a_.lsl(to, number, kTagBits);
    a_.orr(to, to, kTagMask);
}

}  // namespace lintel::aarch64
