#pragma once
/// What Erlang code calls the errors of the operating system: enoent, eacces, …

#include "stdlib/build.h"

namespace lintel {

/// The name of an errno value in lower case; `unknown` if the system has none for it.
std::string posix_name(int error);
/// The same as an atom; system_limit if there can be no more atoms.
Term posix_atom(AtomTable& atoms, int error);
/// {error, Name}
inline Term make_posix_error(ExecState& p, int error) {
    return make_tuple2(p, am::error(), posix_atom(p.vm->atoms, error));
}

}  // namespace lintel
