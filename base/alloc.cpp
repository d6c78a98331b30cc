#include "base/alloc.h"

#include "base/assert.h"
#include "base/memory_account.h"

#include <malloc.h>
#ifndef LINTEL_SANITIZED
#include <mimalloc.h>
#endif

#include <cstdio>
#include <cstdlib>

namespace lintel {

// Sanitizers watch only their own allocator, which stops the program rather than refuse absurd sizes.
#ifdef LINTEL_SANITIZED
static void* system_allocate(size_t bytes) { return bytes < size_t{1} << 36 ? std::malloc(bytes) : nullptr; }
static void system_release(void* block) { std::free(block); }
static size_t usable_size(void* block) { return malloc_usable_size(block); }
void trim_memory() {}
#else
// Programs that `lintel pack` makes run where there is no mimalloc (embed/executable.cpp): its functions are nullptr there, and malloc's blocks
// are aligned to 16, too.
#pragma weak mi_malloc_aligned
#pragma weak mi_free
#pragma weak mi_usable_size
#pragma weak mi_collect
static void* system_allocate(size_t bytes) {
    return LINTEL_LIKELY(mi_malloc_aligned != nullptr) ? mi_malloc_aligned(bytes, 16) : std::malloc(bytes);
}
static void system_release(void* block) {
    if (LINTEL_LIKELY(mi_free != nullptr)) return mi_free(block);
    std::free(block);
}
static size_t usable_size(void* block) {
    return LINTEL_LIKELY(mi_usable_size != nullptr) ? mi_usable_size(block) : malloc_usable_size(block);
}
void trim_memory() {
    if (mi_collect != nullptr) return mi_collect(true);
    malloc_trim(0);
}
#endif

size_t block_bytes(void* block) { return usable_size(block); }

void* try_allocate(size_t bytes) {
    if (LINTEL_LIKELY(!is_accounted())) return system_allocate(bytes);
    // The exact size is known afterwards only; until then what was asked for counts.
    if (!account_allocation(bytes)) return nullptr;
    void* block = system_allocate(bytes);
    if (block == nullptr) {
        account_release(bytes);
        return nullptr;
    }
    account_correction(bytes, usable_size(block));
    return block;
}

void release(void* block) {
    if (LINTEL_UNLIKELY(is_accounted()) && block != nullptr) account_release(usable_size(block));
    system_release(block);
}

void stop_without_memory(size_t bytes) {
    std::fprintf(stderr, "lintel: out of memory (%zu bytes wanted)\n", bytes);
    std::fflush(stderr);
    std::_Exit(kOutOfMemoryStatus);
}

void* allocate(size_t bytes) {
    void* block = try_allocate(bytes);
    if (LINTEL_LIKELY(block != nullptr)) return block;
    // Bookkeeping may go beyond the VM's limit.
    const MemoryReserve reserve;
    block = try_allocate(bytes);
    if (block == nullptr) stop_without_memory(bytes);
    return block;
}

}  // namespace lintel
