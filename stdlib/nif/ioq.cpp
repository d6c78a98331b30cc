/// Queues of bytes that are to be written with writev, and iolists as the vectors that it takes.
///
/// A part of an ErlNifIOVec is some bytes and what keeps them where they are: a reference to a BinaryData in ref_bins.

#include <algorithm>
#include <climits>
#include <cstring>
#include <vector>

#include "stdlib/native/part_queue.h"
#include "stdlib/nif/env.h"
#include "term/bits.h"

using lintel::BinaryData;
using lintel::BitsView;
using lintel::HeapBuilder;
using lintel::Term;

struct lintel_nif_ioq : lintel::PartQueue {};

namespace {

/// Flags of an ErlNifIOVec: it is a block of its own; what it refers to goes with an environment.
constexpr int kAllocated = 1, kOfEnvironment = 2;

/// Binaries shorter than this are copied together with their neighbours.
constexpr size_t kShortBytes = 64;

/// Collects the elements of an iovec: long binaries outside the heap as they are, the rest in copies.
class VectorMaker {
public:
    ~VectorMaker() {
        for (const auto& part : parts_) part.data->release_reference();
    }

    /// False: no memory.
    bool add(Term binary) {
        const BitsView v = lintel::as_binary(binary);
        if (!v.is_aligned() || v.byte_size() < kShortBytes) return copy(v);
        Term whole = binary;
        if (whole.is_kind(lintel::Kind::sub_binary)) whole = Term(whole.boxed_words()[1]);
        if (!whole.is_kind(lintel::Kind::refc_binary)) return copy(v);
        auto* const data = reinterpret_cast<lintel::RefcBinary*>(whole.boxed_words())->data;
        data->retain();
        parts_.push_back({data, v.bytes(), v.byte_size()});
        open_ = false;
        return true;
    }
    void give(ErlNifIOVec* out) {
        const auto count = parts_.size();
        out->iovcnt = static_cast<int>(count);
        out->size = 0;
        for (size_t i = 0; i < count; ++i) {
            out->iov[i] = {const_cast<uint8_t*>(parts_[i].bytes), parts_[i].size};
            out->ref_bins[i] = parts_[i].data;
            out->size += parts_[i].size;
        }
        parts_.clear();
    }
    size_t count() const { return parts_.size(); }

private:
    static constexpr size_t kCopyBytes = 1024;

    bool copy(BitsView v) {
        const size_t size = v.byte_size();
        if (size == 0) return true;
        lintel::PartQueue::Part* last = open_ ? &parts_.back() : nullptr;
        if (last == nullptr || last->data->capacity - last->size < size) {
            BinaryData* const data = BinaryData::create(std::max(size, kCopyBytes));
            if (data == nullptr) return false;
            parts_.push_back({data, data->bytes, 0});
            last = &parts_.back();
            open_ = true;
        }
        lintel::copy_bits(last->data->bytes + last->size, 0, v.base, v.offset, v.size);
        last->size += size;
        return true;
    }

    std::vector<lintel::PartQueue::Part> parts_;
    bool open_ = false;  // the last one is a copy, and may get more
};

/// What a vector refers to goes with the environment. The vector itself may be gone by then.
void keep(ErlNifEnv& env, ErlNifIOVec& vector, bool is_new) {
    for (int i = 0; i < vector.iovcnt; ++i) env.keep(static_cast<BinaryData*>(vector.ref_bins[i]));
    if (vector.iov != vector.small_iov) {
        env.keep(static_cast<void*>(vector.iov));
        env.keep(static_cast<void*>(vector.ref_bins));
    }
    if (is_new) env.keep(static_cast<void*>(&vector));
}

}  // namespace

