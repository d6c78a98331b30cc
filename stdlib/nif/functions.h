#pragma once
/// Addresses of all functions that native libraries may call. Who refers to them has all of them in the program.

namespace lintel {

/// In the order of nif/functions.def; then nullptr.
const void* const* nif_functions();

}  // namespace lintel
