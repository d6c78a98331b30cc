#pragma once
/// Atoms: interned, immutable names.
///
/// An atom term holds the address of its AtomEntry, so printing, ordering and hashing need no table and no VM.
/// Each Vm has one AtomTable. The well-known atoms (term/atoms.def) are constants of the program that every table
/// starts with: `am::ok()` is the same word in every VM. Other entries belong to the table that made them and live as long
/// as it does, or as an AtomBase taken of it. docs/adr/0002-atoms-are-addresses.md has the reasons.

#include <array>
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "term/term.h"

namespace lintel {

struct AtomEntry {
    const char* text;     ///< UTF-8, not terminated
    uint16_t bytes;       ///< length of text
    uint16_t characters;  ///< code points, at most 255
    uint32_t hash;        ///< OTP's atom hash, as phash2 needs it
    uint32_t id;          ///< position in atoms.def, or kUnknownAtom
    uint32_t number;      ///< order of creation within its table; what iteration and ETF caches use
    Word internal_hash;   ///< of the name, well mixed: see term/hash.h
    Word
        prefix;  ///< first eight bytes of text, the first one highest, zeros behind a shorter one: orders most pairs of atoms

    std::string_view name() const { return {text, bytes}; }
};

/// Positions of the well-known atoms, for `switch (atom_id(t))`.
enum class AtomId : uint32_t {
#define ATOM(name, text) name,
#include "term/atoms.def"
#undef ATOM
    count,
};

inline constexpr uint32_t kUnknownAtom = 0xffffffff;
inline constexpr size_t kMaxAtomCharacters = 255;

/// Of every entry: the tag of a term is below.
inline constexpr size_t kAtomAlignment = size_t{1} << kImmShift;
struct alignas(kAtomAlignment) WellKnownAtom {
    AtomEntry entry;
};
extern const WellKnownAtom kWellKnownAtoms[];
inline Term well_known_atom(AtomId id) { return Term::atom(&kWellKnownAtoms[static_cast<size_t>(id)].entry); }

/// The well-known atoms as terms: am::ok(), am::undefined(), ….
namespace am {
#define ATOM(name, text) \
    inline Term name() { return well_known_atom(AtomId::name); }
#include "term/atoms.def"
#undef ATOM
}  // namespace am

inline AtomId atom_id(Term t) { return t.is_atom() ? static_cast<AtomId>(t.atom_entry()->id) : AtomId{kUnknownAtom}; }
inline std::string_view atom_name(Term t) { return t.atom_entry()->name(); }
inline Term boolean(bool b) { return b ? am::true_() : am::false_(); }

/// AtomEntry::internal_hash of a name: FNV-1a, then mixed.
constexpr Word atom_internal_hash(std::string_view name) {
    Word h = 0xcbf29ce484222325ull;
    for (const char c : name) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3ull;
    return mix_word(h);
}

/// OTP's hash of an atom's name (UTF-8 bytes). Part of phash2's contract.
uint32_t atom_hash(std::string_view name);

/// Atoms by name, but for the well-known ones.
class AtomIndex {
public:
    const AtomEntry* find(std::string_view name, uint32_t hash) const;
    void insert(const AtomEntry* entry);
    /// In the order in which they were inserted.
    const std::vector<const AtomEntry*>& entries() const { return entries_; }
    /// Memory of the index itself.
    size_t bytes() const { return (slots_.capacity() + entries_.capacity()) * sizeof(void*); }

private:
    void grow();

    std::vector<const AtomEntry*> slots_;  // open addressing, power of two
    std::vector<const AtomEntry*> entries_;
};

/// Memory that entries lie in.
using AtomBlocks = std::vector<std::shared_ptr<char>>;

/// What a table begins with beside the well-known atoms: those that another table had when this was taken of it. Never changes.
struct AtomBase {
    AtomIndex index;
    AtomBlocks blocks;
};

/// The atoms of one VM. All members may be called from any thread.
class AtomTable {
public:
    /// Begins with the atoms of `base` (nullptr: with the well-known ones alone), which are the same words in all tables that do.
    explicit AtomTable(std::shared_ptr<const AtomBase> base = nullptr);
    AtomTable(const AtomTable&) = delete;
    AtomTable& operator=(const AtomTable&) = delete;

    /// The atom with this UTF-8 name, made if new. The non-value if the name is not UTF-8, has more than 255
    /// characters, or the limit is reached.
    Term intern(std::string_view name);
    /// The atom with this name if it exists, else the non-value.
    Term find(std::string_view name) const;
    /// All atoms there are now, for other tables to begin with.
    std::shared_ptr<const AtomBase> freeze() const;

    size_t count() const;
    /// Those that the limit counts: not those of the base.
    size_t own_count() const { return count() - base_count(); }
    /// Most atoms, those of the base not counted but in the result of limit().
    size_t limit() const { return limit_ + base_count(); }
    void set_limit(size_t atoms) { limit_ = atoms; }
    /// Those of the base and the well-known ones do not count.
    size_t bytes() const;
    /// The atom made as the `number`th, or the non-value.
    Term at(size_t number) const;

private:
    size_t base_count() const { return base_ != nullptr ? base_->index.entries().size() : 0; }
    size_t count_locked() const;
    using Recent = std::atomic<const AtomEntry*>;
    /// Where an atom of this name is if it was the last found of those that share the place.
    Recent& recent_of(std::string_view name) const;
    const AtomEntry* find_entry(std::string_view name) const;
    Term make(std::string_view name);
    /// Without a lock: what every table or this one's base has had from the beginning.
    const AtomEntry* find_constant(std::string_view name, uint32_t hash) const;

    const std::shared_ptr<const AtomBase> base_;
    mutable std::shared_mutex mutex_;
    AtomIndex own_;
    AtomBlocks blocks_;
    size_t block_used_ = 0;
    size_t limit_ = 1048576;
    size_t bytes_ = 0;
    /// The same few atoms come again and again: no lock, no hash of the whole name.
    mutable std::array<Recent, 128> recent_{};
};

}  // namespace lintel
