#pragma once
/// What loader/genop.def says of each external instruction, as a table.

#include <array>
#include <cstdint>
#include <string_view>

#include "loader/ir.h"

namespace lintel {

/// Flags of a row of loader/genop.def, which explains them.
enum GenopFlags : uint8_t {
    kOpEnds = 1,
    kOpCalls = 2,
    kOpCollects = 4,
    kOpRaises = 8,
    kOpObsolete = 16,
};

struct GenopInfo {
    const char* name;       ///< as OTP writes it: "return", "try"
    const char* signature;  ///< operand letters
    uint8_t operands;       ///< in the file; a list counts once
    uint8_t since;          ///< OTP release
    uint8_t flags;

    constexpr bool ends() const { return (flags & kOpEnds) != 0; }
    constexpr bool calls() const { return (flags & kOpCalls) != 0; }
    constexpr bool collects() const { return (flags & kOpCollects) != 0; }
    constexpr bool refused() const { return (flags & kOpObsolete) != 0; }
};

inline constexpr size_t kGenopCount = 192;

namespace detail {
/// Names of rows that are C++ keywords carry an underscore, which is no part of the name.
constexpr const char* genop_name(std::string_view row) {
    return row == "return_" ? "return" : row == "catch_" ? "catch" : row == "try_" ? "try" : row.data();
}
}  // namespace detail

/// By opcode; row 0 is empty.
inline constexpr std::array<GenopInfo, kGenopCount> kGenops = {{
    {"", "", 0, 0, kOpObsolete},
#define GENOP(number, name, operands, signature, since, flags) \
    {detail::genop_name(#name), signature, operands, since, flags},
#include "loader/genop.def"
#undef GENOP
}};

inline constexpr const GenopInfo& genop_info(Genop op) { return kGenops[static_cast<size_t>(op)]; }

namespace detail {
constexpr bool genops_in_order() {
    size_t n = 0;
#define GENOP(number, name, operands, signature, since, flags) \
    if (number != ++n) return false;
#include "loader/genop.def"
#undef GENOP
    return n + 1 == kGenopCount;
}
/// Operands that a signature describes.
constexpr size_t signature_operands(const char* s) {
    size_t n = 0;
    for (; *s != 0; ++s) {
        ++n;
        if (*s == '[') {
            while (*s != ']') ++s;
        }
    }
    return n;
}
constexpr bool signatures_match() {
    for (const GenopInfo& row : kGenops) {
        if (signature_operands(row.signature) != row.operands) return false;
    }
    return true;
}
}  // namespace detail
static_assert(detail::genops_in_order(), "a row's number is its opcode");
static_assert(detail::signatures_match(), "one letter or group for each operand");

}  // namespace lintel
