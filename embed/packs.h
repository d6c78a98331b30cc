#pragma once
/// Packs as the C API sees them: keys that are trusted, where packs come from, what may be skipped. docs/design/packs.md.

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "embed/code_path.h"

namespace lintel {

/// What a VM's host wants of packs.
struct PackRules {
    std::vector<std::array<uint8_t, 32>> keys;
    bool must_be_signed = false;
    std::deque<std::string> names;  ///< of main modules and functions, for lintel_pack_info
};

/// The pack in a file, read piece by piece.
Result<std::unique_ptr<Pack>, PackError> open_pack_file(const std::string& path);
/// Where the pack behind the running executable begins, and its size; {0, 0}: there is none.
struct OwnPack {
    uint64_t offset = 0, size = 0;
};
OwnPack find_own_pack();

/// Of a VM without an OTP: the pack of kernel and stdlib that was installed with the library, if there is one.
void add_installed_pack(CodePath& path);

}  // namespace lintel
