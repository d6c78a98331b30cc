#include "stdlib/inet/outgoing.h"

#include <cstring>

#include "vm/iolist.h"

namespace lintel::inet {

namespace {

/// Binaries up to so many bytes are put together with what is around them.
constexpr size_t kCopiedBytes = 512;

/// What has the bytes of a binary; nullptr: a heap.
BinaryData* data_of(Term binary) {
    if (binary.is_kind(Kind::sub_binary)) binary = reinterpret_cast<const SubBinary*>(binary.boxed_words())->of;
    return binary.is_kind(Kind::refc_binary) ? reinterpret_cast<const RefcBinary*>(binary.boxed_words())->data
                                             : nullptr;
}

}  // namespace

bool Outgoing::add_piece(const void* bytes, size_t n, BinaryData* data) {
    if (count_ == 1 + kMostPieces) return false;
    pieces_[count_++] = {bytes, n, data};
    last_is_small_ = false;
    size_ += n;
    return true;
}

bool Outgoing::add_small(const uint8_t* bytes, size_t n) {
    if (used_ + n > sizeof small_) return false;
    if (!last_is_small_ && !add_piece(small_ + used_, 0, nullptr)) return false;
    last_is_small_ = true;
    std::memcpy(small_ + used_, bytes, n);
    used_ += n;
    pieces_[count_ - 1].size += n;
    size_ += n;
    return true;
}

bool Outgoing::gather(Term iolist) {
    count_ = size_ = 0;
    used_ = kMostPrefix;
    add_piece(small_ + used_, 0, nullptr);
    last_is_small_ = true;
    bool fits = true;
    const bool is_iolist = walk_iolist(
        iolist, [&](uint8_t b) { return fits = add_small(&b, 1); },
        [&](BitsView v, Term item) {
            const size_t n = v.byte_size();
            if (!v.is_aligned()) {
                fits = n == 0;
            } else {
                fits = (n <= kCopiedBytes && add_small(v.bytes(), n)) || add_piece(v.bytes(), n, data_of(item));
            }
            return fits;
        });
    if (fits) return is_iolist;
    all_.clear();
    if (!append_iolist(iolist, &all_)) return false;
    pieces_[0] = {small_ + kMostPrefix, 0, nullptr};
    pieces_[1] = {all_.data(), all_.size(), nullptr};
    count_ = 2;
    size_ = all_.size();
    return true;
}

void Outgoing::add_prefix(size_t bytes) {
    uint8_t* at = small_ + kMostPrefix - bytes;
    for (size_t i = 0; i < bytes; ++i) at[i] = static_cast<uint8_t>(size_ >> (8 * (bytes - 1 - i)));
    pieces_[0].bytes = at;
    pieces_[0].size += bytes;
    size_ += bytes;
}

}  // namespace lintel::inet
