#pragma once
/// LINTEL_JIT and --jit, LINTEL_CODE_SYMBOLS and --code-symbols.

#include <cstdlib>
#include <string>
#include <string_view>

#include "lintel/lintel.h"

/// Whether lintel_config::jit may be that.
inline bool is_jit_mode(std::string_view value) {
    return value.empty() || value == "off" || value == "lazy" || value == "eager";
}

/// What is to be said of another value.
inline std::string wrong_jit_mode(const std::string& value) { return "neither off, lazy nor eager: " + value; }

/// Whether lintel_config::code_symbols may be that.
inline bool is_code_symbols(std::string_view value) {
    while (!value.empty()) {
        const std::string_view one = value.substr(0, value.find(','));
        if (one != "map" && one != "dump" && one != "gdb" && one != "true" && one != "false") return false;
        value.remove_prefix(one.size() == value.size() ? value.size() : one.size() + 1);
    }
    return true;
}

inline std::string wrong_code_symbols(const std::string& value) {
    return "not of map, dump, gdb, true and false, separated by commas: " + value;
}

/// What the environment says, and what is wrong with it; "" if nothing is.
inline std::string apply_jit_environment(lintel_config* config) {
    if (config->jit == nullptr) config->jit = std::getenv("LINTEL_JIT");
    if (config->code_symbols == nullptr) config->code_symbols = std::getenv("LINTEL_CODE_SYMBOLS");
    if (config->jit != nullptr && !is_jit_mode(config->jit)) return "LINTEL_JIT: " + wrong_jit_mode(config->jit);
    if (config->code_symbols != nullptr && !is_code_symbols(config->code_symbols))
        return "LINTEL_CODE_SYMBOLS: " + wrong_code_symbols(config->code_symbols);
    return "";
}
