#pragma once
/// LINTEL_JIT and --jit.

#include <string>
#include <string_view>

/// Whether lintel_config::jit may be that.
inline bool is_jit_mode(std::string_view value) {
    return value.empty() || value == "off" || value == "lazy" || value == "eager";
}

/// What is to be said of another value.
inline std::string wrong_jit_mode(const std::string& value) { return "neither off, lazy nor eager: " + value; }
