#pragma once
/// One-file executables: the running program without what only linkers and debuggers read, and a pack behind it.

#include <optional>
#include <string>

namespace lintel {

/// The running program as it is to stand before a pack. Without section headers, symbols and debug information; without an older pack; and no shared library of an
/// allocator is asked for, which the machine it will run on may not have (base/alloc.cpp does without). nullopt: *error.
std::optional<std::string> executable_stub(std::string* error);

/// Writes a file whole, or not at all: "" or what is wrong. `is_program`: it may be executed.
std::string replace_file(const std::string& path, const std::string& bytes, bool is_program);

}  // namespace lintel
