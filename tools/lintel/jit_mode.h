#pragma once
/// LINTEL_JIT.

#include <string_view>

/// Whether lintel_config::jit may be that.
inline bool is_jit_mode(std::string_view value) {
    return value.empty() || value == "off" || value == "lazy" || value == "eager";
}
