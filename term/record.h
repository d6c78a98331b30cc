#pragma once
/// Native records (OTP 29): values with named fields that carry their definition with them.
///
/// record      [header, size 1 + n][definition][n values]
/// definition  a tuple of atoms: {Module, Name, Exported, Field 1, …, Field n}, n fields in the order of declaration
///
/// The definition is the one in force when the value was made. Values of the same expression, their updates and their copies
/// within a process share one tuple: mostly a literal of the module that defines the record. Only making a value
/// looks at what a module defines now (Module::Record); all else goes by what the value carries.

#include <cstring>
#include <span>

#include "term/atom.h"
#include "term/term.h"

namespace lintel {

/// Elements of a definition before its fields.
inline constexpr size_t kRecordHeadAtoms = 3;
/// Most fields of a record.
inline constexpr size_t kMaxRecordFields = kMaxTupleArity - kRecordHeadAtoms;

constexpr size_t record_words(size_t fields) { return 2 + fields; }
constexpr size_t record_definition_words(size_t fields) { return 1 + kRecordHeadAtoms + fields; }

/// A definition by itself: what names the fields of a record. Owns nothing.
class RecordDefinition {
public:
    explicit RecordDefinition(Term tuple) : words_(tuple.boxed_words()) { LINTEL_ASSERT(tuple.is_tuple()); }
    Term module() const { return Term(words_[1]); }
    Term name() const { return Term(words_[2]); }
    bool is_exported() const { return Term(words_[3]) == am::true_(); }
    std::span<const Term> atoms() const { return {reinterpret_cast<const Term*>(words_ + 1), header_size(words_[0])}; }
    std::span<const Term> fields() const { return atoms().subspan(kRecordHeadAtoms); }
    size_t field_count() const { return header_size(words_[0]) - kRecordHeadAtoms; }

    static constexpr size_t kNone = SIZE_MAX;
    /// Where `field` is among the fields, or kNone. The search begins at `hint`: who asks for fields in order finds each at once.
    size_t find(Term field, size_t hint = 0) const {
        const Term* names = fields().data();
        const size_t n = field_count();
        for (size_t i = hint; i < n; ++i) {
            if (names[i] == field) return i;
        }
        for (size_t i = 0; i < hint && i < n; ++i) {
            if (names[i] == field) return i;
        }
        return kNone;
    }

private:
    const Word* words_;
};

/// Whether a name stands twice among `fields`.
bool has_repeated_field(std::span<const Term> fields);

/// Two definitions with the same contents.
inline bool same_definition(Term a, Term b) {
    if (a == b) return true;
    const auto x = RecordDefinition(a).atoms();
    const auto y = RecordDefinition(b).atoms();
    return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size_bytes()) == 0;
}

class RecordView {
public:
    constexpr RecordView() = default;
    explicit RecordView(const Word* words) : words_(words) {}
    explicit operator bool() const { return words_ != nullptr; }
    Term definition() const { return Term(words_[1]); }
    std::span<const Term> definition_atoms() const { return RecordDefinition(definition()).atoms(); }
    Term module() const { return RecordDefinition(definition()).module(); }
    Term name() const { return RecordDefinition(definition()).name(); }
    bool is_exported() const { return RecordDefinition(definition()).is_exported(); }
    std::span<const Term> fields() const { return RecordDefinition(definition()).fields(); }
    size_t field_count() const { return header_size(words_[0]) - 1; }
    std::span<const Term> values() const { return {reinterpret_cast<const Term*>(words_ + 2), field_count()}; }
    /// The value of `field`, or nullptr.
    const Term* find(Term field, size_t hint = 0) const {
        const size_t i = RecordDefinition(definition()).find(field, hint);
        return i == RecordDefinition::kNone ? nullptr : values().data() + i;
    }

private:
    const Word* words_ = nullptr;
};

inline RecordView as_record(Term t) { return t.is_record() ? RecordView(t.boxed_words()) : RecordView(); }

}  // namespace lintel
