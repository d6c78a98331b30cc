#pragma once
/// Text as native libraries have it: Latin-1 or UTF-8.

#include <string>
#include <string_view>

namespace lintel {

std::string utf8_of_latin1(std::string_view text);

}  // namespace lintel
