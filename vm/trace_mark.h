#pragma once
/// Marks that tracing leaves on the stack, where a return address would be: docs/design/tracing.md.
///
/// A mark is a return address of the engine's own, and below it (towards older frames) words of the kind, all immediates; then comes the
/// return address that the traced call had.

#include "vm/vm_core.h"

namespace lintel {

enum class TraceMark : uint8_t {
    return_trace,  ///< tells the tracer of the return. Words: breakpoint_word, a session's number or the tracer of a meta trace
    exception_trace,  ///< as return_trace, and of an exception, too
    return_to,        ///< tells to which function it returned. Words: a session's number
    /// Ends the measuring of a function. Words: a session's number, breakpoint_word of the function measured before, or [], and a set of
    /// CallMeasures
    call_measure,
};
inline constexpr size_t kTraceMarks = 4;
/// Words of a mark, its address included.
inline constexpr size_t kMaxMarkWords = 4;

constexpr size_t mark_words(TraceMark mark) {
    switch (mark) {
        case TraceMark::return_trace:
        case TraceMark::exception_trace: return 3;
        case TraceMark::call_measure: return 4;
        case TraceMark::return_to: return 2;
    }
    return 1;
}

/// The kind of mark that a return address is, or -1.
inline int mark_of(const VmCore& vm, const void* address) {
    for (size_t i = 0; i < kTraceMarks; ++i) {
        if (vm.trace_marks[i] == address) return static_cast<int>(i);
    }
    return -1;
}

/// A breakpoint as an immediate.
inline Term breakpoint_word(const Breakpoint* at) {
    return Term::small(static_cast<int64_t>(reinterpret_cast<Word>(at) >> 3));
}
inline Breakpoint* breakpoint_of_word(Term word) {
    return reinterpret_cast<Breakpoint*>(static_cast<Word>(word.to_small()) << 3);
}

}  // namespace lintel
