/// File names between Erlang and the system, in the encoding of VmConfig::names.

#include "base/work_stack.h"
#include "stdlib/bif.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/system_names.h"
#include "stdlib/unicode_text.h"
#include "term/atom.h"

namespace lintel {
namespace {

/// Bytes of a deep list of characters, without zeros, or false. Writes them if `to` is not null.
bool encode_name(Term t, TextEncoding encoding, uint8_t* to, size_t* bytes) {
    const bool is_latin1 = encoding == TextEncoding::latin1;
    WorkStack<Term, 16> later;
    *bytes = 0;
    for (;;) {
        while (t.is_cons()) {
            const Term head = t.head();
            t = t.tail();
            if (head.is_list()) {
                if (!t.is_nil()) later.push(t);
                t = head;
                continue;
            }
            if (!head.is_small() || head.to_small() <= 0 || head.to_small() > (is_latin1 ? 0xff : 0x10ffff))
                return false;
            const auto c = static_cast<uint32_t>(head.to_small());
            const size_t n = is_latin1 ? 1 : utf8_bytes(c);
            if (n == 0) return false;
            if (to != nullptr && is_latin1) to[*bytes] = static_cast<uint8_t>(c);
            if (to != nullptr && !is_latin1) encode_utf8(c, to + *bytes);
            *bytes += n;
        }
        if (!t.is_nil()) return false;
        if (later.empty()) return true;
        t = later.pop();
    }
}

}  // namespace

/// prim_file:internal_name2native/1: the name's bytes and a zero. Fails: badarg if it holds a zero or is no name.
Term prim_file_internal_name2native_1(ExecState& p, Args a) {
    if (const BytesArg raw(a[0]); raw) {
        if (memchr(raw.data(), 0, raw.size()) != nullptr) return p.badarg();
        uint8_t* to;
        auto heap = p.reserve(binary_words(raw.size() + 1));
        const Term result = heap.binary_of(raw.size() + 1, &to);
        if (to == nullptr) return p.system_limit();
        memcpy(to, raw.data(), raw.size());
        to[raw.size()] = 0;
        return result;
    }
    size_t bytes;
    const TextEncoding encoding = name_encoding(p);
    if (!a[0].is_list() || !encode_name(a[0], encoding, nullptr, &bytes)) return p.badarg();
    uint8_t* to;
    auto heap = p.reserve(binary_words(bytes + 1));
    const Term result = heap.binary_of(bytes + 1, &to);
    if (to == nullptr) return p.system_limit();
    encode_name(a[0], encoding, to, &bytes);
    to[bytes] = 0;
    return result;
}

/// prim_file:internal_native2name/1: the name as a list of characters; {error, What}, as VmConfig::names says, if it is in another encoding. Fails: badarg.
Term prim_file_internal_native2name_1(ExecState& p, Args a) {
    const BytesArg name(a[0]);
    if (!name) return p.badarg();
    const std::string_view text(reinterpret_cast<const char*>(name.data()), name.size());
    if (!system_names(p).are_latin1() && !utf8_length(text)) {
        auto heap = p.reserve(tuple_words(2));
        return heap.tuple(am::error(), system_names(p).complaint);
    }
    return name_list(p, text);
}

/// prim_file:is_translatable/1: can the name be a list of characters? Fails: badarg if not a binary.
Term prim_file_is_translatable_1(ExecState& p, Args a) {
    const BytesArg name(a[0]);
    if (!name) return p.badarg();
    return boolean(system_names(p).are_latin1() || check_utf8(name.data(), name.size()).valid == name.size());
}

}  // namespace lintel
