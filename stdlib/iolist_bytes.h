#pragma once
/// The bytes of an iolist, gathered.

#include "base/byte_buffer.h"
#include "vm/iolist.h"

namespace lintel {

/// False: it is none, has more than `most` bytes, or there is no memory.
inline bool iolist_bytes(Term iolist, ByteBuffer* bytes, size_t most = SIZE_MAX / 8 - 1) {
    size_t bits = 0;
    if (iolist_bits(iolist, IoListItems::bytes, &bits) != IoListStatus::ok || bits / 8 > most) return false;
    // One byte more: there is a buffer even if there are no bytes.
    if (!bytes->resize(bits / 8 + 1)) return false;
    if (bits != 0) iolist_write(iolist, bytes->data());
    bytes->shrink(bits / 8);
    return true;
}

}  // namespace lintel
