#pragma once
/// Decompression of what a file holds compressed, by zlib, within bounds that the caller sets.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace lintel {

enum class Container { zlib, gzip };

/// Inflates all of `bytes`. nullopt: broken, more than `max_bytes`, or no memory. `expected_bytes` (0: unknown) sizes
/// the result. Bytes after the compressed data are ignored.
std::optional<std::string> inflate_all(std::span<const uint8_t> bytes, Container container, size_t expected_bytes,
                                       size_t max_bytes);

/// No deflate stream expands by more than this factor, so a size that claims more is a lie.
inline constexpr size_t kMaxInflation = 1032;

}  // namespace lintel
