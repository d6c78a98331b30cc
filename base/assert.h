#pragma once
/// Assertions. A broken invariant of the VM is always an assertion; a wrong argument from Erlang code
/// never is one.

namespace lintel {

/// Tells whom it concerns (FatalHandler) in one line, and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

/// Who is told of what ends the program: the host of the VM that the thread works for.
struct FatalHandler {
    void* context = nullptr;
    void (*tell)(void* context, const char* text) = nullptr;  ///< nullptr: stderr
};

/// Tells the handler of the thread's VM (MemoryAccount::fatal), or stderr.
void tell_fatal(const char* text);

}  // namespace lintel

/// Checked in every build: use where going on would corrupt memory.
#define LINTEL_CHECK(cond) ((cond) ? static_cast<void>(0) : ::lintel::assertion_failed(#cond, __FILE__, __LINE__))

/// Checked in builds without NDEBUG.
#ifdef NDEBUG
#define LINTEL_ASSERT(cond) static_cast<void>(0)
#else
#define LINTEL_ASSERT(cond) LINTEL_CHECK(cond)
#endif

#define LINTEL_UNREACHABLE() ::lintel::assertion_failed("unreachable", __FILE__, __LINE__)

#define LINTEL_LIKELY(x) __builtin_expect(!!(x), 1)
#define LINTEL_UNLIKELY(x) __builtin_expect(!!(x), 0)
