#pragma once
/// What is told of a process's heap: in traces of collections, and where it is beyond its max_heap_size.

#include "gc/heap_builder.h"
#include "sched/process.h"

namespace lintel {

inline constexpr size_t kHeapSizes = 11;
inline constexpr size_t kHeapSizesWords = kHeapSizes * (tuple_words(2) + kConsWords);

/// [{old_heap_block_size, Words}, …]
inline Term heap_sizes(const Process& p, HeapBuilder& builder) {
    const Heap& h = p.heap;
    const auto n = [](size_t value) { return Term::small(static_cast<int64_t>(value)); };
    const auto bytes = [](size_t value) { return Term::small(static_cast<int64_t>(value / kWordBytes)); };
    const Term items[kHeapSizes][2] = {
        {am::old_heap_block_size(), n(static_cast<size_t>(h.old_end - h.old_start))},
        {am::heap_block_size(), n(h.block_words())},
        {am::mbuf_size(), n(h.fragment_words)},
        {am::recent_size(), n(static_cast<size_t>(h.htop - h.high_water))},
        {am::stack_size(), n(h.stack_words())},
        {am::old_heap_size(), n(static_cast<size_t>(h.old_top - h.old_start))},
        {am::heap_size(), n(static_cast<size_t>(h.htop - h.start))},
        {am::bin_vheap_size(), bytes(h.off_heap.bytes)},
        {am::bin_vheap_block_size(), bytes(p.binary_limit)},
        {am::bin_old_vheap_size(), bytes(h.old_off_heap.bytes)},
        {am::bin_old_vheap_block_size(), bytes(p.old_binary_limit)},
    };
    Term list = Term::nil();
    for (size_t i = kHeapSizes; i-- > 0;) list = builder.cons(builder.tuple(items[i][0], items[i][1]), list);
    return list;
}

}  // namespace lintel
