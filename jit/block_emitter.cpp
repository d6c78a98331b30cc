#include "jit/block_emitter.h"

#include <algorithm>
#include <cstdio>

#include "jit/listing.h"
#include "vm/dump.h"

/// What asmjit has in the place of stderr (cmake/Asmjit.cmake): nothing it does for us writes there. In this file, since it is linked whenever
/// asmjit is.
extern "C" {
extern FILE* asmjit_stderr;
FILE* asmjit_stderr = nullptr;
}

namespace lintel::jit {

CallSites::CallSites(const std::vector<LoweredOp>& operations) {
    count_ = static_cast<size_t>(std::ranges::count_if(
        operations, [](const LoweredOp& o) { return o.op == Op::apply || o.op == Op::apply_last; }));
    if (count_ != 0) last_ = Exports(new std::atomic<ExportEntry*>[count_]());
}

BlockEmitter::BlockEmitter(asmjit::CodeHolder& holder, asmjit::BaseAssembler& assembler, const CodeBlock& block,
                           const std::vector<LoweredOp>& operations, size_t most_bytes)
    : block_(block), sites_(operations), assembler_(assembler), operations_(operations), most_bytes_(most_bytes),
      labels_(block.words + 1) {
    holder.setErrorHandler(this);
}

bool BlockEmitter::run() {
    mark_targets();
    entry_ = assembler_.newLabel();
    leave_ = assembler_.newLabel();
    for (size_t k = 0; k < operations_.size();) {
        if (is_over()) return false;
        here_ = operations_[k].at;
        head_operation();
        if (labels_[here_].isValid()) bind(labels_[here_]);
        leaving_ = Label();
        if (const size_t done = chain_at(k); done != 0) {
            k += done;
        } else {
            emit_operation(k++);
        }
    }
    assembler_.comment(";  cold");
    // Cold code may have cold code of its own.
    for (size_t k = 0; k < cold_.size(); ++k) {
        if (is_over()) return false;
        here_ = cold_[k].here;
        next_ = cold_[k].next;
        leaving_ = Label();
        head_operation();
        bind(cold_[k].label);
        const auto code = std::move(cold_[k].code);
        code();
    }
    assembler_.comment(";  leave");
    bind(leave_);
    emit_leave();
    return !is_over();
}

void BlockEmitter::emit_operation(size_t number) {
    here_ = operations_[number].at;
    next_ = number + 1 < operations_.size() ? operations_[number + 1].at : block_.words;
    leaving_ = Label();
    emit_operation(operations_[number].op, here());
}

/// Returns how many operations it was; 0: there is no chain.
size_t BlockEmitter::chain_at(size_t first) {
    const RingChain chain =
        find_chain(block_, operations_, first, [this](uint32_t at) { return labels_[at].isValid(); });
    if (chain.count == 0) return 0;
    const Label done = assembler_.newLabel();
    const Label other = cold([this, first, count = chain.count, done] {
        for (size_t k = first; k < first + count; ++k) emit_operation(k);
        emit_jump(done);
    });
    emit_chain(chain, done, other);
    return chain.count;
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
    void BlockEmitter::mark_targets_of([[maybe_unused]] const ops::name& op) { fields }
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

void BlockEmitter::mark(int64_t distance) {
    if (distance == 0) return;
    Label& label = labels_[static_cast<size_t>(here_ + distance)];
    if (!label.isValid()) label = assembler_.newLabel();
}

void BlockEmitter::mark_targets() {
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
void BlockEmitter::note_floats(Op op, const Word* at) {
    const auto use = [this](unsigned n) {
        if (n < kMachineFloats) floats_ |= 1u << n;
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
Label BlockEmitter::label_at(int64_t distance) {
    if (distance == 0) return leaving();
    const Label label = labels_[static_cast<size_t>(here_ + distance)];
    LINTEL_CHECK(label.isValid());
    return label;
}

/// Code that comes here from elsewhere may have other things in the register file's register.
void BlockEmitter::bind(Label label) {
    assembler_.bind(label);
    has_file_ = false;
}

Label BlockEmitter::cold(std::function<void()> code) {
    const Label label = assembler_.newLabel();
    cold_.push_back({label, here_, next_, std::move(code)});
    return label;
}

/// Code of another operation from here on.
void BlockEmitter::head_operation() {
    if (keeps_places_) places_.push_back({assembler_.offset(), here_});
    if (!assembler_.hasLogger()) return;
    const auto at = std::ranges::lower_bound(operations_, here_, {}, &LoweredOp::at);
    assembler_.comment((kHeading + dump_operation(block_, *at)).c_str());
}

/// Where the operation leaves.
Label BlockEmitter::leaving() {
    if (!leaving_.isValid()) leaving_ = cold([this] { leave(); });
    return leaving_;
}

/// Where the operation's failure goes on: at its label, or in the interpreter, which raises.
Label BlockEmitter::failing(int32_t fail) { return fail != 0 ? label_at(fail) : leaving(); }

}  // namespace lintel::jit
