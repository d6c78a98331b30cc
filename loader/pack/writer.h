#pragma once
/// Makes packs: docs/design/packs.md has the format.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lintel {

/// A module, or a file.
struct PackItem {
    std::string name;       ///< of the module, or of the file without its directory
    std::string directory;  ///< inside of the pack
    std::string data;
    uint64_t original_size = 0;
    std::array<uint8_t, 16> md5{};  ///< of a module
    bool is_program = false;        ///< a file that may be executed
};

struct PackPlan {
    std::vector<PackItem> modules, files;  ///< names of modules, paths of files occur once
    std::string main_module, main_function;
    bool is_complete = false;
    bool unpacks_priv = false;
    std::optional<std::array<uint8_t, 32>> signing_seed;
};

/// The bytes of the pack. Sorts the plan's items.
std::string write_pack(PackPlan& plan);

/// What stands behind a pack of `size` bytes at `offset` of an executable.
std::array<uint8_t, 32> pack_trailer(uint64_t offset, uint64_t size);

}  // namespace lintel
