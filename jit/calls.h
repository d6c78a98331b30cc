#pragma once
/// C++ functions that machine code of all machines calls for what it does not do itself. Private to jit/.

#include <atomic>

#include "vm/steps.h"

namespace lintel::jit {

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

inline bool is_less(Term a, Term b) { return steps::less(a, b); }
inline bool is_same(Term a, Term b) { return steps::same(a, b); }
inline bool is_equal(Term a, Term b) { return steps::equal_values(a, b); }

/// The value of a key; nullptr: no map, or not in it.
const Term* find_in_map(Term map, Term key);
/// What the interpreter does between a guard BIF that has failed and the label.
void pass_over_failure(ExecState* p);
/// The export of these names, which `last` gets, too.
ExportEntry* run_find_export(ExecState* p, Term module, Term function, uint32_t arity, std::atomic<ExportEntry*>* last);
/// What the functions below append to: the unit, 32,768 if it is private, and how many bits from 65,536 on.
constexpr uint32_t append_sizes(unsigned unit, bool is_private, unsigned bits) {
    return unit | (is_private ? 1u << 15 : 0) | bits << 16;
}
/// bs_try_append, bs_try_append_bytes, bs_try_append_utf8.
Term run_append(ExecState* p, Term old, uint64_t value, uint32_t sizes);
Term run_append_bytes(ExecState* p, Term old, const uint8_t* bytes, uint32_t sizes);
Term run_append_utf8(ExecState* p, Term old, Term code_point, uint32_t sizes);

// The interpreter's calls of the host.
Term run_send(ExecState* p, const Term* x);
Term run_peek(ExecState* p);
Term run_peek_and_settle(ExecState* p);
void run_remove(ExecState* p);
Term run_reserve(ExecState* p);
void run_bind(ExecState* p, Term marker, Term reference);
void run_clear(ExecState* p, Term reference);
void run_use(ExecState* p, Term reference);

}  // namespace lintel::jit
