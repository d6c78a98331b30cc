#pragma once
/// The operations of a prepared function as text, for people: the lower half of what `lintel disasm FILE FUN/ARITY` prints.

#include <string>

#include "vm/native_code.h"

namespace lintel {

/// One line for each operation of `block`: offset in words, name, fields. `handlers` are those it was lowered with.
std::string dump_code(const CodeBlock& block, const int32_t* handlers);

/// The same line of one operation, without its newline.
std::string dump_operation(const CodeBlock& block, LoweredOp operation);

}  // namespace lintel
