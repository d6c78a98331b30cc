#pragma once
/// Lowering: from a function's verified IR to internal operations. Done on a function's first call.

#include <vector>

#include "vm/exec_state.h"
#include "vm/native_code.h"
#include "vm/ops.h"

namespace lintel {

/// An X register that no program has: for constants where an operation wants a register, and for values that nobody wants.
inline constexpr unsigned kScratchX = kMaxXRegisters - 1;

/// Makes the code of `function`. `handlers` gives the handler word for each Op. Any thread; two threads that prepare the same
/// function at once make two blocks, of which the caller keeps one. The block is freed with release (base/alloc.h). `entries`: it has the
/// operations by which the interpreter and machine code meet.
CodeBlock* lower_function(CodeServer& code, FunctionEntry& function, const int32_t* handlers, bool entries);

/// The same for a function that has become native: its code calls `bif` and returns.
CodeBlock* lower_native(CodeServer& code, FunctionEntry& function, const BifEntry& bif, const int32_t* handlers);

/// The operations of `block`, which lower_function has made of `function` with entries: found by lowering it once more. Empty if it would be
/// another block now.
std::vector<LoweredOp> operations_of(CodeServer& code, FunctionEntry& function, const int32_t* handlers,
                                     const CodeBlock& block);

}  // namespace lintel
