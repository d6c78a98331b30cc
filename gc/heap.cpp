#include "gc/heap.h"

#include <limits>

#include "base/pages.h"

namespace lintel {

HeapFragment* HeapFragment::create(size_t words) {
    if (words > (std::numeric_limits<size_t>::max() - sizeof(HeapFragment)) / kWordBytes) return nullptr;
    void* block = allocate_block(sizeof(HeapFragment) + words * kWordBytes);
    if (block == nullptr) return nullptr;
    auto* fragment = new (block) HeapFragment{};
    fragment->top = fragment->begin();
    fragment->end = fragment->begin() + words;
    return fragment;
}

void HeapFragment::destroy(HeapFragment* fragment) {
    if (fragment == nullptr) return;
    release_off_heap(fragment->off_heap);
    const size_t bytes = fragment->bytes();
    fragment->~HeapFragment();
    free_block(fragment, bytes);
}

void release_off_heap(OffHeapList& list) {
    Word* object = list.first;
    list = OffHeapList{};
    while (object != nullptr) {
        if (header_kind(*object) == Kind::refc_binary) {
            auto* binary = reinterpret_cast<RefcBinary*>(object);
            object = binary->next_off_heap;
            binary->data->release_reference();
        } else {
            LINTEL_ASSERT(header_kind(*object) == Kind::magic_ref);
            auto* ref = reinterpret_cast<MagicRef*>(object);
            object = ref->next_off_heap;
            ref->magic->release_reference();
        }
    }
}

}  // namespace lintel
