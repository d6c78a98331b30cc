#pragma once
/// OutputVector: an iolist as the vector that a driver's outputv gets.

#include <vector>

#include "stdlib/driver/binaries.h"
#include "term/term.h"

namespace lintel {

class OutputVector {
public:
    OutputVector() = default;
    ~OutputVector();
    OutputVector(const OutputVector&) = delete;
    OutputVector& operator=(const OutputVector&) = delete;

    /// Binaries outside the heap as they are, which `iolist` must keep alive; what is between them in copies. False: it is no iolist.
    bool fill(Term iolist);
    ErlIOVec* vector();
    size_t size() const { return size_; }

private:
    struct Sizes;
    void add(BinaryData* data, const uint8_t* bytes, size_t size);

    std::vector<SysIOVec> iov_;
    std::vector<ErlDrvBinary*> binaries_;
    std::vector<BinaryData*> copies_;  // one reference of each is ours
    size_t size_ = 0;
    ErlIOVec vector_{};
};

}  // namespace lintel
