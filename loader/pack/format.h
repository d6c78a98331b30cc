#pragma once
/// The format of packs: places of the fields. docs/design/packs.md tells what they mean.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lintel::pack {

inline constexpr std::array<uint8_t, 8> kMagic = {0x89, 'L', 'P', 'K', '\r', '\n', 0x1a, '\n'};
inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kPage = 4096;
inline constexpr size_t kDataAlignment = 64;

// The header.
inline constexpr size_t kVersionAt = 8, kFlagsAt = 12, kSizeAt = 16, kTableAt = 24, kModulesAt = 32, kFilesAt = 36,
                        kNamesAt = 40, kNameBytesAt = 48, kTablesCrcAt = 52, kMainModuleAt = 56, kMainFunctionAt = 64,
                        kTablesDigestAt = 96, kPublicKeyAt = 128, kSignatureAt = 160;
inline constexpr size_t kHeaderBytes = 224;
/// What is signed of the header.
inline constexpr size_t kSignedBytes = 128;
/// What the CRC covers of the header, besides the main function.
inline constexpr size_t kCrcFrom = kVersionAt, kCrcTo = kTablesCrcAt;

inline constexpr uint32_t kSigned = 1, kComplete = 2, kUnpackPriv = 4;

// A row of the tables.
inline constexpr size_t kRowNameAt = 0, kRowDirectoryAt = 8, kRowDataAt = 16, kRowDataBytesAt = 24, kRowCrcAt = 32,
                        kRowKindAt = 36, kRowOriginalBytesAt = 40, kRowMd5At = 48, kRowDigestAt = 64;
inline constexpr size_t kRowBytes = 96;
inline constexpr size_t kDigestBytes = 32;
inline constexpr size_t kPublicKeyBytes = 32, kSignatureBytes = 64;

/// program: a file that may be executed.
enum class Kind : uint32_t { module = 1, file = 2, program = 3 };

// Behind a pack that is in an executable.
inline constexpr std::array<uint8_t, 8> kTrailerMagic = {'L', 'i', 'n', 't', 'e', 'l', 'P', 'k'};
inline constexpr size_t kTrailerBytes = 32;

static_assert(std::endian::native == std::endian::little, "numbers are stored as they are in memory");

template <typename T>
T get(const uint8_t* p) {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}
template <typename T>
void put(uint8_t* p, T value) {
    std::memcpy(p, &value, sizeof value);
}

}  // namespace lintel::pack
