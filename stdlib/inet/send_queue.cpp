#include "stdlib/inet/send_queue.h"

#include <algorithm>

namespace lintel::inet {

namespace {

/// Less is copied.
constexpr size_t kKeptBytes = 4096;

}  // namespace

void SendQueue::append(SendPiece piece) {
    if (piece.size == 0) return;
    size_ += piece.size;
    const auto* bytes = static_cast<const char*>(piece.bytes);
    if (piece.data != nullptr && piece.size >= kKeptBytes) {
        piece.data->retain();
        Chunk& chunk = chunks_.emplace_back();
        chunk.data = piece.data;
        chunk.at = bytes;
        chunk.size = piece.size;
        return;
    }
    if (chunks_.empty() || chunks_.back().data != nullptr) chunks_.emplace_back();
    Chunk& chunk = chunks_.back();
    chunk.own.append(bytes, piece.size);
    chunk.size += piece.size;
}

size_t SendQueue::first(iovec* slots, size_t most, size_t limit) const {
    size_t n = 0;
    for (const Chunk& chunk : chunks_) {
        if (n == most || limit == 0) break;
        const size_t size = std::min(chunk.size - chunk.done, limit);
        slots[n++] = {const_cast<char*>(chunk.bytes()), size};
        limit -= size;
    }
    return n;
}

void SendQueue::drop(size_t bytes) {
    size_ -= bytes;
    while (bytes != 0) {
        Chunk& chunk = chunks_.front();
        const size_t here = std::min(bytes, chunk.size - chunk.done);
        chunk.done += here;
        bytes -= here;
        if (chunk.done != chunk.size) return;
        if (chunk.data != nullptr) chunk.data->release_reference();
        chunks_.pop_front();
    }
}

void SendQueue::clear() {
    for (const Chunk& chunk : chunks_) {
        if (chunk.data != nullptr) chunk.data->release_reference();
    }
    chunks_.clear();
    size_ = 0;
}

}  // namespace lintel::inet
