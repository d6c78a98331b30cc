#pragma once
/// Operations as calls of the interpreter's steps. Private to jit/.

#include "jit/calls.h"
#include "jit/x86_64/emitter.h"

namespace lintel::x86_64 {

using asmjit::x86::rax;

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

/// What builds; `failed`: where to go without a result.
template <typename T>
void Emitter::call_build(const T& op, Label failed) {
    call_building(reinterpret_cast<const void*>(run_build<T>), &op);
    a_.jz(failed);
    settle();
    store(place_of(op.to), rax);
}

}  // namespace lintel::x86_64
