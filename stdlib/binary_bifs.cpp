/// BIFs of binaries: sizes, parts, and the module binary except searching.

#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "term/atom.h"
#include "term/views.h"
#include "vm/runtime_bs.h"

namespace lintel {
namespace {

/// Bytes that one reduction pays for, when they are copied or looked at.
constexpr size_t kBytesPerReduction = 1024;

Term make_size(ExecState& p, size_t n) { return Term::small(static_cast<int64_t>(n)); }

/// The bits at `offset` of `v`, `t`'s bits, as a term.
Term make_part(ExecState& p, Term t, size_t offset, size_t bits) {
    auto heap = p.reserve(kSubBinaryWords);
    return heap.sub_bits(t, offset, bits);
}

/// {Start, Length} as binary_part/3 has it: counted from 0, in bytes, the length may be negative.
Term part_of(ExecState& p, Term binary, Term start, Term length) {
    const BitsView v = as_bits(binary);
    if (!v || !start.is_small() || !length.is_small()) return p.badarg();
    const int64_t size = static_cast<int64_t>(v.size / 8);
    int64_t from = start.to_small(), n = length.to_small();
    if (from < 0 || from > size) return p.badarg();
    if (n < 0) {
        if (n < -from) return p.badarg();
        from += n;
        n = -n;
    } else if (n > size - from) {
        return p.badarg();
    }
    return make_part(p, binary, static_cast<size_t>(from) * 8, static_cast<size_t>(n) * 8);
}

/// List of the `count` bytes of `v` from byte `from`, before `tail`. list_words(count).
Term list_of_bytes(HeapBuilder& heap, BitsView v, size_t from, size_t count, Term tail) {
    if (count == 0) return tail;
    Word* w = heap.raw(list_words(count));
    const Term first = Term::cons(w);
    const size_t position = v.offset + from * 8;
    const uint8_t* bytes = v.base + position / 8;
    const bool aligned = position % 8 == 0;
    for (size_t i = 0; i < count; ++i, w += 2) {
        const uint64_t byte = aligned ? bytes[i] : read_bits(v.base, position + 8 * i, 8);
        w[0] = Term::small(static_cast<int64_t>(byte)).word();
        w[1] = Term::cons(w + 2).word();
    }
    w[-1] = tail.word();
    return first;
}

bool is_endianness(Term t) { return t == am::big() || t == am::little(); }

Term copies(ExecState& p, Term binary, size_t count) {
    const BytesArg bytes(binary);
    if (!bytes) return p.badarg();
    size_t total;
    if (__builtin_mul_overflow(bytes.size(), count, &total) || total > (size_t{1} << 47)) return p.system_limit();
    uint8_t* to;
    auto heap = p.reserve(binary_words(total));
    const Term result = heap.binary_of(total, &to);
    if (to == nullptr) return p.system_limit();
    p.charge(total / kBytesPerReduction);
    if (total == 0) return result;
    memcpy(to, bytes.data(), bytes.size());
    for (size_t done = bytes.size(); done < total;) {  // doubling what is there
        const size_t take = done < total - done ? done : total - done;
        memcpy(to + done, to, take);
        done += take;
    }
    return result;
}

Term decode_unsigned(ExecState& p, Term binary, unsigned flags) {
    const BitsView v = as_binary(binary);
    if (!v) return p.badarg();
    p.charge(v.size / 8 / kBytesPerReduction);
    const Term n = read_integer(p, v.base, v.offset, v.size, flags);
    return n.is_value() ? n : p.system_limit();
}

Term encode_unsigned(ExecState& p, Term integer, unsigned flags) {
    size_t bytes = 1;
    if (integer.is_small() && integer.to_small() >= 0) {
        const auto n = static_cast<uint64_t>(integer.to_small());
        if (n != 0) bytes = static_cast<size_t>(71 - std::countl_zero(n)) / 8;
    } else if (const auto big = as_bignum(integer); big && !big.negative()) {
        const auto limbs = big.limbs();
        bytes = limbs.size() * 8 - static_cast<size_t>(std::countl_zero(limbs.back())) / 8;
    } else {
        return p.badarg();
    }
    uint8_t* to;
    auto heap = p.reserve(binary_words(bytes));
    const Term result = heap.binary_of(bytes, &to);
    if (to == nullptr) return p.system_limit();
    p.charge(bytes / kBytesPerReduction);
    write_integer(to, 0, bytes * 8, flags, integer);
    return result;
}

/// Bytes that all binaries of the list have in common at their start or end.
enum class Side { start, end };
Term common_bytes(ExecState& p, Term list, Side side) {
    if (!list.is_cons()) return p.badarg();
    const BitsView first = as_binary(list.head());
    if (!first) return p.badarg();
    size_t common = first.size / 8;
    for (list = list.tail(); list.is_cons(); list = list.tail()) {
        const BitsView v = as_binary(list.head());
        if (!v) return p.badarg();
        const size_t most = v.size / 8 < common ? v.size / 8 : common;
        const size_t a = side == Side::start ? first.offset : first.offset + first.size;
        const size_t b = side == Side::start ? v.offset : v.offset + v.size;
        size_t same = 0;
        while (same < most) {
            const unsigned n = most - same < 8 ? static_cast<unsigned>(most - same) : 8;
            const size_t at = same * 8;
            const size_t x = side == Side::start ? a + at : a - at - 8 * n;
            const size_t y = side == Side::start ? b + at : b - at - 8 * n;
            const uint64_t differ = read_bits(first.base, x, 8 * n) ^ read_bits(v.base, y, 8 * n);
            if (differ == 0) {
                same += n;
                continue;
            }
            const int zeros = side == Side::start ? std::countl_zero(differ) - static_cast<int>(64 - 8 * n)
                                                  : std::countr_zero(differ);
            same += static_cast<size_t>(zeros) / 8;
            break;
        }
        p.charge(same / kBytesPerReduction + 1);
        common = same;
    }
    if (!list.is_nil()) return p.badarg();
    return make_size(p, common);
}

/// The bits of `t`, which compiled code may also have as a match context (since OTP 27): then of what is left to match.
BitsView bits_or_rest(Term t) {
    if (const MatchContext* c = as_match_context(t)) return {c->base, c->position, c->end - c->position};
    return as_bits(t);
}

}  // namespace

/// erlang:byte_size/1: bytes that hold the bits of Bitstring. Fails: badarg if it is none.
Term byte_size_1(ExecState& p, Args a) {
    const BitsView v = bits_or_rest(a[0]);
    return v ? make_size(p, v.byte_size()) : p.badarg();
}

/// erlang:bit_size/1. Fails: badarg.
Term bit_size_1(ExecState& p, Args a) {
    const BitsView v = bits_or_rest(a[0]);
    return v ? make_size(p, v.size) : p.badarg();
}

/// erlang:binary_part/2, binary:part/2: the part {Start, Length}. Fails: badarg if it is not inside.
Term binary_part_2(ExecState& p, Args a) {
    const auto part = as_tuple(a[1], 2);
    return part ? part_of(p, a[0], part[0], part[1]) : p.badarg();
}

/// erlang:binary_part/3, binary:part/3.
Term binary_part_3(ExecState& p, Args a) { return part_of(p, a[0], a[1], a[2]); }

/// erlang:split_binary/2: {First, Rest} with Pos bytes in First; Rest may end in a part of a byte. Fails: badarg.
Term split_binary_2(ExecState& p, Args a) {
    const BitsView v = as_bits(a[0]);
    if (!v || !a[1].is_small() || a[1].to_small() < 0) return p.badarg();
    const auto at = static_cast<size_t>(a[1].to_small());
    if (at > v.size / 8) return p.badarg();
    auto heap = p.reserve(2 * kSubBinaryWords + tuple_words(2));
    const Term first = heap.sub_bits(a[0], 0, at * 8);
    return heap.tuple(first, heap.sub_bits(a[0], at * 8, v.size - at * 8));
}

/// erlang:binary_to_list/1. Fails: badarg if not a binary.
Term binary_to_list_1(ExecState& p, Args a) {
    const BitsView v = as_binary(a[0]);
    if (!v) return p.badarg();
    const size_t bytes = v.size / 8;
    if (!may_reserve(p, list_words(bytes))) return p.system_limit();
    p.charge(bytes / kBytesPerReduction * 8);
    auto heap = p.reserve(list_words(bytes));
    return list_of_bytes(heap, v, 0, bytes, Term::nil());
}

/// erlang:binary_to_list/3: bytes Start to Stop, counted from 1. Fails: badarg.
Term binary_to_list_3(ExecState& p, Args a) {
    const BitsView v = as_bits(a[0]);
    if (!v || !a[1].is_small() || !a[2].is_small()) return p.badarg();
    const int64_t start = a[1].to_small(), stop = a[2].to_small();
    if (start < 1 || stop < start || stop > static_cast<int64_t>(v.size / 8)) return p.badarg();
    const auto count = static_cast<size_t>(stop - start + 1);
    if (!may_reserve(p, list_words(count))) return p.system_limit();
    p.charge(count / kBytesPerReduction * 8);
    auto heap = p.reserve(list_words(count));
    return list_of_bytes(heap, v, static_cast<size_t>(start - 1), count, Term::nil());
}

/// erlang:bitstring_to_list/1: the bytes, and the bits left over as a bit string. Fails: badarg.
Term bitstring_to_list_1(ExecState& p, Args a) {
    const BitsView v = as_bits(a[0]);
    if (!v) return p.badarg();
    const size_t bytes = v.size / 8, rest = v.size % 8;
    if (!may_reserve(p, list_words(bytes))) return p.system_limit();
    p.charge(bytes / kBytesPerReduction * 8);
    auto heap = p.reserve(list_words(bytes) + (rest == 0 ? 0 : kSubBinaryWords + kConsWords));
    const Term tail = rest == 0 ? Term::nil() : heap.cons(heap.sub_bits(a[0], bytes * 8, rest), Term::nil());
    return list_of_bytes(heap, v, 0, bytes, tail);
}

/// binary:at/2: the byte at a position counted from 0. Fails: badarg.
Term binary_at_2(ExecState& p, Args a) {
    const BitsView v = as_binary(a[0]);
    if (!v || !a[1].is_small()) return p.badarg();
    const auto at = static_cast<uint64_t>(a[1].to_small());
    if (at >= v.size / 8) return p.badarg();
    return Term::small(static_cast<int64_t>(read_bits(v.base, v.offset + at * 8, 8)));
}

/// binary:first/1. Fails: badarg if empty or no binary.
Term binary_first_1(ExecState& p, Args a) {
    const BitsView v = as_binary(a[0]);
    if (!v || v.size == 0) return p.badarg();
    return Term::small(static_cast<int64_t>(read_bits(v.base, v.offset, 8)));
}

/// binary:last/1. Fails: badarg if empty or no binary.
Term binary_last_1(ExecState& p, Args a) {
    const BitsView v = as_binary(a[0]);
    if (!v || v.size == 0) return p.badarg();
    return Term::small(static_cast<int64_t>(read_bits(v.base, v.offset + v.size - 8, 8)));
}

/// binary:copy/1: a binary that refers to nothing larger than itself.
Term binary_copy_1(ExecState& p, Args a) { return copies(p, a[0], 1); }

/// binary:copy/2: N copies in a row. Fails: badarg; system_limit if the result is too large.
Term binary_copy_2(ExecState& p, Args a) {
    if (!a[1].is_small() || a[1].to_small() < 0) return p.badarg();
    if (a[1].to_small() == 0 && a[0].is_bitstring()) {  // any bit string will do, as erl has it
        auto heap = p.reserve(binary_words(0));
        return heap.binary("", 0);
    }
    return copies(p, a[0], static_cast<size_t>(a[1].to_small()));
}

/// binary:decode_unsigned/1,2: the bytes as a number. Fails: badarg.
Term binary_decode_unsigned_1(ExecState& p, Args a) { return decode_unsigned(p, a[0], 0); }
Term binary_decode_unsigned_2(ExecState& p, Args a) {
    if (!is_endianness(a[1])) return p.badarg();
    return decode_unsigned(p, a[0], a[1] == am::little() ? kBsLittle : 0);
}

/// binary:encode_unsigned/1,2: a number's bytes, as few as it takes. Fails: badarg if negative or no integer.
Term binary_encode_unsigned_1(ExecState& p, Args a) { return encode_unsigned(p, a[0], 0); }
Term binary_encode_unsigned_2(ExecState& p, Args a) {
    if (!is_endianness(a[1])) return p.badarg();
    return encode_unsigned(p, a[0], a[1] == am::little() ? kBsLittle : 0);
}

/// binary:longest_common_prefix/1, longest_common_suffix/1: how many bytes. Fails: badarg if not a list of binaries, or empty.
Term binary_longest_common_prefix_1(ExecState& p, Args a) { return common_bytes(p, a[0], Side::start); }
Term binary_longest_common_suffix_1(ExecState& p, Args a) { return common_bytes(p, a[0], Side::end); }

/// binary:referenced_byte_size/1: size of the binary that Binary is a part of. Fails: badarg.
Term binary_referenced_byte_size_1(ExecState& p, Args a) {
    if (!a[0].is_bitstring()) return p.badarg();
    Term of = a[0];
    if (of.is_kind(Kind::sub_binary)) of = reinterpret_cast<const SubBinary*>(of.boxed_words())->of;
    if (!of.is_kind(Kind::refc_binary)) return make_size(p, as_bits(of).size / 8);
    return make_size(p, reinterpret_cast<const RefcBinary*>(of.boxed_words())->data->capacity);
}

}  // namespace lintel
