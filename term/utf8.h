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
size_t utf8_bytes(uint32_t code_point);
/// Writes a valid code point; returns the bytes written.
size_t encode_utf8(uint32_t code_point, uint8_t* out);
/// Number of code points, or nullopt if `text` is not UTF-8.
std::optional<size_t> utf8_length(std::string_view text);
/// Latin-1 text as UTF-8.
std::string utf8_of_latin1(std::string_view text);

}  // namespace lintel
