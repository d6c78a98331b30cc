#pragma once
/// ResultHeap: where a BIF builds a result of unknown size, piece by piece: the process's heap as long as there is room, then
/// fragments that grow.

#include <algorithm>

#include "vm/exec_state.h"

namespace lintel {

class ResultHeap {
public:
    explicit ResultHeap(ExecState& p) : p_(p) {}

    /// Calls build(HeapBuilder&) with room for `words` words; returns its result.
    template <typename Build>
    Term with(size_t words, Build build) {
        if (chunk_ == nullptr && p_.heap.htop + words + kStackSlackWords <= p_.heap.stack_top) {
            auto heap = p_.reserve(words);
            return build(heap);
        }
        if (chunk_ == nullptr || static_cast<size_t>(chunk_->end - chunk_->top) < words) {
            chunk_ = p_.new_fragment(std::max(words, chunk_words_));
            chunk_words_ = std::min(chunk_words_ * 2, kLargestChunk);
        }
        HeapBuilder heap(&chunk_->top, words, &chunk_->off_heap);
        return build(heap);
    }

private:
    static constexpr size_t kFirstChunk = 256, kLargestChunk = 128 * 1024;

    ExecState& p_;
    HeapFragment* chunk_ = nullptr;  // others may take words from it, too
    size_t chunk_words_ = kFirstChunk;
};

}  // namespace lintel
