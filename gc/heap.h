#pragma once
/// Areas that hold terms: the heap of a process, heap fragments, literal areas, and the lists of off-heap
/// objects that go with them. docs/gc-safety.md says who may touch what, and when.
///
///            start                htop        stack_top            end
///              |   young terms     |   free    |   stack (grows down) |
///              +--------+----------+-----------+----------------------+
///                       high_water: below it, terms that survived a collection and go to the old heap next time
///
/// Heap and stack share one block, so one compare (htop + need <= stack_top) checks both. Old terms live in a
/// block of their own. Messages and the results of BIFs that found the heap full live in fragments until the next
/// collection, which copies them into the block.

#include "base/alloc.h"
#include "term/bits.h"
#include "term/term.h"

namespace lintel {

/// Objects that hold something outside their heap (refc_binary, magic_ref), linked through their second body word.
struct OffHeapList {
    Word* first = nullptr;
    size_t bytes = 0;  ///< sum of the binaries' sizes: what the virtual binary heap counts
};

/// Something with a destructor that a magic_ref keeps alive (compiled match specs, atomics, NIF resources…).
/// A class of them has a member `static inline const char kMagicType = 0`, whose address tells it from the others, and hands it to
/// the constructor; as_magic<T> (gc/heap_builder.h) asks for it.
struct Magic {
    std::atomic<size_t> references{1};
    const void* const type;
    explicit Magic(const void* magic_type = nullptr) : type(magic_type) {}
    virtual ~Magic() = default;
    void retain() { references.fetch_add(1, std::memory_order_relaxed); }
    void release_reference() {
        if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
};

struct MagicRef {
    Word header;
    Magic* magic;
    Word* next_off_heap;
    Word number[2];
};
inline constexpr size_t kMagicRefWords = 5;
static_assert(sizeof(MagicRef) == kMagicRefWords * kWordBytes);

/// A block of terms apart from a process heap. Allocated with its words behind it.
struct HeapFragment {
    HeapFragment* next;
    Word* top;  ///< first unused word
    Word* end;  ///< where the block ends; never changes
    OffHeapList off_heap;

    Word* begin() { return reinterpret_cast<Word*>(this + 1); }
    size_t used_words() { return static_cast<size_t>(top - begin()); }
    /// Of the whole block.
    size_t bytes() { return static_cast<size_t>(reinterpret_cast<char*>(end) - reinterpret_cast<char*>(this)); }

    /// Room for `words` words; nullptr when out of memory.
    static HeapFragment* create(size_t words);
    /// Frees the block; first lets go of everything in its off-heap list.
    static void destroy(HeapFragment* fragment);
};

/// Drops one reference for each object of the list and empties it. Constant stack.
void release_off_heap(OffHeapList& list);

/// The heap of one process. Plain data: engines and a JIT address its fields by offset.
struct Heap {
    Word* htop = nullptr;       ///< next free word of the young heap
    Word* stack_top = nullptr;  ///< topmost word of the stack
    Word* start = nullptr;
    Word* end = nullptr;
    Word* high_water = nullptr;

    Word* old_start = nullptr;
    Word* old_top = nullptr;
    Word* old_end = nullptr;

    HeapFragment* fragments = nullptr;
    size_t fragment_words = 0;
    size_t fragment_binary_bytes = 0;  ///< of binaries in fragments other than the first, which may be filling still
    OffHeapList off_heap;              ///< of the young heap
    OffHeapList old_off_heap;

    size_t free_words() const { return static_cast<size_t>(stack_top - htop); }
    size_t block_words() const { return static_cast<size_t>(end - start); }
    size_t stack_words() const { return static_cast<size_t>(end - stack_top); }
};

/// Words of the block that every allocating instruction leaves free beyond what it asks for, so that a call may push
/// its return address without a check.
inline constexpr size_t kStackSlackWords = 4;

}  // namespace lintel
