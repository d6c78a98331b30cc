#pragma once
/// Operations as calls of the interpreter's steps. Private to jit/.

#include "jit/x86_64/calls.h"
#include "jit/x86_64/emitter.h"

namespace lintel::x86_64 {

template <typename T>
void Emitter::call_step(const T& op) {
    call_on_registers(reinterpret_cast<const void*>(run_step<T>), &op);
}
template <typename T>
void Emitter::call_test(const T& op) {
    call_on_registers(reinterpret_cast<const void*>(run_test<T>), &op);
    a_.jz(label_at(op.fail));
}
template <typename T>
void Emitter::call_fast(const T& op) {
    call_on_registers(reinterpret_cast<const void*>(run_fast<T>), &op);
    a_.jz(leaving());
}

}  // namespace lintel::x86_64
