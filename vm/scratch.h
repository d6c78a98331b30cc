#pragma once
/// Working memory of one BIF call or slow path: VM memory of a size that Erlang code chooses, given back at the end of
/// the block. What it holds is no root: nothing moves while a BIF runs.

#include <type_traits>

#include "base/alloc.h"

namespace lintel {

template <typename T, size_t kInline = 66>
class ScratchArray {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
    /// Room for `count` items, not initialised; false if there is no memory.
    explicit ScratchArray(size_t count)
        : data_(count <= kInline               ? reinterpret_cast<T*>(inline_)
                : count > SIZE_MAX / sizeof(T) ? nullptr
                                               : static_cast<T*>(try_allocate(count * sizeof(T)))) {}
    ~ScratchArray() {
        if (data_ != reinterpret_cast<T*>(inline_)) release(data_);
    }
    ScratchArray(const ScratchArray&) = delete;
    ScratchArray& operator=(const ScratchArray&) = delete;

    explicit operator bool() const { return data_ != nullptr; }
    T* data() const { return data_; }
    T& operator[](size_t i) const { return data_[i]; }

private:
    T* data_;
    alignas(T) unsigned char inline_[kInline * sizeof(T)];
};

}  // namespace lintel
