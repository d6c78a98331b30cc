#pragma once
/// WorkStack: the explicit stack of an algorithm that walks a term. The first `kInline` entries need no allocation, so
/// shallow terms cost nothing, and a deep term costs VM memory instead of the C stack.

#include <cstring>
#include <type_traits>

#include "base/alloc.h"
#include "base/assert.h"

namespace lintel {

template <typename T, size_t kInline>
class WorkStack {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
    WorkStack() : data_(reinterpret_cast<T*>(inline_)), capacity_(kInline) {}
    ~WorkStack() {
        if (data_ != reinterpret_cast<T*>(inline_)) release(data_);
    }
    WorkStack(const WorkStack&) = delete;
    WorkStack& operator=(const WorkStack&) = delete;

    bool empty() const { return size_ == 0; }
    size_t size() const { return size_; }
    void push(const T& entry) {
        if (LINTEL_UNLIKELY(size_ == capacity_)) grow();
        data_[size_++] = entry;
    }
    T pop() {
        LINTEL_ASSERT(size_ > 0);
        return data_[--size_];
    }
    T& top() {
        LINTEL_ASSERT(size_ > 0);
        return data_[size_ - 1];
    }
    T& operator[](size_t i) {
        LINTEL_ASSERT(i < size_);
        return data_[i];
    }
    /// Drops the entries from `size` on.
    void shrink_to(size_t size) {
        LINTEL_ASSERT(size <= size_);
        size_ = size;
    }

private:
    void grow() {
        auto* bigger = static_cast<T*>(allocate(capacity_ * 2 * sizeof(T)));
        std::memcpy(static_cast<void*>(bigger), data_, size_ * sizeof(T));
        if (data_ != reinterpret_cast<T*>(inline_)) release(data_);
        data_ = bigger;
        capacity_ *= 2;
    }

    T* data_;
    size_t size_ = 0;
    size_t capacity_;
    alignas(T) unsigned char inline_[kInline * sizeof(T)];
};

}  // namespace lintel
