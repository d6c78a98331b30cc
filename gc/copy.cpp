/// Copying whole terms.
///
/// The copy is made as a Cheney collection makes it: an object is first copied word by word, so that its words still
/// refer to the source; then the copies are scanned from the first to the last, and each word that refers to the source
/// is replaced by a copy of what it refers to, which appends to what is still to be scanned. The destination is its own
/// work list, so depth costs nothing. Lists come out contiguous as far as their elements are immediate.
///
/// Invariants: 1. words between `scan` and `top` refer to the source (or to `shared`); 2. words before `scan` are
/// final; 3. objects with raw words, and those made here out of several objects (a sub_binary with its handle), are
/// final as a whole when the scan reaches them, and are skipped.
///
/// The source is only read, so it may be read by others meanwhile (literals, ETS). The price is that sharing is lost.
///
/// Counting walks the source; its work list is a stack of runs of words still to be visited. A run is dropped before
/// its last word is followed, so lists and right-leaning trees need no stack, and a wide tuple needs one entry.

#include "gc/copy.h"

#include "base/patience.h"
#include "base/work_stack.h"
#include "gc/heap_walk.h"

namespace lintel {

namespace {

/// Words still to visit.
struct Run {
    const Word* next;
    const Word* end;
};

/// What a sub_binary becomes.
struct SubBinaryPlan {
    bool on_heap;
    size_t words;
};

SubBinaryPlan plan_sub_binary(const Word* w) {
    const size_t bits = reinterpret_cast<const SubBinary*>(w)->size_bits;
    if (bytes_for_bits(bits) <= kMaxHeapBinaryBytes) return {true, bitstring_words(bits)};
    return {false, kRefcBinaryWords + kSubBinaryWords};
}

const uint8_t* binary_bytes(Term of) {
    const Word* w = of.boxed_words();
    return header_kind(*w) == Kind::refc_binary ? reinterpret_cast<const RefcBinary*>(w)->data->bytes
                                                : reinterpret_cast<const uint8_t*>(w + 1);
}

/// Destination of one copy: HeapBuilder's words with the pointer in a register.
struct Destination {
    Word* top;
    OffHeapList* off_heap;

