#pragma once
/// HeapBuilder: the only way to write terms.
///
/// A builder owns a reservation of exactly so many words in one area: a process heap, a fragment (BIF results that
/// found the heap full, messages), a literal area, the storage of an ETS object. It is got from
/// `ExecState::reserve(words)` or from the area; what is left when it is destroyed is given back. Size first, reserve
/// once, build. Nothing moves while a BIF runs, so plain Terms are safe to hold until it returns.
///
/// A builder never collects and never fails: reserving does the failing.

#include <cstring>
#include <span>
#include <string_view>

#include "gc/heap.h"
#include "term/term.h"

namespace lintel {

struct ExportEntry;

inline constexpr size_t kConsWords = 2;
inline constexpr size_t kBoxedFloatWords = 2;
/// What any 64-bit integer needs at most.
inline constexpr size_t kIntegerWords = 2;
inline constexpr size_t kRefWords = 3;
inline constexpr size_t kAliasRefWords = 4;

constexpr size_t tuple_words(size_t arity) { return 1 + arity; }
constexpr size_t list_words(size_t length) { return kConsWords * length; }
/// Words for float `d`: none if it is an immediate.
inline size_t float_words(double d) { return Term::try_immediate_float(d).is_value() ? 0 : kBoxedFloatWords; }
/// Words for a new binary of so many bytes: on the heap if it is short, a handle otherwise.
constexpr size_t binary_words(size_t bytes) {
    return bytes <= kMaxHeapBinaryBytes ? 1 + words_for_bytes(bytes) : kRefcBinaryWords;
}
/// As binary_words, for a bit string that may end in a part of a byte.
constexpr size_t bitstring_words(size_t bits) {
    return binary_words(bytes_for_bits(bits)) + (bits % 8 == 0 ? 0 : kSubBinaryWords);
}

class HeapBuilder {
public:
    /// Takes `words` words at `*owner_top` (moved forward now, back on destruction by what is left over).
    HeapBuilder(Word** owner_top, size_t words, OffHeapList* off_heap)
        : owner_top_(owner_top), top_(*owner_top), limit_(*owner_top + words), off_heap_(off_heap) {
        *owner_top = limit_;
    }
    explicit HeapBuilder(HeapFragment* fragment)
        : HeapBuilder(&fragment->top, static_cast<size_t>(fragment->end - fragment->top), &fragment->off_heap) {}
    HeapBuilder(const HeapBuilder&) = delete;
    HeapBuilder& operator=(const HeapBuilder&) = delete;
    ~HeapBuilder() {
        // Someone reserved behind us: the rest stays as a hole, which no collection looks at.
        if (*owner_top_ == limit_) *owner_top_ = top_;
    }

    size_t words_left() const { return static_cast<size_t>(limit_ - top_); }
    OffHeapList& off_heap() { return *off_heap_; }

    /// `words` words to be filled by the caller at once.
    Word* raw(size_t words) {
        LINTEL_ASSERT(words <= words_left());
        Word* w = top_;
        top_ += words;
        return w;
    }

    /// Takes back what the last raw returned, from `top` on.
    void give_back_from(Word* top) {
        LINTEL_ASSERT(top <= top_);
        top_ = top;
    }

    Term cons(Term head, Term tail) {
        Word* w = raw(kConsWords);
        w[0] = head.word();
        w[1] = tail.word();
        return Term::cons(w);
    }
    template <typename... T>
    Term tuple(T... elements) {
        Word* w = raw(1 + sizeof...(T));
        *w = make_header(Kind::tuple, sizeof...(T));
        Word* e = w;
        ((*++e = elements.word()), ...);
        return Term::boxed(w);
    }
    /// A tuple whose elements the caller must set at once: returns its first element's place in `elements`.
    Term tuple_of(size_t arity, Word** elements) {
        Word* w = raw(1 + arity);
        *w = make_header(Kind::tuple, arity);
        *elements = w + 1;
        return Term::boxed(w);
    }
    Term list(std::span<const Term> elements, Term tail = Term::nil());
    /// List of the bytes / of the code points of UTF-8 text, before `tail`. list_words(text.size()) suffice.
    /// A byte that is not part of valid UTF-8 becomes an element of its own.
    Term byte_list(std::string_view text, Term tail = Term::nil());
    Term string(std::string_view utf8, Term tail = Term::nil());

    Term make_float(double d);
    /// kIntegerWords suffice.
    Term integer(int64_t v);
    Term unsigned_integer(uint64_t v);
    /// Integer from sign and magnitude; leading zero limbs allowed; becomes small if it fits. 1 + limbs words.
    Term integer_from_limbs(std::span<const Word> magnitude, bool negative);

    /// A copy of `bytes`; on the heap or outside, by size. binary_words(size) words. Non-value: out of memory.
    Term binary(const void* bytes, size_t size);
    Term binary(std::string_view text) { return binary(text.data(), text.size()); }
    /// A new binary whose bytes the caller must fill at once; nullptr in *bytes: out of memory.
    Term binary_of(size_t size, uint8_t** bytes);
    /// As binary_of for any number of bits; a last partial byte's low bits should be zero. bitstring_words(bits).
    Term bitstring_of(size_t bits, uint8_t** bytes);
    /// A handle; takes over one reference. kRefcBinaryWords.
    Term refc_binary(BinaryData* data, size_t bytes, Word flags = 0);
    /// The part of `bits` (a bit string term) at `offset` of `size` bits; refers to the underlying binary. kSubBinaryWords.
    /// Whole heap or refc binary asked for: returned as it is.
    Term sub_bits(Term bits, size_t offset, size_t size);
    /// As sub_bits for a heap_binary or refc_binary `of` and an absolute offset.
    Term sub_binary(Term of, size_t offset, size_t size);

    /// A reference to `magic`; takes over one reference. kMagicRefWords.
    Term magic_ref(Magic* magic, Word number0, Word number1);
    Term ref(Word number0, Word number1);
    Term alias_ref(Word number0, Word number1, Term pid);
    Term export_fun(const ExportEntry* entry);

private:
    Word** owner_top_;
    Word* top_;
    Word* limit_;
    OffHeapList* off_heap_;
};

/// The Magic of a magic_ref.
inline Magic* magic_of(Term ref) {
    LINTEL_ASSERT(ref.is_kind(Kind::magic_ref));
    return reinterpret_cast<MagicRef*>(ref.boxed_words())->magic;
}
/// The T that `t` is a magic_ref to, or nullptr.
template <typename T>
T* as_magic(Term t) {
    if (!t.is_kind(Kind::magic_ref) || magic_of(t)->type != &T::kMagicType) return nullptr;
    return static_cast<T*>(magic_of(t));
}

}  // namespace lintel
