#pragma once
/// OutputBuffer: room for bytes that a library or the system writes, which then become a binary.

#include <utility>

#include "vm/exec_state.h"

namespace lintel {

class OutputBuffer {
public:
    /// No memory: empty (false).
    explicit OutputBuffer(size_t bytes) : data_(BinaryData::create(bytes)), size_(bytes) {}
    ~OutputBuffer() {
        if (data_ != nullptr) data_->release_reference();
    }
    OutputBuffer(const OutputBuffer&) = delete;
    OutputBuffer& operator=(const OutputBuffer&) = delete;

    explicit operator bool() const { return data_ != nullptr; }
    uint8_t* data() const { return data_->bytes; }
    size_t size() const { return size_; }
    /// The first `bytes` bytes as a term, once: in the buffer itself if they fill half of it. None: no memory.
    Term take(ExecState& p, size_t bytes) {
        auto heap = p.reserve(binary_words(bytes));
        if (bytes <= kMaxHeapBinaryBytes || bytes < size_ / 2) return heap.binary(data_->bytes, bytes);
        return heap.refc_binary(std::exchange(data_, nullptr), bytes);
    }

private:
    BinaryData* data_;
    const size_t size_;
};

}  // namespace lintel
