#pragma once
/// bs_create_bin, as interpreter and machine code do it.

#include "vm/exec_state.h"
#include "vm/ops.h"

namespace lintel {

/// The bit string of the operation's segments, whose operands are in the X registers at `x` and in the stack at `e`. Raises as bs_create_bin
/// (vm/runtime_bs.h), and takes as many words.
Term create_binary(const ops::bs_create_bin& op, ExecState& p, Term* x, Word* e);

}  // namespace lintel
