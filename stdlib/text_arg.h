#pragma once
/// Text as Erlang code passes it to the system: names of files, of variables.

#include <string>
#include <vector>

#include "term/bits.h"
#include "term/utf8.h"
#include "term/views.h"

namespace lintel {

/// Text of a list of characters or a binary; false if `t` is neither.
inline bool text_of(Term t, std::string* out) {
    if (const BitsView bytes = as_binary(t); bytes && bytes.is_aligned()) {
        out->assign(reinterpret_cast<const char*>(bytes.bytes()), bytes.byte_size());
        return true;
    }
    for (; t.is_cons(); t = t.tail()) {
        const Term c = t.head();
        if (!c.is_small() || c.to_small() < 1 || c.to_small() > 0x10ffff) return false;
        uint8_t utf8[4];
        const size_t n = utf8_bytes(static_cast<uint32_t>(c.to_small()));
        if (n == 0) return false;
        encode_utf8(static_cast<uint32_t>(c.to_small()), utf8);
        out->append(reinterpret_cast<const char*>(utf8), n);
    }
    return t.is_nil();
}

/// Text of a list of characters and such lists, as deep as may be; false if `t` is none.
inline bool deep_text_of(Term t, std::string* out) {
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
        uint8_t utf8[4];
        if (!c.is_small() || c.to_small() < 0 || c.to_small() > 0x10ffff ||
            utf8_bytes(static_cast<uint32_t>(c.to_small())) == 0)
            return false;
        out->append(reinterpret_cast<const char*>(utf8), encode_utf8(static_cast<uint32_t>(c.to_small()), utf8));
    }
}

}  // namespace lintel
