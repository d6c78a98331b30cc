/// Construction of bit strings with bs_create_bin, and appending.
///
/// bs_create_bin goes over its segments twice: once for sizes, once to write. The order of checks is erl's: the first pass
/// looks at sizes, at binaries of size `all`, and at values of utf32 segments; then the binary to be appended to; the second
/// pass looks at everything else. The first complaint wins.
///
/// Appending. A result of up to 64 bytes is a new heap binary: a loop that adds bytes to a short binary copies a few words a
/// time. A longer one is a sub_binary of a refc_binary with kWritable: its block has spare room, of which the next append through the
/// same handle takes some. Invariants:
///
///  1. At most one handle of a block has kWritable. Only it may write, and only behind its used_bits().
///  2. A bit string may be appended to in place only if it ends where the handle's used bits end. A second append to an
///     older value finds the handle grown, and copies.
///  3. A writable handle is never a term by itself, since its size grows under it (term/bits.h).
///  4. Two writers never share a byte with a reader: if the used bits end within a byte and another handle (maybe of another
///     process) refers to the block, the append copies.
///
/// When the room is used up the block is replaced by one of twice the size, so a byte costs constant time on average. The handle is
/// moved to the new block, and the old one freed at once, unless somebody may have its address: another handle, or a
/// match context (kMatched).

#include "term/atom.h"
#include "vm/runtime_bs_p.h"

