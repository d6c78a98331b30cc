#pragma once
/// Threads that may fail to come into being: std::thread throws, or ends the program, when the system refuses one.

#include <pthread.h>

#include <cstddef>

namespace lintel {

/// Stack of each thread of the VM, whatever `ulimit -s` says. Nothing here recurses on what an Erlang program chooses.
#ifdef LINTEL_SANITIZED
inline constexpr size_t kThreadStackBytes = size_t{8} << 20;
#else
inline constexpr size_t kThreadStackBytes = size_t{1} << 20;
#endif

/// A thread, or none yet. Who starts one joins it before the object goes.
class Thread {
public:
    Thread() = default;
    ~Thread();
    Thread(Thread&& other) noexcept : id_(other.id_), is_joinable_(other.is_joinable_) { other.is_joinable_ = false; }
    Thread& operator=(Thread&&) = delete;

    /// Runs `run(argument)` on a new thread. 0, or the errno value with which the system refuses.
    [[nodiscard]] int start(void* (*run)(void*), void* argument, size_t stack_bytes = kThreadStackBytes);
    bool joinable() const { return is_joinable_; }
    void join();
    /// Ends the calling thread, whatever it is in.
    [[noreturn]] static void end_this();
    /// As start, for a thread that nobody waits for.
    [[nodiscard]] static int start_detached(void* (*run)(void*), void* argument);

private:
    pthread_t id_{};
    bool is_joinable_ = false;
};

}  // namespace lintel
