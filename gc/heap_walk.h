#pragma once
/// Walks over heaps that ask questions instead of moving things: does this process still use that module's literals or
/// funs? (erlang:check_process_code/2, purging.)
///
/// A heap can be walked from end to end only while it has no holes: directly after a major collection (is_compact). The
/// functions here say so with an assertion. Areas that are filled once (a literal area, a message fragment) have none.

#include <span>

#include "gc/collector.h"

namespace lintel {

struct FunEntry;

/// Cons or boxed: a word that refers to something in an area.
constexpr bool is_pointer_word(Word w) { return ((w + 1) & 6) == 2; }
static_assert(is_pointer_word(1) && is_pointer_word(2) && !is_pointer_word(0) && !is_pointer_word(3) &&
              !is_pointer_word(4) && !is_pointer_word(5) && !is_pointer_word(6) && !is_pointer_word(7));

/// A reference to something between `begin` and `end`.
inline bool points_into(Word w, const Word* begin, const Word* end) {
    return is_pointer_word(w) && w - reinterpret_cast<Word>(begin) < static_cast<Word>(end - begin) * kWordBytes;
}

/// Calls `on_term(Word&)` for every term word from `begin` to `end` and `on_object(Word*)` for every header word,
/// before the object's terms. Raw words are skipped.
template <typename OnTerm, typename OnObject>
void walk_objects(Word* begin, Word* end, OnTerm on_term, OnObject on_object) {
    Word* w = begin;
    while (w < end) {
        if ((*w & kTagMask) != 0 || *w == 0) {
            on_term(*w++);
            continue;
        }
        const Kind kind = header_kind(*w);
        const size_t size = header_size(*w);
        on_object(w);
        if (kind < Kind::fun) {
            ++w;
        } else if (kind == Kind::fun) {
            w += 2;
        } else {
            if (kind == Kind::sub_binary || kind == Kind::match_context) on_term(w[1]);
            w += 1 + size;
        }
    }
}

/// True if the young block is all there is and has no holes: after a major collection, before anything is built.
bool is_compact(const Heap& heap);

/// Copies all of `area` to `to`, where the copies refer to each other; what they have off the heap goes into *off_heap.
void copy_area(const LiteralArea& area, Word* to, OffHeapList* off_heap);

/// Whether anything in `heap`, its stack or `roots` refers into `area`. The heap must be compact.
bool refers_to_literals(const Heap& heap, std::span<const RootSpan> roots, const LiteralArea& area);

/// Whether a fun in `heap` belongs to one of `entries`. The heap must be compact. (Roots hold no fun objects, only
/// references to them.)
bool refers_to_funs(const Heap& heap, std::span<FunEntry* const> entries);

/// Gives the heap a copy of `area`, as a fragment, and lets everything that refers into the area refer to the copy, so
/// that the area may go. The next collection keeps what is used of it. The heap must be compact. False: out of memory,
/// nothing changed.
bool adopt_literals(Heap& heap, std::span<const RootSpan> roots, const LiteralArea& area);

}  // namespace lintel
