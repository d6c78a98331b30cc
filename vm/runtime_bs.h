#pragma once
/// Slow paths of the binary instructions: matching and construction of bit strings. Interpreter and JIT share them.
///
/// None of them collects: they take their words with ExecState::reserve, which falls back to a fragment. An engine that
/// wants results in the block makes room before the call; the k…Words constants say how much. A non-value result is
/// either "does not match" (matching; nothing is set in `p`) or "raised" (construction; the exception is set).
/// vm/runtime_bs_match.cpp and vm/runtime_bs_build.cpp tell how they work.

#include "vm/bit_access.h"
#include "vm/exec_state.h"

namespace lintel {

/// Flags of segments, as the code files have them.
enum BsFlags : uint8_t { kBsAligned = 1, kBsLittle = 2, kBsSigned = 4, kBsNative = 16 };

inline bool bs_is_little(unsigned flags) {
    if constexpr (std::endian::native == std::endian::little) return (flags & (kBsLittle | kBsNative)) != 0;
    return (flags & kBsLittle) != 0;
}

// ---- matching -------------------------------------------------------------------------------------------------------

/// Words that bs_start_match may take.
constexpr size_t bs_start_match_words(size_t save_slots) { return kMatchContextWords + save_slots; }
/// Words that bs_get_binary, bs_get_tail and bs_context_to_binary take at most.
inline constexpr size_t kBsGetBinaryWords = 4;
/// A part of a bit string of up to so many bytes, whole ones, is copied: a heap binary of them is no larger than a sub_binary.
inline constexpr size_t kBsCopyBytes = (kSubBinaryWords - 1) * kWordBytes;
/// Words that bs_get_integer takes at most.
constexpr size_t bs_get_integer_words(size_t bits) { return bits < 60 ? 0 : 2 + bits / 64; }

inline MatchContext* as_match_context(Term t) {
    return t.is_kind(Kind::match_context) ? reinterpret_cast<MatchContext*>(t.boxed_words()) : nullptr;
}
inline size_t bs_bits_left(const MatchContext* c) { return c->end - c->position; }

/// bs_start_match2, 3, 4: a match context over `bits`. A bit string gives a new one; a match context gives itself (a larger
/// copy if it has fewer save slots), its start moved to its position. Anything else: the non-value.
Term bs_start_match(ExecState& p, Term bits, size_t save_slots);

/// Size of a field: `size` (any term) times `unit` in bits. False if no field can have that size: no integer, negative, or
/// larger than any bit string.
inline bool bs_field_bits(Term size, size_t unit, size_t* bits) {
    if (LINTEL_UNLIKELY(!size.is_small() || size.to_small() < 0)) return false;
    return !__builtin_mul_overflow(static_cast<size_t>(size.to_small()), unit, bits);
}

/// bs_get_integer2: an integer of `bits` bits; any size. On success the context has moved on.
Term bs_get_integer(ExecState& p, MatchContext* c, size_t bits, unsigned flags);
/// bs_get_float2: 16, 32 or 64 bits; another size, an infinity or a NaN does not match.
Term bs_get_float(ExecState& p, MatchContext* c, size_t bits, unsigned flags);
/// bs_get_binary2: the next `bits` bits.
Term bs_get_binary(ExecState& p, MatchContext* c, size_t bits);
/// bs_get_binary2 with size `all`: the rest, if its size is a multiple of `unit`.
Term bs_get_binary_all(ExecState& p, MatchContext* c, size_t unit);
/// bs_get_tail: the rest; always matches and leaves the context as it is.
Term bs_get_tail(ExecState& p, const MatchContext* c);
/// bs_context_to_binary: what was being matched, from the context's start.
Term bs_context_to_binary(ExecState& p, const MatchContext* c);

/// bs_skip_bits2.
inline bool bs_skip(MatchContext* c, size_t bits) {
    if (bits > bs_bits_left(c)) return false;
    c->position += bits;
    return true;
}
/// bs_test_tail2: exactly `bits` bits are left.
inline bool bs_test_tail(const MatchContext* c, size_t bits) { return bs_bits_left(c) == bits; }
/// `bits` is a multiple of `unit` (not zero), which mostly is a power of two.
inline bool bs_is_multiple(size_t bits, size_t unit) {
    return LINTEL_LIKELY((unit & (unit - 1)) == 0) ? (bits & (unit - 1)) == 0 : bits % unit == 0;
}
/// bs_test_unit: what is left is a multiple of `unit`.
inline bool bs_test_unit(const MatchContext* c, size_t unit) { return bs_is_multiple(bs_bits_left(c), unit); }
/// bs_match_string: the next `bits` bits equal those at `string`.
bool bs_match_string(MatchContext* c, const uint8_t* string, size_t bits);

/// bs_get_utf8, bs_get_utf16, bs_get_utf32: a code point as a small integer.
Term bs_get_utf8_slow(MatchContext* c);
Term bs_get_utf16(MatchContext* c, unsigned flags);
Term bs_get_utf32(MatchContext* c, unsigned flags);
inline Term bs_get_utf8(MatchContext* c) {
    if (LINTEL_LIKELY(bs_bits_left(c) >= 8 && c->position % 8 == 0)) {
        const uint8_t byte = c->base[c->position / 8];
        if (LINTEL_LIKELY(byte < 0x80)) {
            c->position += 8;
            return Term::small(byte);
        }
    }
    return bs_get_utf8_slow(c);
}
/// bs_skip_utf8, bs_skip_utf16, bs_skip_utf32.
inline bool bs_skip_utf8(MatchContext* c) { return bs_get_utf8(c).is_value(); }
inline bool bs_skip_utf16(MatchContext* c, unsigned flags) { return bs_get_utf16(c, flags).is_value(); }
inline bool bs_skip_utf32(MatchContext* c, unsigned flags) { return bs_get_utf32(c, flags).is_value(); }

/// bs_get_position, bs_set_position: a small integer. A position that the context cannot have (wrong code) becomes its end.
inline Term bs_get_position(const MatchContext* c) { return Term::small(static_cast<int64_t>(c->position)); }
inline void bs_set_position(MatchContext* c, Term position) {
    const Word bit = position.is_small() ? static_cast<Word>(position.to_small()) : c->end;
    c->position = bit <= c->end ? bit : c->end;
}
/// bs_save2, bs_restore2 with a slot number. Slots that the context does not have are ignored (wrong code).
void bs_save(MatchContext* c, size_t slot);
void bs_restore(MatchContext* c, size_t slot);
/// bs_restore2 with `start`. (bs_save2 with `start` has no effect beyond what bs_start_match does.)
inline void bs_restore_start(MatchContext* c) { c->position = c->start; }

/// The usual fields: 8, 16 or 32 bits, unsigned, big-endian. Never allocates.
template <unsigned kBits>
inline Term bs_get_unsigned(MatchContext* c) {
    static_assert(kBits == 8 || kBits == 16 || kBits == 32);
    if (LINTEL_UNLIKELY(bs_bits_left(c) < kBits)) return Term::none();
    const size_t position = c->position;
    c->position = position + kBits;
    if (LINTEL_UNLIKELY(position % 8 != 0)) {
        return Term::small(static_cast<int64_t>(read_bits(c->base, position, kBits)));
    }
    const uint8_t* at = c->base + position / 8;
    if constexpr (kBits == 8) return Term::small(*at);
    if constexpr (kBits == 16) return Term::small(load_big_endian<uint16_t>(at));
    return Term::small(load_big_endian<uint32_t>(at));
}

// ---- construction, OTP 25 and later ---------------------------------------------------------------------------------

/// One segment of bs_create_bin.
struct BinSegment {
    enum class Type : uint8_t { integer, float_, binary, append, private_append, string, utf8, utf16, utf32 };
    Type type = Type::integer;
    uint16_t unit = 0;    ///< 1 to 256
    uint8_t flags = 0;    ///< BsFlags
    uint16_t number = 0;  ///< position in the source expression, from 1: for error messages
    Term value;           ///< not for string
    Term size;            ///< small integer, anything else (an error), or none: all of a binary; not for utf and string
    const uint8_t* string = nullptr;
    size_t string_bytes = 0;  ///< bytes of `string` to put in
};

/// Words that bs_create_bin and the bs_… functions below take at most when they succeed.
inline constexpr size_t kBsCreateBinWords = 1 + kMaxHeapBinaryBytes / kWordBytes + kSubBinaryWords;

/// bs_create_bin: the bit string of `count` segments; an append or private_append segment can only be the first.
/// Raises badarg or system_limit with error_info as erl_erts_errors:format_bs_fail/2 reads it.
Term bs_create_bin(ExecState& p, const BinSegment* segments, size_t count);

/// Where a heap binary's bytes go on that is to have `bytes` more, and the result; {} if it would be none. A private append may change it where it is.
struct HeapAppend {
    uint8_t* at = nullptr;
    Term result;
};
HeapAppend bs_append_in_heap(ExecState& p, Term binary, size_t bytes, bool is_private);

/// `words` are in the young heap of the process itself (so nobody else sees them, and they are no literal).
inline bool bs_is_own(const ExecState& p, const void* words) { return words >= p.heap.start && words < p.heap.htop; }

/// Appends `bits` bits, which write(block, position) writes.
template <typename F>
Term bs_try_append_with(ExecState& p, Term binary, size_t unit, bool is_private, size_t bits, F write) {
    if (!binary.is_kind(Kind::sub_binary)) {
        if (!binary.is_kind(Kind::heap_binary) || bits % 8 != 0) return Term::none();
        if (!bs_is_multiple(size_t{header_aux(binary.header())} * 8, unit)) return Term::none();
        const HeapAppend longer = bs_append_in_heap(p, binary, bits / 8, is_private);
        if (longer.at != nullptr) write(longer.at, 0);
        return longer.result;
    }
    auto* sub = reinterpret_cast<SubBinary*>(binary.boxed_words());
    auto* refc = reinterpret_cast<RefcBinary*>(sub->of.boxed_words());
    if (header_kind(refc->header) != Kind::refc_binary) return Term::none();
    const size_t used = sub->offset_bits + sub->size_bits;
    if ((refc->flags & RefcBinary::kWritable) == 0 || used != refc->used_bits() ||
        !bs_is_multiple(sub->size_bits, unit))
        return Term::none();
    // No byte is shared with another reader; see vm/runtime_bs_build.cpp.
    if (used % 8 != 0 && refc->data->references.load(std::memory_order_acquire) != 1) return Term::none();
    const size_t end = used + bits, bytes = bytes_for_bits(end);
    if (bytes > refc->data->capacity) return Term::none();
    write(refc->data->bytes, used);
    p.heap.off_heap.bytes += bytes - refc->bytes;
    refc->set_used_bits(end);
    refc->flags |= RefcBinary::kActiveWriter;
    if (is_private && bs_is_own(p, sub)) {
        sub->size_bits += bits;
        return binary;
    }
    auto heap = p.reserve(kSubBinaryWords);
    Word* w = heap.raw(kSubBinaryWords);
    w[0] = make_header(Kind::sub_binary, kSubBinaryWords - 1);
    w[1] = sub->of.word();
    w[2] = sub->offset_bits;
    w[3] = sub->size_bits + bits;
    return Term::boxed(w);
}
/// The usual bs_create_bin, <<Binary/binary, Value:Bits>>, without its array of segments: the low `bits` (1 to 64) of `value`, big-endian.
/// The non-value, nothing raised and nothing changed, if Binary cannot grow in place or something is unusual: then
/// bs_create_bin does it. `binary` may be any term. kBsCreateBinWords.
inline Term bs_try_append(ExecState& p, Term binary, size_t unit, bool is_private, uint64_t value, unsigned bits) {
    return bs_try_append_with(p, binary, unit, is_private, bits,
                              [&](uint8_t* block, size_t position) { write_bits(block, position, bits, value); });
}
/// The same of whole bytes.
inline Term bs_try_append_bytes(ExecState& p, Term binary, size_t unit, bool is_private, const uint8_t* bytes,
                                size_t count) {
    return bs_try_append_with(p, binary, unit, is_private, 8 * count,
                              [&](uint8_t* block, size_t position) { memcpy(block + position / 8, bytes, count); });
}
/// The same of one code point, <<Binary/binary, CodePoint/utf8>>, if it is one.
Term bs_try_append_utf8(ExecState& p, Term binary, size_t unit, bool is_private, Term code_point);

// ---- construction, OTP 21 to 24 -------------------------------------------------------------------------------------
// bs_init2 / bs_init_bits / bs_append / bs_private_append make a bit string and point p.registers->writer at it; bs_put_…
// fill it from left to right. A put that does not fit (wrong code) raises badarg.

/// bs_init2 (unit 8) and bs_init_bits (unit 1): a new bit string of `size` units; raises badarg or system_limit.
Term bs_init(ExecState& p, Term size, size_t unit);
/// bs_add: a + b * unit, sizes; raises badarg (no size) or system_limit (too large).
Term bs_add(ExecState& p, Term a, Term b, size_t unit);
/// bs_append: `binary` (whose size must be a multiple of `unit`) and room for `size` bits more.
Term bs_append(ExecState& p, Term size, size_t unit, Term binary);
/// bs_private_append: as bs_append with a size in units; `binary` came from bs_init_writable or the last private append.
Term bs_private_append(ExecState& p, Term size, size_t unit, Term binary);
/// bs_init_writable: an empty binary to be appended to; `size` is a hint in bytes.
Term bs_init_writable(ExecState& p, Term size);
/// bs_put_integer, bs_put_float, bs_put_binary: size in units. False: raised.
bool bs_put_integer(ExecState& p, Term size, size_t unit, unsigned flags, Term value);
bool bs_put_float(ExecState& p, Term size, size_t unit, unsigned flags, Term value);
bool bs_put_binary(ExecState& p, Term size, size_t unit, Term value);
/// bs_put_binary with size `all`: `value`'s size must be a multiple of `unit`.
bool bs_put_binary_all(ExecState& p, size_t unit, Term value);
/// bs_put_string.
bool bs_put_string(ExecState& p, const uint8_t* bytes, size_t count);
/// bs_utf8_size, bs_utf16_size: bytes that the code point takes (4 for what is none; the put raises).
Term bs_utf8_size(Term code_point);
Term bs_utf16_size(Term code_point);
/// bs_put_utf8, bs_put_utf16, bs_put_utf32. False: raised badarg.
bool bs_put_utf8(ExecState& p, Term code_point);
bool bs_put_utf16(ExecState& p, Term code_point, unsigned flags);
bool bs_put_utf32(ExecState& p, Term code_point, unsigned flags);

// ---- writing values, for other floors -------------------------------------------------------------------------------

/// Writes the low `bits` bits of integer `value` (two's complement) at bit `position`, as write_bits does.
void write_integer(uint8_t* base, size_t position, size_t bits, unsigned flags, Term value);
/// The integer that `bits` bits at `position` are; non-value if larger than any integer may be. Any size.
Term read_integer(ExecState& p, const uint8_t* base, size_t position, size_t bits, unsigned flags);

}  // namespace lintel
