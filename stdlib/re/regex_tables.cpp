#define PCRE2_CODE_UNIT_WIDTH 8
#include "stdlib/re/regex_tables.h"

#include <pcre2.h>

#include <cstring>
#include <memory>

/// PCRE2's tables are: 256 bytes of lower case, 256 of other case, ten sets of 32 bytes, one bit a character (space, xdigit, digit,
/// upper, lower, word, graph, print, punct, cntrl), 256 bytes of flags. The library makes them for ASCII; the entries from 128
/// on are filled here from those of an ASCII character of the same nature, so that the meaning of no flag needs to be known.

namespace lintel {

namespace {

constexpr size_t kLower = 0, kOther = 256, kSets = 512, kFlags = kSets + 320, kBytes = kFlags + 256;

/// An ASCII character that is in the same classes as `c`, 128 to 255.
uint8_t representative(unsigned c) {
    if (c < 160) return 1;                             // control
    if (c == 170 || c == 181 || c == 186) return 'z';  // ª µ º
    if (c == 215 || c == 247 || c < 192) return '!';   // signs; the no-break space is one of them
    return c < 223 ? 'Z' : 'z';
}

bool looks_right(const uint8_t* t) {
    return t[kLower + 'A'] == 'a' && t[kOther + 'a'] == 'A' && t[kOther + 'A'] == 'a' && t[kOther + '1'] == '1' &&
           (t[kSets + ' ' / 8] & 1) != 0 && (t[kSets + 3 * 32 + 'A' / 8] & 2) != 0 &&
           (t[kSets + 4 * 32 + 'a' / 8] & 2) != 0;
}

struct Tables {
    uint8_t bytes[kBytes];
    bool ok = false;

    Tables() {
        uint32_t size = 0;
        if (pcre2_config(PCRE2_CONFIG_TABLES_LENGTH, &size) < 0 || size != kBytes) return;
        const uint8_t* made = pcre2_maketables(nullptr);
        if (made == nullptr) return;
        memcpy(bytes, made, kBytes);
        pcre2_maketables_free(nullptr, made);
        if (!looks_right(bytes)) return;
        for (unsigned c = 128; c < 256; ++c) {
            const unsigned r = representative(c);
            const bool upper = c >= 192 && c <= 222 && c != 215, lower = c >= 224 && c <= 254 && c != 247;
            bytes[kLower + c] = static_cast<uint8_t>(upper ? c + 32 : c);
            bytes[kOther + c] = static_cast<uint8_t>(upper ? c + 32 : lower ? c - 32 : c);
            for (size_t set = kSets; set < kFlags; set += 32) {
                if ((bytes[set + r / 8] >> (r % 8) & 1) != 0) {
                    bytes[set + c / 8] |= static_cast<uint8_t>(1u << (c % 8));
                } else {
                    bytes[set + c / 8] &= static_cast<uint8_t>(~(1u << (c % 8)));
                }
            }
            bytes[kFlags + c] = bytes[kFlags + r];
        }
        ok = true;
    }
};

}  // namespace

const uint8_t* latin1_tables() {
    static const Tables tables;
    return tables.ok ? tables.bytes : nullptr;
}

}  // namespace lintel
