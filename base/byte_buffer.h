#pragma once
/// ByteBuffer: bytes in VM memory whose number an Erlang program chooses; growing can fail.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/alloc.h"
#include "base/assert.h"

namespace lintel {

class ByteBuffer {
public:
    ByteBuffer() = default;
    ~ByteBuffer() { release(data_); }
    ByteBuffer(ByteBuffer&& other) noexcept : data_(other.data_), size_(other.size_), capacity_(other.capacity_) {
        other.data_ = nullptr;
        other.size_ = other.capacity_ = 0;
    }
    ByteBuffer& operator=(ByteBuffer&&) = delete;

    uint8_t* data() const { return data_; }
    size_t size() const { return size_; }
    std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

    /// What is new is not initialised. False: no memory, and nothing has changed.
    [[nodiscard]] bool resize(size_t bytes) {
        if (bytes > capacity_ && !grow(bytes)) return false;
        size_ = bytes;
        return true;
    }
    void shrink(size_t bytes) {
        LINTEL_ASSERT(bytes <= size_);
        size_ = bytes;
    }

private:
    bool grow(size_t bytes) {
        const size_t half_more = capacity_ + capacity_ / 2;
        const size_t capacity = bytes > half_more ? bytes : half_more;
        auto* data = static_cast<uint8_t*>(try_allocate(capacity));
        if (data == nullptr) return false;
        if (size_ != 0) std::memcpy(data, data_, size_);
        release(data_);
        data_ = data;
        capacity_ = capacity;
        return true;
    }

    uint8_t* data_ = nullptr;
    size_t size_ = 0, capacity_ = 0;
};

}  // namespace lintel
