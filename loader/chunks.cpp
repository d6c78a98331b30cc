/// Readers of the chunks that are tables: atoms, imports, exports, locals, lambdas, strings, lines, types.
///
/// Every number is checked here, once: an index that is stored in the Module is good. Labels are checked after
/// decoding, when it is known where they are (check_tables).

#include <algorithm>

#include "loader/compact_term.h"
#include "loader/load_p.h"
#include "term/utf8.h"

namespace lintel {

bool Loading::fail(LoadError::Kind kind, ChunkId chunk, size_t offset, std::string what) {
    error.kind = kind;
    error.file = file;
    std::memcpy(error.chunk, chunk_name(chunk), chunk == ChunkId::count ? 1 : 5);
    error.offset = offset;
    error.what = std::move(what);
    return false;
}

namespace {

constexpr uint32_t kMaxArity = 255;

/// A chunk of big-endian numbers.
class Table {
public:
    Table(Loading& l, ChunkId id) : l_(l), id_(id), bytes_(l.beam.chunk(id)) {}

    size_t offset() const { return at_; }
    size_t left() const { return bytes_.size() - at_; }
    bool has(size_t n) { return left() >= n || l_.malformed(id_, at_, "truncated"); }
    uint32_t u32() {
        const uint32_t v = big32(&bytes_[at_]);
        at_ += 4;
        return v;
    }
    /// Reads the number of rows and makes sure that they are there.
    bool rows(size_t row_bytes, uint32_t* count) {
        if (!has(4)) return false;
        *count = u32();
        if (*count > left() / row_bytes) {
            return l_.malformed(id_, 0,
                                std::to_string(*count) + " entries by its header, but only bytes for " +
                                    std::to_string(left() / row_bytes));
        }
        return true;
    }
    /// The atom with the file's index `index`.
    bool atom(Term* t) {
        const uint32_t index = u32();
        if (index == 0 || index >= l_.module->atoms.size()) return bad("atom", index);
        *t = l_.module->atoms[index];
        return true;
    }
    bool arity(uint32_t* arity) {
        *arity = u32();
        return *arity <= kMaxArity || bad("arity", *arity);
    }
    bool bad(const char* what, uint32_t value) {
        return l_.malformed(id_, at_ - 4, std::string("invalid ") + what + " " + std::to_string(value));
    }

private:
    Loading& l_;
    ChunkId id_;
    std::span<const uint8_t> bytes_;
    size_t at_ = 0;
};

bool read_functions(Loading& l, ChunkId id, std::vector<Module::Export>& out) {
    Table table(l, id);
    uint32_t count = 0;
    if (!table.rows(12, &count)) return false;
    out.resize(count);
    for (Module::Export& e : out) {
        if (!table.atom(&e.function) || !table.arity(&e.arity)) return false;
        e.label = table.u32();
    }
    return true;
}

}  // namespace

/// AtU8: count, then length and text of each. Until OTP 27 the length is a byte; since OTP 28 the count is negative and
/// the length a compact term. Atom (until OTP 19): Latin-1 text.
bool read_atoms(Loading& l) {
    const bool utf8 = l.beam.has(ChunkId::atoms_utf8);
    const ChunkId id = utf8 ? ChunkId::atoms_utf8 : ChunkId::atoms_latin1;
    if (!l.beam.has(id)) return l.malformed(ChunkId::atoms_utf8, 0, "the file has no such chunk");
    const auto bytes = l.beam.chunk(id);
    if (bytes.size() < 4) return l.malformed(id, 0, "truncated");
    const auto signed_count = static_cast<int32_t>(big32(bytes.data()));
    const bool long_form = utf8 && signed_count < 0;
    const uint32_t count = long_form ? 0u - static_cast<uint32_t>(signed_count) : static_cast<uint32_t>(signed_count);
    if (count > bytes.size() - 4)
        return l.malformed(id, 0, std::to_string(count) + " atoms by its header, but too few bytes");
    if (count == 0) return l.malformed(id, 0, "no atoms: the first one is the module's name");
    auto& atoms = l.module->atoms;
    atoms.reserve(count + 1);
    atoms.push_back(Term::none());
    CompactReader in(bytes.subspan(4));
    for (uint32_t i = 1; i <= count; ++i) {
        const size_t at = 4 + in.offset();
        size_t length = 0;
        if (long_form) {
            CompactTerm t;
            if (!in.read(t)) return l.malformed(id, at, "truncated");
            if (t.tag != CompactTag::u || t.big || t.value < 0) return l.malformed(id, at, "invalid length of an atom");
            length = static_cast<size_t>(t.value);
        } else {
            if (in.at_end()) return l.malformed(id, at, "truncated");
            length = in.byte();
        }
        if (length > in.left()) return l.malformed(id, at, "truncated");
        const auto text = in.take(length);
        const std::string_view name(reinterpret_cast<const char*>(text.data()), text.size());
        const Term atom = utf8 ? l.context.atoms.intern(name) : l.context.atoms.intern(utf8_of_latin1(name));
        if (atom.is_none()) {
            const auto characters = utf8_length(name);
            if (utf8 && !characters) return l.malformed(id, at, "an atom that is not UTF-8");
            if (utf8 && *characters > kMaxAtomCharacters)
                return l.malformed(id, at, "an atom of more than 255 characters");
            return l.fail(LoadError::Kind::no_memory, id, at, "the atom table is full");
        }
        atoms.push_back(atom);
    }
    l.module->name = atoms[1];
    return true;
}

bool read_imports(Loading& l) {
    Table table(l, ChunkId::imports);
    uint32_t count = 0;
    if (!table.rows(12, &count)) return false;
    auto& imports = l.module->imports;
    imports.resize(count);
    for (Module::Import& i : imports) {
        if (!table.atom(&i.module) || !table.atom(&i.function) || !table.arity(&i.arity)) return false;
    }
    return true;
}

bool read_exports(Loading& l) { return read_functions(l, ChunkId::exports, l.module->exports); }

bool read_locals(Loading& l) {
    return !l.beam.has(ChunkId::locals) || read_functions(l, ChunkId::locals, l.module->locals);
}

bool read_lambdas(Loading& l) {
    if (!l.beam.has(ChunkId::lambdas)) return true;
    Table table(l, ChunkId::lambdas);
    uint32_t count = 0;
    if (!table.rows(24, &count)) return false;
    auto& lambdas = l.module->lambdas;
    lambdas.resize(count);
    for (Module::Lambda& f : lambdas) {
        if (!table.atom(&f.function) || !table.arity(&f.arity)) return false;
        f.label = table.u32();
        f.index = table.u32();
        f.free_count = table.u32();
        if (f.free_count > f.arity) return table.bad("number of free variables", f.free_count);
        f.old_uniq = table.u32();
    }
    return true;
}

void read_strings(Loading& l) {
    const auto bytes = l.beam.chunk(ChunkId::strings);
    l.module->strings.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// Line: version, flags, number of line instructions, of items, of file names; then the items as compact terms (a: the
/// file of those that follow, i: one line), then the file names, each with a length of two bytes. Item 0 and file 0 are
/// implied.
bool read_lines(Loading& l) {
    Module& m = *l.module;
    m.lines.push_back({0, 0});
    constexpr ChunkId id = ChunkId::lines;
    const auto bytes = l.beam.chunk(id);
    if (bytes.empty()) return true;
    if (bytes.size() < 20) return l.malformed(id, 0, "truncated");
    // Only names of lines depend on this chunk: a version from the future is no reason to refuse the code.
    if (big32(bytes.data()) != 0) return true;
    const size_t items = big32(&bytes[12]);
    const size_t files = big32(&bytes[16]);
    CompactReader in(bytes.subspan(20));
    if (items > in.left() || files > in.left() / 2) {
        return l.malformed(id, 12, "more lines or files by its header than it has bytes for");
    }
    m.lines.reserve(items + 1);
    uint32_t file = 0;
    while (m.lines.size() <= items) {
        CompactTerm t;
        const size_t at = 20 + in.offset();
        if (!in.read(t)) return l.malformed(id, at, "truncated");
        const bool in_range = !t.big && t.value >= 0 && t.value <= UINT32_MAX;
        if (t.tag == CompactTag::a && in_range && static_cast<size_t>(t.value) <= files) {
            file = static_cast<uint32_t>(t.value);
        } else if (t.tag == CompactTag::i && in_range) {
            m.lines.push_back({file, static_cast<uint32_t>(t.value)});
        } else {
            return l.malformed(id, at, "invalid line or file");
        }
    }
    l.file_names.reserve(files);
    for (size_t i = 0; i < files; ++i) {
        const size_t at = 20 + in.offset();
        if (in.left() < 2) return l.malformed(id, at, "truncated");
        const size_t high = in.byte();
        const size_t length = high << 8 | in.byte();
        if (length > in.left()) return l.malformed(id, at, "truncated");
        const auto text = in.take(length);
        l.file_names.emplace_back(reinterpret_cast<const char*>(text.data()), text.size());
    }
    l.has_lines = true;
    return true;
}

namespace {

int64_t big64(const uint8_t* p) { return static_cast<int64_t>(static_cast<uint64_t>(big32(p)) << 32 | big32(p + 4)); }

/// What a row means, by version of the chunk: a 16-bit word of types and flags, then what the flags announce.
struct TypeFormat {
    unsigned type_bits;      ///< how many of the word's bits are types; the flags lower, upper, unit follow
    bool has_match_context;  ///< bit 2 is the match context, a type of its own until OTP 26
};

/// The word's types as TypeInfo has them. A word that leaves nothing of them says nothing to us.
uint16_t types_of_word(uint32_t word, const TypeFormat& format) {
    uint32_t types = word & ((1u << format.type_bits) - 1);
    if (format.has_match_context) {
        if ((types & 4) != 0) return TypeInfo::kAny;
        types = (types & 3) | (types >> 3) << 2;
    }
    // Releases without native records have no bit for them: what may be anything may be one.
    constexpr uint32_t kAllOthers = TypeInfo::kAny >> 1;
    return types != 0 && types != kAllOthers ? static_cast<uint16_t>(types) : TypeInfo::kAny;
}

}  // namespace

/// Type: version, count, rows. Version 1 (OTP 25) has rows of 18 bytes: the word, minimum, maximum (none if minimum is
/// greater). Since version 2 (OTP 26) what is absent takes no room. Other versions tell nothing: every register is of
/// any type.
bool read_types(Loading& l) {
    constexpr ChunkId id = ChunkId::types;
    const auto bytes = l.beam.chunk(id);
    if (bytes.empty()) return true;
    if (bytes.size() < 8) return l.malformed(id, 0, "truncated");
    const uint32_t version = big32(bytes.data());
    const uint32_t count = big32(&bytes[4]);
    TypeFormat format{};
    switch (version) {
        case 1:
        case 2: format = {13, true}; break;
        case 3: format = {12, false}; break;
        case 4: format = {13, false}; break;
        default: return true;
    }
    const size_t least_row = version == 1 ? 18 : 2;
    if (count > (bytes.size() - 8) / least_row)
        return l.malformed(id, 4, "more types by its header than it has bytes for");
    auto& types = l.module->types;
    types.reserve(count);
    const uint8_t* p = bytes.data() + 8;
    const uint8_t* end = bytes.data() + bytes.size();
    for (uint32_t i = 0; i < count; ++i) {
        TypeInfo info;
        const uint32_t word = static_cast<uint32_t>(p[0]) << 8 | p[1];
        info.types = types_of_word(word, format);
        p += 2;
        if (version == 1) {
            info.min = big64(p);
            info.max = big64(p + 8);
            info.has_min = info.has_max = info.min <= info.max;
            p += 16;
        } else {
            const uint32_t flags = word >> format.type_bits;
            const size_t need = (flags & 1) * 8 + (flags >> 1 & 1) * 8 + (flags >> 2 & 1);
            const size_t next = i + 1 < count ? 2 : 0;
            if (static_cast<size_t>(end - p) < need + next) {
                return l.malformed(id, static_cast<size_t>(p - bytes.data()), "truncated");
            }
            if ((flags & 1) != 0) {
                info.has_min = true;
                info.min = big64(p);
                p += 8;
            }
            if ((flags & 2) != 0) {
                info.has_max = true;
                info.max = big64(p);
                p += 8;
            }
            // The byte is the unit less one. A multiple of 256 is one of 128 as well, which fits.
            if ((flags & 4) != 0) info.unit = *p == 255 ? uint8_t{128} : static_cast<uint8_t>(*p + 1), ++p;
        }
        if (!info.has_min) info.min = 0;
        if (!info.has_max) info.max = 0;
        types.push_back(info);
    }
    l.types_known = true;
    return true;
}

namespace {

/// The label `label` of a table's row enters a function of `arity`.
bool check_entry(Loading& l, ChunkId id, size_t offset, uint32_t label, uint32_t arity) {
    const Module& m = *l.module;
    if (label == 0 || label >= m.label_position.size() || m.label_position[label] == Module::kNoPosition) {
        return l.malformed(id, offset, "label " + std::to_string(label) + " is not defined");
    }
    const Module::Function& f = m.functions[m.label_function[label]];
    if (f.entry_label != label)
        return l.malformed(id, offset, "label " + std::to_string(label) + " enters no function");
    if (f.arity != arity) {
        return l.malformed(id, offset,
                           "arity " + std::to_string(arity) + ", but the function at label " + std::to_string(label) +
                               " has arity " + std::to_string(f.arity));
    }
    return true;
}

}  // namespace

bool check_tables(Loading& l) {
    const Module& m = *l.module;
    for (size_t i = 0; i < m.exports.size(); ++i) {
        if (!check_entry(l, ChunkId::exports, 4 + 12 * i, m.exports[i].label, m.exports[i].arity)) return false;
    }
    for (size_t i = 0; i < m.locals.size(); ++i) {
        if (!check_entry(l, ChunkId::locals, 4 + 12 * i, m.locals[i].label, m.locals[i].arity)) return false;
    }
    for (size_t i = 0; i < m.lambdas.size(); ++i) {
        if (!check_entry(l, ChunkId::lambdas, 4 + 24 * i, m.lambdas[i].label, m.lambdas[i].arity)) return false;
    }
    return true;
}

}  // namespace lintel
