#pragma once
/// UTF-8 as Erlang defines it: up to U+10FFFF, no surrogates, shortest form only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lintel {

/// One decoded code point, or what stopped the decoder.
struct Utf8Step {
    enum class Status : uint8_t { ok, invalid, truncated };
    Status status;
    uint8_t bytes;        ///< consumed, if ok
    uint32_t code_point;  ///< if ok
};

/// Decodes the code point at `p`; `available` bytes may be read, at least one.
Utf8Step decode_utf8(const uint8_t* p, size_t available);
/// Bytes that `code_point` takes (1 to 4), or 0 if it is none (surrogate, beyond U+10FFFF).
inline size_t utf8_bytes(uint32_t code_point) {
    if (code_point < 0x80) return 1;
    if (code_point < 0x800) return 2;
    if (code_point < 0x10000) return code_point >= 0xd800 && code_point <= 0xdfff ? 0 : 3;
    return code_point <= 0x10ffff ? 4 : 0;
}
/// Writes a valid code point; returns the bytes written.
inline size_t encode_utf8(uint32_t c, uint8_t* out) {
    const auto trail = [c](unsigned shift) { return static_cast<uint8_t>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) {
        out[0] = static_cast<uint8_t>(c);
        return 1;
    }
    if (c < 0x800) {
        out[0] = static_cast<uint8_t>(0xc0 | c >> 6);
        out[1] = trail(0);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = static_cast<uint8_t>(0xe0 | c >> 12);
        out[1] = trail(6);
        out[2] = trail(0);
        return 3;
    }
    out[0] = static_cast<uint8_t>(0xf0 | c >> 18);
    out[1] = trail(12);
    out[2] = trail(6);
    out[3] = trail(0);
    return 4;
}
/// The code point at `*p`, which is known to be a valid one; *p goes on behind it.
inline uint32_t take_valid_utf8(const uint8_t** p) {
    const uint8_t* const at = *p;
    const uint32_t lead = at[0];
    const auto trail = [at](unsigned i) -> uint32_t { return at[i] & 0x3f; };
    if (lead < 0x80) {
        *p = at + 1;
        return lead;
    }
    if (lead < 0xe0) {
        *p = at + 2;
        return (lead & 0x1f) << 6 | trail(1);
    }
    if (lead < 0xf0) {
        *p = at + 3;
        return (lead & 0xf) << 12 | trail(1) << 6 | trail(2);
    }
    *p = at + 4;
    return (lead & 7) << 18 | trail(1) << 12 | trail(2) << 6 | trail(3);
}
/// Number of code points, or nullopt if `text` is not UTF-8.
std::optional<size_t> utf8_length(std::string_view text);
/// Latin-1 text as UTF-8.
std::string utf8_of_latin1(std::string_view text);

}  // namespace lintel
