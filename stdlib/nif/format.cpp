/// enif_snprintf and its kin: printf with %T for a term.

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "stdlib/nif/env.h"
#include "term/print.h"

namespace lintel {

namespace {

/// One conversion: '%' up to its letter, and how long its argument is.
struct Conversion {
    std::string text;  ///< without length and letter, what '*' stands for filled in
    enum class Length : uint8_t { none, char_, short_, long_, long_long, max, size, difference, long_double } length{};
    char letter = 0;
};

/// Reads what is behind '%'; `arguments` gives what '*' stands for.
Conversion read_conversion(const char*& at, va_list* arguments) {
    Conversion c;
    c.text = "%";
    while (*at != 0 && std::strchr("-+ #0123456789.*", *at) != nullptr) {
        if (*at == '*') {
            c.text += std::to_string(va_arg(*arguments, int));
        } else {
            c.text += *at;
        }
        ++at;
    }
    using Length = Conversion::Length;
    for (;; ++at) {
        if (*at == 'h') {
            c.length = c.length == Length::short_ ? Length::char_ : Length::short_;
        } else if (*at == 'l') {
            c.length = c.length == Length::long_ ? Length::long_long : Length::long_;
        } else if (*at == 'j') {
            c.length = Length::max;
        } else if (*at == 'z') {
            c.length = Length::size;
        } else if (*at == 't') {
            c.length = Length::difference;
        } else if (*at == 'L') {
            c.length = Length::long_double;
        } else if (*at == 'b') {  // as in OTP: of 64 bits
            c.length = Length::long_long;
        } else {
            break;
        }
    }
    c.letter = *at;
    if (*at != 0) ++at;
    return c;
}

template <typename T>
void append(std::string& out, const std::string& format, T value) {
    char buffer[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    const int n = std::snprintf(buffer, sizeof buffer, format.c_str(), value);
    if (n <= 0) return;
    if (static_cast<size_t>(n) < sizeof buffer) {
        out.append(buffer, static_cast<size_t>(n));
        return;
    }
    const size_t before = out.size();
    out.resize(before + static_cast<size_t>(n) + 1);
    std::snprintf(out.data() + before, static_cast<size_t>(n) + 1, format.c_str(), value);
#pragma GCC diagnostic pop
    out.resize(before + static_cast<size_t>(n));
}

intmax_t signed_argument(Conversion::Length length, va_list* arguments) {
    using Length = Conversion::Length;
    switch (length) {
        case Length::char_: return static_cast<signed char>(va_arg(*arguments, int));
        case Length::short_: return static_cast<short>(va_arg(*arguments, int));
        case Length::long_: return va_arg(*arguments, long);
        case Length::long_long: return va_arg(*arguments, long long);
        case Length::max: return va_arg(*arguments, intmax_t);
        case Length::size: return static_cast<intmax_t>(va_arg(*arguments, size_t));
        case Length::difference: return va_arg(*arguments, ptrdiff_t);
        default: return va_arg(*arguments, int);
    }
}

uintmax_t unsigned_argument(Conversion::Length length, va_list* arguments) {
    using Length = Conversion::Length;
    switch (length) {
        case Length::char_: return static_cast<unsigned char>(va_arg(*arguments, unsigned));
        case Length::short_: return static_cast<unsigned short>(va_arg(*arguments, unsigned));
        case Length::long_: return va_arg(*arguments, unsigned long);
        case Length::long_long: return va_arg(*arguments, unsigned long long);
        case Length::max: return va_arg(*arguments, uintmax_t);
        case Length::size: return va_arg(*arguments, size_t);
        case Length::difference: return static_cast<uintmax_t>(va_arg(*arguments, ptrdiff_t));
        default: return va_arg(*arguments, unsigned);
    }
}

void store_count(Conversion::Length length, size_t count, va_list* arguments) {
    using Length = Conversion::Length;
    switch (length) {
        case Length::char_: *va_arg(*arguments, signed char*) = static_cast<signed char>(count); break;
        case Length::short_: *va_arg(*arguments, short*) = static_cast<short>(count); break;
        case Length::none: *va_arg(*arguments, int*) = static_cast<int>(count); break;
        default: *va_arg(*arguments, long*) = static_cast<long>(count); break;
    }
}

void convert(std::string& out, const Conversion& c, va_list* arguments) {
    switch (c.letter) {
        case '%': out += '%'; break;
        case 'T': append(out, c.text + "s", term_text(Term(va_arg(*arguments, ERL_NIF_TERM))).c_str()); break;
        case 'd':
        case 'i': append(out, c.text + "j" + c.letter, signed_argument(c.length, arguments)); break;
        case 'o':
        case 'u':
        case 'x':
        case 'X': append(out, c.text + "j" + c.letter, unsigned_argument(c.length, arguments)); break;
        case 'a':
        case 'A':
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G':
            if (c.length == Conversion::Length::long_double) {
                append(out, c.text + "L" + c.letter, va_arg(*arguments, long double));
            } else {
                append(out, c.text + c.letter, va_arg(*arguments, double));
            }
            break;
        case 'c': append(out, c.text + "c", va_arg(*arguments, int)); break;
        case 's': {
            const char* const s = va_arg(*arguments, const char*);
            append(out, c.text + "s", s != nullptr ? s : "(null)");
            break;
        }
        case 'p': append(out, c.text + "p", va_arg(*arguments, void*)); break;
        case 'n': store_count(c.length, out.size(), arguments); break;
        default: out += c.text + c.letter;
    }
}

std::string formatted(const char* format, va_list* arguments) {
    std::string out;
    for (const char* at = format; *at != 0;) {
        const char* const percent = std::strchr(at, '%');
        if (percent == nullptr) {
            out += at;
            break;
        }
        out.append(at, percent);
        at = percent + 1;
        convert(out, read_conversion(at, arguments), arguments);
    }
    return out;
}

/// The same from a va_list that is a parameter, of which nobody can have the address.
std::string formatted_from(const char* format, va_list arguments) {
    va_list copy;
    va_copy(copy, arguments);
    std::string out = formatted(format, &copy);
    va_end(copy);
    return out;
}

}  // namespace

}  // namespace lintel

extern "C" {

int enif_vsnprintf(char* buffer, size_t size, const char* format, va_list arguments) {
    const std::string text = lintel::formatted_from(format, arguments);
    if (size != 0) {
        const size_t n = std::min(text.size(), size - 1);
        std::memcpy(buffer, text.data(), n);
        buffer[n] = 0;
    }
    return static_cast<int>(text.size());
}

int enif_snprintf(char* buffer, size_t size, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int n = enif_vsnprintf(buffer, size, format, arguments);
    va_end(arguments);
    return n;
}

int enif_vfprintf(FILE* file, const char* format, va_list arguments) {
    const std::string text = lintel::formatted_from(format, arguments);
    return static_cast<int>(std::fwrite(text.data(), 1, text.size(), file));
}

int enif_fprintf(FILE* file, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int n = enif_vfprintf(file, format, arguments);
    va_end(arguments);
    return n;
}

}  // extern "C"
