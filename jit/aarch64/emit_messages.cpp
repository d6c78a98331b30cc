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

void Emitter::emit(const ops::loop_rec& op) {
    call_out(reinterpret_cast<const void*>(op.settle != 0 ? run_peek_and_settle : run_peek));
    const Label nothing = cold([this, &op] {
        a_.ldrb(w9, ptr(reg::kState, layout::kPending));
        a_.cmp(w9, static_cast<Word>(Pending::exited));
        a_.b_eq(leaving());
        a_.b(label_at(op.empty));
    });
    a_.cbz(x0, nothing);
    a_.mov(reg::kX[0], x0);
}

void Emitter::emit(const ops::loop_rec_end& op) {
    spend_reduction();
    a_.mov(x0, reg::kState);
    call(reinterpret_cast<const void*>(run_next));
    a_.b(label_at(op.again));
}

#include "jit/forms_messages.inc"

}  // namespace lintel::aarch64
