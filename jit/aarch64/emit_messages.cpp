#include "jit/aarch64/emit_calls.h"

/// Sending and receiving: the interpreter's calls of the host, without the interpreter. Waiting and timeouts are its own.

namespace lintel::aarch64 {

using namespace asmjit::a64;

void Emitter::emit(const ops::send& op) {
    begin_call(&op);
    call(reinterpret_cast<const void*>(run_send));
    end_call(NativeExit::send_failed);
    a_.cmp(reg::kReductions, 0);
    a_.b_le(exit(native_address(native_code_leave_why), NativeExit::send_done));
}

/// A message that is not the first, which the host may copy, is looked at where it is.
void Emitter::emit(const ops::loop_rec& op) {
    const Label ask = a_.newLabel(), done = a_.newLabel();
    if (op.settle == 0) {
        const Label later = cold([this, ask, done] {
            a_.ldr(x9, ptr(x9));
            a_.cbz(x9, ask);
            constant(x10, static_cast<Word>(Mailbox::Peek::terms));
            a_.strb(w10, ptr(reg::kState, layout::kPeek));
            a_.ldr(reg::kX[0], ptr(x9, layout::kMessage));
            a_.b(done);
        });
        a_.ldr(x9, ptr(reg::kState, layout::kSavedLink));
        a_.add(x10, reg::kState, layout::kFirstMessage);
        a_.cmp(x9, x10);
        a_.b_ne(later);
    }
    bind(ask);
    call_out(reinterpret_cast<const void*>(op.settle != 0 ? run_peek_and_settle : run_peek));
    const Label nothing = cold([this, &op] {
        a_.ldrb(w9, ptr(reg::kState, layout::kPending));
        a_.cmp(w9, static_cast<Word>(Pending::exited));
        a_.b_eq(leaving());
        a_.b(label_at(op.empty));
    });
    a_.cbz(x0, nothing);
    a_.mov(reg::kX[0], x0);
    bind(done);
}

void Emitter::emit(const ops::loop_rec_end& op) {
    static_assert(static_cast<int>(Mailbox::Peek::nothing) == 0);
    spend_reduction();
    a_.ldr(x9, ptr(reg::kState, layout::kSavedLink));
    a_.strb(wzr, ptr(reg::kState, layout::kPeek));
    a_.ldr(x9, ptr(x9));
    a_.cbz(x9, label_at(op.again));  // wrong code, which has looked at none
    constant(x10, 1);
    a_.strb(w10, ptr(x9, layout::kIsPassed));
    a_.str(x9, ptr(reg::kState, layout::kSavedLink));
    a_.b(label_at(op.again));
}

#include "jit/forms_messages.inc"

}  // namespace lintel::aarch64
