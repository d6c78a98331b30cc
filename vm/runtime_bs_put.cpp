/// Values as bits: what both generations of construction instructions write.
///
/// Everything is written from left to right, so each writer may zero what follows its last bit in that byte: the end of a
/// bit string that is no whole number of bytes is then always padded with zeros.

#include <cmath>

#include "term/utf8.h"
#include "term/views.h"
#include "vm/runtime_bs_p.h"
#include "vm/runtime_number.h"

namespace lintel {
namespace {

/// Low `bits` (1 to 64) bits of `v` as a little-endian field.
void write_little(uint8_t* base, size_t position, unsigned bits, uint64_t v) {
    const unsigned whole = bits / 8 * 8;
    if (whole != 0) write_bits(base, position, whole, __builtin_bswap64(v) >> (64 - whole));
    if (whole != bits) write_bits(base, position + whole, bits - whole, v >> whole);
}

/// An integer as two's complement limbs, endless towards the top.
class TwosComplement {
public:
    explicit TwosComplement(Term value) {
        if (value.is_small()) {
            small_ = static_cast<uint64_t>(value.to_small());
            limbs_ = {&small_, 1};
            extension_ = value.to_small() < 0 ? ~uint64_t{0} : 0;
            lowest_ = SIZE_MAX;
        } else {
            const auto big = as_bignum(value);
            limbs_ = big.limbs();
            if (big.negative()) {
                extension_ = ~uint64_t{0};
                lowest_ = 0;
                while (limbs_[lowest_] == 0) ++lowest_;
            } else {
                lowest_ = SIZE_MAX;
            }
        }
    }
    TwosComplement(const TwosComplement&) = delete;
    TwosComplement& operator=(const TwosComplement&) = delete;

    uint64_t limb(size_t i) const {
        if (i >= limbs_.size()) return extension_;
        const uint64_t v = limbs_[i];
        if (lowest_ == SIZE_MAX || i < lowest_) return v;
        return i == lowest_ ? ~v + 1 : ~v;
    }

private:
    uint64_t small_ = 0;
    std::span<const Word> limbs_;
    uint64_t extension_ = 0;
    size_t
        lowest_;  ///< of a negative magnitude: its lowest limb that is not zero; SIZE_MAX: limbs are as they should be
};

/// Nearest half-precision number, ties to even; too large becomes infinity, as erl has it.
uint16_t double_to_half(double d) {
    const uint64_t raw = std::bit_cast<uint64_t>(d);
    const uint16_t sign = static_cast<uint16_t>((raw >> 48) & 0x8000);
    const double magnitude = std::fabs(d);
    if (magnitude >= 65520.0) return sign | 0x7c00;
    if (magnitude < 0x1p-14) {
        // Subnormal: multiples of 2^-24. 1024 of them are the smallest normal number, with the right bits. A sum of 2^52 and more
        // has no room for a fraction: it is rounded, ties to even.
        return sign | static_cast<uint16_t>(magnitude * 0x1p24 + 0x1p52 - 0x1p52);
    }
    const uint64_t fraction = raw & low_bits_mask(52);
    const unsigned exponent = static_cast<unsigned>((raw >> 52) & 0x7ff) - 1023 + 15;
    uint64_t half = (static_cast<uint64_t>(exponent) << 10) | (fraction >> 42);
    const uint64_t rest = fraction & low_bits_mask(42);
    constexpr uint64_t kTie = uint64_t{1} << 41;
    if (rest > kTie || (rest == kTie && (half & 1) != 0)) ++half;  // a carry into the exponent is right, too
    return sign | static_cast<uint16_t>(half);
}

bool is_code_point(Term t) {
    if (!t.is_small()) return false;
    const int64_t v = t.to_small();
    return v >= 0 && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff);
}

}  // namespace

void write_integer(uint8_t* base, size_t position, size_t bits, unsigned flags, Term value) {
    if (bits == 0) return;
    const bool little = bs_is_little(flags);
    if (bits <= 64 && value.is_small()) {
        const uint64_t v = static_cast<uint64_t>(value.to_small());
        if (little) return write_little(base, position, static_cast<unsigned>(bits), v);
        return write_bits(base, position, static_cast<unsigned>(bits), v);
    }
    const TwosComplement number(value);
    const size_t limbs = (bits + 63) / 64;
    const unsigned top_bits = static_cast<unsigned>(bits - 64 * (limbs - 1));
    if (little) {
        for (size_t i = 0; i + 1 < limbs; ++i) write_little(base, position + 64 * i, 64, number.limb(i));
        write_little(base, position + 64 * (limbs - 1), top_bits, number.limb(limbs - 1));
    } else {
        write_bits(base, position, top_bits, number.limb(limbs - 1));
        position += top_bits;
        for (size_t i = limbs - 1; i-- > 0; position += 64) write_bits(base, position, 64, number.limb(i));
    }
}

