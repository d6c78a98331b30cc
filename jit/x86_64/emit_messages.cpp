#include "jit/x86_64/emit_calls.h"

/// Sending and receiving: the interpreter's calls of the host, without the interpreter. Waiting and timeouts are its own.

namespace lintel::x86_64 {

using namespace asmjit::x86;

void Emitter::emit(const ops::send& op) {
    begin_call(&op);
    call(reinterpret_cast<const void*>(run_send));
    end_call(NativeExit::send_failed);
    a_.test(reg::kReductions, reg::kReductions);
    a_.jle(exit(native_address(native_code_leave_why), NativeExit::send_done));
}

/// No X register is in use where a receive begins.
void Emitter::emit(const ops::loop_rec& op) {
    spill_floats();
    swap_out();
    a_.mov(rdi, reg::kState);
    call(reinterpret_cast<const void*>(op.settle != 0 ? run_peek_and_settle : run_peek));
    swap_in();
    reload_floats();
    const Label nothing = cold([this, &op] {
        a_.cmp(byte_ptr(reg::kState, layout::kPending), static_cast<int32_t>(Pending::exited));
        a_.je(leaving());
        a_.jmp(label_at(op.empty));
    });
    a_.test(rax, rax);
    a_.jz(nothing);
    a_.mov(reg::kX[0], rax);
}

void Emitter::emit(const ops::loop_rec_end& op) {
    spend_reduction();
    spill_floats();
    a_.mov(rdi, reg::kState);
    call(reinterpret_cast<const void*>(run_next));
    reload_floats();
    a_.jmp(label_at(op.again));
}

#include "jit/forms_messages.inc"

}  // namespace lintel::x86_64
