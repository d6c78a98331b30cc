#pragma once
/// What `lintel run` is told about rights and limits of the program.

#include <lintel/lintel.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

class Confinement {
public:
    void add_options(CLI::App& command);
    /// Once they are known, before `apply`. What is wrong with them, or "".
    std::string check();
    /// Puts them into *config, which refers to this from then on.
    void apply(lintel_config* config) const;

private:
    std::optional<std::vector<std::string>> allowed_;  ///< none: all but distribution
    std::vector<std::string> limits_;                  ///< NAME=NUMBER
    std::string file_root_;
    std::string network_;
    bool only_reads_ = false;
    bool tells_ = false;
    uint64_t max_seconds_ = 0;  ///< 0: no limit
    unsigned rights_ = LINTEL_RIGHTS_ALL & ~LINTEL_RIGHT_DISTRIBUTION;
    lintel_scope scope_{sizeof(lintel_scope), nullptr, 0, nullptr};
    lintel_limits known_limits_{};
};
