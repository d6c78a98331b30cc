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

inline bool is_less(Term a, Term b) { return steps::less(a, b); }
inline bool is_same(Term a, Term b) { return steps::same(a, b); }
inline bool is_equal(Term a, Term b) { return steps::equal_values(a, b); }

}  // namespace lintel::x86_64
