#include <string_view>

#include "stdlib/bif.h"
#include "term/bits.h"
#include "term/utf8.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

/// Bytes of the longest atom's name.
constexpr size_t kMaxNameBytes = kMaxAtomCharacters * 4;

/// An atom's name while it is being read: what is wrong with it shows at the first character that is.
struct Name {
    enum class Result { ok, bad, too_long };
    uint8_t bytes[kMaxNameBytes];
    size_t size = 0;
    size_t characters = 0;

    Result add(int64_t c) {
        if (characters == kMaxAtomCharacters) return Result::too_long;
        if (c < 0 || c > 0x10ffff || utf8_bytes(static_cast<uint32_t>(c)) == 0) return Result::bad;
        size += encode_utf8(static_cast<uint32_t>(c), bytes + size);
        ++characters;
        return Result::ok;
    }

    Result read_list(Term list) {
        for (; list.is_cons(); list = list.tail()) {
            const Term c = list.head();
            if (const Result r = add(c.is_small() ? c.to_small() : -1); r != Result::ok) return r;
        }
        return list.is_nil() ? Result::ok : Result::bad;
    }

    Result read_latin1(const uint8_t* text, size_t n) {
        for (size_t i = 0; i < n; ++i) {
            if (const Result r = add(text[i]); r != Result::ok) return r;
        }
        return Result::ok;
    }

    Result read_utf8(const uint8_t* text, size_t n) {
        while (n > 0) {
            if (characters == kMaxAtomCharacters) return Result::too_long;
            const Utf8Step step = decode_utf8(text, n);
            if (step.status != Utf8Step::Status::ok) return Result::bad;
            (void)add(step.code_point);
            text += step.bytes;
            n -= step.bytes;
        }
        return Result::ok;
    }

    std::string_view view() const { return {reinterpret_cast<const char*>(bytes), size}; }
};

enum class Existing : bool { no, yes };

/// The atom of a name that was read with `result`. A new atom beyond the table's limit is a system_limit as well.
Term atom_of(ExecState& p, const Name& name, Name::Result result, Existing existing) {
    if (result != Name::Result::ok) {
        return result == Name::Result::too_long && existing == Existing::no ? p.system_limit() : p.badarg();
    }
    if (existing == Existing::yes) {
        const Term atom = p.vm->atoms.find(name.view());
        return atom.is_value() ? atom : p.badarg();
    }
    const Term atom = p.vm->atoms.intern(name.view());
    return atom.is_value() ? atom : p.system_limit();
}

Term list_to_atom(ExecState& p, Term list, Existing existing) {
    Name name;
    const Name::Result result = name.read_list(list);
    return atom_of(p, name, result, existing);
}

bool is_utf8_encoding(Term t) { return t == am::utf8() || t == am::unicode(); }

Term binary_to_atom(ExecState& p, Args a, Existing existing) {
    const BitsView binary = as_binary(a[0]);
    const bool utf8 = is_utf8_encoding(a[1]);
    if (!binary || (!utf8 && a[1] != am::latin1())) return p.badarg();
    // Longer ones fail anyway, and must do so as the first so many bytes say.
    constexpr size_t kEnough = kMaxNameBytes + 4;
    uint8_t scratch[kEnough];
    BitsView part = binary;
    if (part.byte_size() > kEnough) part.size = kEnough * 8;
    const uint8_t* text = aligned_bytes(part, scratch);
    Name name;
    const Name::Result result =
        utf8 ? name.read_utf8(text, part.byte_size()) : name.read_latin1(text, part.byte_size());
    return atom_of(p, name, result, existing);
}

}  // namespace

/// erlang:atom_to_list/1: the code points of the name.
Term atom_to_list_1(ExecState& p, Args a) {
    if (!a[0].is_atom()) return p.badarg();
    return p.reserve(list_words(a[0].atom_entry()->characters)).string(atom_name(a[0]));
}

/// erlang:atom_to_binary/2. Fails: badarg if Encoding is latin1 and a character is above 255.
Term atom_to_binary_2(ExecState& p, Args a) {
    if (!a[0].is_atom()) return p.badarg();
    const std::string_view name = atom_name(a[0]);
    if (is_utf8_encoding(a[1])) {
        const Term binary = p.reserve(binary_words(name.size())).binary(name);
        return binary.is_value() ? binary : p.system_limit();
    }
    if (a[1] != am::latin1()) return p.badarg();
    uint8_t latin1[kMaxAtomCharacters];
    size_t n = 0;
    for (size_t i = 0; i < name.size();) {
        const Utf8Step step = decode_utf8(reinterpret_cast<const uint8_t*>(name.data()) + i, name.size() - i);
        if (step.code_point > 255) return p.badarg();
        latin1[n++] = static_cast<uint8_t>(step.code_point);
        i += step.bytes;
    }
    const Term binary = p.reserve(binary_words(n)).binary(latin1, n);
    return binary.is_value() ? binary : p.system_limit();
}

/// erlang:list_to_atom/1. Fails: system_limit for more than 255 characters or a full table; badarg if no text.
Term list_to_atom_1(ExecState& p, Args a) { return list_to_atom(p, a[0], Existing::no); }
/// erlang:list_to_existing_atom/1. Fails: badarg.
Term list_to_existing_atom_1(ExecState& p, Args a) { return list_to_atom(p, a[0], Existing::yes); }
/// erlang:binary_to_atom/2. Fails: as list_to_atom/1.
Term binary_to_atom_2(ExecState& p, Args a) { return binary_to_atom(p, a, Existing::no); }
/// erlang:binary_to_existing_atom/2. Fails: badarg.
Term binary_to_existing_atom_2(ExecState& p, Args a) { return binary_to_atom(p, a, Existing::yes); }

}  // namespace lintel
