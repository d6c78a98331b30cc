#include "base/alloc.h"

#ifndef LINTEL_SANITIZED
#include <mimalloc.h>
#endif

#include <cstdio>
#include <cstdlib>

namespace lintel {

// Sanitizers watch only their own allocator, which stops the program rather than refuse absurd sizes.
#ifdef LINTEL_SANITIZED
void* try_allocate(size_t bytes) { return bytes < size_t{1} << 36 ? std::malloc(bytes) : nullptr; }
void release(void* block) { std::free(block); }
#else
void* try_allocate(size_t bytes) { return mi_malloc_aligned(bytes, 16); }
void release(void* block) { mi_free(block); }
#endif

void* allocate(size_t bytes) {
    void* block = try_allocate(bytes);
    if (block == nullptr) {
        std::fprintf(stderr, "lintel: out of memory (%zu bytes wanted)\n", bytes);
        std::abort();
    }
    return block;
}

}  // namespace lintel
