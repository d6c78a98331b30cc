#pragma once
/// Operations as calls of the interpreter's steps. Private to jit/.

#include "jit/aarch64/emitter.h"
#include "jit/calls.h"

namespace lintel::aarch64 {

template <typename T>
void Emitter::call_step(const T& op) {
    call_on_registers(reinterpret_cast<const void*>(run_step<T>), &op);
}
template <typename T>
void Emitter::call_test(const T& op) {
    call_on_registers(reinterpret_cast<const void*>(run_test<T>), &op);
    jump_unless_true(label_at(op.fail));
}

/// What builds; `failed`: where to go without a result.
template <typename T>
void Emitter::call_build(const T& op, Label failed) {
    call_building(reinterpret_cast<const void*>(run_build<T>), &op);
    a_.cbz(reg::x0, failed);
    settle();
    store(place_of(op.to), reg::x0);
}

}  // namespace lintel::aarch64
