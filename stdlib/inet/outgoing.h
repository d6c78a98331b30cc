#pragma once
/// Outgoing: the bytes of an iolist as pieces for one system call. Small ones are put together, large binaries stay where they are.

#include <sys/uio.h>

#include <string>

#include "stdlib/inet/send_queue.h"
#include "term/term.h"

namespace lintel::inet {

class Outgoing {
public:
    static constexpr size_t kMostPrefix = 4, kMostPieces = 32;

    Outgoing() = default;
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;

    /// Takes what `iolist` holds; it is to stay as long as this. False: it is none.
    bool gather(Term iolist);
    /// Puts `bytes` bytes of the size, big endian, before it; once, behind gather.
    void add_prefix(size_t bytes);

    size_t size() const { return size_; }
    size_t count() const { return count_; }
    const SendPiece& piece(size_t i) const { return pieces_[i]; }

private:
    bool add_small(const uint8_t* bytes, size_t n);
    bool add_piece(const void* bytes, size_t n, BinaryData* data);

    SendPiece pieces_[1 + kMostPieces];  ///< the first begins behind the room for the prefix
    size_t count_ = 0, size_ = 0;
    bool last_is_small_ = false;
    size_t used_ = 0;
    uint8_t small_[kMostPrefix + 2048];
    std::string all_;  ///< what does not fit
};

}  // namespace lintel::inet
