#include "base/pipe_signal.h"

#include <pthread.h>

#include <cerrno>
#include <ctime>

namespace lintel {

namespace {
sigset_t pipe_set() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}
}  // namespace

NoPipeSignal::NoPipeSignal() {
    struct sigaction now {};
    is_ignored_ = sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
    if (is_ignored_) return;
    const sigset_t set = pipe_set();
    sigset_t pending;
    was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &set, &before_);
}

NoPipeSignal::~NoPipeSignal() {
    if (is_ignored_) return;
    const int error = errno;
    const sigset_t set = pipe_set();
    const timespec now{0, 0};
    while (!was_pending_ && sigtimedwait(&set, nullptr, &now) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
}

}  // namespace lintel
