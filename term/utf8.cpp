#include "term/utf8.h"

namespace lintel {

Utf8Step decode_utf8(const uint8_t* p, size_t available) {
    using enum Utf8Step::Status;
    const uint32_t lead = p[0];
    if (lead < 0x80) return {ok, 1, lead};
    if (lead < 0xc2 || lead > 0xf4) return {invalid, 0, 0};
    const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t c = lead & (0x7f >> length);
    for (size_t i = 1; i < length; ++i) {
        if (i == available) return {truncated, 0, 0};
        const uint32_t b = p[i];
        if ((b & 0xc0) != 0x80) return {invalid, 0, 0};
        // The second byte rules out overlong forms, surrogates and what lies beyond U+10FFFF.
        if (i == 1 && ((lead == 0xe0 && b < 0xa0) || (lead == 0xed && b > 0x9f) || (lead == 0xf0 && b < 0x90) ||
                       (lead == 0xf4 && b > 0x8f))) {
            return {invalid, 0, 0};
        }
        c = (c << 6) | (b & 0x3f);
    }
    return {ok, static_cast<uint8_t>(length), c};
}

std::optional<size_t> utf8_length(std::string_view text) {
    size_t n = 0;
    const auto* p = reinterpret_cast<const uint8_t*>(text.data());
    for (size_t left = text.size(); left > 0;) {
        const Utf8Step step = decode_utf8(p, left);
        if (step.status != Utf8Step::Status::ok) return std::nullopt;
        p += step.bytes;
        left -= step.bytes;
        ++n;
    }
    return n;
}

std::string utf8_of_latin1(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        uint8_t bytes[4];
        out.append(reinterpret_cast<const char*>(bytes), encode_utf8(static_cast<uint8_t>(c), bytes));
    }
    return out;
}

}  // namespace lintel
