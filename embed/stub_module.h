#pragma once
/// Modules of functions that something else stands in for.

#include <span>
#include <string>
#include <vector>

namespace lintel {

struct StubFunction {
    std::string name;  ///< UTF-8
    unsigned arity;
};

/// A BEAM file of module `name` (UTF-8) that exports the functions; each calls erlang:nif_error(undef). Names have at most 255 bytes.
std::vector<uint8_t> make_stub_module(const std::string& name, std::span<const StubFunction> functions);

}  // namespace lintel
