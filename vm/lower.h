#pragma once
/// Lowering: from a function's verified IR to internal operations. Done on a function's first call.

#include "vm/ops.h"

namespace lintel {

/// Makes the code of `function`. `handlers` gives the handler word for each Op. Any thread; two threads that prepare the same
/// function at once make two blocks, of which the caller keeps one. The block is freed with release (base/alloc.h).
CodeBlock* lower_function(CodeServer& code, FunctionEntry& function, const int32_t* handlers);

/// The same for a function that has become native: its code calls `bif` and returns.
CodeBlock* lower_native(CodeServer& code, FunctionEntry& function, const BifEntry& bif, const int32_t* handlers);

}  // namespace lintel