namespace lintel {
namespace {

constexpr size_t kLeastCapacity = 256;
/// Body words of a heap binary that has all the room a heap binary can have; see bs_init_writable.
constexpr size_t kRoomyWords = kMaxHeapBinaryBytes / kWordBytes;

inline Term make_sub(ExecState& p, Term of, size_t offset, size_t bits) {
    auto heap = p.reserve(kSubBinaryWords);
    Word* w = heap.raw(kSubBinaryWords);
    w[0] = make_header(Kind::sub_binary, kSubBinaryWords - 1);
    w[1] = of.word();
    w[2] = offset;
    w[3] = bits;
    return Term::boxed(w);
}

/// A new writable handle for `bits` bits, with a sub_binary for all of them.
BitTarget new_writable(ExecState& p, size_t bits, size_t capacity) {
    BinaryData* data = BinaryData::create(capacity);
    if (data == nullptr) return {};
    BitTarget target;
    auto heap = p.reserve(kRefcBinaryWords);
    const Term handle = heap.refc_binary(data, bytes_for_bits(bits), RefcBinary::kWritable | RefcBinary::kActiveWriter);
    reinterpret_cast<RefcBinary*>(handle.boxed_words())->set_used_bits(bits);
    target.base = data->bytes;
    target.result = make_sub(p, handle, 0, bits);
    return target;
}

/// Gives `refc`, which is at its capacity's end, a block with room for `bits` bits.
bool move_to_larger_block(ExecState& p, RefcBinary* refc, size_t bits) {
    p.registers->writer = {};  // may point at the old block, if the code is wrong
    BinaryData* data = BinaryData::create(2 * bytes_for_bits(bits));
    if (data == nullptr) return false;
    memcpy(data->bytes, refc->data->bytes, refc->bytes);
    refc->data->release_reference();
    refc->data = data;
    return true;
}

/// Appends to the room behind `old`, if `old` is a sub_binary of a writable handle and ends where that ends.
inline bool append_in_place(ExecState& p, Term old, size_t extra, bool is_private, BitTarget* target) {
    if (!old.is_kind(Kind::sub_binary)) return false;
    auto* sub = reinterpret_cast<SubBinary*>(old.boxed_words());
    auto* refc = reinterpret_cast<RefcBinary*>(sub->of.boxed_words());
    if (header_kind(refc->header) != Kind::refc_binary || (refc->flags & RefcBinary::kWritable) == 0) return false;
    const size_t used = sub->offset_bits + sub->size_bits;
    if (used != refc->used_bits()) return false;
    const size_t end = used + extra;
    const bool fits = bytes_for_bits(end) <= refc->data->capacity;
    if (LINTEL_UNLIKELY(!fits || used % 8 != 0)) {
        const bool alone = refc->data->references.load(std::memory_order_acquire) == 1;
        if (!alone) return false;
        if (!fits) {
            if ((refc->flags & RefcBinary::kMatched) != 0 || sub->offset_bits != 0) return false;
            if (!move_to_larger_block(p, refc, end)) return false;
        }
    }
    target->base = refc->data->bytes;
    target->position = used;
    target->grown = refc;
    target->grown_from = used;
    p.heap.off_heap.bytes += extra / 8;  // a measure of garbage, corrected by each collection
    refc->set_used_bits(end);
    refc->flags |= RefcBinary::kActiveWriter;
    if (is_private && bs_is_own(p, old.boxed_words())) {
        sub->size_bits += extra;
        target->widened = sub;
        target->result = old;
    } else {
        target->result = make_sub(p, sub->of, sub->offset_bits, sub->size_bits + extra);
    }
    return true;
}

}  // namespace

BitTarget new_bit_target(ExecState& p, size_t bits) {
    BitTarget target;
    const size_t bytes = bytes_for_bits(bits);
    Term whole;
    if (LINTEL_LIKELY(bytes <= kMaxHeapBinaryBytes)) {
        const size_t words = words_for_bytes(bytes);
        auto heap = p.reserve(1 + words);
        Word* w = heap.raw(1 + words);
        if (words != 0) w[words] = 0;
        w[0] = make_header(Kind::heap_binary, words, static_cast<uint32_t>(bytes));
        target.base = reinterpret_cast<uint8_t*>(w + 1);
        whole = Term::boxed(w);
    } else {
        BinaryData* data = BinaryData::create(bytes);
        if (data == nullptr) return target;
        auto heap = p.reserve(kRefcBinaryWords);
        whole = heap.refc_binary(data, bytes);
        target.base = data->bytes;
    }
    target.result = bits % 8 == 0 ? whole : make_sub(p, whole, 0, bits);
    return target;
}

HeapAppend bs_append_in_heap(ExecState& p, Term binary, size_t bytes, bool is_private) {
    Word* const old = binary.boxed_words();
    const size_t old_bytes = header_aux(*old), all = old_bytes + bytes;
    if (all > kMaxHeapBinaryBytes) return {};
    Word* w = old;
    size_t words = header_size(*old);
    if (!is_private || words != kRoomyWords || !bs_is_own(p, old)) {
        words = words_for_bytes(all);
        auto heap = p.reserve(1 + words);
        w = heap.raw(1 + words);
        w[words] = 0;
        for (size_t k = 1; k <= words_for_bytes(old_bytes); ++k) w[k] = old[k];
    }
    *w = make_header(Kind::heap_binary, words, static_cast<uint32_t>(all));
    return {reinterpret_cast<uint8_t*>(w + 1) + old_bytes, Term::boxed(w)};
}

Term bs_try_append_utf8(ExecState& p, Term binary, size_t unit, bool is_private, Term code_point) {
    uint8_t bytes[4];
    const size_t count = utf8_bytes_of(code_point, bytes);
    return count == 0 ? Term::none() : bs_try_append_bytes(p, binary, unit, is_private, bytes, count);
}

BitTarget append_target(ExecState& p, Term old, size_t old_bits, size_t extra, bool is_private) {
    BitTarget target;
    if (LINTEL_UNLIKELY(extra == 0)) {
        // The same term as it is, to which nothing is written.
        target.base = reinterpret_cast<uint8_t*>(old.boxed_words());
        target.result = old;
        return target;
    }
    if (LINTEL_LIKELY(append_in_place(p, old, extra, is_private, &target))) return target;
    const size_t bits = old_bits + extra;
    const size_t bytes = bytes_for_bits(bits);
    if (bytes <= kMaxHeapBinaryBytes && (!is_private || bits % 8 == 0)) {
        if (extra % 8 == 0 && extra != 0 && old.is_kind(Kind::heap_binary)) {
            const HeapAppend longer = bs_append_in_heap(p, old, extra / 8, is_private);
            target.base = longer.at;
            target.result = longer.result;
            return target;
        }
        target = new_bit_target(p, bits);
    } else {
        target = new_writable(p, bits, 2 * bytes < kLeastCapacity ? kLeastCapacity : 2 * bytes);
    }
    if (target.base == nullptr) return target;
    charge_for_bits(p, old_bits);
    put_binary_bits(target.base, 0, old_bits, old);
    target.position = old_bits;
    return target;
}

void take_back(const BitTarget& target) {
    if (target.grown == nullptr) return;
    target.grown->set_used_bits(target.grown_from);
    if (target.widened != nullptr) target.widened->size_bits = target.grown_from - target.widened->offset_bits;
}

Term bs_init_writable(ExecState& p, Term size) {
    const int64_t hint = size.is_small() ? size.to_small() : 0;
    if (hint > static_cast<int64_t>(kLeastCapacity) && hint < (int64_t{1} << 32)) {
        const BitTarget target = new_writable(p, 0, static_cast<size_t>(hint));
        if (target.base != nullptr) return target.result;
    }
    auto heap = p.reserve(1 + kRoomyWords);
    Word* w = heap.raw(1 + kRoomyWords);
    w[0] = make_header(Kind::heap_binary, kRoomyWords, 0);
    for (size_t i = 1; i <= kRoomyWords; ++i) w[i] = 0;
    return Term::boxed(w);
}

// ---- bs_create_bin --------------------------------------------------------------------------------------------------

namespace {

using Segment = BinSegment;
using Type = BinSegment::Type;

Term type_name(Type type) {
    switch (type) {
        case Type::integer: return am::integer();
        case Type::float_: return am::float_();
        case Type::utf8: return am::utf8();
        case Type::utf16: return am::utf16();
        case Type::utf32: return am::utf32();
        default: return am::binary();
    }
}

/// Sizes of fewer than 2^32 units: all but the low 32 bits of the number are zero.
constexpr Word kSizeMaskOfUsual = ~(Word{0xffffffff} << kTagBits);

/// Raises `reason` with an error_info map as erl_erts_errors:format_bs_fail/2 reads it.
Term fail(ExecState& p, Term reason, size_t number, Term type, Term error, Term value) {
    auto heap = p.reserve(tuple_words(4) + tuple_words(3) + 5);
    const Term cause = heap.tuple(Term::small(static_cast<int64_t>(number)), type, error, value);
    const Term keys = heap.tuple(am::cause(), am::function(), am::module());
    Word* map = heap.raw(5);
    map[0] = make_header(Kind::map_flat, 4);
    map[1] = keys.word();
    map[2] = cause.word();
    map[3] = am::format_bs_fail().word();
    map[4] = am::erl_erts_errors().word();
    p.error(reason);
    p.error_info = Term::boxed(map);
    return Term::none();
}

Term fail(ExecState& p, const Segment& s, Term reason, Term error, Term value) {
    return fail(p, reason, s.number, type_name(s.type), error, value);
}

Term fail(ExecState& p, const Segment& s, PutStatus status, size_t bits) {
    switch (status) {
        case PutStatus::bad_size:
            return fail(p, s, am::badarg(), am::invalid(), Term::small(static_cast<int64_t>(bits)));
        case PutStatus::no_float: return fail(p, s, am::badarg(), am::no_float(), s.value);
        case PutStatus::too_short: return fail(p, s, am::badarg(), am::short_(), s.value);
        case PutStatus::bad_unit: return fail(p, s, am::badarg(), am::unit(), s.value);
        default: return fail(p, s, am::badarg(), am::type(), s.value);
    }
}

/// Bits of a segment with a size operand; false: raised.
bool sized_bits(ExecState& p, const Segment& s, size_t* bits) {
    if (LINTEL_LIKELY(bs_field_bits(s.size, s.unit, bits) && *bits <= kMaxBitStringBits)) return true;
    const bool too_large =
        s.size.is_small() ? s.size.to_small() >= 0 : s.size.is_bignum() && (header_aux(s.size.header()) & 1) == 0;
    fail(p, s, too_large ? am::system_limit() : am::badarg(), am::size(), s.size);
    return false;
}

/// Bits of a binary that is put in as a whole; false: raised. Whether they are a multiple of the unit is asked last of all but
/// for what is appended to.
bool all_bits(ExecState& p, const Segment& s, size_t* bits) {
    const BitsView v = as_bits(s.value);
    if (!v) {
        fail(p, s, PutStatus::bad_type, 0);
        return false;
    }
    if (s.type != Type::binary && !bs_is_multiple(v.size, s.unit)) {
        fail(p, s, PutStatus::bad_unit, 0);
        return false;
    }
    *bits = v.size;
    return true;
}

/// First pass, one segment. False: raised.
bool segment_bits(ExecState& p, const Segment& s, size_t* bits) {
    switch (s.type) {
        case Type::integer:
        case Type::float_: return sized_bits(p, s, bits);
        case Type::binary: return s.size.is_none() ? all_bits(p, s, bits) : sized_bits(p, s, bits);
        case Type::string: *bits = s.string_bytes * 8; return true;
        case Type::utf8: *bits = utf8_size_of(s.value) * 8; return true;
        case Type::utf16: *bits = utf16_size_of(s.value) * 8; return true;
        case Type::utf32: {
            uint8_t scratch[4];
            *bits = 32;
            if (utf32_bytes_of(s.value, s.flags, scratch) != 0) return true;
            fail(p, s, PutStatus::bad_type, 0);
            return false;
        }
        case Type::append:
        case Type::private_append: break;
    }
    *bits = 0;
    return true;
}

/// Second pass, one segment of `bits` bits. False: raised.
bool write_segment(ExecState& p, const Segment& s, uint8_t* base, size_t position, size_t bits) {
    PutStatus status = PutStatus::ok;
    switch (s.type) {
        case Type::integer:
            if (LINTEL_LIKELY(s.value.is_integer())) {
                write_integer(base, position, bits, s.flags, s.value);
            } else {
                status = PutStatus::bad_type;
            }
            break;
        case Type::float_: status = put_float_bits(base, position, bits, s.flags, s.value); break;
        case Type::binary:
            if (LINTEL_UNLIKELY(s.size.is_none() && !bs_is_multiple(bits, s.unit))) {
                status = PutStatus::bad_unit;
            } else {
                status = put_binary_bits(base, position, bits, s.value);
            }
            break;
        case Type::string: write_byte_run(base, position, s.string, s.string_bytes); break;
        case Type::utf8:
        case Type::utf16:
        case Type::utf32: {
            uint8_t bytes[4];
            const size_t n = s.type == Type::utf8    ? utf8_bytes_of(s.value, bytes)
                             : s.type == Type::utf16 ? utf16_bytes_of(s.value, s.flags, bytes)
                                                     : utf32_bytes_of(s.value, s.flags, bytes);
            if (n == 0) {
                status = PutStatus::bad_type;
            } else {
                write_byte_run(base, position, bytes, n);
            }
            break;
        }
        case Type::append:
        case Type::private_append: break;
    }
    if (LINTEL_LIKELY(status == PutStatus::ok)) return true;
    fail(p, s, status, bits);
    return false;
}

}  // namespace

Term bs_create_bin(ExecState& p, const BinSegment* segments, size_t count) {
    const bool appends = count != 0 && (segments[0].type == Type::append || segments[0].type == Type::private_append);
    const size_t first = appends ? 1 : 0;
    constexpr size_t kKept = 16;
    size_t kept[kKept];  // bits of the first segments: most have fewer
    size_t total = 0;
    for (size_t i = first; i < count; ++i) {
        const Segment& s = segments[i];
        size_t bits;
        if (LINTEL_LIKELY(s.type == Type::integer && (s.size.word() & kSizeMaskOfUsual) == Term::small(0).word())) {
            bits = static_cast<size_t>(s.size.to_small()) * s.unit;
        } else if (LINTEL_UNLIKELY(!segment_bits(p, s, &bits))) {
            return Term::none();
        }
        if (i < kKept) kept[i] = bits;
        total += bits;
        if (LINTEL_UNLIKELY(total > kMaxBitStringBits)) {
            return fail(p, am::system_limit(), 0, am::binary(), am::binary(), am::size());
        }
    }
    BitTarget target;
    if (appends) {
        size_t old_bits = 0;
        if (LINTEL_UNLIKELY(!all_bits(p, segments[0], &old_bits))) return Term::none();
        // Sizes that are worked out again must not see the binary grown: in wrong code it may be a segment, too.
        const bool is_private = segments[0].type == Type::private_append && count <= kKept;
        target = append_target(p, segments[0].value, old_bits, total, is_private);
    } else {
        target = new_bit_target(p, total);
    }
    if (LINTEL_UNLIKELY(target.base == nullptr)) {
        return fail(p, am::system_limit(), 0, am::binary(), am::binary(), am::size());
    }
    size_t position = target.position;
    for (size_t i = first; i < count; ++i) {
        size_t bits;
        if (LINTEL_LIKELY(i < kKept)) {
            bits = kept[i];
        } else {
            segment_bits(p, segments[i], &bits);
        }
        const Segment& s = segments[i];
        if (LINTEL_LIKELY(s.type == Type::integer && s.value.is_small() && bits - 1 < 64 && !bs_is_little(s.flags))) {
            const auto v = static_cast<uint64_t>(s.value.to_small());
            if (bits == 8 && position % 8 == 0) {
                target.base[position / 8] = static_cast<uint8_t>(v);
            } else {
                write_bits(target.base, position, static_cast<unsigned>(bits), v);
            }
        } else if (LINTEL_UNLIKELY(!write_segment(p, s, target.base, position, bits))) {
            take_back(target);
            return Term::none();
        }
        position += bits;
    }
    charge_for_bits(p, total);
    return target.result;
}

}  // namespace lintel
