#pragma once
/// A Module as text, for people: what `lintel disasm` prints.

#include <string>
#include <string_view>

#include "loader/module.h"

namespace lintel {

/// All of `module`: header, tables, then the code of every function. With `function` ("name/arity" or "name") only the
/// code of the functions of this name; "" if there is none.
std::string disassemble(const Module& module, std::string_view function = {});

/// One instruction without end of line: "is_eq_exact L5 {x,0} ok".
std::string instruction_text(const Module& module, ir::Instruction instruction);

}  // namespace lintel
