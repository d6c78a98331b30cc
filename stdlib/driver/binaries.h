#pragma once
/// ErlDrvBinary: what drivers see of a BinaryData whose bytes stand in its own block. Its size is the block's capacity, which stands right before the bytes.

#include <lintel/erl_driver.h>

#include "term/bits.h"

namespace lintel {

static_assert(sizeof(BinaryData) == offsetof(BinaryData, capacity) + offsetof(ErlDrvBinary, orig_bytes));

inline ErlDrvBinary* driver_binary(BinaryData* data) {
    return reinterpret_cast<ErlDrvBinary*>(reinterpret_cast<char*>(data) + offsetof(BinaryData, capacity));
}
inline BinaryData* data_of(ErlDrvBinary* binary) {
    return reinterpret_cast<BinaryData*>(reinterpret_cast<char*>(binary) - offsetof(BinaryData, capacity));
}
/// Whether drivers can see it.
inline bool is_driver_binary(const BinaryData& data) {
    return data.bytes == reinterpret_cast<const uint8_t*>(&data) + sizeof(BinaryData);
}

}  // namespace lintel
