#include "lintel/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>

#include "lintel/thread.h"

namespace {

struct Name {
    int number;
    const char* name;
};
/// Those that a program can ask for, and those that are told anyway.
constexpr Name kNames[] = {
    {SIGHUP, "sighup"},   {SIGQUIT, "sigquit"}, {SIGABRT, "sigabrt"},   {SIGALRM, "sigalrm"}, {SIGTERM, "sigterm"},
    {SIGUSR1, "sigusr1"}, {SIGUSR2, "sigusr2"}, {SIGCHLD, "sigchld"},   {SIGSTOP, "sigstop"}, {SIGTSTP, "sigtstp"},
    {SIGINT, "sigint"},   {SIGCONT, "sigcont"}, {SIGWINCH, "sigwinch"},
};
constexpr int kToldAnyway[] = {SIGTERM, SIGQUIT, SIGUSR1, SIGCONT, SIGWINCH};

/// What the handler writes to: the numbers of signals, a byte each. Signals are a matter of the whole program, so this is, too.
std::atomic<int> told_to{-1};

void note(int signal) {
    const int error = errno;
    const auto byte = static_cast<unsigned char>(signal);
    // A full pipe holds thousands of signals that nobody has looked at: one more makes no difference.
    if (write(told_to.load(std::memory_order_relaxed), &byte, 1) != 1) errno = 0;
    errno = error;
}

void take(int signal, void (*handler)(int)) {
    struct sigaction action;
    std::memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

/// A pipe whose writing end does not block. The numbers of the standard descriptors are left to those, even if they are closed. 0, or an errno value.
int make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    for (int i = 0; i < 2; ++i) {
        if (ends[i] > STDERR_FILENO) continue;
        const int fd = fcntl(ends[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        const int error = errno;
        close(ends[i]);
        ends[i] = fd;
        if (fd < 0) return error;
    }
    return fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

}  // namespace

struct Signals::Shared {
    ~Shared() {
        for (const int fd : pipe) {
            if (fd >= 0) close(fd);
        }
    }
    std::mutex mutex;
    lintel_vm* vm = nullptr;
    int pipe[2] = {-1, -1};
};

Signals::Signals(Interrupt interrupt) : shared_(std::make_shared<Shared>()) {
    error_ = make_pipe(shared_->pipe);
    if (error_ != 0) return;
    constexpr size_t kStackBytes = size_t{256} << 10;
    auto* its_own = new std::shared_ptr<Shared>(shared_);
    error_ = start_thread(tell, its_own, kStackBytes, nullptr);
    if (error_ != 0) {
        delete its_own;
        return;
    }
    told_to = shared_->pipe[1];
    for (const int signal : kToldAnyway) take(signal, note);
    if (interrupt != Interrupt::by_default) take(SIGINT, interrupt == Interrupt::ignore ? SIG_IGN : note);
}

Signals::~Signals() {
    set_vm(nullptr);
    if (error_ != 0) return;
    for (const auto& [signal, name] : kNames) {
        if (signal != SIGSTOP && signal != SIGCHLD) take(signal, SIG_DFL);
    }
    const unsigned char end = 0;
    // The thread may be busy with the last signal; it has a share of the pipe.
    if (write(shared_->pipe[1], &end, 1) != 1) errno = 0;
}

void Signals::set_vm(lintel_vm* vm) {
    const std::lock_guard lock(shared_->mutex);
    shared_->vm = vm;
}

int Signals::set(void*, const char* name, lintel_signal_action action) {
    for (const auto& [signal, its_name] : kNames) {
        if (std::strcmp(its_name, name) != 0) continue;
        if (signal == SIGSTOP || signal == SIGCHLD) return 0;  // cannot be had; needed to know of programs that end
        take(signal, action == LINTEL_SIGNAL_HANDLE ? note : action == LINTEL_SIGNAL_IGNORE ? SIG_IGN : SIG_DFL);
        return 0;
    }
    return EINVAL;
}

void* Signals::tell(void* argument) {
    const std::unique_ptr<std::shared_ptr<Shared>> mine(static_cast<std::shared_ptr<Shared>*>(argument));
    Shared& shared = **mine;
    unsigned char signal = 0;
    for (;;) {
        const ssize_t n = read(shared.pipe[0], &signal, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n != 1 || signal == 0) return nullptr;
        const std::lock_guard lock(shared.mutex);
        if (signal == SIGINT) {
            if (shared.vm != nullptr && lintel_break(shared.vm) == LINTEL_OK) continue;
        } else {
            for (const auto& [number, name] : kNames) {
                if (number == signal && shared.vm != nullptr && lintel_signal(shared.vm, name) == LINTEL_OK) signal = 0;
            }
            if (signal == 0 || signal == SIGCONT || signal == SIGWINCH) continue;
        }
        // Nobody is there yet, or any more.
        take(signal, SIG_DFL);
        raise(signal);
    }
}
