#pragma once
/// What of a module goes into a pack.

#include "loader/load.h"

namespace lintel {

struct StrippedModule {
    std::string data;             ///< a BEAM file of what the VM needs, with a proof
    std::array<uint8_t, 16> md5;  ///< of the original
};

/// Reads the module of a `.beam` file without verifying it, to be looked at only. Any thread.
Result<std::unique_ptr<Module>, LoadError> read_module(LoadContext context, std::span<const uint8_t> bytes,
                                                       const std::string& file);

/// Verifies the module of a `.beam` file and takes out what a VM does not need. Any thread.
Result<StrippedModule, LoadError> strip_module(LoadContext context, std::span<const uint8_t> bytes,
                                               const std::string& file);

}  // namespace lintel
