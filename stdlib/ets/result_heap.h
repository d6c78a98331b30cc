#pragma once
/// ResultHeap: where a BIF builds a result of unknown size, piece by piece: the process's heap as long as there is room, then
/// fragments that grow.

#include <algorithm>
#include <optional>

#include "vm/exec_state.h"

namespace lintel {

class ResultHeap {
public:
    explicit ResultHeap(ExecState& p) : p_(p) {}

    /// Calls build(HeapBuilder&) with room for `words` words; returns its result.
    template <typename Build>
    Term with(size_t words, Build build) {
        if (!fragment_) {
            if (p_.heap.htop + words + kStackSlackWords <= p_.heap.stack_top) {
                auto heap = p_.reserve(words);
                return build(heap);
            }
            grow(words);
        } else if (fragment_->words_left() < words) {
            grow(words);
        }
        return build(*fragment_);
    }

private:
    static constexpr size_t kFirstChunk = 256, kLargestChunk = 128 * 1024;

    void grow(size_t words) {
        fragment_.reset();
        fragment_.emplace(p_.new_fragment(std::max(words, chunk_)));
        chunk_ = std::min(chunk_ * 2, kLargestChunk);
    }

    ExecState& p_;
    std::optional<HeapBuilder> fragment_;
    size_t chunk_ = kFirstChunk;
};

}  // namespace lintel
