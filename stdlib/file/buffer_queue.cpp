#include "stdlib/file/buffer_queue.h"

#include <cstring>

namespace lintel {

BufferQueue::~BufferQueue() {
    if (gathered_ != nullptr) gathered_->release_reference();
}

size_t BufferQueue::size() const {
    std::lock_guard lock(mutex_);
    return bytes();
}

bool BufferQueue::write(std::span<const Term> binaries) {
    size_t added = 0;
    for (const Term t : binaries) added += as_binary(t).byte_size();
    std::lock_guard lock(mutex_);
    if (gathered_size_ + added < kGathered || added < kGathered / 2) {
        BinaryData* fresh = nullptr;
        if (gathered_ == nullptr || gathered_size_ + added >= kGathered) {
            fresh = BinaryData::create(kGathered);
            if (fresh == nullptr) return false;
            gather();
            gathered_ = fresh;
        }
        for (const Term t : binaries) {
            const BitsView v = as_binary(t);
            copy_bits(gathered_->bytes, gathered_size_ * 8, v.base, v.offset, v.size);
            gathered_size_ += v.byte_size();
        }
        return true;
    }
    // What was gathered comes first, even if there is no memory for the rest.
    gather();
    return chunks_.push(binaries);
}

/// Makes a piece of what was gathered.
void BufferQueue::gather() {
    if (gathered_ == nullptr) return;
    if (gathered_size_ != 0) {
        chunks_.push({gathered_, 0, gathered_size_});
    } else {
        gathered_->release_reference();
    }
    gathered_ = nullptr;
    gathered_size_ = 0;
}

std::optional<ChunkQueue::Chunk> BufferQueue::peek() {
    std::lock_guard lock(mutex_);
    gather();
    if (chunks_.empty()) return std::nullopt;
    chunks_.front().data->retain();
    return chunks_.front();
}

std::optional<size_t> BufferQueue::find(uint8_t byte) {
    std::lock_guard lock(mutex_);
    gather();
    size_t before = 0;
    for (const ChunkQueue::Chunk& chunk : chunks_) {
        if (const void* at = memchr(chunk.bytes(), byte, chunk.size))
            return before + static_cast<size_t>(static_cast<const uint8_t*>(at) - chunk.bytes());
        before += chunk.size;
    }
    return std::nullopt;
}

}  // namespace lintel
