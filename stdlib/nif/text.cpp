#include "stdlib/nif/text.h"

#include <climits>
#include <cstring>
#include <optional>

#include "loader/dist_packet.h"
#include "stdlib/nif/env.h"
#include "term/utf8.h"

namespace lintel {

namespace {

/// UTF-8 of a library's text; nullopt: not a known encoding. Whether it is valid UTF-8 is the atom table's to say.
std::optional<std::string> utf8_of(std::string_view text, ErlNifCharEncoding encoding) {
    if (encoding == ERL_NIF_LATIN1) return utf8_of_latin1(text);
    if (encoding == ERL_NIF_UTF8) return std::string(text);
    return std::nullopt;
}

/// The name in an encoding; nullopt: it has characters that this has not.
std::optional<std::string> encoded(std::string_view utf8, ErlNifCharEncoding encoding) {
    if (encoding == ERL_NIF_UTF8) return std::string(utf8);
    if (encoding != ERL_NIF_LATIN1) return std::nullopt;
    std::string out;
    const auto* at = reinterpret_cast<const uint8_t*>(utf8.data());
    const uint8_t* const end = at + utf8.size();
    while (at < end) {
        const Utf8Step step = decode_utf8(at, static_cast<size_t>(end - at));
        if (step.status != Utf8Step::Status::ok || step.code_point > 0xff) return std::nullopt;
        out.push_back(static_cast<char>(step.code_point));
        at += step.bytes;
    }
    return out;
}

/// The atom of a name, made if new. Without a VM only those that all VMs have are known.
Term intern(NifEnv& env, std::string_view utf8) {
    if (env.vm != nullptr) return env.vm->atoms.intern(utf8);
    for (size_t i = 0; i < static_cast<size_t>(AtomId::count); ++i) {
        if (kWellKnownAtoms[i].entry.name() == utf8) return Term::atom(&kWellKnownAtoms[i].entry);
    }
    return Term::none();
}

Term find(NifEnv& env, std::string_view utf8) {
    return env.vm != nullptr ? env.vm->atoms.find(utf8) : intern(env, utf8);
}

/// The atom that `look_up` has for a library's text. 0: none.
int give_atom(Term (*look_up)(NifEnv&, std::string_view), NifEnv& env, std::string_view name,
              ErlNifCharEncoding encoding, ERL_NIF_TERM* atom) {
    if (name.size() > 4 * kMaxAtomCharacters) return 0;
    const auto text = utf8_of(name, encoding);
    const Term found = text ? look_up(env, *text) : Term::none();
    if (found.is_none()) return 0;
    *atom = found.word();
    return 1;
}

}  // namespace

std::optional<std::string> list_text(Term list, ErlNifCharEncoding encoding) {
    std::string out;
    for (; list.is_cons(); list = list.tail()) {
        const int64_t c = list.head().is_small() ? list.head().to_small() : -1;
        if (encoding == ERL_NIF_LATIN1 && c >= 0 && c <= 0xff) {
            out.push_back(static_cast<char>(c));
        } else if (encoding == ERL_NIF_UTF8 && c >= 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff)) {
            uint8_t bytes[4];
            out.append(reinterpret_cast<const char*>(bytes), encode_utf8(static_cast<uint32_t>(c), bytes));
        } else {
            return std::nullopt;
        }
    }
    if (!list.is_nil()) return std::nullopt;
    return out;
}

}  // namespace lintel

using lintel::Term;
using lintel::term_of;

