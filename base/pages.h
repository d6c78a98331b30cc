#pragma once
/// Pages straight from the system: reservations that are committed step by step, and large blocks. Any thread.

#include <cstddef>

namespace lintel {

inline constexpr size_t kPageBytes = 4096;

/// Bytes of address space that the program may have in all (`ulimit -v`); SIZE_MAX: as many as there are.
size_t address_space_limit();
/// `bytes` bytes of address space that nobody may touch yet; nullptr when the system refuses.
void* reserve_pages(size_t bytes);
/// Makes pages of a reservation readable and writable, zero at first. False: no memory.
bool commit_pages(void* first, size_t bytes);
/// Gives the memory of committed pages back; they stay accessible and are zero again.
void discard_pages(void* first, size_t bytes);
/// Gives up what reserve_pages or allocate_large returned.
void release_pages(void* first, size_t bytes);

/// Zeroed pages for `bytes` bytes; nullptr when the system has none left, or the VM may have no more.
void* allocate_pages(size_t bytes);
/// The same below 2 GiB if the system has room there (x86-64): addresses that fit an int.
void* allocate_low_pages(size_t bytes);
/// Gives what allocate_pages or allocate_low_pages returned for `bytes` straight back to the system; nullptr is allowed.
void free_allocated_pages(void* first, size_t bytes);

/// Memory for the time of one task, such as reading a file. It goes straight back to the system, where an allocator would
/// keep what the largest of all tasks took.
class ScratchPages {
public:
    /// Zeroed pages for `bytes` bytes; data() is nullptr when the system has none left.
    explicit ScratchPages(size_t bytes) : pages_(allocate_pages(bytes)), bytes_(bytes) {}
    ~ScratchPages() { free_allocated_pages(pages_, bytes_); }
    ScratchPages(const ScratchPages&) = delete;
    ScratchPages& operator=(const ScratchPages&) = delete;
    void* data() const { return pages_; }

private:
    void* pages_;
    size_t bytes_;
};

/// Memory for terms, whose sizes Erlang programs choose: nullptr when the system has none left. Large blocks are
/// mappings of their own, in large pages where the system has them, which makes touching them many times cheaper.
void* allocate_block(size_t bytes);
/// What accounts have for what allocate_block returned for `bytes`.
size_t counted_block_bytes(void* block, size_t bytes);
/// Frees what allocate_block returned for `bytes`; nullptr is allowed.
void free_block(void* block, size_t bytes);

}  // namespace lintel
