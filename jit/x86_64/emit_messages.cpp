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

/// No X register is in use where a receive begins. A message that is not the first, which the host may copy, is looked at where it is.
void Emitter::emit(const ops::loop_rec& op) {
    const Label ask = a_.newLabel(), done = a_.newLabel();
    if (op.settle == 0) {
        const Label later = cold([this, ask, done] {
            a_.mov(rax, qword_ptr(rax));
            a_.test(rax, rax);
            a_.jz(ask);
            a_.mov(byte_ptr(reg::kState, layout::kPeek), static_cast<int32_t>(Mailbox::Peek::terms));
            a_.mov(reg::kX[0], qword_ptr(rax, layout::kMessage));
            a_.jmp(done);
        });
        a_.mov(rax, qword_ptr(reg::kState, layout::kSavedLink));
        a_.lea(rcx, qword_ptr(reg::kState, layout::kFirstMessage));
        a_.cmp(rax, rcx);
        a_.jne(later);
    }
    bind(ask);
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
    bind(done);
}

void Emitter::emit(const ops::loop_rec_end& op) {
    spend_reduction();
    a_.mov(rax, qword_ptr(reg::kState, layout::kSavedLink));
    a_.mov(byte_ptr(reg::kState, layout::kPeek), static_cast<int32_t>(Mailbox::Peek::nothing));
    a_.mov(rax, qword_ptr(rax));
    a_.test(rax, rax);
    a_.jz(label_at(op.again));  // wrong code, which has looked at none
    a_.mov(byte_ptr(rax, layout::kIsPassed), 1);
    a_.mov(qword_ptr(reg::kState, layout::kSavedLink), rax);
    a_.jmp(label_at(op.again));
}

#include "jit/forms_messages.inc"

}  // namespace lintel::x86_64
