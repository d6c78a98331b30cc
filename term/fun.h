#pragma once
/// What order, hashing and printing need to know of funs. The entries that a fun points to, FunEntry and ExportEntry, are
/// structs of a higher floor (loader/code_server.h); here are the places of the fields that identify them.
/// loader/fun_layout.cpp checks the places.
///
///     fun         [header, aux = arity][FunEntry*][creator: pid][environment: size - 2 terms]
///     export_fun  [header][ExportEntry*]

#include <cstring>

#include "term/term.h"

namespace lintel {

inline constexpr size_t kFunEntryModule = 8;
inline constexpr size_t kFunEntryIndex = 16;
inline constexpr size_t kFunEntryOldIndex = 20;
inline constexpr size_t kFunEntryOldUniq = 24;
inline constexpr size_t kExportEntryModule = 32;
inline constexpr size_t kExportEntryFunction = 40;
inline constexpr size_t kExportEntryArity = 48;

/// Body words of a fun before its environment.
inline constexpr size_t kFunFixedWords = 2;

/// A fun that closes over code of one module version (Kind::fun).
class FunView {
public:
    constexpr FunView() = default;
    explicit FunView(const Word* words) : words_(words) {}
    explicit operator bool() const { return words_ != nullptr; }

    /// The FunEntry; the same for funs with the same code.
    const char* entry() const { return reinterpret_cast<const char*>(words_[1]); }
    Term creator() const { return Term(words_[2]); }
    Term module() const { return field<Term>(kFunEntryModule); }
    int32_t index() const { return field<int32_t>(kFunEntryIndex); }
    int32_t old_index() const { return field<int32_t>(kFunEntryOldIndex); }
    int32_t old_uniq() const { return field<int32_t>(kFunEntryOldUniq); }
    uint32_t arity() const { return header_aux(words_[0]); }
    size_t free_count() const { return header_size(words_[0]) - kFunFixedWords; }
    const Term* environment() const { return reinterpret_cast<const Term*>(words_ + 1 + kFunFixedWords); }

private:
    template <typename T>
    T field(size_t offset) const {
        T value;
        std::memcpy(static_cast<void*>(&value), entry() + offset, sizeof value);
        return value;
    }
    const Word* words_ = nullptr;
};

/// Equal but for the environments. As in OTP, arity and md5 of the module, which tell entries apart too, do not count.
inline bool same_fun_code(FunView a, FunView b) {
    if (a.free_count() != b.free_count()) return false;
    return a.entry() == b.entry() ||
           (a.module() == b.module() && a.index() == b.index() && a.old_uniq() == b.old_uniq());
}

/// A fun that names an exported function: fun m:f/a (Kind::export_fun).
class ExportFunView {
public:
    constexpr ExportFunView() = default;
    explicit ExportFunView(const Word* words) : words_(words) {}
    explicit operator bool() const { return words_ != nullptr; }

    const char* entry() const { return reinterpret_cast<const char*>(words_[1]); }
    Term module() const { return field<Term>(kExportEntryModule); }
    Term function() const { return field<Term>(kExportEntryFunction); }
    uint32_t arity() const { return field<uint32_t>(kExportEntryArity); }

private:
    template <typename T>
    T field(size_t offset) const {
        T value;
        std::memcpy(static_cast<void*>(&value), entry() + offset, sizeof value);
        return value;
    }
    const Word* words_ = nullptr;
};

inline FunView as_fun(Term t) { return t.is_kind(Kind::fun) ? FunView(t.boxed_words()) : FunView(); }
inline ExportFunView as_export_fun(Term t) {
    return t.is_kind(Kind::export_fun) ? ExportFunView(t.boxed_words()) : ExportFunView();
}

}  // namespace lintel
