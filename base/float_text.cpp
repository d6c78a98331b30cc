#include "base/float_text.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace lintel {

namespace {

char* put(char* out, const char* from, size_t n) {
    std::memcpy(out, from, n);
    return out + n;
}
char* put_zeros(char* out, size_t n) {
    std::memset(out, '0', n);
    return out + n;
}

}  // namespace

size_t write_shortest_float(double d, char* out) {
    // "d.ddde-XX": take it apart into digits and exponent.
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, std::fabs(d), std::chars_format::scientific).ptr;
    char digits[24];
    int count = 0;
    const char* p = text;
    for (; p != end && *p != 'e'; ++p) {
        if (*p != '.') digits[count++] = *p;
    }
    ++p;
    if (*p == '+') ++p;
    int exponent = 0;
    std::from_chars(p, end, exponent);

    char* o = out;
    if (std::signbit(d)) *o++ = '-';
    const auto n = static_cast<size_t>(count);
    char exponent_text[8];
    const auto exponent_end = std::to_chars(exponent_text, exponent_text + sizeof exponent_text, exponent).ptr;
    const auto exponent_chars = static_cast<size_t>(exponent_end - exponent_text);
    const size_t scientific = (n == 1 ? 3 : n + 1) + 1 + exponent_chars;
    const auto e = static_cast<size_t>(std::abs(exponent));
    size_t decimal;
    if (exponent < 0) {
        decimal = 1 + 1 + (e - 1) + n;  // 0.000ddd
    } else if (n <= e + 1) {
        decimal = e + 1 + 2;  // ddd000.0
    } else {
        decimal = n + 1;  // dd.ddd
    }
    if (std::fabs(d) >= 9007199254740992.0 || (scientific < decimal && d != 0)) {
        *o++ = digits[0];
        *o++ = '.';
        o = n == 1 ? put(o, "0", 1) : put(o, digits + 1, n - 1);
        *o++ = 'e';
        o = put(o, exponent_text, exponent_chars);
    } else if (exponent < 0) {
        o = put(o, "0.", 2);
        o = put_zeros(o, e - 1);
        o = put(o, digits, n);
    } else if (n <= e + 1) {
        o = put(o, digits, n);
        o = put_zeros(o, e + 1 - n);
        o = put(o, ".0", 2);
    } else {
        o = put(o, digits, e + 1);
        *o++ = '.';
        o = put(o, digits + e + 1, n - e - 1);
    }
    return static_cast<size_t>(o - out);
}

}  // namespace lintel
