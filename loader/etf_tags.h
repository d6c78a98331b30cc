#pragma once
/// Tags of the external term format (erts user's guide, "External Term Format").

#include <cstddef>
#include <cstdint>

#include "term/identifier.h"

namespace lintel::etf {

inline constexpr uint8_t kVersion = 131;

enum Tag : uint8_t {
    kRecord = 67,  ///< fields, flags (bit 0: exported), module, name, names of fields, values
    kNewFloat = 70,
    kBitBinary = 77,
    kCompressed = 80,
    kAtomCacheRef = 82,  ///< a place in the header of a distribution packet; means nothing elsewhere
    kNewPid = 88,
    kNewPort = 89,
    kNewerReference = 90,
    kSmallInteger = 97,
    kInteger = 98,
    kFloat = 99,
    kAtom = 100,
    kReference = 101,
    kPort = 102,
    kPid = 103,
    kSmallTuple = 104,
    kLargeTuple = 105,
    kNil = 106,
    kString = 107,
    kList = 108,
    kBinary = 109,
    kSmallBig = 110,
    kLargeBig = 111,
    kNewFun = 112,
    kExport = 113,
    kNewReference = 114,
    kSmallAtom = 115,
    kMap = 116,
    kFun = 117,  ///< refused, as OTP 23 and later do
    kAtomUtf8 = 118,
    kSmallAtomUtf8 = 119,
    kV4Port = 120,
    kLocal = 121,  ///< refused: opaque to all but the node that made it
};

/// Bits of the flags of a record: others are refused.
inline constexpr uint8_t kRecordExported = 1;
/// Characters of the text of a FLOAT_EXT.
inline constexpr size_t kFloatTextBytes = 31;
/// Most numbers in a reference.
inline constexpr uint32_t kMaxReferenceNumbers = 5;
/// Local pids: 15 bits of number, 13 of serial. Local ports: 28 bits.
inline constexpr uint32_t kMaxPidNumber = (1u << kPidNumberBits) - 1;
inline constexpr uint32_t kMaxPidSerial = (1u << 13) - 1;
inline constexpr uint64_t kMaxLocalPort = (1u << 28) - 1;

}  // namespace lintel::etf
