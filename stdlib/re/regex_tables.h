#pragma once
/// Character tables for PCRE2.

#include <cstdint>

namespace lintel {

/// Tables that know the letters of ISO 8859-1, as OTP's do: what is a letter, upper and lower case, printable… for bytes from
/// 128 on. nullptr if the library's tables do not look as expected. The same for all VMs, and constant.
const uint8_t* latin1_tables();

}  // namespace lintel
