#include "jit/x86_64/emitter.h"

#include "jit/listing.h"
#include "jit/x86_64/calls.h"
#include "vm/dump.h"

namespace lintel::x86_64 {

using namespace asmjit::x86;

Emitter::Emitter(asmjit::CodeHolder& holder, const CodeBlock& block, const std::vector<LoweredOp>& operations)
    : a_(&holder), block_(block), operations_(operations), labels_(block.words + 1), sites_(operations) {
    holder.setErrorHandler(this);
}

bool Emitter::run() {
    mark_targets();
    entry_ = a_.newLabel();
    leave_ = a_.newLabel();
    for (size_t k = 0; k < operations_.size();) {
        here_ = operations_[k].at;
        head_operation();
        if (labels_[here_].isValid()) bind(labels_[here_]);
        leaving_ = Label();
        if (const size_t done = masked(k); done != 0) {
            k += done;
        } else {
            emit_operation(k++);
        }
    }
    a_.comment(";  cold");
    // Cold code may have cold code of its own.
    for (size_t k = 0; k < cold_.size(); ++k) {
        here_ = cold_[k].here;
        next_ = cold_[k].next;
        leaving_ = Label();
        head_operation();
        bind(cold_[k].label);
        const auto code = std::move(cold_[k].code);
        code();
    }
    a_.comment(";  leave");
    a_.bind(leave_);
    jump_to(native_address(native_code_leave));
    return !failed_;
}

void Emitter::emit_operation(size_t number) {
    here_ = operations_[number].at;
    next_ = number + 1 < operations_.size() ? operations_[number + 1].at : block_.words;
    leaving_ = Label();
    const Word* at = here();
    switch (operations_[number].op) {
#define OP(name, fields, flags)                        \
    case Op::name:                                     \
        emit(*reinterpret_cast<const ops::name*>(at)); \
        break;
#include "vm/ops.def"
        default: LINTEL_UNREACHABLE();  // fused operations are in heads only
    }
}

// ---- where operations jump to

#define X(n)
#define Y(n)
#define R(n)
#define S(n)
#define L(n) mark(op.n);
#define U16(n)
#define U32(n)
#define W(n)
#define P(type, n)
#define REST
#define OP(name, fields, flags) \
    void Emitter::mark_targets_of([[maybe_unused]] const ops::name& op) { fields }
#include "vm/ops.def"
#undef X
#undef Y
#undef R
#undef S
#undef L
#undef U16
#undef U32
#undef W
#undef P
#undef REST

void Emitter::mark(int64_t distance) {
    if (distance == 0) return;
    Label& label = labels_[static_cast<size_t>(here_ + distance)];
    if (!label.isValid()) label = a_.newLabel();
}

void Emitter::mark_targets() {
    const auto rest_targets = [this](const Word* words, size_t count, size_t step) {
        for (size_t k = 0; k < count; ++k) mark(static_cast<int64_t>(words[k * step]));
    };
    for (const LoweredOp& o : operations_) {
        here_ = o.at;
        const Word* at = here();
        switch (o.op) {
#define OP(name, fields, flags)                                   \
    case Op::name:                                                \
        mark_targets_of(*reinterpret_cast<const ops::name*>(at)); \
        break;
#include "vm/ops.def"
            default: LINTEL_UNREACHABLE();
        }
        if (o.op == Op::select_words) {
            const auto& op = *reinterpret_cast<const ops::select_words*>(at);
            rest_targets(ops::rest(op) + op.count, op.count, 1);
        } else if (o.op == Op::select_dense) {
            const auto& op = *reinterpret_cast<const ops::select_dense*>(at);
            rest_targets(ops::rest(op), op.count, 1);
        } else if (o.op == Op::select_linear) {
            const auto& op = *reinterpret_cast<const ops::select_linear*>(at);
            rest_targets(ops::rest(op) + 1, op.count, 2);
        } else if (o.op == Op::select_tuple_arity) {
            const auto& op = *reinterpret_cast<const ops::select_tuple_arity*>(at);
            rest_targets(ops::rest(op) + 1, op.count, 2);
        }
        note_floats(o.op, at);
    }
}

/// F registers in machine registers are kept where the function is left.
void Emitter::note_floats(Op op, const Word* at) {
    const auto use = [this](unsigned n) {
        if (n < reg::kFloats) floats_ |= 1u << n;
    };
    switch (op) {
        case Op::fload: return use(reinterpret_cast<const ops::fload*>(at)->to);
        case Op::fconv: return use(reinterpret_cast<const ops::fconv*>(at)->to);
        case Op::fstore: return use(reinterpret_cast<const ops::fstore*>(at)->from);
        case Op::fmove: {
            const auto& move = *reinterpret_cast<const ops::fmove*>(at);
            use(move.from);
            return use(move.to);
        }
        case Op::fnegate: {
            const auto& negate = *reinterpret_cast<const ops::fnegate*>(at);
            use(negate.a);
            return use(negate.to);
        }
        case Op::fadd:
        case Op::fsub:
        case Op::fmul:
        case Op::fdiv: {
            static_assert(offsetof(ops::fadd, b) == offsetof(ops::fdiv, b) &&
                          offsetof(ops::fadd, to) == offsetof(ops::fsub, to) &&
                          offsetof(ops::fadd, a) == offsetof(ops::fmul, a));
            const auto& operation = *reinterpret_cast<const ops::fadd*>(at);
            use(operation.a);
            use(operation.b);
            return use(operation.to);
        }
        default: return;
    }
}

/// A test without a label would go round for ever: the interpreter does.
Label Emitter::label_at(int64_t distance) {
    if (distance == 0) return leaving();
    const Label label = labels_[static_cast<size_t>(here_ + distance)];
    LINTEL_CHECK(label.isValid());
    return label;
}

/// Code that comes here from elsewhere may have other things in rdi.
void Emitter::bind(Label label) {
    a_.bind(label);
    has_file_ = false;
}

Label Emitter::cold(std::function<void()> code) {
    const Label label = a_.newLabel();
    cold_.push_back({label, here_, next_, std::move(code)});
    return label;
}

/// In a listing: what the code from here on is of.
void Emitter::head_operation() {
    if (!a_.hasLogger()) return;
    const auto at = std::ranges::lower_bound(operations_, here_, {}, &LoweredOp::at);
    a_.comment((kHeading + dump_operation(block_, *at)).c_str());
}

// ---- leaving

void Emitter::jump_to(const void* address) {
    a_.mov(rcx, reinterpret_cast<uint64_t>(address));
    a_.jmp(rcx);
}

/// To the interpreter, which does the operation.
void Emitter::leave() {
    spill_floats();
    a_.mov(rax, reinterpret_cast<uint64_t>(here()));
    a_.jmp(leave_);
}

/// Where the operation leaves.
Label Emitter::leaving() {
    if (!leaving_.isValid()) leaving_ = cold([this] { leave(); });
    return leaving_;
}

/// Where the operation's failure goes on: at its label, or in the interpreter, which raises.
Label Emitter::failing(int32_t fail) { return fail != 0 ? label_at(fail) : leaving(); }

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
    for (unsigned n = 0; n < reg::kFloats; ++n) {
        if ((floats_ >> n & 1) != 0)
            a_.movsd(qword_ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)), xmm(8 + n));
    }
}

void Emitter::reload_floats() {
    if (floats_ == 0) return;
    load_file();
    for (unsigned n = 0; n < reg::kFloats; ++n) {
        if ((floats_ >> n & 1) != 0)
            a_.movsd(xmm(8 + n), qword_ptr(reg::kFile, layout::kF + 8 * static_cast<int32_t>(n)));
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

/// A function of jit/x86_64/calls.h that works on the VM's registers in memory: its result is in rax, nothing else is lost. Flags, too, are those
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

/// A function of jit/x86_64/calls.h that builds. Flags are those of `test rax, rax`, the result.
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
        a_.xor_(reg::kReductions, reg::kReductions);
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
