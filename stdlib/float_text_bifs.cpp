/// Floats to text and back.
///
/// `[short]` is in base/float_text.cpp. `{scientific, N}` is what printf calls %.Ne. `{decimals, N}` is not quite %.Nf: up to
/// 18 digits and below 2^53, OTP scales the fraction by 10^N in floating point and rounds half up, so 0.15 with one digit is
/// "0.2" though the float lies below 0.15, and 2.5 with none is "3". Results must not differ from OTP's, so we do the same;
/// beyond these limits both print the exact decimal expansion, rounded half to even. No text may have more than 255 characters.
///
/// Not followed: [{decimals, 0}, compact] of 2^53 and more, where OTP 25 drops zeros before the point (1.0e22 is "1").

#include <charconv>
#include <cmath>

#include "base/float_text.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/list_text.h"
#include "term/atom.h"
#include "term/views.h"
#include "vm/runtime_number.h"

namespace lintel {

namespace {

constexpr size_t kMaxFloatText = 255;
constexpr int64_t kMaxDecimals = 253;
constexpr int64_t kMaxScientific = 249;

enum class Notation : uint8_t { scientific, decimals, shortest };

struct FloatFormat {
    Notation notation = Notation::scientific;
    int64_t digits = 20;
    bool compact = false;
};

/// False: not a proper list of options.
bool parse_options(Term list, FloatFormat* format) {
    for (; list.is_cons(); list = list.tail()) {
        const Term option = list.head();
        if (option == am::compact()) {
            format->compact = true;
        } else if (option == am::short_()) {
            format->notation = Notation::shortest;
        } else {
            const auto pair = as_tuple(option, 2);
            if (!pair || !pair[1].is_small()) return false;
            if (pair[0] == am::decimals()) {
                format->notation = Notation::decimals;
            } else if (pair[0] == am::scientific()) {
                format->notation = Notation::scientific;
            } else {
                return false;
            }
            format->digits = pair[1].to_small();
        }
    }
    return list.is_nil();
}

/// The longest text is -1.797…e308 with 253 decimals.
struct FloatText {
    char chars[576];
    size_t size = 0;
};

/// `magnitude` below 2^53 with at most 18 decimals.
char* write_scaled(double magnitude, unsigned decimals, char* out, char* end) {
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; ++i) scale *= 10;
    auto whole = static_cast<uint64_t>(magnitude);
    const double scaled = (magnitude - static_cast<double>(whole)) * static_cast<double>(scale);
    auto fraction = static_cast<uint64_t>(scaled);
    if (scaled - static_cast<double>(fraction) >= 0.5) ++fraction;
    if (fraction >= scale) {
        ++whole;
        fraction -= scale;
    }
    out = std::to_chars(out, end, whole).ptr;
    if (decimals == 0) return out;
    *out = '.';
    for (unsigned i = decimals; i > 0; --i, fraction /= 10) out[i] = static_cast<char>('0' + fraction % 10);
    return out + 1 + decimals;
}

/// False: the format asks for too many digits.
bool write_float(double d, const FloatFormat& format, FloatText* text) {
    char* out = text->chars;
    char* const end = out + sizeof text->chars;
    if (format.notation == Notation::shortest) {
        text->size = write_shortest_float(d, out);
        return true;
    }
    if (std::signbit(d)) *out++ = '-';
    const double magnitude = std::fabs(d);
    if (format.notation == Notation::scientific) {
        if (format.digits > kMaxScientific) return false;
        const int digits = format.digits < 0 ? 6 : static_cast<int>(format.digits);
        out = std::to_chars(out, end, magnitude, std::chars_format::scientific, digits).ptr;
    } else {
        if (format.digits < 0 || format.digits > kMaxDecimals) return false;
        const auto digits = static_cast<unsigned>(format.digits);
        if (digits <= 18 && magnitude < 0x1p53) {
            out = write_scaled(magnitude, digits, out, end);
        } else {
            out = std::to_chars(out, end, magnitude, std::chars_format::fixed, static_cast<int>(digits)).ptr;
        }
    }
    text->size = static_cast<size_t>(out - text->chars);
    if (text->size > kMaxFloatText) return false;
    if (format.compact && format.notation == Notation::decimals && format.digits > 0) {
        while (text->chars[text->size - 1] == '0' && text->chars[text->size - 2] != '.') --text->size;
    }
    return true;
}

enum class TextKind : uint8_t { list, binary };

Term float_text(ExecState& p, Term number, Term options, TextKind kind) {
    FloatFormat format;
    FloatText text;
    if (!number.is_float() || !parse_options(options, &format) || !write_float(to_double(number), format, &text)) {
        return p.badarg();
    }
    const std::string_view chars(text.chars, text.size);
    if (kind == TextKind::list) return p.reserve(list_words(chars.size())).byte_list(chars);
    const Term binary = p.reserve(binary_words(chars.size())).binary(chars);
    return binary.is_value() ? binary : p.system_limit();
}

/// Recognises [+-]Digits.Digits[(e|E)[+-]Digits], character by character. OTP takes a comma for a dot, too.
class FloatScanner {
public:
    /// False, and nothing taken: no float goes on with `c` (-1: no character at all).
    bool take(int c) {
        const bool digit = c >= '0' && c <= '9';
        const bool sign = c == '+' || c == '-';
        switch (state_) {
            case State::start: return (digit && move(State::whole)) || (sign && move(State::sign));
            case State::sign: return digit && move(State::whole);
            case State::whole: return digit || ((c == '.' || c == ',') && move(State::dot));
            case State::dot: return digit && move(State::fraction);
            case State::fraction: return digit || ((c == 'e' || c == 'E') && move(State::e));
            case State::e: return (digit && move(State::exponent)) || (sign && move(State::exponent_sign));
            case State::exponent_sign: return digit && move(State::exponent);
            case State::exponent: return digit;
        }
        LINTEL_UNREACHABLE();
    }
    /// What was taken so far is a float.
    bool complete() const { return state_ == State::fraction || state_ == State::exponent; }

private:
    enum class State : uint8_t { start, sign, whole, dot, fraction, e, exponent_sign, exponent };
    bool move(State next) {
        state_ = next;
        return true;
    }