PutStatus put_float_bits(uint8_t* base, size_t position, size_t bits, unsigned flags, Term value) {
    if (bits != 16 && bits != 32 && bits != 64) return PutStatus::bad_size;
    double d;
    if (!number_to_double(value, &d)) return value.is_integer() ? PutStatus::no_float : PutStatus::bad_type;
    uint64_t raw;
    if (bits == 64) {
        raw = std::bit_cast<uint64_t>(d);
    } else if (bits == 32) {
        raw = std::bit_cast<uint32_t>(static_cast<float>(d));
    } else {
        raw = double_to_half(d);
    }
    const unsigned n = static_cast<unsigned>(bits);
    if (bs_is_little(flags)) {
        write_little(base, position, n, raw);
    } else {
        write_bits(base, position, n, raw);
    }
    return PutStatus::ok;
}

PutStatus put_binary_bits(uint8_t* base, size_t position, size_t bits, Term value) {
    const BitsView v = as_bits(value);
    if (!v) return PutStatus::bad_type;
    if (bits > v.size) return PutStatus::too_short;
    if (bits == 0) return PutStatus::ok;
    if (((position | v.offset | bits) & 7) == 0) {
        memcpy(base + position / 8, v.bytes(), bits / 8);
        return PutStatus::ok;
    }
    if (bits <= 64) {
        write_bits(base, position, static_cast<unsigned>(bits),
                   read_bits(v.base, v.offset, static_cast<unsigned>(bits)));
        return PutStatus::ok;
    }
    copy_bits(base, position, v.base, v.offset, bits);
    const size_t end = position + bits;
    if (end % 8 != 0) base[end / 8] &= static_cast<uint8_t>(0xff00 >> (end % 8));
    return PutStatus::ok;
}

size_t utf8_size_of(Term code_point) {
    if (!is_code_point(code_point)) return 4;
    return utf8_bytes(static_cast<uint32_t>(code_point.to_small()));
}

size_t utf16_size_of(Term code_point) { return is_code_point(code_point) && code_point.to_small() > 0xffff ? 4 : 2; }

size_t utf8_bytes_of(Term code_point, uint8_t* out) {
    if (!is_code_point(code_point)) return 0;
    return encode_utf8(static_cast<uint32_t>(code_point.to_small()), out);
}

size_t utf16_bytes_of(Term code_point, unsigned flags, uint8_t* out) {
    if (!is_code_point(code_point)) return 0;
    const auto code = static_cast<uint32_t>(code_point.to_small());
    const auto put = [&](uint8_t* at, uint32_t unit) {
        const bool little = bs_is_little(flags);
        at[little ? 1 : 0] = static_cast<uint8_t>(unit >> 8);
        at[little ? 0 : 1] = static_cast<uint8_t>(unit);
    };
    if (code <= 0xffff) {
        put(out, code);
        return 2;
    }
    put(out, 0xd800 + ((code - 0x10000) >> 10));
    put(out + 2, 0xdc00 + ((code - 0x10000) & 0x3ff));
    return 4;
}

size_t utf32_bytes_of(Term code_point, unsigned flags, uint8_t* out) {
    if (!is_code_point(code_point)) return 0;
    const auto code = static_cast<uint32_t>(code_point.to_small());
    for (unsigned i = 0; i < 4; ++i) {
        out[bs_is_little(flags) ? i : 3 - i] = static_cast<uint8_t>(code >> (8 * i));
    }
    return 4;
}

void write_byte_run(uint8_t* base, size_t position, const uint8_t* bytes, size_t count) {
    if (position % 8 == 0) {
        if (count != 0) memcpy(base + position / 8, bytes, count);
        return;
    }
    size_t i = 0;
    for (; i + 7 <= count; i += 7) write_bits(base, position + 8 * i, 56, load_bytes(bytes + i, 7));
    if (i < count) {
        const unsigned rest = static_cast<unsigned>(count - i);
        write_bits(base, position + 8 * i, 8 * rest, load_bytes(bytes + i, rest));
    }
}

}  // namespace lintel
