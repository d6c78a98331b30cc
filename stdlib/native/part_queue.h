#pragma once
/// PartQueue: bytes that a native library wants to write, with writev: of an ErlNifIOQueue, or a driver's port.

#include <sys/uio.h>

#include <deque>
#include <vector>

#include "term/bits.h"

namespace lintel {

/// One thread at a time.
class PartQueue {
public:
    /// Some bytes, and what keeps them where they are: a reference to `data`.
    struct Part {
        BinaryData* data;
        const uint8_t* bytes;
        size_t size;
    };

    PartQueue() = default;
    ~PartQueue() { drop(size_); }
    PartQueue(const PartQueue&) = delete;
    PartQueue& operator=(const PartQueue&) = delete;

    size_t size() const { return size_; }
    bool empty() const { return parts_.empty(); }
    const Part& front() const { return parts_.front(); }
    auto begin() const { return parts_.begin(); }
    auto end() const { return parts_.end(); }

    /// At the end; takes over the part's reference.
    void add(Part part) {
        parts_.push_back(part);
        size_ += part.size;
    }
    /// At the beginning.
    void push(Part part) {
        parts_.push_front(part);
        size_ += part.size;
    }
    /// Takes bytes from the beginning, at most all.
    void drop(size_t count) {
        size_ -= count;
        while (!parts_.empty() && parts_.front().size <= count) {
            count -= parts_.front().size;
            parts_.front().data->release_reference();
            parts_.pop_front();
        }
        if (count == 0) return;
        parts_.front().bytes += count;
        parts_.front().size -= count;
    }
    /// The vector that stands for all of it, until the queue changes; nullptr: it is empty.
    iovec* vector(int* count) {
        shown_.clear();
        for (const Part& part : parts_) shown_.push_back({const_cast<uint8_t*>(part.bytes), part.size});
        *count = static_cast<int>(shown_.size());
        return shown_.empty() ? nullptr : shown_.data();
    }

private:
    std::deque<Part> parts_;
    size_t size_ = 0;
    std::vector<iovec> shown_;
};

}  // namespace lintel
