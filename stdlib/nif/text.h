#pragma once
/// Text as native libraries have it: Latin-1 or UTF-8.

#include <lintel/erl_nif.h>

#include <optional>
#include <string>

#include "term/term.h"

namespace lintel {

/// The characters of a proper list of such that the encoding has, in that encoding; nullopt: it is none.
std::optional<std::string> list_text(Term list, ErlNifCharEncoding encoding);

}  // namespace lintel
