#pragma once
/// Which patterns RE2 can answer exactly as PCRE does.

#include <optional>
#include <string>
#include <string_view>

#include "stdlib/re/regex.h"

namespace lintel {

struct Re2Pattern {
    std::string text;        ///< in RE2's syntax; groups as in the original
    bool ends_line = false;  ///< the original ends in `$`: text is "(…)" around the rest, then what `$` asks for
};

/// `pattern` for RE2, or nothing if any difference between the two is possible. `pattern` is known to compile.
std::optional<Re2Pattern> translate_for_re2(std::string_view pattern, const RegexOptions& options, size_t group_count);

}  // namespace lintel