extern "C" {

ERL_NIF_TERM enif_make_atom_len(ErlNifEnv* env, const char* latin1, size_t length) {
    if (length > lintel::kMaxAtomCharacters) return env->badarg();
    const Term atom = lintel::intern(*env, lintel::utf8_of_latin1({latin1, length}));
    return atom.is_value() ? atom.word() : env->raise(lintel::am::system_limit());
}

ERL_NIF_TERM enif_make_atom(ErlNifEnv* env, const char* latin1) {
    return enif_make_atom_len(env, latin1, std::strlen(latin1));
}

int enif_make_new_atom_len(ErlNifEnv* env, const char* name, size_t length, ERL_NIF_TERM* atom,
                           ErlNifCharEncoding encoding) {
    return lintel::give_atom(lintel::intern, *env, {name, length}, encoding, atom);
}

int enif_make_new_atom(ErlNifEnv* env, const char* name, ERL_NIF_TERM* atom, ErlNifCharEncoding encoding) {
    return enif_make_new_atom_len(env, name, std::strlen(name), atom, encoding);
}

int enif_make_existing_atom_len(ErlNifEnv* env, const char* name, size_t length, ERL_NIF_TERM* atom,
                                ErlNifCharEncoding encoding) {
    return lintel::give_atom(lintel::find, *env, {name, length}, encoding, atom);
}

int enif_make_existing_atom(ErlNifEnv* env, const char* name, ERL_NIF_TERM* atom, ErlNifCharEncoding encoding) {
    return enif_make_existing_atom_len(env, name, std::strlen(name), atom, encoding);
}

int enif_get_atom(ErlNifEnv*, ERL_NIF_TERM term, char* buffer, unsigned size, ErlNifCharEncoding encoding) {
    const Term t = term_of(term);
    if (!t.is_atom() || size == 0) return 0;
    const auto text = lintel::encoded(lintel::atom_name(t), encoding);
    if (!text || text->size() >= size) return 0;
    std::memcpy(buffer, text->c_str(), text->size() + 1);
    return static_cast<int>(text->size() + 1);
}

int enif_get_atom_cache_index(ErlNifEnv*, ERL_NIF_TERM term, unsigned* index) {
    if (!Term(term).is_atom()) return 0;
    *index = static_cast<unsigned>(lintel::PacketAtoms::slot_of(Term(term)));
    return 1;
}

unsigned enif_max_atom_cache_index(void) { return lintel::kAtomCacheSlots - 1; }

int enif_get_atom_length(ErlNifEnv*, ERL_NIF_TERM term, unsigned* length, ErlNifCharEncoding encoding) {
    const Term t = term_of(term);
    if (!t.is_atom()) return 0;
    const auto text = lintel::encoded(lintel::atom_name(t), encoding);
    if (!text) return 0;
    *length = static_cast<unsigned>(text->size());
    return 1;
}

ERL_NIF_TERM enif_make_string_len(ErlNifEnv* env, const char* text, size_t length, ErlNifCharEncoding encoding) {
    const std::string_view bytes(text, length);
    lintel::HeapBuilder heap = env->reserve(lintel::list_words(length));
    if (encoding == ERL_NIF_UTF8) {
        if (!lintel::utf8_length(bytes)) return env->badarg();
        return heap.string(bytes).word();
    }
    return heap.byte_list(bytes).word();
}

ERL_NIF_TERM enif_make_string(ErlNifEnv* env, const char* text, ErlNifCharEncoding encoding) {
    return enif_make_string_len(env, text, std::strlen(text), encoding);
}

/// Bytes written, the zero at the end included; 0: no such list; below 0: as many, but there was room for no more.
int enif_get_string(ErlNifEnv*, ERL_NIF_TERM term, char* buffer, unsigned size, ErlNifCharEncoding encoding) {
    if (size == 0) return 0;
    *buffer = 0;
    const Term list = term_of(term);
    if (!list.is_list()) return 0;
    // As far as there is room nothing behind it is looked at.
    unsigned used = 0;
    Term at = list;
    for (; at.is_cons(); at = at.tail()) {
        lintel::Word one[2] = {at.head().word(), Term::nil().word()};
        const auto bytes = lintel::list_text(Term::cons(one), encoding);
        if (!bytes) {
            buffer[used] = 0;
            return 0;
        }
        if (used + bytes->size() >= size) {
            buffer[used] = 0;
            return -static_cast<int>(used + 1);
        }
        std::memcpy(buffer + used, bytes->data(), bytes->size());
        used += static_cast<unsigned>(bytes->size());
    }
    buffer[used] = 0;
    if (!at.is_nil()) return 0;
    return static_cast<int>(used + 1);
}

int enif_get_string_length(ErlNifEnv*, ERL_NIF_TERM term, unsigned* length, ErlNifCharEncoding encoding) {
    const auto text = lintel::list_text(term_of(term), encoding);
    if (!text || text->size() > UINT_MAX) return 0;
    *length = static_cast<unsigned>(text->size());
    return 1;
}

}  // extern "C"
