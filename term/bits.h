#pragma once
/// Bit strings: where their bits are, whatever the kind of term.
///
/// heap_binary   [header, aux = bytes][data…]                       up to 64 bytes, moves with the heap
/// refc_binary   [header][BinaryData*][link][bytes][flags]          data outside the heap, reference-counted
/// sub_binary    [header][of: heap_binary or refc_binary][offset, bits][size, bits]
/// match_context [header][of][base][position][end][start][saved…]   a sub_binary being read; never seen by Erlang code

#include <atomic>

#include "base/memory_account.h"
#include "term/term.h"

namespace lintel {

/// Bytes of a reference-counted binary. Any thread may retain and release it.
struct BinaryData {
    std::atomic<size_t> references;
    uint8_t* bytes;  ///< the data; inside this block, or foreign
    /// Frees the bytes and this block; nullptr: they are in this block, and the VM's.
    const BinaryKeeper* keeper;
    /// Bytes that `bytes` has room for. Last, since native drivers see it before the data: stdlib/driver/binaries.h.
    size_t capacity;

    /// A new block with one reference, data not initialised; nullptr when out of memory.
    static BinaryData* create(size_t capacity) { return create(capacity, 0); }
    /// The same with some bytes more than it says, for native libraries to fill: those that end a text with a NUL behind it work on OTP, whose binaries have
    /// that, too.
    static BinaryData* create_with_slack(size_t capacity) { return create(capacity, kSlackBytes); }
    /// The same in pages of its own, which go straight back to the system: for what comes in all sizes and soon goes, such as files of code,
    /// of which an allocator would keep one block of each size.
    static BinaryData* create_in_pages(size_t capacity);
    void retain() { references.fetch_add(1, std::memory_order_relaxed); }
    void release_reference();

    /// BinaryKeeper::free for a binary in one block that `payer` pays for.
    static void free_paid(BinaryData& data, MemoryAccount& payer);

private:
    static constexpr size_t kSlackBytes = 31;
    static BinaryData* create(size_t capacity, size_t slack);
};

/// Body words of a refc_binary handle.
struct RefcBinary {
    Word header;
    BinaryData* data;
    Word* next_off_heap;  ///< next object (its header word) in the owner's off-heap list
    Word bytes;           ///< size of this binary; at most data->capacity
    Word flags;
    /// Set when bytes after `bytes` may be written by the next append through this very handle. Its size then grows, so such
    /// a handle is reached through sub_binaries and match contexts only, and never a term by itself; a copy of it (another
    /// process, a literal area) has no flags.
    static constexpr Word kWritable = 1;
    /// Set while the last append is still the only user (see docs/design/binaries.md).
    static constexpr Word kActiveWriter = 2;
    /// Set once a match context has the address of the data: an append that needs a larger block makes a new handle.
    static constexpr Word kMatched = 4;
    /// With kWritable: how many bits of the last byte are in use, 0 meaning all; three bits from here.
    static constexpr Word kLastBitsShift = 8;
    static constexpr Word kLastBitsMask = Word{7} << kLastBitsShift;

    size_t used_bits() const {
        const size_t last = (flags & kLastBitsMask) >> kLastBitsShift;
        return last == 0 ? bytes * 8 : bytes * 8 - 8 + last;
    }
    void set_used_bits(size_t bits) {
        bytes = bytes_for_bits(bits);
        flags = (flags & ~kLastBitsMask) | ((bits % 8) << kLastBitsShift);
    }
};
inline constexpr size_t kRefcBinaryWords = 5;
static_assert(sizeof(RefcBinary) == kRefcBinaryWords * kWordBytes);

struct SubBinary {
    Word header;
    Term of;
    Word offset_bits;
    Word size_bits;
};
inline constexpr size_t kSubBinaryWords = 4;
static_assert(sizeof(SubBinary) == kSubBinaryWords * kWordBytes);

struct MatchContext {
    Word header;
    Term of;                     ///< heap_binary or refc_binary
    const uint8_t* base;         ///< first byte of `of`; the collector renews it when `of` moves
    Word position;               ///< next bit to read, counted from base
    Word end;                    ///< first bit not to read
    Word start;                  ///< where the matched bit string begins
    __extension__ Word saved[];  ///< bs_save2 slots (files of OTP 21 and older)
};
inline constexpr size_t kMatchContextWords = 6;
static_assert(sizeof(MatchContext) == kMatchContextWords * kWordBytes);

/// A run of bits in memory.
struct BitsView {
    const uint8_t* base = nullptr;
    size_t offset = 0;  ///< first bit, counted from base; may be beyond the first byte
    size_t size = 0;    ///< number of bits

    explicit operator bool() const { return base != nullptr; }
    bool is_bytes() const { return size % 8 == 0; }
    bool is_aligned() const { return offset % 8 == 0; }
    /// First byte, if is_aligned().
    const uint8_t* bytes() const { return base + offset / 8; }
    size_t byte_size() const { return bytes_for_bits(size); }
};

/// The bits of a bit string term; empty (false) if `t` is none. Base is never null for a bit string, even of size 0.
inline BitsView as_bits(Term t) {
    if (!t.is_boxed()) return {};
    const Word* w = t.boxed_words();
    size_t offset = 0, size = SIZE_MAX;
    if (header_kind(*w) == Kind::sub_binary) {
        const auto* sub = reinterpret_cast<const SubBinary*>(w);
        offset = sub->offset_bits;
        size = sub->size_bits;
        w = sub->of.boxed_words();
    }
    if (header_kind(*w) == Kind::heap_binary)
        return {reinterpret_cast<const uint8_t*>(w + 1), offset, size != SIZE_MAX ? size : size_t{header_aux(*w)} * 8};
    if (header_kind(*w) != Kind::refc_binary) return {};
    const auto* handle = reinterpret_cast<const RefcBinary*>(w);
    return {handle->data->bytes, offset, size != SIZE_MAX ? size : handle->bytes * 8};
}
/// As as_bits, but empty unless the size is a whole number of bytes.
inline BitsView as_binary(Term t) {
    BitsView v = as_bits(t);  // one variable: a copy of it would read what has just been written in other pieces
    if (!v.is_bytes()) v = {};
    return v;
}

/// Copies `bits` bits; unaligned on both sides; bits of the last destination byte outside the run are kept.
void copy_bits(uint8_t* to, size_t to_offset, const uint8_t* from, size_t from_offset, size_t bits);
/// <0, 0, >0 by content, as Erlang orders bit strings: bit by bit, a prefix is smaller.
int compare_bits(BitsView a, BitsView b);
bool equal_bits(BitsView a, BitsView b);
/// Whole bytes of `v` at a byte boundary: `v.bytes()` if aligned, else copied into `scratch` (which must have
/// byte_size() bytes). Bits after the end of a last partial byte are zero only when copied.
const uint8_t* aligned_bytes(BitsView v, uint8_t* scratch);

}  // namespace lintel
