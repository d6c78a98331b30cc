#pragma once
/// Memory of the VM. Everything the VM allocates outside C++ containers comes from here (mimalloc's own heaps; the
/// host program's malloc is left alone).
///
/// Any thread may allocate and any thread may free.

#include <cstddef>
#include <new>

#include "base/word.h"

namespace lintel {

/// Returns `bytes` bytes aligned to 16, or nullptr when the system has none left, or the VM may have no more (base/memory_account.h).
void* try_allocate(size_t bytes);
/// Exit status of a program that had no memory left for what cannot fail.
inline constexpr int kOutOfMemoryStatus = 1;
/// Ends the program with a plain message: there is no memory for something that cannot fail.
[[noreturn]] void stop_without_memory(size_t bytes);

/// As try_allocate, but ends the program with a plain message when there is no memory. Only for bookkeeping
/// of bounded size; sizes that an Erlang program chooses go through try_allocate.
void* allocate(size_t bytes);
/// Gives memory that this thread has allocated and nobody uses any more back to the system. Takes time.
void trim_memory();
/// Gives back what allocate or try_allocate returned; nullptr is allowed.
void release(void* block);

/// How many bytes a block of try_allocate or allocate takes.
size_t block_bytes(void* block);

/// Whose memory it is, if not mimalloc's: all of the program's VMs, as any of them may release what another has allocated.
struct MemoryFunctions {
    void* context = nullptr;
    void* (*allocate)(void* context, size_t bytes) = nullptr;  ///< aligned to 16; nullptr: there is none
    void (*release)(void* context, void* block, size_t bytes) = nullptr;
};
/// Before any memory is allocated; false: it is too late.
bool use_memory_functions(const MemoryFunctions& functions);
/// There may be VMs from now on.
void begin_allocating();
bool has_memory_functions();

/// Objects with a constructor in VM memory.
template <typename T, typename... A>
T* make(A&&... args) {
    return new (allocate(sizeof(T))) T(static_cast<A&&>(args)...);
}
template <typename T>
void destroy(T* object) {
    if (object == nullptr) return;
    object->~T();
    release(object);
}

}  // namespace lintel
