#pragma once
/// The Term: one word that is, or points to, an Erlang value.
///
/// term/tags.h draws the word and the header word. Immediate values (small integers, most floats, atoms, [], local
/// pids and ports) are the word itself; everything else is a pointer to a cons cell or to a boxed object in a heap,
/// a heap fragment, a literal area or an ETS table. Word 0 is the non-value: the result of a BIF that raised, a slot that
/// holds nothing; no Erlang value is ever word 0.
///
/// A Term is trivially copyable and owns nothing. Who may hold one, and how long, is in docs/gc-safety.md.
/// Typed views of boxed objects are in term/views.h.

#include <bit>
#include <type_traits>

#include "base/assert.h"
#include "term/tags.h"

namespace lintel {

struct AtomEntry;

class Term {
public:
    constexpr Term() = default;
    constexpr explicit Term(Word word) : word_(word) {}

    constexpr Word word() const { return word_; }
    /// Same word; for anything but immediates use exactly_equal (term/compare.h).
    constexpr bool operator==(const Term&) const = default;

    // ---- the non-value
    static constexpr Term none() { return Term(0); }
    constexpr bool is_none() const { return word_ == 0; }
    constexpr bool is_value() const { return word_ != 0; }

    // ---- tags
    constexpr Tag tag() const { return static_cast<Tag>(word_ & kTagMask); }
    constexpr bool is_cons() const { return tag() == Tag::cons; }
    constexpr bool is_boxed() const { return tag() == Tag::boxed; }
    /// Neither cons nor boxed: the collector need not look at it.
    constexpr bool is_immediate() const { return !is_cons() && !is_boxed(); }

    // ---- []
    static constexpr Term nil() { return Term(special_word(Special::nil)); }
    constexpr bool is_nil() const { return *this == nil(); }
    constexpr bool is_list() const { return is_cons() || is_nil(); }

    // ---- small integers
    static constexpr int64_t kSmallMax = (int64_t{1} << 60) - 1;
    static constexpr int64_t kSmallMin = -(int64_t{1} << 60);
    static constexpr bool fits_small(int64_t v) { return v >= kSmallMin && v <= kSmallMax; }
    static constexpr Term small(int64_t v) {
        LINTEL_ASSERT(fits_small(v));
        return Term((static_cast<Word>(v) << kTagBits) | static_cast<Word>(Tag::small));
    }
    constexpr bool is_small() const { return tag() == Tag::small; }
    constexpr int64_t to_small() const {
        LINTEL_ASSERT(is_small());
        return static_cast<int64_t>(word_) >> kTagBits;
    }
    static constexpr bool both_small(Term a, Term b) { return ((a.word_ & b.word_) & kTagMask) == kTagMask; }

    // ---- floats that are immediates. Any double: HeapBuilder::make_float, to_double in term/views.h.
    /// The immediate for `d`, or the non-value if this float must be boxed.
    static constexpr Term try_immediate_float(double d) {
        const Word bits = std::bit_cast<Word>(d);
        const Word w = std::rotl(bits, 4);
        if (((w + 1) & 6) == 4) return Term(w);
        if (bits == 0) return Term(special_word(Special::positive_zero));
        if (bits == Word{1} << 63) return Term(special_word(Special::negative_zero));
        return none();
    }
    constexpr bool is_self_tagged_float() const { return ((word_ + 1) & 6) == 4; }
    constexpr bool is_zero_float() const {
        return (word_ & ~(Word{3} << kImmShift)) == imm_tag(Imm::special) && !is_nil() && (word_ >> kImmShift) <= 2;
    }
    constexpr bool is_immediate_float() const { return is_self_tagged_float() || is_zero_float(); }
    constexpr double immediate_float() const {
        LINTEL_ASSERT(is_immediate_float());
        if (is_self_tagged_float()) return std::bit_cast<double>(std::rotr(word_, 4));
        return word_ == special_word(Special::negative_zero) ? -0.0 : 0.0;
    }

    // ---- other immediates
    constexpr bool has_imm_tag(Imm imm) const { return (word_ & kImmMask) == imm_tag(imm); }
    constexpr Word imm_data() const { return word_ >> kImmShift; }

