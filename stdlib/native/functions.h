#pragma once
/// Addresses of all functions that native libraries may call. Who refers to them has all of them in the program.

namespace lintel {

/// Those of nif/functions.def and driver/functions.def; then nullptr.
const void* const* native_functions();

}  // namespace lintel
