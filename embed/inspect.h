#pragma once
/// What `lintel disasm` shows besides the code itself: the chunks of a file, and functions as the interpreter runs them.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "embed/bare_vm.h"
#include "vm/native_code.h"

namespace lintel {

/// "\nchunks\n" and a line for each chunk of a BEAM file: name, offset, bytes. "": not a BEAM file.
std::string chunk_list(std::span<const uint8_t> bytes);

/// The functions of `module` called `function` ("name/arity" or "name"; "": all) as the interpreter runs them: its operations.
/// "": there is none.
/// The module is not loaded into `vm`, only read with its atoms and BIFs.
std::string lowered_text(BareVm& vm, std::unique_ptr<Module> module, std::string_view function);

/// The same functions as the machine code that `compiler` makes of them.
std::string machine_code_text(BareVm& vm, std::unique_ptr<Module> module, std::string_view function,
                              NativeCompiler& compiler);

}  // namespace lintel
