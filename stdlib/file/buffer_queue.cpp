#include "stdlib/file/buffer_queue.h"

#include <cstring>
#include <vector>

namespace lintel {

namespace {

/// The bytes of a binary as a piece of its own: shared, or copied if they are on a heap or between byte boundaries. No data: no memory.
BufferQueue::Chunk chunk_of(Term t) {
    const BitsView v = as_binary(t);
    const size_t size = v.byte_size();
    const Word* w = t.boxed_words();
    if (header_kind(*w) == Kind::sub_binary) w = reinterpret_cast<const SubBinary*>(w)->of.boxed_words();
    if (v.is_aligned() && header_kind(*w) == Kind::refc_binary) {
        BinaryData* data = reinterpret_cast<const RefcBinary*>(w)->data;
        data->retain();
        return {data, v.offset / 8, size};
    }
    BinaryData* data = BinaryData::create(size);
    if (data != nullptr) copy_bits(data->bytes, 0, v.base, v.offset, v.size);
    return {data, 0, size};
}

}  // namespace

BufferQueue::~BufferQueue() {
    for (const Chunk& chunk : chunks_) chunk.data->release_reference();
    if (gathered_ != nullptr) gathered_->release_reference();
}

size_t BufferQueue::size() const {
    std::lock_guard lock(mutex_);
    return size_;
}

bool BufferQueue::write(std::span<const Term> binaries) {
    size_t bytes = 0;
    for (const Term t : binaries) bytes += as_binary(t).byte_size();
    std::lock_guard lock(mutex_);
    if (gathered_size_ + bytes < kGathered || bytes < kGathered / 2) {
        BinaryData* fresh = nullptr;
        if (gathered_ == nullptr || gathered_size_ + bytes >= kGathered) {
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
        size_ += bytes;
        return true;
    }
    std::vector<Chunk> added;
    for (const Term t : binaries) {
        if (as_binary(t).size == 0) continue;
        added.push_back(chunk_of(t));
        if (added.back().data != nullptr) continue;
        added.pop_back();
        for (const Chunk& chunk : added) chunk.data->release_reference();
        return false;
    }
    gather();
    chunks_.insert(chunks_.end(), added.begin(), added.end());
    size_ += bytes;
    return true;
}

/// Makes a piece of what was gathered.
void BufferQueue::gather() {
    if (gathered_ == nullptr) return;
    if (gathered_size_ != 0) {
        chunks_.push_back({gathered_, 0, gathered_size_});
    } else {
        gathered_->release_reference();
    }
    gathered_ = nullptr;
    gathered_size_ = 0;
}

/// Bytes of the first piece.
void BufferQueue::drop(size_t count) {
    Chunk& first = chunks_.front();
    first.offset += count;
    first.size -= count;
    size_ -= count;
    if (first.size != 0) return;
    first.data->release_reference();
    chunks_.pop_front();
}

std::optional<BufferQueue::Chunk> BufferQueue::peek() {
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
    for (const Chunk& chunk : chunks_) {
        const uint8_t* bytes = chunk.data->bytes + chunk.offset;
        if (const void* at = memchr(bytes, byte, chunk.size))
            return before + static_cast<size_t>(static_cast<const uint8_t*>(at) - bytes);
        before += chunk.size;
    }
    return std::nullopt;
}

}  // namespace lintel
