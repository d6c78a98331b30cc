#include "gc/heap_builder.h"

#include "term/utf8.h"

namespace lintel {

namespace {

/// Words of a binary that are not a handle: zero padding included.
Word* new_heap_binary(HeapBuilder& heap, size_t bytes) {
    const size_t words = words_for_bytes(bytes);
    Word* w = heap.raw(1 + words);
    w[0] = make_header(Kind::heap_binary, words, static_cast<uint32_t>(bytes));
    if (words != 0) w[words] = 0;
    return w;
}

/// A handle that the next append makes larger: never a term by itself (term/bits.h).
bool may_grow(Term of) {
    return of.is_kind(Kind::refc_binary) &&
           (reinterpret_cast<const RefcBinary*>(of.boxed_words())->flags & RefcBinary::kWritable) != 0;
}

/// Bits of a heap_binary or refc_binary.
size_t whole_bits(Term of) {
    const Word* w = of.boxed_words();
    if (header_kind(*w) == Kind::heap_binary) return size_t{header_aux(*w)} * 8;
    LINTEL_ASSERT(header_kind(*w) == Kind::refc_binary);
    return reinterpret_cast<const RefcBinary*>(w)->bytes * 8;
}

}  // namespace

Term HeapBuilder::list(std::span<const Term> elements, Term tail) {
    if (elements.empty()) return tail;
    Word* w = raw(list_words(elements.size()));
    const Term result = Term::cons(w);
    for (const Term element : elements) {
        w[0] = element.word();
        w[1] = Term::cons(w + kConsWords).word();
        w += kConsWords;
    }
    w[-1] = tail.word();
    return result;
}

Term HeapBuilder::byte_list(std::string_view text, Term tail) {
    if (text.empty()) return tail;
    Word* w = raw(list_words(text.size()));
    const Term result = Term::cons(w);
    for (const char c : text) {
        w[0] = Term::small(static_cast<uint8_t>(c)).word();
        w[1] = Term::cons(w + kConsWords).word();
        w += kConsWords;
    }
    w[-1] = tail.word();
    return result;
}

Term HeapBuilder::string(std::string_view utf8, Term tail) {
    if (utf8.empty()) return tail;
    const auto* p = reinterpret_cast<const uint8_t*>(utf8.data());
    const auto* end = p + utf8.size();
    Word first = 0;
    Word* link = &first;  // where the next cell is to be entered
    while (p < end) {
        const Utf8Step step = decode_utf8(p, static_cast<size_t>(end - p));
        const bool ok = step.status == Utf8Step::Status::ok;
        Word* w = raw(kConsWords);
        w[0] = Term::small(ok ? static_cast<int64_t>(step.code_point) : int64_t{*p}).word();
        *link = Term::cons(w).word();
        link = w + 1;
        p += ok ? step.bytes : 1;
    }
    *link = tail.word();
    return Term(first);
}

Term HeapBuilder::make_float(double d) {
    const Term immediate = Term::try_immediate_float(d);
    if (immediate.is_value()) return immediate;
    Word* w = raw(kBoxedFloatWords);
    w[0] = make_header(Kind::boxed_float, 1);
    w[1] = std::bit_cast<Word>(d);
    return Term::boxed(w);
}

Term HeapBuilder::integer(int64_t v) {
    if (Term::fits_small(v)) return Term::small(v);
    Word* w = raw(kIntegerWords);
    w[0] = make_header(Kind::bignum, 1, v < 0 ? 1 : 0);
    w[1] = v < 0 ? Word{0} - static_cast<Word>(v) : static_cast<Word>(v);
    return Term::boxed(w);
}

Term HeapBuilder::unsigned_integer(uint64_t v) {
    if (v <= static_cast<uint64_t>(Term::kSmallMax)) return Term::small(static_cast<int64_t>(v));
    Word* w = raw(kIntegerWords);
    w[0] = make_header(Kind::bignum, 1);
    w[1] = v;
    return Term::boxed(w);
}

Term HeapBuilder::integer_from_limbs(std::span<const Word> magnitude, bool negative) {
    size_t limbs = magnitude.size();
    while (limbs > 0 && magnitude[limbs - 1] == 0) --limbs;
    if (limbs == 0) return Term::small(0);
    if (limbs == 1) {
        const Word m = magnitude[0];
        if (m <= static_cast<Word>(Term::kSmallMax) || (negative && m == static_cast<Word>(Term::kSmallMax) + 1)) {
            return Term::small(negative ? -static_cast<int64_t>(m) : static_cast<int64_t>(m));
        }
    }
    Word* w = raw(1 + limbs);
    w[0] = make_header(Kind::bignum, limbs, negative ? 1 : 0);
    std::memmove(w + 1, magnitude.data(), limbs * kWordBytes);
    return Term::boxed(w);
}

Term HeapBuilder::binary_of(size_t size, uint8_t** bytes) {
    if (size <= kMaxHeapBinaryBytes) {
        Word* w = new_heap_binary(*this, size);
        *bytes = reinterpret_cast<uint8_t*>(w + 1);
        return Term::boxed(w);
    }
    BinaryData* data = BinaryData::create(size);
    if (data == nullptr) {
        *bytes = nullptr;
        return Term::none();
    }
    *bytes = data->bytes;
    return refc_binary(data, size);
}

Term HeapBuilder::binary(const void* bytes, size_t size) {
    uint8_t* to = nullptr;
    const Term t = binary_of(size, &to);
    if (to != nullptr && size != 0) std::memcpy(to, bytes, size);
    return t;
}

Term HeapBuilder::bitstring_of(size_t bits, uint8_t** bytes) {
    const Term whole = binary_of(bytes_for_bits(bits), bytes);
    if (bits % 8 == 0 || whole.is_none()) return whole;
    return sub_binary(whole, 0, bits);
}

Term HeapBuilder::refc_binary(BinaryData* data, size_t bytes, Word flags) {
    Word* w = raw(kRefcBinaryWords);
    auto* handle = reinterpret_cast<RefcBinary*>(w);
    handle->header = make_header(Kind::refc_binary, kRefcBinaryWords - 1);
    handle->data = data;
    handle->next_off_heap = off_heap_->first;
    handle->bytes = bytes;
    handle->flags = flags;
    off_heap_->first = w;
    off_heap_->bytes += bytes;
    return Term::boxed(w);
}

Term HeapBuilder::sub_bits(Term bits, size_t offset, size_t size) {
    if (bits.is_kind(Kind::sub_binary)) {
        const auto* sub = reinterpret_cast<const SubBinary*>(bits.boxed_words());
        LINTEL_ASSERT(offset <= sub->size_bits && size <= sub->size_bits - offset);
        if (size == sub->size_bits) return bits;
        return sub_binary(sub->of, sub->offset_bits + offset, size);
    }
    return sub_binary(bits, offset, size);
}

Term HeapBuilder::sub_binary(Term of, size_t offset, size_t size) {
    LINTEL_ASSERT(offset <= whole_bits(of) && size <= whole_bits(of) - offset);
    if (size == whole_bits(of) && !may_grow(of)) return of;
    Word* w = raw(kSubBinaryWords);
    auto* sub = reinterpret_cast<SubBinary*>(w);
    sub->header = make_header(Kind::sub_binary, kSubBinaryWords - 1);
    sub->of = of;
    sub->offset_bits = offset;
    sub->size_bits = size;
    return Term::boxed(w);
}

Term HeapBuilder::magic_ref(Magic* magic, Word number0, Word number1) {
    Word* w = raw(kMagicRefWords);
    auto* ref = reinterpret_cast<MagicRef*>(w);
    ref->header = make_header(Kind::magic_ref, kMagicRefWords - 1);
    ref->magic = magic;
    ref->next_off_heap = off_heap_->first;
    ref->number[0] = number0;
    ref->number[1] = number1;
    off_heap_->first = w;
    return Term::boxed(w);
}

Term HeapBuilder::ref(Word number0, Word number1) {
    Word* w = raw(kRefWords);
    w[0] = make_header(Kind::ref, kRefWords - 1);
    w[1] = number0;
    w[2] = number1;
    return Term::boxed(w);
}

Term HeapBuilder::alias_ref(Word number0, Word number1, Term pid) {
    LINTEL_ASSERT(pid.is_local_pid());
    Word* w = raw(kAliasRefWords);
    w[0] = make_header(Kind::ref, kAliasRefWords - 1);
    w[1] = number0;
    w[2] = number1;
    w[3] = pid.word();
    return Term::boxed(w);
}

Term HeapBuilder::export_fun(const ExportEntry* entry) {
    Word* w = raw(2);
    w[0] = make_header(Kind::export_fun, 1);
    w[1] = reinterpret_cast<Word>(entry);
    return Term::boxed(w);
}

}  // namespace lintel
