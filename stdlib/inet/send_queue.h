#pragma once
/// SendQueue: bytes that wait until a socket takes them. Large binaries wait as they are, without a copy.

#include <sys/uio.h>

#include <deque>
#include <string>

#include "term/bits.h"

namespace lintel::inet {

/// Bytes to be sent that belong to the caller: one process's data while its BIF runs.
struct SendPiece {
    const void* bytes;
    size_t size;
    BinaryData* data;  ///< that has them; nullptr: none that can be kept
};

class SendQueue {
public:
    SendQueue() = default;
    ~SendQueue() { clear(); }
    SendQueue(const SendQueue&) = delete;
    SendQueue& operator=(const SendQueue&) = delete;

    size_t size() const { return size_; }
    void append(SendPiece piece);
    /// What comes first, for writev: fills up to `most` slots with up to `limit` bytes. How many.
    size_t first(iovec* slots, size_t most, size_t limit = SIZE_MAX) const;
    /// Takes away what has been sent.
    void drop(size_t bytes);
    void clear();

private:
    struct Chunk {
        std::string own;
        BinaryData* data = nullptr;  ///< retained; nullptr: `own` has the bytes
        const char* at = nullptr;    ///< of data
        size_t done = 0, size = 0;
        const char* bytes() const { return (data != nullptr ? at : own.data()) + done; }
    };
    std::deque<Chunk> chunks_;
    size_t size_ = 0;
};

}  // namespace lintel::inet
