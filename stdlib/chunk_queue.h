#pragma once
/// ChunkQueue: bytes of binaries, one after the other. Binaries outside a heap are shared with who has them, others copied.

#include <deque>
#include <span>

#include "term/bits.h"

namespace lintel {

/// One thread at a time.
class ChunkQueue {
public:
    struct Chunk {
        BinaryData* data;  ///< one reference is the queue's
        size_t offset, size;
        const uint8_t* bytes() const { return data->bytes + offset; }
    };

    ChunkQueue() = default;
    ~ChunkQueue() { clear(); }
    ChunkQueue(const ChunkQueue&) = delete;
    ChunkQueue& operator=(const ChunkQueue&) = delete;

    bool empty() const { return chunks_.empty(); }
    /// Bytes in all of them.
    size_t size() const { return size_; }
    const Chunk& front() const { return chunks_.front(); }
    auto begin() const { return chunks_.begin(); }
    auto end() const { return chunks_.end(); }

    /// Appends binaries, each a chunk unless it is empty. False: there is no memory, and nothing has changed.
    [[nodiscard]] bool push(std::span<const Term> binaries);
    /// Appends a chunk; takes over its reference.
    void push(Chunk chunk);
    /// Takes bytes from the front chunk, at most all of it.
    void drop(size_t bytes);
    void clear();

private:
    std::deque<Chunk> chunks_;
    size_t size_ = 0;
};

}  // namespace lintel
