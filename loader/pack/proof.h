#pragma once
/// What the verifier has found in a module, for those that load it again and trust whoever has kept it: the chunk LtPr of modules in packs.

#include <optional>
#include <span>
#include <string>

#include "loader/module.h"

namespace lintel {

/// `module` before it is verified; verify_module has changed it, then this is the chunk. Both must be of the same bytes.
std::string make_proof(const Module& unverified, const Module& verified);

/// Does to `module`, which has not been verified, what the verifier would. False: the proof is of other code, or of another version of
/// the verifier, and nothing has changed.
bool apply_proof(Module& module, std::span<const uint8_t> proof);

}  // namespace lintel
