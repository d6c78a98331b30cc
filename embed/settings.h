#pragma once
/// Settings of a VM by name (lintel_config::settings).

#include <span>

#include "lintel/lintel.h"
#include "sched/vm.h"

namespace lintel {

/// False: one has a name that there is not, or a value that makes no sense.
bool apply_settings(std::span<const lintel_setting> settings, VmConfig* config);

}  // namespace lintel
