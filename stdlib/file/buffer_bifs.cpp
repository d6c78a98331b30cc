/// Natives of prim_buffer: what prim_file has read ahead, what raw_file_io_delayed has still to write.

#include "stdlib/build.h"
#include "stdlib/file/buffer_queue.h"
#include "stdlib/file/file_args.h"

namespace lintel {

namespace {

constexpr size_t kBytesPerReduction = 64;

/// Not negative, and of 64 bits at most.
bool count_of(Term t, size_t* count) {
    if (t.is_small() && t.to_small() >= 0) {
        *count = static_cast<size_t>(t.to_small());
        return true;
    }
    const BignumView big = as_bignum(t);
    if (!big || big.negative() || big.limbs().size() != 1) return false;
    *count = big.limbs()[0];
    return true;
}

Term out_of_memory(ExecState& p) { return p.error(p.vm->atoms.intern("out_of_memory")); }

}  // namespace

/// prim_buffer:new/0: an empty buffer.
Term prim_buffer_new_0(ExecState& p, Args) { return make_magic_ref(p, new BufferQueue); }

/// prim_buffer:size/1: bytes in it. Fails: badarg.
Term prim_buffer_size_1(ExecState& p, Args a) {
    const auto* buffer = as_magic<BufferQueue>(a[0]);
    return buffer == nullptr ? p.badarg() : Term::small(static_cast<int64_t>(buffer->size()));
}

/// prim_buffer:write/2: appends a list of binaries; ok. Fails: badarg, also when some have been appended; out_of_memory.
Term prim_buffer_write_2(ExecState& p, Args a) {
    auto* buffer = as_magic<BufferQueue>(a[0]);
    if (buffer == nullptr || !a[1].is_list()) return p.badarg();
    Term list = a[1];
    do {
        // As many as OTP takes at once: it decides what makes one piece.
        Term binaries[64];
        size_t count = 0, bytes = 0;
        for (; list.is_cons() && count < std::size(binaries); list = list.tail()) {
            const BitsView v = as_bits(list.head());
            if (!v || (v.size >= 8 && !v.is_bytes())) return p.badarg();
            if (v.size < 8) continue;  // a few bits are no bytes, and OTP does not mind
            binaries[count++] = list.head();
            bytes += v.byte_size();
        }
        if (!list.is_list()) return p.badarg();
        p.charge(bytes / kBytesPerReduction + 1);
        if (!buffer->write({binaries, count})) return out_of_memory(p);
    } while (list.is_cons());
    return am::ok();
}

/// prim_buffer:copying_read/2: takes Count bytes. Fails: badarg if there are fewer.
Term prim_buffer_copying_read_2(ExecState& p, Args a) {
    auto* buffer = as_magic<BufferQueue>(a[0]);
    size_t count;
    if (buffer == nullptr || !count_of(a[1], &count) || count > buffer->size()) return p.badarg();
    uint8_t* to;
    const Term result = p.reserve(binary_words(count)).binary_of(count, &to);
    if (to == nullptr) return out_of_memory(p);
    p.charge(count / kBytesPerReduction);
    const bool taken = buffer->take(count, [&to](const uint8_t* bytes, size_t n) {
        memcpy(to, bytes, n);
        to += n;
    });
    if (taken) return result;
    memset(to, 0, count);
    return p.badarg();
}

/// prim_buffer:skip/2: drops Count bytes; ok. Fails: badarg if there are fewer.
Term prim_buffer_skip_2(ExecState& p, Args a) {
    auto* buffer = as_magic<BufferQueue>(a[0]);
    size_t count;
    if (buffer == nullptr || !count_of(a[1], &count)) return p.badarg();
    return buffer->take(count, [](const uint8_t*, size_t) {}) ? am::ok() : p.badarg();
}

/// prim_buffer:peek_head/1: the first piece of what is in it, which stays. Fails: badarg if there is nothing.
Term prim_buffer_peek_head_1(ExecState& p, Args a) {
    auto* buffer = as_magic<BufferQueue>(a[0]);
    if (buffer == nullptr) return p.badarg();
    const auto head = buffer->peek();
    if (!head) return p.badarg();
    auto heap = p.reserve(kRefcBinaryWords + kSubBinaryWords + binary_words(kMaxHeapBinaryBytes));
    if (head->size <= kMaxHeapBinaryBytes) {
        const Term copy = heap.binary(head->bytes(), head->size);
        head->data->release_reference();
        return copy;
    }
    const Term whole = heap.refc_binary(head->data, head->offset + head->size);
    return heap.sub_bits(whole, head->offset * 8, head->size * 8);
}

/// prim_buffer:find_byte_index/2: {ok, Index} of the first such byte, or not_found. Fails: badarg.
Term prim_buffer_find_byte_index_2(ExecState& p, Args a) {
    auto* buffer = as_magic<BufferQueue>(a[0]);
    if (buffer == nullptr || !a[1].is_small() || a[1].to_small() < 0 || a[1].to_small() > 255) return p.badarg();
    const auto at = buffer->find(static_cast<uint8_t>(a[1].to_small()));
    p.charge((at ? *at : buffer->size()) / 1024);
    return at ? make_tuple2(p, am::ok(), Term::small(static_cast<int64_t>(*at))) : p.vm->atoms.intern("not_found");
}

/// prim_buffer:try_lock/1: acquired, or busy if somebody else has it. Fails: badarg.
Term prim_buffer_try_lock_1(ExecState& p, Args a) {
    auto* buffer = as_magic<BufferQueue>(a[0]);
    if (buffer == nullptr) return p.badarg();
    return p.vm->atoms.intern(buffer->try_lock() ? "acquired" : "busy");
}

/// prim_buffer:unlock/1: ok. Fails: badarg; lock_order_violation if nobody has locked it.
Term prim_buffer_unlock_1(ExecState& p, Args a) {
    auto* buffer = as_magic<BufferQueue>(a[0]);
    if (buffer == nullptr) return p.badarg();
    return buffer->unlock() ? am::ok() : p.error(p.vm->atoms.intern("lock_order_violation"));
}

}  // namespace lintel
