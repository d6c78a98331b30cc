#include "base/alloc.h"

#include "base/assert.h"
#include "base/memory_account.h"

#include <malloc.h>
#ifndef LINTEL_SANITIZED
#include <mimalloc.h>
#endif

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

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

namespace {

// Written before any memory is allocated, and never again.
MemoryFunctions functions;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
enum class Begun : uint8_t { no, setting, yes };
std::atomic<Begun> begun{Begun::no};

/// Before each block of the host's functions.
struct alignas(16) HostBlock {
    size_t bytes;  ///< this included
};

void* host_allocate(size_t bytes) {
    if (bytes > SIZE_MAX - sizeof(HostBlock)) return nullptr;
    bytes += sizeof(HostBlock);
    void* const block = functions.allocate(functions.context, bytes);
    return block == nullptr ? nullptr : new (block) HostBlock{bytes} + 1;
}

HostBlock* host_block(void* block) { return static_cast<HostBlock*>(block) - 1; }

void* any_allocate(size_t bytes) {
    return LINTEL_LIKELY(functions.allocate == nullptr) ? system_allocate(bytes) : host_allocate(bytes);
}

void any_release(void* block) {
    if (LINTEL_LIKELY(functions.release == nullptr)) return system_release(block);
    if (block == nullptr) return;
    HostBlock* const host = host_block(block);
    functions.release(functions.context, host, host->bytes);
}

}  // namespace

bool use_memory_functions(const MemoryFunctions& wanted) {
    Begun none = Begun::no;
    if (!begun.compare_exchange_strong(none, Begun::setting)) return false;
    functions = wanted;
    begun.store(Begun::no, std::memory_order_release);
    return true;
}

void begin_allocating() {
    for (Begun none = Begun::no; !begun.compare_exchange_strong(none, Begun::yes) && none != Begun::yes;
         none = Begun::no)
        std::this_thread::yield();
}

bool has_memory_functions() { return functions.allocate != nullptr; }

size_t block_bytes(void* block) {
    return LINTEL_LIKELY(functions.allocate == nullptr) ? usable_size(block)
           : block == nullptr                           ? 0
                                                        : host_block(block)->bytes;
}

void* try_allocate(size_t bytes) {
    if (LINTEL_LIKELY(!is_accounted())) return any_allocate(bytes);
    // The exact size is known afterwards only; until then what was asked for counts.
    if (!account_allocation(bytes)) return nullptr;
    void* block = any_allocate(bytes);
    if (block == nullptr) {
        account_release(bytes);
        return nullptr;
    }
    account_correction(bytes, block_bytes(block));
    return block;
}

void release(void* block) {
    if (LINTEL_UNLIKELY(is_accounted()) && block != nullptr) account_release(block_bytes(block));
    any_release(block);
}

void stop_without_memory(size_t bytes) {
    char text[64];
    std::snprintf(text, sizeof text, "out of memory (%zu bytes wanted)", bytes);
    tell_fatal(text);
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
