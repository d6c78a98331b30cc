#pragma once
/// Names of modules as people write them.

#include <string>

/// Elixir's names of modules begin with a capital; their atoms, and their files, with Elixir besides.
inline std::string module_name(const std::string& given) {
    return given.empty() || given[0] < 'A' || given[0] > 'Z' || given.compare(0, 7, "Elixir.") == 0 ? given
                                                                                                    : "Elixir." + given;
}
