#pragma once
/// BufferQueue: bytes that go in at one end and come out at the other, as the natives of prim_buffer have them. Large binaries are shared
/// with who writes them, small ones are gathered.

#include <mutex>
#include <optional>
#include <span>

#include "gc/heap_builder.h"
#include "stdlib/chunk_queue.h"

namespace lintel {

class BufferQueue final : public Magic {
public:
    static inline const char kMagicType = 0;
    BufferQueue() : Magic(&kMagicType) {}
    ~BufferQueue() override;

    // All functions: any thread.
    size_t size() const;
    /// Appends what `binaries` (bit strings of whole bytes) hold. False: there is no memory, and nothing has changed.
    bool write(std::span<const Term> binaries);
    /// Calls f(bytes, count) for pieces that are `count` bytes in all, and drops them. False: there are fewer.
    template <typename F>
    bool take(size_t count, F f) {
        std::lock_guard lock(mutex_);
        if (count > bytes()) return false;
        gather();
        while (count != 0) {
            const ChunkQueue::Chunk& first = chunks_.front();
            const size_t n = count < first.size ? count : first.size;
            f(first.bytes(), n);
            chunks_.drop(n);
            count -= n;
        }
        return true;
    }
    /// The first piece, with a reference that the caller drops, if there is one.
    std::optional<ChunkQueue::Chunk> peek();
    /// Where the first `byte` is.
    std::optional<size_t> find(uint8_t byte);

    bool try_lock() { return !is_locked_.exchange(true, std::memory_order_acquire); }
    /// False: it was not locked.
    bool unlock() { return is_locked_.exchange(false, std::memory_order_release); }

private:
    /// Up to which size small writes make one piece.
    static constexpr size_t kGathered = 2048;

    size_t bytes() const { return chunks_.size() + gathered_size_; }
    void gather();

    mutable std::mutex mutex_;
    ChunkQueue chunks_;
    BinaryData* gathered_ = nullptr;  ///< of kGathered bytes; what is last in the queue
    size_t gathered_size_ = 0;
    std::atomic<bool> is_locked_{false};
};

}  // namespace lintel
