#pragma once
/// The collector: generational, copying, one process at a time, by the thread that runs the process.
/// gc/collector.cpp tells the algorithm.

#include <span>

#include "gc/heap.h"
#include "gc/literal_space.h"

namespace lintel {

/// What else refers into the heap besides its stack.
struct RootSpan {
    Term* first;
    size_t count;
};

struct CollectionStats {
    size_t live_words = 0;  ///< after the collection, in young and old heap
    size_t reclaimed_words = 0;
    bool was_major = false;
};

enum class CollectionResult { done, out_of_memory, over_limit };

struct CollectionRequest {
    size_t need_words = 0;  ///< free words wanted afterwards
    bool force_major = false;
    size_t min_block_words = 0;  ///< process's min_heap_size
    size_t max_total_words = 0;  ///< max_heap_size; 0: none. What the collection itself needs counts, as in OTP
    bool shrink_to_fit = false;  ///< hibernate: block is cut to what lives, no free words
    bool paint = false;          ///< debugging: free words are painted (gc/heap_check.h)
    bool check = false;          ///< debugging: afterwards the heap is checked, whose free words were painted before
};

/// Collects `heap`: everything reachable from its stack and `roots` is kept and all references are renewed.
/// Fragments are emptied into the block.
///   out_of_memory  there is no memory for a new block: everything is as it was, or has been collected without the words
///                  wanted being free. The heap is in order in both cases.
///   over_limit     the collection would go beyond max_total_words: nothing was done. Whoever only wants to report this asks
///                  again without limit.
CollectionResult collect(Heap& heap, const LiteralSpace& literals, std::span<const RootSpan> roots,
                         const CollectionRequest& request, CollectionStats& stats);

/// Makes the first block; false when out of memory.
bool create_heap(Heap& heap, size_t words);
/// Frees all blocks and fragments and lets go of off-heap objects.
void destroy_heap(Heap& heap);
/// Next heap size at or above `words`: the sizes grow as the efficiency guide documents (233, 377, 610, 987…).
size_t next_heap_size(size_t words);

}  // namespace lintel
