#pragma once
/// C++ functions that machine code calls for what it does not do itself. Private to jit/.

#include "vm/steps.h"

namespace lintel::x86_64 {

/// A step of the interpreter on the registers in memory. `h`: the heap top.
template <typename T>
bool run_step(Term* x, Word* e, Word** h, const T* op) {
    steps::step(*op, steps::Registers{x, e, *h});
    return true;
}
template <typename T>
bool run_test(Term* x, Word* e, Word** h, const T* op) {
    return steps::test(*op, steps::Registers{x, e, *h});
}
template <typename T>
bool run_fast(Term* x, Word* e, Word** h, const T* op) {
    return steps::fast(*op, steps::Registers{x, e, *h});
}

template <typename T>
Term run_build(ExecState* p, Term* x, Word* e, const T* op) {
    Word* h = p->heap.htop;
    return steps::build(*op, *p, steps::Registers{x, e, h});
}

/// The value of a key; nullptr: no map, or not in it.
inline const Term* find_in_map(Term map, Term key) {
    const Term* const value = map.is_map() ? map_find(map, key) : nullptr;
    if (LINTEL_UNLIKELY(value == nullptr)) leave_ended_slice();
    return value;
}

inline bool is_less(Term a, Term b) { return steps::less(a, b); }
inline bool is_same(Term a, Term b) { return steps::same(a, b); }
inline bool is_equal(Term a, Term b) { return steps::equal_values(a, b); }

}  // namespace lintel::x86_64
