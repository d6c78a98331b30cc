#pragma once
/// Text as Erlang code passes it to the system: names of files, of variables.

#include <string>
#include <vector>

#include "term/bits.h"
#include "term/utf8.h"
#include "term/views.h"

namespace lintel {

/// What characters become outside.
enum class TextEncoding : uint8_t { utf8, latin1 };

/// False if `c` is no character, or the encoding does not have it.
inline bool append_character(Term c, TextEncoding encoding, std::string* out) {
    const int64_t most = encoding == TextEncoding::latin1 ? 0xff : 0x10ffff;
    if (!c.is_small() || c.to_small() < 0 || c.to_small() > most) return false;
    const auto code_point = static_cast<uint32_t>(c.to_small());
    if (encoding == TextEncoding::latin1) {
        *out += static_cast<char>(code_point);
        return true;
    }
    uint8_t utf8[4];
    if (utf8_bytes(code_point) == 0) return false;
    out->append(reinterpret_cast<const char*>(utf8), encode_utf8(code_point, utf8));
    return true;
}

/// Text of a list of characters or a binary; false if `t` is neither, or has a zero as a character.
inline bool text_of(Term t, std::string* out, TextEncoding encoding = TextEncoding::utf8) {
    if (const BitsView bytes = as_binary(t); bytes && bytes.is_aligned()) {
        out->assign(reinterpret_cast<const char*>(bytes.bytes()), bytes.byte_size());
        return true;
    }
    for (; t.is_cons(); t = t.tail()) {
        if (t.head() == Term::small(0) || !append_character(t.head(), encoding, out)) return false;
    }
    return t.is_nil();
}

/// Text of a list of characters and such lists, as deep as may be; false if `t` is none.
inline bool deep_text_of(Term t, std::string* out, TextEncoding encoding = TextEncoding::utf8) {
    std::vector<Term> rest;  // what follows the lists that `t` is in
    for (;;) {
        while (t.is_nil()) {
            if (rest.empty()) return true;
            t = rest.back();
            rest.pop_back();
        }
        if (!t.is_cons()) return false;
        const Term c = t.head();
        t = t.tail();
        if (c.is_cons() || c.is_nil()) {
            if (!t.is_nil()) rest.push_back(t);
            t = c;
            continue;
        }
        if (!append_character(c, encoding, out)) return false;
    }
}

}  // namespace lintel
