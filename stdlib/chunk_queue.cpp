#include "stdlib/chunk_queue.h"

#include <vector>

namespace lintel {

namespace {

/// The bytes of a binary as a chunk of its own. No data: no memory.
ChunkQueue::Chunk chunk_of(Term t) {
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

bool ChunkQueue::push(std::span<const Term> binaries) {
    std::vector<Chunk> added;
    for (const Term t : binaries) {
        if (as_binary(t).size == 0) continue;
        added.push_back(chunk_of(t));
        if (added.back().data != nullptr) continue;
        added.pop_back();
        for (const Chunk& chunk : added) chunk.data->release_reference();
        return false;
    }
    for (const Chunk& chunk : added) push(chunk);
    return true;
}

void ChunkQueue::push(Chunk chunk) {
    size_ += chunk.size;
    chunks_.push_back(chunk);
}

void ChunkQueue::drop(size_t bytes) {
    Chunk& first = chunks_.front();
    LINTEL_ASSERT(bytes <= first.size);
    first.offset += bytes;
    first.size -= bytes;
    size_ -= bytes;
    if (first.size != 0) return;
    first.data->release_reference();
    chunks_.pop_front();
}

void ChunkQueue::clear() {
    for (const Chunk& chunk : chunks_) chunk.data->release_reference();
    chunks_.clear();
    size_ = 0;
}

}  // namespace lintel
