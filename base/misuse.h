#pragma once
/// Mistakes of programs that use the library: what is gone is used, or in the wrong thread. Builds with assertions find many of them and
/// say so; others take them as they come.

#include <cstddef>
#include <cstdint>
#include <new>

namespace lintel {

#ifdef NDEBUG
inline constexpr bool kFindsMisuse = false;
#else
inline constexpr bool kFindsMisuse = true;
#endif

/// One line on stderr: what somebody has done wrong, in which function of the library.
void tell_misuse(const char* function, const char* what);
/// The same where there is no result to say so by: ends the program.
[[noreturn]] void misused(const char* function, const char* what);

/// Memory of what is gone can be read for a while, so that those who still use it can be told: free(memory) is called when some hundred
/// others have gone, on any thread.
void keep_what_is_gone(void* memory, void (*free)(void*));

/// What programs hold by its address.
class Handle {
public:
    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
#ifdef NDEBUG
    bool is_alive() const { return true; }
#else
    ~Handle() { *const_cast<volatile uint64_t*>(&life_) = 0; }
    bool is_alive() const { return *const_cast<const volatile uint64_t*>(&life_) == kAlive; }
    static void operator delete(void* memory) {
        keep_what_is_gone(memory, [](void* it) { ::operator delete(it); });
    }

private:
    static constexpr uint64_t kAlive = 0x6c696e74656c2121;
    uint64_t life_ = kAlive;
#endif
};

/// Whether there is nothing: no handle, or one of what is gone, of which the caller is told. `T::kGone`: what has happened to it then.
template <typename T>
bool is_gone(const T* handle, const char* function = __builtin_FUNCTION()) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    if (handle == nullptr) return true;
    if (handle->is_alive()) return false;
    tell_misuse(function, T::kGone);
    return true;
}

}  // namespace lintel
