/// Construction of bit strings with the instructions of OTP 21 to 24: bs_init2 and its like make the bit string, bs_put_… fill
/// it from left to right through p.registers->writer. Sizes come from the code, so every put checks that it fits: wrong code
/// raises badarg and never writes outside. Errors carry no error_info, as in those releases. Rows of them are usually lowered to bs_create_bin.

#include "term/atom.h"
#include "vm/runtime_bs_p.h"

namespace lintel {
namespace {

/// A size operand in bits; false: raised.
bool operand_bits(ExecState& p, Term size, size_t unit, size_t* bits) {
    if (LINTEL_LIKELY(bs_field_bits(size, unit, bits) && *bits <= kMaxBitStringBits)) return true;
    const bool too_large =
        size.is_small() ? size.to_small() >= 0 : size.is_bignum() && (header_aux(size.header()) & 1) == 0;
    p.error(too_large ? am::system_limit() : am::badarg());
    return false;
}

/// Points the writer at `extra` bits of room, zeroed so that nothing old shows if the code leaves some unwritten.
Term start_writing(ExecState& p, const BitTarget& target, size_t extra) {
    if (target.base == nullptr) return p.error(am::system_limit());
    const size_t end = target.position + extra;
    if (extra != 0) {
        const size_t whole = bytes_for_bits(target.position);
        if (target.position % 8 != 0) {
            target.base[whole - 1] &= static_cast<uint8_t>(0xff00 >> (target.position % 8));
        }
        memset(target.base + whole, 0, bytes_for_bits(end) - whole);
    }
    p.registers->writer = {target.base, target.position, end, target.result};
    return target.result;
}

/// True if the next `bits` bits are the writer's; else raises.
bool has_room(ExecState& p, size_t bits) {
    const BitWriter& w = p.registers->writer;
    if (LINTEL_LIKELY(bits <= w.end - w.position)) return true;
    p.error(am::badarg());
    return false;
}

bool finish_put(ExecState& p, PutStatus status, size_t bits) {
    if (LINTEL_UNLIKELY(status != PutStatus::ok)) {
        p.error(am::badarg());
        return false;
    }
    p.registers->writer.position += bits;
    return true;
}

bool put_bytes(ExecState& p, const uint8_t* bytes, size_t count) {
    if (!has_room(p, count * 8)) return false;
    BitWriter& w = p.registers->writer;
    write_byte_run(w.base, w.position, bytes, count);
    w.position += count * 8;
    return true;
}

/// Size 0: no code point.
bool put_encoded(ExecState& p, const uint8_t* bytes, size_t count) {
    if (count != 0) return put_bytes(p, bytes, count);
    p.error(am::badarg());
    return false;
}

Term append_bits(ExecState& p, size_t extra, size_t unit, Term binary, bool is_private) {
    const BitsView v = as_bits(binary);
    if (!v || !bs_is_multiple(v.size, unit)) return p.error(am::badarg());
    return start_writing(p, append_target(p, binary, v.size, extra, is_private), extra);
}

}  // namespace

void BitWriter::collected() {
    const BitsView v = as_bits(target);
    if (!v || v.offset + v.size < end) {
        *this = {};
    } else {
        base = const_cast<uint8_t*>(v.base);
    }
}

Term bs_init(ExecState& p, Term size, size_t unit) {
    size_t bits;
    if (!operand_bits(p, size, unit, &bits)) return Term::none();
    return start_writing(p, new_bit_target(p, bits), bits);
}

Term bs_add(ExecState& p, Term a, Term b, size_t unit) {
    size_t first, second;
    if (!operand_bits(p, a, 1, &first) || !operand_bits(p, b, unit, &second)) return Term::none();
    return Term::small(static_cast<int64_t>(first + second));
}

Term bs_append(ExecState& p, Term size, size_t unit, Term binary) {
    size_t extra;
    if (!operand_bits(p, size, 1, &extra)) return Term::none();
    return append_bits(p, extra, unit, binary, false);
}

Term bs_private_append(ExecState& p, Term size, size_t unit, Term binary) {
    size_t extra;
    if (!operand_bits(p, size, unit, &extra)) return Term::none();
    return append_bits(p, extra, 1, binary, true);
}

bool bs_put_integer(ExecState& p, Term size, size_t unit, unsigned flags, Term value) {
    size_t bits;
    if (!operand_bits(p, size, unit, &bits) || !has_room(p, bits)) return false;
    if (!value.is_integer()) return finish_put(p, PutStatus::bad_type, 0);
    BitWriter& w = p.registers->writer;
    write_integer(w.base, w.position, bits, flags, value);
    w.position += bits;
    return true;
}

bool bs_put_float(ExecState& p, Term size, size_t unit, unsigned flags, Term value) {
    size_t bits;
    if (!operand_bits(p, size, unit, &bits) || !has_room(p, bits)) return false;
    const BitWriter& w = p.registers->writer;
    return finish_put(p, put_float_bits(w.base, w.position, bits, flags, value), bits);
}

bool bs_put_binary(ExecState& p, Term size, size_t unit, Term value) {
    size_t bits;
    if (!operand_bits(p, size, unit, &bits) || !has_room(p, bits)) return false;
    const BitWriter& w = p.registers->writer;
    return finish_put(p, put_binary_bits(w.base, w.position, bits, value), bits);
}

bool bs_put_binary_all(ExecState& p, size_t unit, Term value) {
    const BitsView v = as_bits(value);
    if (!v || !bs_is_multiple(v.size, unit)) return finish_put(p, PutStatus::bad_type, 0);
    if (!has_room(p, v.size)) return false;
    const BitWriter& w = p.registers->writer;
    return finish_put(p, put_binary_bits(w.base, w.position, v.size, value), v.size);
}

bool bs_put_string(ExecState& p, const uint8_t* bytes, size_t count) { return put_bytes(p, bytes, count); }

Term bs_utf8_size(Term code_point) { return Term::small(static_cast<int64_t>(utf8_size_of(code_point))); }
Term bs_utf16_size(Term code_point) { return Term::small(static_cast<int64_t>(utf16_size_of(code_point))); }

bool bs_put_utf8(ExecState& p, Term code_point) {
    uint8_t bytes[4];
    return put_encoded(p, bytes, utf8_bytes_of(code_point, bytes));
}

bool bs_put_utf16(ExecState& p, Term code_point, unsigned flags) {
    uint8_t bytes[4];
    return put_encoded(p, bytes, utf16_bytes_of(code_point, flags, bytes));
}

bool bs_put_utf32(ExecState& p, Term code_point, unsigned flags) {
    uint8_t bytes[4];
    return put_encoded(p, bytes, utf32_bytes_of(code_point, flags, bytes));
}

}  // namespace lintel
