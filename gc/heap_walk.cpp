#include "gc/heap_walk.h"

#include <algorithm>
#include <cstring>

namespace lintel {

namespace {

/// Calls `f(Word&)` for every word of the stack and the roots.
template <typename F>
void for_each_root(const Heap& heap, std::span<const RootSpan> roots, F f) {
    for (Word* w = heap.stack_top; w < heap.end; ++w) f(*w);
    for (const RootSpan& span : roots) {
        auto* words = reinterpret_cast<Word*>(span.first);
        for (size_t i = 0; i < span.count; ++i) f(words[i]);
    }
}

}  // namespace

bool is_compact(const Heap& heap) {
    return heap.old_start == nullptr && heap.fragments == nullptr && heap.high_water == heap.htop;
}

bool refers_to_literals(const Heap& heap, std::span<const RootSpan> roots, const LiteralArea& area) {
    LINTEL_CHECK(is_compact(heap));
    bool found = false;
    const auto look = [&](Word& w) { found |= points_into(w, area.begin, area.end); };
    for_each_root(heap, roots, look);
    if (!found) walk_objects(heap.start, heap.htop, look, [](Word*) {});
    return found;
}

bool refers_to_funs(const Heap& heap, std::span<FunEntry* const> entries) {
    LINTEL_CHECK(is_compact(heap));
    bool found = false;
    walk_objects(
        heap.start, heap.htop, [](Word&) {},
        [&](const Word* object) {
            if (header_kind(*object) != Kind::fun) return;
            const auto* entry = reinterpret_cast<FunEntry*>(object[1]);
            found |= std::find(entries.begin(), entries.end(), entry) != entries.end();
        });
    return found;
}

void copy_area(const LiteralArea& area, Word* to, OffHeapList* off_heap) {
    const auto words = static_cast<size_t>(area.top - area.begin);
    if (words != 0) std::memcpy(to, area.begin, words * kWordBytes);
    const Word delta = reinterpret_cast<Word>(to) - reinterpret_cast<Word>(area.begin);
    const auto renew = [&](Word& w) {
        if (points_into(w, area.begin, area.end)) w += delta;
    };
    const auto keep = [&](Word* object, Word*& next) {
        next = off_heap->first;
        off_heap->first = object;
    };
    walk_objects(to, to + words, renew, [&](Word* object) {
        if (header_kind(*object) == Kind::refc_binary) {
            auto* binary = reinterpret_cast<RefcBinary*>(object);
            binary->data->retain();
            keep(object, binary->next_off_heap);
            off_heap->bytes += binary->bytes;
        } else if (header_kind(*object) == Kind::magic_ref) {
            auto* ref = reinterpret_cast<MagicRef*>(object);
            ref->magic->retain();
            keep(object, ref->next_off_heap);
        }
    });
}

bool adopt_literals(Heap& heap, std::span<const RootSpan> roots, const LiteralArea& area) {
    LINTEL_CHECK(is_compact(heap));
    const auto words = static_cast<size_t>(area.top - area.begin);
    HeapFragment* fragment = HeapFragment::create(words);
    if (fragment == nullptr) return false;
    copy_area(area, fragment->begin(), &fragment->off_heap);
    fragment->top = fragment->end;
    const Word delta = reinterpret_cast<Word>(fragment->begin()) - reinterpret_cast<Word>(area.begin);
    const auto renew = [&](Word& w) {
        if (points_into(w, area.begin, area.end)) w += delta;
    };
    for_each_root(heap, roots, renew);
    walk_objects(heap.start, heap.htop, renew, [](Word*) {});
    // Match contexts hold an address inside their binary.
    walk_objects(
        heap.start, heap.htop, [](Word&) {},
        [&](Word* object) {
            if (header_kind(*object) != Kind::match_context) return;
            auto* context = reinterpret_cast<MatchContext*>(object);
            if (context->of.is_kind(Kind::heap_binary)) {
                context->base = reinterpret_cast<const uint8_t*>(context->of.boxed_words() + 1);
            }
        });
    fragment->next = heap.fragments;
    heap.fragments = fragment;
    heap.fragment_words += words;
    return true;
}

}  // namespace lintel
