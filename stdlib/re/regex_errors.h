#pragma once
/// What is wrong with a pattern, as the release says it.

#include <string_view>

#include "stdlib/re/regex.h"

namespace lintel {

/// The words of PCRE 8, which OTP up to 27 has, for PCRE2's error `code` at `offset`.
RegexError pcre8_error(int code, std::string_view pattern, size_t offset);
/// PCRE 8 gives \c, `c` a letter, a meaning or refuses it; other letters stand for themselves.
bool pcre8_knows_escape(char c);

}  // namespace lintel
