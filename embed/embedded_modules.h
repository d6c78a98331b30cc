#pragma once
/// The library's own Erlang modules (stdlib/erl), compiled at build time.

#include <cstdint>
#include <span>

namespace lintel {

struct EmbeddedModule {
    const char* name;
    std::span<const uint8_t> bytes;
};

std::span<const EmbeddedModule> embedded_modules();

}  // namespace lintel
