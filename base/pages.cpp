#include "base/pages.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdint>

#include "base/alloc.h"
#include "base/memory_account.h"

namespace lintel {

namespace {

constexpr size_t kLargePage = size_t{2} << 20;
/// Below this mimalloc reuses what is in the caches already.
constexpr size_t kLargeBlockBytes = size_t{8} << 20;
constexpr size_t kMaxBytes = size_t{1} << 60;

constexpr Word round_up(Word n, Word to) { return (n + to - 1) / to * to; }

void* map_pages(size_t bytes, int flags) {
    if (bytes == 0 || bytes > kMaxBytes) return nullptr;
    const size_t size = round_up(bytes, kPageBytes);
    if (!account_allocation(size)) return nullptr;
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    if (p != MAP_FAILED) return p;
    account_release(size);
    return nullptr;
}

}  // namespace

size_t address_space_limit() {
    rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return limit.rlim_cur;
}

void* reserve_pages(size_t bytes) {
    void* p = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? nullptr : p;
}

bool commit_pages(void* first, size_t bytes) { return mprotect(first, bytes, PROT_READ | PROT_WRITE) == 0; }

void discard_pages(void* first, size_t bytes) { madvise(first, bytes, MADV_DONTNEED); }

void release_pages(void* first, size_t bytes) { munmap(first, round_up(bytes, kPageBytes)); }

void* allocate_pages(size_t bytes) { return map_pages(bytes, 0); }

void* allocate_low_pages(size_t bytes) {
#ifdef MAP_32BIT
    if (void* p = map_pages(bytes, MAP_32BIT)) return p;
#endif
    return allocate_pages(bytes);
}

void free_allocated_pages(void* first, size_t bytes) {
    if (first == nullptr) return;
    account_release(round_up(bytes, kPageBytes));
    release_pages(first, bytes);
}

/// Large blocks come from the system, unless the host has memory of its own.
static bool is_mapped(size_t bytes) { return bytes >= kLargeBlockBytes && !has_memory_functions(); }

void* allocate_block(size_t bytes) {
    if (!is_mapped(bytes)) return bytes > kMaxBytes ? nullptr : try_allocate(bytes);
    if (bytes > kMaxBytes) return nullptr;
    bytes = round_up(bytes, kPageBytes);
    // Large pages want aligned addresses: map too much, give the ends back.
    if (!account_allocation(bytes)) return nullptr;
    const size_t mapped = bytes + kLargePage;
    void* p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        account_release(bytes);
        return nullptr;
    }
    const auto begin = reinterpret_cast<Word>(p);
    const Word block = round_up(begin, kLargePage);
    if (block != begin) munmap(p, block - begin);
    if (begin + mapped != block + bytes) munmap(reinterpret_cast<void*>(block + bytes), begin + mapped - block - bytes);
    madvise(reinterpret_cast<void*>(block), bytes, MADV_HUGEPAGE);  // a wish; refused where the system has none
    return reinterpret_cast<void*>(block);
}

size_t counted_block_bytes(void* block, size_t bytes) {
    return !is_mapped(bytes) ? block_bytes(block) : round_up(bytes, kPageBytes);
}

void free_block(void* block, size_t bytes) {
    if (block == nullptr) return;
    if (!is_mapped(bytes)) {
        release(block);
    } else {
        account_release(round_up(bytes, kPageBytes));
        release_pages(block, bytes);
    }
}

}  // namespace lintel
