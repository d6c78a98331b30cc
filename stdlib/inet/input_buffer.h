#pragma once
/// InputBuffer: what has been read of a stream and not been handed out. Its memory is that of a binary, which can be handed out as it is.

#include <cstring>

#include "base/assert.h"
#include "term/bits.h"

namespace lintel::inet {

class InputBuffer {
public:
    InputBuffer() = default;
    ~InputBuffer() { clear(); }
    InputBuffer(const InputBuffer&) = delete;
    InputBuffer& operator=(const InputBuffer&) = delete;

    /// Whether there is a buffer, be it without a byte.
    explicit operator bool() const { return data_ != nullptr; }
    size_t size() const { return end_ - begin_; }
    size_t capacity() const { return data_ == nullptr ? 0 : capacity_; }
    std::string_view bytes() const {
        return data_ == nullptr ? std::string_view()
                                : std::string_view(reinterpret_cast<char*>(data_->bytes) + begin_, size());
    }
    /// Where the next bytes go, and how many fit.
    uint8_t* space() { return data_->bytes + end_; }
    size_t room() const { return capacity_ - end_; }
    void filled(size_t n) {
        end_ += n;
        LINTEL_ASSERT(end_ <= capacity_);
    }

    /// A buffer for `capacity` bytes, or one more than there is now. False: no memory, and nothing has changed.
    [[nodiscard]] bool reserve(size_t capacity) {
        if (data_ != nullptr && capacity <= capacity_ - begin_) return true;
        BinaryData* data = BinaryData::create(capacity);
        if (data == nullptr) return false;
        const size_t n = size();
        if (n != 0) std::memcpy(data->bytes, data_->bytes + begin_, n);
        clear();
        data_ = data;
        capacity_ = capacity;
        end_ = n;
        return true;
    }
    /// Moves what there is to the beginning.
    void settle() {
        if (begin_ == 0) return;
        std::memmove(data_->bytes, data_->bytes + begin_, size());
        end_ -= begin_;
        begin_ = 0;
    }
    /// Puts bytes before the first one. False: no memory.
    [[nodiscard]] bool push_front(std::string_view bytes) {
        if (bytes.size() > begin_ || data_ == nullptr) {
            const size_t n = size();
            BinaryData* data = BinaryData::create(bytes.size() + n);
            if (data == nullptr) return false;
            if (n != 0) std::memcpy(data->bytes + bytes.size(), data_->bytes + begin_, n);
            clear();
            data_ = data;
            capacity_ = bytes.size() + n;
            begin_ = bytes.size();
            end_ = capacity_;
        }
        begin_ -= bytes.size();
        std::memcpy(data_->bytes + begin_, bytes.data(), bytes.size());
        return true;
    }
    /// Takes away the first `n` bytes; an empty buffer goes.
    void drop(size_t n) {
        begin_ += n;
        if (begin_ == end_) clear();
    }
    void clear() {
        if (data_ != nullptr) data_->release_reference();
        data_ = nullptr;
        begin_ = end_ = capacity_ = 0;
    }
    /// The memory behind bytes(), for a binary that is to share it: nobody may write to it from then on, so that the buffer must be left.
    BinaryData* data() const { return data_; }
    /// Leaves a memory that is shared: what there is is copied to a new one. False: no memory, and it is empty.
    [[nodiscard]] bool leave(size_t capacity) {
        if (data_ == nullptr) return true;
        const size_t n = size();
        BinaryData* data = n == 0 ? nullptr : BinaryData::create(capacity < n ? n : capacity);
        const bool done = n == 0 || data != nullptr;
        if (data != nullptr) std::memcpy(data->bytes, data_->bytes + begin_, n);
        clear();
        if (data != nullptr) {
            data_ = data;
            capacity_ = capacity < n ? n : capacity;
            end_ = n;
        }
        return done;
    }

private:
    BinaryData* data_ = nullptr;
    size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace lintel::inet