    State state_ = State::start;
};

/// True if a decimal text (digits, dot, digits, perhaps an exponent), not zero, is above 1 rather than below.
bool is_large(std::string_view text) {
    int64_t point = 0;  // digits before the point, less leading zeros; or minus the zeros after it
    bool seen_point = false;
    bool seen_digit = false;
    size_t i = 0;
    for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
        if (text[i] == '.') {
            seen_point = true;
            continue;
        }
        seen_digit = seen_digit || text[i] != '0';
        if (!seen_point && seen_digit) ++point;
        if (seen_point && !seen_digit) --point;
    }
    int64_t exponent = 0;
    const bool negative = i + 1 < text.size() && text[i + 1] == '-';
    for (++i; i < text.size(); ++i) {
        if (text[i] < '0') continue;
        if (exponent < int64_t{1} << 50) exponent = exponent * 10 + (text[i] - '0');
    }
    return point + (negative ? -exponent : exponent) > 0;
}

/// The value of what FloatScanner took as a whole; commas become dots. False: beyond the range of floats.
bool read_float(char* text, size_t size, double* out) {
    const bool negative = size > 0 && *text == '-';
    const size_t skip = size > 0 && (*text == '-' || *text == '+') ? 1 : 0;
    for (size_t i = 0; i < size; ++i) {
        if (text[i] == ',') text[i] = '.';
    }
    double d = 0;
    const auto result = std::from_chars(text + skip, text + size, d);
    // Either way a float is out of range, the value is not said.
    if (result.ec == std::errc::result_out_of_range) {
        if (is_large({text + skip, size - skip})) return false;
        d = 0;
    }
    *out = negative ? -d : d;
    return std::isfinite(d);
}

/// A whole text; a NUL ends it, as in OTP.
Term float_of_text(ExecState& p, char* text, size_t size) {
    charge_characters(p, size);
    FloatScanner scanner;
    size_t end = 0;
    while (end < size && scanner.take(static_cast<uint8_t>(text[end]))) ++end;
    double d = 0;
    if ((end < size && text[end] != '\0') || !scanner.complete()) return p.badarg();
    if (!read_float(text, end, &d)) return p.badarg();
    return make_finite_float(p, d);
}

}  // namespace

/// erlang:float_to_list/1,2, float_to_binary/1,2. Options: {decimals, 0..253}, {scientific, up to 249}, short; compact. The last
/// notation counts. Fail: badarg.
Term float_to_list_1(ExecState& p, Args a) { return float_text(p, a[0], Term::nil(), TextKind::list); }
Term float_to_list_2(ExecState& p, Args a) { return float_text(p, a[0], a[1], TextKind::list); }
Term float_to_binary_1(ExecState& p, Args a) { return float_text(p, a[0], Term::nil(), TextKind::binary); }
Term float_to_binary_2(ExecState& p, Args a) { return float_text(p, a[0], a[1], TextKind::binary); }

/// erlang:list_to_float/1, binary_to_float/1. Fail: badarg if no float, or one beyond the range. Too small ones become zero.
Term list_to_float_1(ExecState& p, Args a) {
    const int64_t count = ListText::byte_count(a[0]);
    if (count < 0) return p.badarg();
    ListText text(a[0], static_cast<size_t>(count));
    if (!text) return p.system_limit();
    return float_of_text(p, text.data(), static_cast<size_t>(count));
}

Term binary_to_float_1(ExecState& p, Args a) {
    const BytesArg bytes(a[0]);
    if (!bytes) return p.badarg();
    ScratchArray<char, 128> text(bytes.size());
    if (!text) return p.system_limit();
    if (bytes.size() != 0) std::memcpy(text.data(), bytes.data(), bytes.size());
    return float_of_text(p, text.data(), bytes.size());
}

/// string:list_to_float/1: the longest beginning of the list that is a float: {Float, Rest}, or
/// {error, no_float | not_a_list}.
Term string_list_to_float_1(ExecState& p, Args a) {
    const auto failed = [&p](Term reason) { return p.reserve(tuple_words(2)).tuple(am::error(), reason); };
    if (!a[0].is_list()) return failed(am::not_a_list());
    FloatScanner scanner;
    size_t taken = 0;
    size_t count = 0;
    Term rest = a[0];
    for (Term list = a[0]; list.is_cons() && scanner.take(list_byte(list.head()));) {
        list = list.tail();
        ++taken;
        if (!scanner.complete()) continue;
        count = taken;
        rest = list;
    }
    if (count == 0) return failed(am::no_float());
    charge_characters(p, taken);
    ListText text(a[0], count);
    if (!text) return failed(am::system_limit());
    double d = 0;
    if (!read_float(text.data(), count, &d)) return failed(am::no_float());
    auto heap = p.reserve(tuple_words(2) + float_words(d));
    const Term number = heap.make_float(d);
    return heap.tuple(number, rest);
}

}  // namespace lintel