    Word* take(size_t words) {
        Word* w = top;
        top += words;
        return w;
    }
    Word* handle(const RefcBinary& from) {
        Word* w = take(kRefcBinaryWords);
        from.data->retain();
        // The right to append in place stays with the source's handle.
        *reinterpret_cast<RefcBinary*>(w) = {from.header, from.data, off_heap->first, from.bytes, 0};
        off_heap->first = w;
        off_heap->bytes += from.bytes;
        return w;
    }
};

Word* copy_sub_binary(Destination& to, const Word* from) {
    const auto* sub = reinterpret_cast<const SubBinary*>(from);
    const Word header = make_header(Kind::sub_binary, kSubBinaryWords - 1);
    if (!plan_sub_binary(from).on_heap) {
        Word* handle = to.handle(*reinterpret_cast<const RefcBinary*>(sub->of.boxed_words()));
        Word* w = to.take(kSubBinaryWords);
        *reinterpret_cast<SubBinary*>(w) = {header, Term::boxed(handle), sub->offset_bits, sub->size_bits};
        return w;
    }
    const size_t bits = sub->size_bits;
    const size_t bytes = bytes_for_bits(bits);
    Word* data = to.take(1 + words_for_bytes(bytes));
    data[0] = make_header(Kind::heap_binary, words_for_bytes(bytes), static_cast<uint32_t>(bytes));
    for (size_t i = 1; i <= words_for_bytes(bytes); ++i) data[i] = 0;
    copy_bits(reinterpret_cast<uint8_t*>(data + 1), 0, binary_bytes(sub->of), sub->offset_bits, bits);
    if (bits % 8 == 0) return data;
    Word* w = to.take(kSubBinaryWords);
    *reinterpret_cast<SubBinary*>(w) = {header, Term::boxed(data), 0, bits};
    return w;
}

Word* copy_boxed(Destination& to, const Word* from) {
    const Word header = *from;
    switch (header_kind(header)) {
        case Kind::refc_binary: return to.handle(*reinterpret_cast<const RefcBinary*>(from));
        case Kind::magic_ref: {
            Word* w = to.take(kMagicRefWords);
            auto* ref = reinterpret_cast<MagicRef*>(w);
            *ref = *reinterpret_cast<const MagicRef*>(from);
            ref->magic->retain();
            ref->next_off_heap = to.off_heap->first;
            to.off_heap->first = w;
            return w;
        }
        case Kind::sub_binary: return copy_sub_binary(to, from);
        default: {
            LINTEL_ASSERT(header_kind(header) != Kind::match_context);
            size_t words = 1 + header_size(header);
            Word* w = to.take(words);
            Word* next = w;
            do *next++ = *from++;
            while (--words != 0);
            return w;
        }
    }
}

/// Which words are referred to rather than copied. Only asked about pointers.
struct NothingShared {
    bool operator()(Word) const { return false; }
};
struct LiteralsShared {
    Word base, bytes;
    LiteralSpace::Range except;  ///< an area on its way out
    bool operator()(Word w) const {
        const Word at = w & ~kTagMask;
        return at - base < bytes && at - except.base >= except.bytes;
    }
};

/// Replaces the cons `list` at `scan` by a copy of its cell, and goes on with the tail at hand as long as the copy is
/// the next thing to scan and its head is immediate. Returns where the scan goes on.
template <typename Shared>
Word* copy_list(Destination& to, Word* scan, Term list, Shared is_shared) {
    Word* top = to.top;
    for (;;) {
        const Word* cell = list.cons_cell();
        const Word head = cell[0];
        list = Term(cell[1]);
        Word* copy = top;
        *scan++ = Term::cons(copy).word();
        copy[0] = head;
        top = copy + kConsWords;
        if (scan != copy || is_pointer_word(head)) {
            copy[1] = list.word();
            break;
        }
        ++scan;
        if (!list.is_cons() || is_shared(list.word())) {
            *scan = list.word();
            break;
        }
    }
    to.top = top;
    return scan;
}

template <typename Shared>
void scan_copies(Destination& to, Word* scan, Shared is_shared) {
    while (scan != to.top) {
        const Word w = *scan;
        if (is_pointer_word(w)) {
            if (is_shared(w)) {
                ++scan;
            } else if (Term(w).is_boxed()) {
                *scan = Term::boxed(copy_boxed(to, Term(w).boxed_words())).word();
                ++scan;
            } else {
                scan = copy_list(to, scan, Term(w), is_shared);
            }
        } else if ((w & kTagMask) == 0 && header_kind(w) >= Kind::fun) {
            scan += header_kind(w) == Kind::fun ? 2 : 1 + header_size(w);
        } else {
            ++scan;
        }
    }
}

template <typename Shared>
size_t count_words(Term t, Walks walks, Shared is_shared) {
    size_t words = 0;
    Walk walk(walks);
    WorkStack<Run, 32> stack;
    Run run{};
    Word w = t.word();
    for (;;) {
        if (is_pointer_word(w) && !is_shared(w)) {
            Run inner;
            if (Term(w).is_cons()) {
                words += kConsWords;
                const Word* cell = Term(w).cons_cell();
                while (!is_pointer_word(cell[0])) {
                    w = cell[1];
                    if (!Term(w).is_cons() || is_shared(w)) break;
                    words += kConsWords;
                    cell = Term(w).cons_cell();
                }
                inner = {cell, cell + kConsWords};
            } else {
                const Word* object = Term(w).boxed_words();
                const Kind kind = header_kind(*object);
                const size_t size = 1 + header_size(*object);
                words += kind == Kind::sub_binary ? plan_sub_binary(object).words : size;
                inner = {object + size, object + size};
                if (kind < Kind::fun) inner.next = object + 1;
                if (kind == Kind::fun) inner.next = object + 2;
            }
            if (inner.next != inner.end) {
                if (!walk.may_go_on()) return kEndlessWords;
                if (run.next != run.end) stack.push(run);
                run = inner;
            }
        }
        if (run.next == run.end) {
            if (stack.empty()) return words;
            run = stack.pop();
        }
        w = *run.next++;
    }
}

template <typename Shared>
Term copy_whole(Term t, HeapBuilder& heap, Shared is_shared) {
    Word* const start = heap.raw(0);
    Destination to{start, &heap.off_heap()};
    Term copy;
    if (t.is_cons()) {
        const Word* cell = t.cons_cell();
        Word* w = to.take(kConsWords);
        w[0] = cell[0];
        w[1] = cell[1];
        copy = Term::cons(w);
    } else {
        copy = Term::boxed(copy_boxed(to, t.boxed_words()));
    }
    scan_copies(to, start, is_shared);
    LINTEL_CHECK(static_cast<size_t>(to.top - start) <= heap.words_left());
    heap.raw(static_cast<size_t>(to.top - start));
    return copy;
}

LiteralsShared shared_in_count(const LiteralSpace& literals) {
    return {literals.base(), literals.bytes(), literals.uncounted()};
}
LiteralsShared shared_in_copy(const LiteralSpace& literals) {
    return {literals.base(), literals.bytes(), literals.unshared()};
}

}  // namespace

size_t flat_size(Term t, const LiteralSpace* shared, Walks walks) {
    if (t.is_immediate()) return 0;
    return shared == nullptr ? count_words(t, walks, NothingShared{}) : count_words(t, walks, shared_in_count(*shared));
}

Term copy_term(Term t, HeapBuilder& heap, const LiteralSpace* shared) {
    if (t.is_immediate()) return t;
    if (shared == nullptr) return copy_whole(t, heap, NothingShared{});
    const LiteralsShared is_shared = shared_in_copy(*shared);
    return is_shared(t.word()) ? t : copy_whole(t, heap, is_shared);
}

Term copy_block(Term t, std::span<const Word> block, HeapBuilder& heap) {
    const Word base = reinterpret_cast<Word>(block.data());
    const Word bytes = block.size_bytes();
    Word* const start = heap.raw(block.size());
    const Word distance = reinterpret_cast<Word>(start) - base;
    const auto adjusted = [=](Word w) { return (w & ~kTagMask) - base < bytes ? w + distance : w; };
    const Word* from = block.data();
    const Word* const end = from + block.size();
    Word* to = start;
    while (from != end) {
        const Word w = *from++;
        if (is_pointer_word(w)) {
            *to++ = adjusted(w);
            continue;
        }
        *to++ = w;
        if ((w & kTagMask) != 0 || header_kind(w) < Kind::fun) continue;
        size_t raw = header_kind(w) == Kind::fun ? 1 : header_size(w);
        if (header_kind(w) == Kind::sub_binary) {
            *to++ = adjusted(*from++);
            --raw;
        }
        LINTEL_ASSERT(raw <= static_cast<size_t>(end - from));
        for (; raw != 0; --raw) *to++ = *from++;
    }
    return Term(adjusted(t.word()));
}

HeapFragment* copy_to_fragment(Term t, Term* copy, const LiteralSpace* shared) {
    *copy = t;
    const size_t words = flat_size(t, shared, Walks::endable);
    if (words == 0) return nullptr;
    HeapFragment* fragment = HeapFragment::create(words);
    if (fragment == nullptr) {
        *copy = Term::none();
        return nullptr;
    }
    HeapBuilder heap(fragment);
    *copy = copy_term(t, heap, shared);
    return fragment;
}

}  // namespace lintel
