#pragma once
/// What runs Erlang code: the interpreter, later a JIT. sched/ does not know which.

#include "vm/host.h"

namespace lintel {

/// Where a return address leads to, for stack traces.
struct CodeLocation {
    const LoadedModule* loaded = nullptr;  ///< nullptr: none of our code (end of the stack)
    uint32_t function = 0;                 ///< index into Module::functions
    uint32_t line = 0;                     ///< index into Module::lines; 0: unknown
};

class Engine {
public:
    virtual ~Engine() = default;
    virtual const char* name() const = 0;
    /// Whether it makes machine code.
    virtual bool is_compiling() const = 0;
    virtual EngineHooks hooks() = 0;

    /// Makes a fresh process ready: pushes the return address that ends the process normally on its empty stack (one word;
    /// the caller has made room) and lets it begin with a call of `target`, whose `arity` arguments the scheduler puts into
    /// the X registers before run. Sets ip and live.
    virtual void begin(ExecState& p, const ExportEntry* target, unsigned arity) = 0;

    /// Runs `p` from p.ip with p.registers (X registers 0..live-1 set) and p.reductions, until the slice is used up, it waits, or it
    /// ends. Afterwards p.live X registers in p.registers are to be saved until the next run.
    virtual RunResult run(ExecState& p) = 0;

    /// Memory of what it has made of functions. Any thread.
    virtual size_t code_bytes() const = 0;

    /// Which function a code address (ip, or a return address on a stack) belongs to. Any thread.
    virtual CodeLocation locate(const void* return_address) = 0;
};

}  // namespace lintel
