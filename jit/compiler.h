#pragma once
/// The compiler for this machine: docs/design/jit.md.

#include <memory>

#include "vm/native_code.h"

namespace lintel {

/// Most memory for the machine code of one VM, unless it says otherwise.
inline constexpr size_t kDefaultNativeBytes = size_t{256} << 20;

/// A compiler of a VM's own; nullptr if this build has none for this machine, or the platform lets no memory be executed. `limit`: bytes of
/// machine code. `listeners`: CodeListenerKinds, who are told of it.
std::unique_ptr<NativeCompiler> make_native_compiler(size_t limit = kDefaultNativeBytes, unsigned listeners = 0);

/// The processor that make_native_compiler makes code for; nullptr: this build has a compiler for no processor of this kind.
const char* native_processor();

}  // namespace lintel
