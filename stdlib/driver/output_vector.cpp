#include "stdlib/driver/output_vector.h"

#include "base/memory_account.h"
#include "term/bits.h"
#include "vm/iolist.h"

/// The first entry is empty: drivers put a header there. When there would be kManyEntries or more, binaries of less than kSmallBytes are copied, too, as in OTP.

namespace lintel {

namespace {

constexpr size_t kManyEntries = 16, kSmallBytes = 256;

/// The block that holds the bytes of `t`, a bit string whose view is `v`, if a driver can have that.
BinaryData* shared_data(BitsView v, Term t) {
    if (!v.is_aligned()) return nullptr;
    const Word* w = t.boxed_words();
    if (header_kind(*w) == Kind::sub_binary) w = reinterpret_cast<const SubBinary*>(w)->of.boxed_words();
    if (header_kind(*w) != Kind::refc_binary) return nullptr;
    BinaryData* const data = reinterpret_cast<const RefcBinary*>(w)->data;
    return is_driver_binary(*data) ? data : nullptr;
}

}  // namespace

/// What a walk over the iolist finds: entries, and bytes that are to be copied.
struct OutputVector::Sizes {
    size_t entries = 0, copied = 0;
    bool in_copy = false;

    void copy(size_t bytes) {
        copied += bytes;
        if (!in_copy) ++entries;
        in_copy = true;
    }
    void share() {
        ++entries;
        in_copy = false;
    }
};

OutputVector::~OutputVector() {
    for (BinaryData* data : copies_) data->release_reference();
}

void OutputVector::add(BinaryData* data, const uint8_t* bytes, size_t size) {
    iov_.push_back({const_cast<uint8_t*>(bytes), size});
    binaries_.push_back(data != nullptr ? driver_binary(data) : nullptr);
    size_ += size;
}

bool OutputVector::fill(Term iolist) {
    Sizes plain, packed;
    const bool ok = walk_iolist(
        iolist,
        [&](uint8_t) {
            plain.copy(1);
            packed.copy(1);
            return true;
        },
        [&](BitsView v, Term t) {
            if (shared_data(v, t) == nullptr) {
                plain.copy(v.byte_size());
                packed.copy(v.byte_size());
                return true;
            }
            plain.share();
            if (v.byte_size() < kSmallBytes) {
                packed.copy(v.byte_size());
            } else {
                packed.share();
            }
            return true;
        });
    if (!ok) return false;
    const bool packs = plain.entries >= kManyEntries;
    const Sizes& sizes = packs ? packed : plain;
    BinaryData* copy = nullptr;
    if (sizes.copied != 0) {
        copy = BinaryData::create(sizes.copied);
        if (copy == nullptr) stop_without_memory(sizes.copied);
        copies_.push_back(copy);
    }
    add(nullptr, nullptr, 0);
    uint8_t* at = copy != nullptr ? copy->bytes : nullptr;
    const uint8_t* begun = at;  // of the entry that is being copied
    const auto end_copy = [&] {
        if (begun != at) add(copy, begun, static_cast<size_t>(at - begun));
        begun = at;
    };
    walk_iolist<IoListItems::bytes, Walks::whole>(
        iolist,
        [&](uint8_t byte) {
            *at++ = byte;
            return true;
        },
        [&](BitsView v, Term t) {
            BinaryData* const data = shared_data(v, t);
            if (data == nullptr || (packs && v.byte_size() < kSmallBytes)) {
                if (v.size != 0) copy_bits(at, 0, v.base, v.offset, v.size);
                at += v.byte_size();
                return true;
            }
            end_copy();
            add(data, v.bytes(), v.byte_size());
            return true;
        });
    end_copy();
    return true;
}

ErlIOVec* OutputVector::vector() {
    vector_.vsize = static_cast<int>(iov_.size());
    vector_.size = size_;
    vector_.iov = iov_.data();
    vector_.binv = binaries_.data();
    return &vector_;
}

}  // namespace lintel