    /// The entry's address is a multiple of kAtomAlignment: an atom below 2 GiB fits an int, as OTP's do (docs/design/nifs.md).
    static Term atom(const AtomEntry* entry) {
        LINTEL_ASSERT((reinterpret_cast<Word>(entry) & kImmMask) == 0);
        return Term(reinterpret_cast<Word>(entry) | imm_tag(Imm::atom));
    }
    constexpr bool is_atom() const { return has_imm_tag(Imm::atom); }
    const AtomEntry* atom_entry() const {
        LINTEL_ASSERT(is_atom());
        return reinterpret_cast<const AtomEntry*>(word_ & ~kImmMask);
    }

    /// `data`: process number (28 bits, low 15 printed as number, next 13 as serial), see sched/process_table.h.
    static constexpr Term local_pid(Word data) { return Term((data << kImmShift) | imm_tag(Imm::pid)); }
    constexpr bool is_local_pid() const { return has_imm_tag(Imm::pid); }
    static constexpr Term local_port(Word data) { return Term((data << kImmShift) | imm_tag(Imm::port)); }
    constexpr bool is_local_port() const { return has_imm_tag(Imm::port); }

    /// A catch mark; `handler` is where the engine goes on. Only in Y registers, never seen by Erlang code.
    static Term catch_mark(const void* handler) {
        return Term((reinterpret_cast<Word>(handler) << kImmShift) | imm_tag(Imm::catch_));
    }
    constexpr bool is_catch() const { return has_imm_tag(Imm::catch_); }
    const void* catch_handler() const { return reinterpret_cast<const void*>(imm_data()); }

    // ---- pointers
    static Term cons(const Word* cell) { return Term(reinterpret_cast<Word>(cell) | static_cast<Word>(Tag::cons)); }
    static Term boxed(const Word* header) {
        return Term(reinterpret_cast<Word>(header) | static_cast<Word>(Tag::boxed));
    }

    Word* cons_cell() const {
        LINTEL_ASSERT(is_cons());
        return reinterpret_cast<Word*>(word_ - static_cast<Word>(Tag::cons));
    }
    Term head() const { return Term(cons_cell()[0]); }
    Term tail() const { return Term(cons_cell()[1]); }

    /// The header word of a boxed object; the body follows.
    Word* boxed_words() const {
        LINTEL_ASSERT(is_boxed());
        return reinterpret_cast<Word*>(word_ - static_cast<Word>(Tag::boxed));
    }
    Word header() const { return *boxed_words(); }
    Kind kind() const { return header_kind(header()); }
    bool is_kind(Kind k) const { return is_boxed() && kind() == k; }

    bool is_tuple() const { return is_kind(Kind::tuple); }
    bool is_float() const { return is_immediate_float() || is_kind(Kind::boxed_float); }
    bool is_bignum() const { return is_kind(Kind::bignum); }
    bool is_integer() const { return is_small() || is_bignum(); }
    bool is_number() const { return is_integer() || is_float(); }
    bool is_flat_map() const { return is_kind(Kind::map_flat); }
    bool is_hash_map() const { return is_kind(Kind::map_hash); }
    bool is_map() const { return is_flat_map() || is_hash_map(); }
    /// A native record (term/record.h), not a tuple with a tag.
    bool is_record() const { return is_kind(Kind::record); }
    bool is_fun() const { return is_kind(Kind::fun) || is_kind(Kind::export_fun); }
    bool is_reference() const { return is_kind(Kind::ref) || is_kind(Kind::magic_ref) || is_kind(Kind::external_ref); }
    bool is_pid() const { return is_local_pid() || is_kind(Kind::external_pid); }
    bool is_port() const { return is_local_port() || is_kind(Kind::external_port); }
    /// Any bit string. A match context is not a term that Erlang code sees.
    bool is_bitstring() const {
        if (!is_boxed()) return false;
        const Kind k = kind();
        return k == Kind::heap_binary || k == Kind::refc_binary || k == Kind::sub_binary;
    }

private:
    Word word_ = 0;
};

static_assert(sizeof(Term) == sizeof(Word) && std::is_trivially_copyable_v<Term>);

}  // namespace lintel
