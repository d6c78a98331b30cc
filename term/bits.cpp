#include "term/bits.h"

#include <algorithm>
#include <new>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/memory_account.h"
#include "base/pages.h"

/// Runs of bits at any bit offset.
///
/// Bits are numbered from the most significant bit of the first byte. Where both sides are at byte boundaries the work is
/// memcpy's and memcmp's. Elsewhere it goes 64 bits at a time through bits_at, which reads only bytes that hold bits of
/// the run: a run may end at the last byte of a page.

namespace lintel {

namespace {

/// `count` bits (1 to 64) at bit `offset` of `p`, at the low end of the result.
uint64_t bits_at(const uint8_t* p, size_t offset, size_t count) {
    p += offset / 8;
    const size_t shift = offset % 8;
    const size_t bytes = (shift + count + 7) / 8;
    if (bytes >= 8) {
        uint64_t v = load_be64(p) << shift;
        if (bytes == 9) v |= static_cast<uint64_t>(p[8]) >> (8 - shift);
        return v >> (64 - count);
    }
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; ++i) v = v << 8 | p[i];
    v >>= bytes * 8 - shift - count;
    return v & ((uint64_t{1} << count) - 1);
}

/// Replaces `count` bits (1 to 8, within one byte) at bit `shift` of *p.
void put_in_byte(uint8_t* p, size_t shift, size_t count, uint64_t bits) {
    const size_t below = 8 - shift - count;
    const auto mask = static_cast<uint8_t>(((1u << count) - 1) << below);
    *p = static_cast<uint8_t>((*p & ~mask) | (static_cast<uint8_t>(bits << below) & mask));
}

}  // namespace

BinaryData* BinaryData::create(size_t capacity, size_t slack) {
    if (capacity > SIZE_MAX / 2 || !may_have_binary(capacity)) return nullptr;
    void* block = try_allocate(sizeof(BinaryData) + capacity + slack);
    if (block == nullptr) return nullptr;
    account_binary(static_cast<ptrdiff_t>(sizeof(BinaryData) + capacity));
    const MemoryAccount* const payer = thread_account();
    auto* bytes = static_cast<uint8_t*>(block) + sizeof(BinaryData);
    return new (block) BinaryData{{1}, bytes, payer != nullptr ? payer->binary_keeper : nullptr, capacity};
}

void BinaryData::free_paid(BinaryData& data, MemoryAccount& payer) {
    const auto bytes = static_cast<ptrdiff_t>(sizeof(BinaryData) + data.capacity);
    MemoryAccount* const here = thread_account();
    if (here == &payer) {
        account_binary(-bytes);
    } else {
        transfer_memory(&payer, here, block_bytes(&data));
        payer.add_binaries(-bytes);  // last: `payer` may go when it has none left
    }
    release(&data);
}

BinaryData* BinaryData::create_in_pages(size_t capacity) {
    if (capacity > SIZE_MAX / 2) return nullptr;
    // Others pay for theirs by the block.
    if (const MemoryAccount* const payer = thread_account(); payer != nullptr && payer->binary_keeper != nullptr)
        return create(capacity);
    if (!may_have_binary(capacity)) return nullptr;
    const size_t size = sizeof(BinaryData) + capacity;
    void* block = allocate_pages(size);
    if (block == nullptr) return nullptr;
    account_binary(static_cast<ptrdiff_t>(size));
    static constexpr BinaryKeeper kPages = {[](BinaryData& data, const BinaryKeeper&) {
        const size_t whole = sizeof(BinaryData) + data.capacity;
        account_binary(-static_cast<ptrdiff_t>(whole));
        free_allocated_pages(&data, whole);
    }};
    return new (block) BinaryData{{1}, static_cast<uint8_t*>(block) + sizeof(BinaryData), &kPages, capacity};
}

void BinaryData::release_reference() {
    if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (keeper != nullptr) {
        keeper->free(*this, *keeper);
    } else {
        account_binary(-static_cast<ptrdiff_t>(sizeof(BinaryData) + capacity));
        release(this);
    }
}

void copy_bits(uint8_t* to, size_t to_offset, const uint8_t* from, size_t from_offset, size_t bits) {
    if (bits == 0) return;
    to += to_offset / 8;
    to_offset %= 8;
    if (to_offset != 0) {
        const size_t head = std::min(8 - to_offset, bits);
        put_in_byte(to, to_offset, head, bits_at(from, from_offset, head));
        ++to;
        from_offset += head;
        bits -= head;
    }
    if (from_offset % 8 == 0) {
        const uint8_t* source = from + from_offset / 8;
        const size_t bytes = bits / 8;
        if (bytes != 0) std::memcpy(to, source, bytes);
        if (bits % 8 != 0) put_in_byte(to + bytes, 0, bits % 8, source[bytes] >> (8 - bits % 8));
        return;
    }
    const size_t shift = from_offset % 8;
    const uint8_t* source = from + from_offset / 8;
    for (; bits >= 64; bits -= 64, source += 8, to += 8) {
        store_be64(to, load_be64(source) << shift | static_cast<uint64_t>(source[8]) >> (8 - shift));
    }
    for (; bits >= 8; bits -= 8, ++source, ++to) {
        *to = static_cast<uint8_t>(source[0] << shift | source[1] >> (8 - shift));
    }
    if (bits != 0) put_in_byte(to, 0, bits, bits_at(source, shift, bits));
}

/// As memcmp, without its call for what is short: the first word and the last, which may have bytes in common.
static int compare_bytes(const uint8_t* a, const uint8_t* b, size_t count) {
    const auto order_of = [](uint64_t x, uint64_t y) { return x == y ? 0 : x < y ? -1 : 1; };
    if (count > 16) return std::memcmp(a, b, count);
    if (count >= 8) {
        const int order = order_of(load_be64(a), load_be64(b));
        if (order != 0) return order;
        return order_of(load_be64(a + count - 8), load_be64(b + count - 8));
    }
    if (count >= 4) {
        const auto ends = [count](const uint8_t* at) {
            return uint64_t{load_be32(at)} << 32 | load_be32(at + count - 4);
        };
        return order_of(ends(a), ends(b));
    }
    for (size_t i = 0; i < count; ++i) {
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

int compare_bits(BitsView a, BitsView b) {
    size_t left = std::min(a.size, b.size);
    size_t done = 0;
    if (a.is_aligned() && b.is_aligned()) {
        const size_t bytes = left / 8;
        if (const int order = compare_bytes(a.bytes(), b.bytes(), bytes); order != 0) return order;
        done = bytes * 8;
        left -= done;
    }
    while (left > 0) {
        const size_t n = std::min<size_t>(left, 64);
        const uint64_t x = bits_at(a.base, a.offset + done, n);
        const uint64_t y = bits_at(b.base, b.offset + done, n);
        if (x != y) return x < y ? -1 : 1;
        done += n;
        left -= n;
    }
    return a.size == b.size ? 0 : a.size < b.size ? -1 : 1;
}

bool equal_bits(BitsView a, BitsView b) { return a.size == b.size && compare_bits(a, b) == 0; }

const uint8_t* aligned_bytes(BitsView v, uint8_t* scratch) {
    if (v.is_aligned()) return v.bytes();
    if (v.size % 8 != 0) scratch[v.size / 8] = 0;
    copy_bits(scratch, 0, v.base, v.offset, v.size);
    return scratch;
}

}  // namespace lintel
