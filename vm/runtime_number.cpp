#include "vm/runtime_number.h"

#include <array>
#include <charconv>
#include <cmath>

#include "vm/integer_p.h"
#include "vm/scratch.h"

namespace lintel {

namespace {

constexpr uint8_t kNoDigit = 0xff;

constexpr std::array<uint8_t, 256> make_digit_values() {
    std::array<uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (unsigned i = 0; i < 10; ++i) values['0' + i] = static_cast<uint8_t>(i);
    for (unsigned i = 0; i < 26; ++i) {
        values['a' + i] = static_cast<uint8_t>(10 + i);
        values['A' + i] = static_cast<uint8_t>(10 + i);
    }
    return values;
}
constexpr std::array<uint8_t, 256> kDigitValues = make_digit_values();
constexpr char kDigits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// For each base: how many digits always fit 64 bits.
constexpr std::array<uint8_t, 37> make_digits_per_word() {
    std::array<uint8_t, 37> digits{};
    for (unsigned base = 2; base <= 36; ++base) {
        Word power = 1;
        while (power <= ~Word{0} / base) {
            power *= base;
            ++digits[base];
        }
    }
    return digits;
}
constexpr std::array<uint8_t, 37> kDigitsPerWord = make_digits_per_word();

/// Upper bound of the limbs that so many digits need.
size_t limbs_for_digits(size_t digits, unsigned base) { return digits / kDigitsPerWord[base] + 2; }

constexpr size_t kScratchLimbs = 32;
constexpr size_t kScratchDigits = 512;

}  // namespace

bool integer_to_double(Term integer, double* out) {
    if (integer.is_small()) {
        *out = static_cast<double>(integer.to_small());
        return true;
    }
    const BignumView big = as_bignum(integer);
    constexpr size_t kMaxDoubleLimbs = 16;  // 2^1024
    if (big.limbs().size() > kMaxDoubleLimbs) return false;
    double sum = 0.0;
    double scale = 1.0;
    for (const Word limb : big.limbs()) {
        sum += static_cast<double>(limb) * scale;
        scale *= 0x1p64;
    }
    *out = big.negative() ? -sum : sum;
    return std::isfinite(sum);
}

Term integer_from_double(ExecState& p, double d) {
    LINTEL_ASSERT(std::isfinite(d) && d == std::trunc(d));
    if (std::fabs(d) < 0x1p60) return Term::small(static_cast<int64_t>(d));
    int exponent = 0;
    const auto fraction = static_cast<Word>(std::ldexp(std::frexp(std::fabs(d), &exponent), 53));
    // |d| = fraction * 2^shift, and shift is at least 61 - 53.
    const auto shift = static_cast<unsigned>(exponent - 53);
    const size_t skip = shift / kLimbBits;
    const unsigned bits = shift % kLimbBits;
    IntegerResult result(p, skip + 2);
    std::memset(result.limbs(), 0, skip * kWordBytes);
    result.limbs()[skip] = fraction << bits;
    result.limbs()[skip + 1] = bits == 0 ? 0 : fraction >> (kLimbBits - bits);
    return result.finish(skip + 2, d < 0);
}

Term make_finite_float(ExecState& p, double d) {
    const Term immediate = Term::try_immediate_float(d);
    if (LINTEL_LIKELY(immediate.is_value())) return immediate;
    if (!std::isfinite(d)) return p.badarith();
    return p.reserve(kBoxedFloatWords).make_float(d);
}

size_t integer_text_bytes(Term integer, unsigned base) {
    const IntegerView v(integer);
    // mpn_sizeinbase is exact or one too many; mpn_get_str wants one more byte.
    return v.is_zero() ? 1
                       : mpn_sizeinbase(gmp(v.limbs()), static_cast<mp_size_t>(v.size()), static_cast<int>(base)) + 2;
}

size_t write_integer(Term integer, unsigned base, char* out) {
    const IntegerView v(integer);
    char* to = out;
    if (v.negative()) *to++ = '-';
    if (v.size() <= 1) {
        char* const end = std::to_chars(to, to + kLimbBits, v.low(), static_cast<int>(base)).ptr;
        if (base > 10) {
            for (; to < end; ++to) {
                if (*to >= 'a') *to = static_cast<char>(*to - 'a' + 'A');
            }
        }
        return static_cast<size_t>(end - out);
    }
    // mpn_get_str destroys its operand.
    ScratchArray<mp_limb_t, kScratchLimbs> copy(v.size() + 1);
    if (!copy) return 0;
    std::memcpy(copy.data(), v.limbs(), v.size() * kWordBytes);
    auto* const digits = reinterpret_cast<unsigned char*>(to);
    const size_t count = mpn_get_str(digits, static_cast<int>(base), copy.data(), static_cast<mp_size_t>(v.size()));
    const unsigned char* first = digits;
    const unsigned char* const end = digits + count;
    while (first < end && *first == 0) ++first;
    for (; first < end; ++first) *to++ = kDigits[*first];
    return static_cast<size_t>(to - out);
}

void charge_integer_text(ExecState& p, Term integer) {
    const size_t size = IntegerView(integer).size();
    charge_product(p, size, size);
}

ParseStatus parse_integer(ExecState& p, std::string_view text, unsigned base, Term* out) {
    const char* first = text.data();
    const char* const end = first + text.size();
    const bool negative = first < end && *first == '-';
    if (first < end && (*first == '-' || *first == '+')) ++first;
    if (first == end) return ParseStatus::malformed;
    while (first < end && *first == '0') ++first;
    const auto count = static_cast<size_t>(end - first);
    const auto digit = [base](char c) {
        const uint8_t value = kDigitValues[static_cast<uint8_t>(c)];
        return value < base ? value : kNoDigit;
    };
    if (count <= kDigitsPerWord[base]) {
        Word value = 0;
        for (; first < end; ++first) {
            const uint8_t d = digit(*first);
            if (d == kNoDigit) return ParseStatus::malformed;
            value = value * base + d;
        }
        *out = make_integer(p, Wide{value}, negative);
        return ParseStatus::ok;
    }
    for (const char* c = first; c < end; ++c) {
        if (digit(*c) == kNoDigit) return ParseStatus::malformed;
    }
    // Each digit brings more than log2(base) rounded down bits; a text that is too long by that is not worth converting.
    const size_t least_bits = (count - 1) * static_cast<size_t>(31 - __builtin_clz(base)) + 1;
    if (least_bits > kMaxBignumLimbs * kLimbBits) return ParseStatus::too_large;
    ScratchArray<unsigned char, kScratchDigits> digits(count);
    if (!digits) return ParseStatus::too_large;
    for (size_t i = 0; i < count; ++i) digits[i] = kDigitValues[static_cast<uint8_t>(first[i])];
    const size_t limbs = limbs_for_digits(count, base);
    charge_product(p, limbs, limbs);
    IntegerResult result(p, limbs);
    const auto used =
        static_cast<size_t>(mpn_set_str(result.gmp_limbs(), digits.data(), count, static_cast<int>(base)));
    if (used > kMaxBignumLimbs) {
        result.finish_unlimited(0, false);  // gives the words back
        return ParseStatus::too_large;
    }
    *out = result.finish(used, negative);
    return ParseStatus::ok;
}

}  // namespace lintel
