#pragma once
/// The table of all BIFs, for one VM.

#include <vector>

#include "stdlib/bif.h"

namespace lintel {

/// Every row of stdlib/bifs.def with names interned in `atoms`. Rows with kBare are left out unless `bare`.
std::vector<BifEntry> bif_table(AtomTable& atoms, bool bare);

}  // namespace lintel
