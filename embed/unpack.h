#pragma once
/// Private files of packs outside of them, for programs that open them themselves.

#include <string>
#include <string_view>

#include "loader/pack/reader.h"

namespace lintel {

/// The folder with what `pack` has in `directory` and below: in the user's cache, named by the pack's digest. Written when it is first asked for, and left there.
/// "": it cannot be written, or there is nothing in the directory.
std::string unpacked_directory(const Pack& pack, bool wants_digest, std::string_view directory);

}  // namespace lintel
