#include "stdlib/ets/row.h"

#include "base/alloc.h"
#include "gc/copy.h"
#include "gc/heap_walk.h"

namespace lintel {

namespace {

bool is_flat(const Word* tuple, size_t size) {
    for (size_t i = 1; i < size; ++i) {
        if (is_pointer_word(tuple[i])) return false;
    }
    return true;
}

Row* allocate_row(size_t words, size_t prefix) {
    if (words > Row::kMaxWords) return nullptr;
    auto* block = static_cast<Word*>(try_allocate((prefix + kRowHeaderWords + words) * kWordBytes));
    if (block == nullptr) return nullptr;
    Row* row = reinterpret_cast<Row*>(block + prefix);
    row->meta = static_cast<Word>(words) << Row::kWordsShift;
    return row;
}

}  // namespace

bool is_flat_tuple(Term tuple) {
    const Word* w = tuple.boxed_words();
    return is_flat(w, 1 + header_size(*w));
}

Row* make_row_of(const Word* tuple, size_t prefix) {
    const size_t size = 1 + header_size(*tuple);
    if (is_flat(tuple, size)) {
        Row* row = allocate_row(size, prefix);
        if (row != nullptr) std::memcpy(row->tuple_words, tuple, size * kWordBytes);
        return row;
    }
    const Term term = Term::boxed(tuple);
    // Nothing is shared with literals: their module may be purged.
    const size_t words = flat_size(term, nullptr, Walks::endable);
    Row* row = allocate_row(words, prefix);
    if (row == nullptr) return nullptr;
    Word* top = row->tuple_words;
    OffHeapList list;
    {
        HeapBuilder builder(&top, words, &list);
        const Term copy = copy_term(term, builder, nullptr);
        LINTEL_CHECK(copy.boxed_words() == row->tuple_words);
    }
    LINTEL_ASSERT(top == row->tuple_words + words);
    if (list.first != nullptr) row->meta |= Row::kOffHeap;
    return row;
}

Row* make_row(Term tuple, size_t prefix) { return make_row_of(tuple.boxed_words(), prefix); }

size_t row_block_bytes(const Row* row, size_t prefix) {
    return block_bytes(const_cast<Word*>(reinterpret_cast<const Word*>(row)) - prefix);
}

void free_row(Row* row, size_t prefix) {
    if (row->has_off_heap()) {
        // They were linked as they were written, so the last one is the first of their list.
        OffHeapList list;
        walk_objects(
            row->tuple_words, row->tuple_words + row->words(), [](Word) {},
            [&list](Word* object) {
                const Kind kind = header_kind(*object);
                if (kind == Kind::refc_binary || kind == Kind::magic_ref) list.first = object;
            });
        release_off_heap(list);
    }
    release(reinterpret_cast<Word*>(row) - prefix);
}

Term copy_row(const Row& row, HeapBuilder& heap) {
    if (row.has_off_heap()) return copy_term(row.tuple(), heap, nullptr);
    const size_t words = row.words();
    Word* to = heap.raw(words);
    std::memcpy(to, row.tuple_words, words * kWordBytes);
    if (row.is_flat()) return Term::boxed(to);
    // All pointers lead into the block itself: they move along with it.
    const Word distance = reinterpret_cast<Word>(to) - reinterpret_cast<Word>(row.tuple_words);
    Word* const end = to + words;
    for (Word* w = to; w != end;) {
        if (is_pointer_word(*w)) {
            *w++ += distance;
        } else if ((*w & kTagMask) == 0 && header_kind(*w) >= Kind::fun) {
            if (header_kind(*w) == Kind::fun) {
                w += 2;
            } else {
                if (header_kind(*w) == Kind::sub_binary) w[1] += distance;
                w += 1 + header_size(*w);
            }
        } else {
            ++w;
        }
    }
    return Term::boxed(to);
}

Term copy_part(ExecState& p, Term part) {
    if (part.is_immediate()) return part;
    auto heap = p.reserve(flat_size(part, nullptr));
    return copy_term(part, heap, nullptr);
}

}  // namespace lintel
