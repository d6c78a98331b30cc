#pragma once
/// VmCore: what engines and slow paths need of a VM. sched::Vm derives from it.

#include <cstdint>

#include "gc/collector.h"
#include "loader/code_server.h"
#include "term/identifier.h"

namespace lintel {

struct ExecState;
struct Host;

struct VmCore {
    AtomTable atoms;
    LiteralSpace literals;
    CodeServer code;
    /// Most entries of a stack trace; at most kMaxTraceDepth (vm/exceptions.h).
    std::atomic<uint32_t> backtrace_depth{8};
    const Host* host;  ///< what sched/ does for the engine; set before anything runs
    /// The engine's return address for each TraceMark; nullptr: it knows none.
    const void* const* trace_marks;

    /// `image`: what it begins with; nullptr: nothing.
    VmCore(EngineHooks hooks, const Host* h, const std::shared_ptr<const CodeImage>& image = nullptr)
        : atoms(image != nullptr ? image->atoms : nullptr),
          literals(image != nullptr ? image->literals : LiteralSpace::reserve()), code(atoms, literals, hooks, image),
          host(h), trace_marks(hooks.marks) {}
    virtual ~VmCore() = default;

    /// Numbers of a new reference: unique in this VM. Any thread.
    /// Ever greater. The first of the 32-bit numbers that it consists of, the low half, has only so many bits in OTP's external format.
    Word next_reference_number() {
        const Word n = reference_counter_.fetch_add(1, std::memory_order_relaxed);
        return (n >> kFirstReferenceBits) << 32 | (n & ((Word{1} << kFirstReferenceBits) - 1));
    }

private:
    std::atomic<Word> reference_counter_{1};
};

}  // namespace lintel