extern "C" {

ErlNifIOQueue* enif_ioq_create(ErlNifIOQueueOpts options) {
    return options == ERL_NIF_IOQ_NORMAL ? new lintel_nif_ioq : nullptr;
}

void enif_ioq_destroy(ErlNifIOQueue* queue) { delete queue; }

/// The binary's bytes after `skip` join the queue. It is the caller's no more, also when that fails, as in OTP.
int enif_ioq_enq_binary(ErlNifIOQueue* queue, ErlNifBinary* binary, size_t skip) {
    if (skip > binary->size) {
        enif_release_binary(binary);
        return 0;
    }
    if (binary->ref_bin == nullptr) {
        ErlNifBinary copy;
        if (enif_alloc_binary(binary->size, &copy) == 0) return 0;
        std::memcpy(copy.data, binary->data, binary->size);
        *binary = copy;
    }
    queue->add({static_cast<BinaryData*>(binary->ref_bin), binary->data + skip, binary->size - skip});
    binary->ref_bin = nullptr;
    return 1;
}

int enif_ioq_enqv(ErlNifIOQueue* queue, ErlNifIOVec* vector, size_t skip) {
    if (skip > vector->size) return 0;
    for (int i = 0; i < vector->iovcnt; ++i) {
        const SysIOVec& part = vector->iov[i];
        const size_t left_out = std::min(skip, part.iov_len);
        skip -= left_out;
        if (left_out == part.iov_len) continue;
        auto* data = vector->ref_bins != nullptr ? static_cast<BinaryData*>(vector->ref_bins[i]) : nullptr;
        const auto* bytes = static_cast<const uint8_t*>(part.iov_base) + left_out;
        const size_t size = part.iov_len - left_out;
        if (data != nullptr) {
            data->retain();
        } else {  // a vector that the library has made
            data = BinaryData::create(size);
            if (data == nullptr) return 0;
            std::memcpy(data->bytes, bytes, size);
            bytes = data->bytes;
        }
        queue->add({data, bytes, size});
    }
    return 1;
}

size_t enif_ioq_size(ErlNifIOQueue* queue) { return queue->size(); }

int enif_ioq_deq(ErlNifIOQueue* queue, size_t count, size_t* size) {
    if (count > queue->size()) return 0;
    queue->drop(count);
    if (size != nullptr) *size = queue->size();
    return 1;
}

SysIOVec* enif_ioq_peek(ErlNifIOQueue* queue, int* count) { return queue->vector(count); }

int enif_ioq_peek_head(ErlNifEnv* env, ErlNifIOQueue* queue, size_t* size, ERL_NIF_TERM* head) {
    if (queue->empty()) return 0;
    const auto& part = queue->front();
    if (size != nullptr) *size = part.size;
    HeapBuilder heap = env->reserve(lintel::kRefcBinaryWords + lintel::kSubBinaryWords);
    part.data->retain();
    const auto offset = static_cast<size_t>(part.bytes - part.data->bytes);
    const Term whole = heap.refc_binary(part.data, offset + part.size);
    *head = heap.sub_bits(whole, offset * 8, part.size * 8).word();
    return 1;
}

/// Up to `max_length` binaries of a list, and what is left of it.
int enif_inspect_iovec(ErlNifEnv* env, size_t max_length, ERL_NIF_TERM term, ERL_NIF_TERM* tail, ErlNifIOVec** out) {
    Term list = lintel::term_of(term);
    VectorMaker maker;
    for (size_t n = 0; list.is_cons() && n < max_length; list = list.tail(), ++n) {
        if (!lintel::as_binary(list.head()) || !maker.add(list.head())) return 0;
    }
    if (!list.is_list()) return 0;
    *tail = list.word();
    const size_t count = maker.count();
    ErlNifIOVec* vector = *out;
    const bool is_new = vector == nullptr;
    if (is_new) vector = static_cast<ErlNifIOVec*>(lintel::allocate(sizeof(ErlNifIOVec)));
    *vector = {};
    vector->flags = (is_new ? kAllocated : 0) | (env != nullptr ? kOfEnvironment : 0);
    vector->iov = vector->small_iov;
    vector->ref_bins = vector->small_ref_bin;
    if (count > ERL_NIF_IOVEC_SIZE) {
        vector->iov = static_cast<SysIOVec*>(lintel::allocate(count * sizeof(SysIOVec)));
        vector->ref_bins = static_cast<void**>(lintel::allocate(count * sizeof(void*)));
    }
    maker.give(vector);
    if (env != nullptr) keep(*env, *vector, is_new);
    *out = vector;
    return 1;
}

void enif_free_iovec(ErlNifIOVec* vector) {
    if ((vector->flags & kOfEnvironment) != 0) return;
    for (int i = 0; i < vector->iovcnt; ++i) static_cast<BinaryData*>(vector->ref_bins[i])->release_reference();
    vector->iovcnt = 0;
    if (vector->iov != vector->small_iov) {
        lintel::release(vector->iov);
        lintel::release(vector->ref_bins);
        vector->iov = vector->small_iov;
        vector->ref_bins = vector->small_ref_bin;
    }
    if ((vector->flags & kAllocated) != 0) lintel::release(vector);
}

}  // extern "C"
