#include "gc/heap_check.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "gc/evacuate_p.h"

namespace lintel {

namespace {

class HeapCheck {
public:
    HeapCheck(const Heap& heap, const LiteralSpace& literals)
        : young_(heap.start, heap.htop), old_(heap.old_start, heap.old_top),
          literals_(literals.base(), literals.bytes()) {}

    /// One word of `where`, at `place`.
    void term(const char* where, const Word* place, bool from_old) const {
        const Word w = *place;
        if (w == kPaintedWord) fail(where, place, "was never written");
        if ((w & kTagMask) == static_cast<Word>(Tag::code))
            fail(where, place, "is a code address or a forwarding pointer");
        if (!is_pointer_word(w)) return;
        const bool known = literals_.holds(w) || old_.holds(w) || (!from_old && young_.holds(w));
        if (!known) fail(where, place, from_old && young_.holds(w) ? "refers to a younger term" : "refers to nowhere");
        const bool to_header = is_header(*object_of(w));
        if (to_header != Term(w).is_boxed()) fail(where, place, "refers to something of another kind");
    }

    void block(const char* where, Word* begin, Word* end, bool from_old) const {
        walk_objects(
            begin, end,
            [&](const Word& w) {
                if (w != 0)
                    term(where, &w, from_old);
                else
                    fail(where, &w, "is the non-value");
            },
            [&](const Word* object) {
                const Kind kind = header_kind(*object);
                if (static_cast<Word>(kind) == 0 || object + header_size(*object) >= end)
                    fail(where, object, "is no header");
            });
    }

    void stack(Word* begin, Word* end) const {
        for (Word* w = begin; w < end; ++w) {
            if ((*w & kTagMask) != static_cast<Word>(Tag::code)) term("stack", w, false);
        }
    }

    [[noreturn]] static void fail(const char* where, const Word* place, const char* what) {
        std::fprintf(stderr, "lintel: heap check: a word of the %s, %p: %016llx %s\n", where,
                     static_cast<const void*>(place), static_cast<unsigned long long>(*place), what);
        std::abort();
    }

private:
    static const Word* object_of(Word w) { return Term(w).is_cons() ? Term(w).cons_cell() : Term(w).boxed_words(); }
    static bool is_header(Word w) { return (w & kTagMask) == 0 && w != 0; }

    AddressRange young_, old_, literals_;
};

}  // namespace

void paint_words(Word* begin, const Word* end) {
    static_assert(kPaintedWord == 0xdb * (~Word{0} / 0xff));
    if (begin != end) std::memset(begin, 0xdb, static_cast<size_t>(end - begin) * kWordBytes);
}

void check_heap(const Heap& heap, const LiteralSpace& literals, std::span<const RootSpan> roots) {
    const HeapCheck check(heap, literals);
    check.stack(heap.stack_top, heap.end);
    for (const RootSpan& span : roots) {
        for (size_t i = 0; i < span.count; ++i)
            check.term("roots", reinterpret_cast<const Word*>(span.first + i), false);
    }
    check.block("young block", heap.start, heap.htop, false);
    check.block("old block", heap.old_start, heap.old_top, true);
}

}  // namespace lintel
