#pragma once
/// Termination: what the command does with SIGTERM.

#include <lintel/lintel.h>
#include <pthread.h>

#include <csignal>
#include <memory>
#include <mutex>

/// SIGTERM asks the program that runs to stop; one that nobody is there to take ends it.
class Termination {
public:
    /// Before any other thread is started, so that the signal comes to the one thread that waits for it.
    Termination() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, kStackBytes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        auto* its_own = new std::shared_ptr<Shared>(shared_);
        pthread_t thread;
        error_ = pthread_create(&thread, &attributes, wait, its_own);
        if (error_ != 0) delete its_own;
        pthread_attr_destroy(&attributes);
    }
    ~Termination() { set(nullptr); }
    Termination(const Termination&) = delete;
    Termination& operator=(const Termination&) = delete;

    /// The errno value with which the system refuses the thread that waits, or 0.
    int error() const { return error_; }
    void set(lintel_vm* vm) {
        const std::lock_guard lock(shared_->mutex);
        shared_->vm = vm;
    }

private:
    struct Shared {
        std::mutex mutex;
        lintel_vm* vm = nullptr;  ///< that runs
    };
    static constexpr size_t kStackBytes = size_t{256} << 10;

    static void* wait(void* argument) {
        const std::unique_ptr<std::shared_ptr<Shared>> mine(static_cast<std::shared_ptr<Shared>*>(argument));
        const std::shared_ptr<Shared>& shared = *mine;
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        for (int signal = 0; sigwait(&set, &signal) == 0;) {
            const std::lock_guard lock(shared->mutex);
            if (shared->vm != nullptr && lintel_signal(shared->vm, "sigterm") == LINTEL_OK) continue;
            std::signal(SIGTERM, SIG_DFL);
            pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
            raise(SIGTERM);
        }
        return nullptr;
    }

    const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
    int error_ = 0;
};
