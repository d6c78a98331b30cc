#pragma once
/// Calling native functions. docs/design/nifs.md.

#include "stdlib/nif/env.h"

namespace lintel {

using NifPointer = ERL_NIF_TERM (*)(ErlNifEnv*, int, const ERL_NIF_TERM[]);

/// A function of a library as the engine knows it.
struct NifFunction : BifEntry {
    NifLibrary* library;
    NifPointer pointer;
    DirtyKind dirty;
    bool takes_contexts;  ///< its callers may pass it match contexts (Module::Function)
};

/// What a native function goes on in.
struct NifContinuation final : Magic {
    static inline const char kMagicType = 0;
    NifContinuation(NifPointer to, DirtyKind where) : Magic(&kMagicType), pointer(to), dirty(where) {}
    const NifPointer pointer;
    const DirtyKind dirty;
};

/// BifEntry::call of every NifFunction.
Term call_nif(ExecState& state, const Term* args);

}  // namespace lintel
