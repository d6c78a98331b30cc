#pragma once
/// The table of all BIFs: every row of stdlib/bifs.def. Constant, so all VMs share it.

#include "stdlib/bif.h"

namespace lintel {

extern const BifTable kBifs;

}  // namespace lintel
