/// operator new of the command. Without memory C++ throws, and nobody here catches; some allocators' operator new aborts. This one
/// says what is the matter, on whatever thread, and ends the program.

#include <unistd.h>

#include <cstdlib>
#include <new>
#include <string_view>

namespace {

constexpr int kOutOfMemoryStatus = 1;

void* or_stop(void* block) {
    if (block != nullptr) return block;
    constexpr std::string_view kText = "lintel: out of memory\n";
    [[maybe_unused]] const ssize_t written = write(2, kText.data(), kText.size());
    _exit(kOutOfMemoryStatus);
}

void* aligned(std::size_t bytes, std::align_val_t alignment) {
    void* block = nullptr;
    return posix_memalign(&block, static_cast<std::size_t>(alignment), bytes) == 0 ? block : nullptr;
}

}  // namespace

void* operator new(std::size_t bytes) { return or_stop(std::malloc(bytes != 0 ? bytes : 1)); }
void* operator new[](std::size_t bytes) { return or_stop(std::malloc(bytes != 0 ? bytes : 1)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return std::malloc(bytes != 0 ? bytes : 1); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return std::malloc(bytes != 0 ? bytes : 1); }
void* operator new(std::size_t bytes, std::align_val_t a) { return or_stop(aligned(bytes, a)); }
void* operator new[](std::size_t bytes, std::align_val_t a) { return or_stop(aligned(bytes, a)); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
