#include "stdlib/file/open_files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/thread.h"
#include "stdlib/file/file_handle.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

namespace {

void signal_event(int fd) {
    const uint64_t one = 1;
    while (::write(fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

/// A named pipe that is being opened, on a thread that may have to wait for ever, even longer than the VM lives.
struct PipeOpening {
    std::shared_ptr<const WorkingDirectory::Place> at;
    std::string path;
    int flags;
    unsigned mode;
    int done_fd;                        ///< an eventfd
    int fd = -1;                        ///< the outcome
    int error = 0;                      ///< its errno
    std::atomic<bool> is_given{false};  ///< the outcome is there, or nobody wants it any more

    ~PipeOpening() { ::close(done_fd); }

    static void* run(void* argument) {
        const std::unique_ptr<std::shared_ptr<PipeOpening>> mine(static_cast<std::shared_ptr<PipeOpening>*>(argument));
        PipeOpening& self = **mine;
        int fd;
        do {
            fd = openat(self.at->fd(), self.path.c_str(), self.flags, self.mode);
        } while (fd < 0 && errno == EINTR);
        self.fd = fd;
        self.error = errno;
        if (!self.is_given.exchange(true, std::memory_order_acq_rel)) {
            signal_event(self.done_fd);
        } else if (fd >= 0) {
            ::close(fd);
        }
        return nullptr;
    }
};

}  // namespace

OpenFiles::~OpenFiles() {
    if (stop_fd_ >= 0) ::close(stop_fd_);
}

int OpenFiles::duplicate(Term owner, int fd) {
    const std::lock_guard lock(mutex_);
    FileHandle** first = by_owner_.find(owner.word());
    for (FileHandle* file = first == nullptr ? nullptr : *first; file != nullptr; file = file->next) {
        if (file->fd() == fd) return fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
    errno = EBADF;
    return -1;
}

void OpenFiles::add(FileHandle& file, Term owner) {
    std::lock_guard lock(mutex_);
    FileHandle*& first = by_owner_.insert(owner.word());
    file.owner = owner;
    file.previous = nullptr;
    file.next = first;
    if (first != nullptr) first->previous = &file;
    first = &file;
    owners_.store(by_owner_.size(), std::memory_order_relaxed);
}

void OpenFiles::remove(FileHandle& file) {
    std::lock_guard lock(mutex_);
    if (file.owner.is_none()) return;
    if (file.next != nullptr) file.next->previous = file.previous;
    if (file.previous != nullptr) {
        file.previous->next = file.next;
    } else if (file.next != nullptr) {
        by_owner_.insert(file.owner.word()) = file.next;
    } else {
        by_owner_.erase(file.owner.word());
    }
    file.owner = Term::none();
    owners_.store(by_owner_.size(), std::memory_order_relaxed);
}

void OpenFiles::process_exits(Process& p) {
    OpenFiles& files = *stdlib_state(p).files;
    // Only the process itself opens files that it owns.
    if (files.owners_.load(std::memory_order_relaxed) == 0) return;
    std::vector<int> fds;
    {
        std::lock_guard lock(files.mutex_);
        FileHandle** const first = files.by_owner_.find(p.self.word());
        if (first == nullptr) return;
        // As long as the lock is held, no destructor gets further than to remove().
        for (FileHandle* file = *first; file != nullptr; file = file->next) {
            file->owner = Term::none();
            if (const int fd = file->take_fd(); fd >= 0) fds.push_back(fd);
        }
        files.by_owner_.erase(p.self.word());
        files.owners_.store(files.by_owner_.size(), std::memory_order_relaxed);
    }
    for (const int fd : fds) ::close(fd);
}

int OpenFiles::open(const std::shared_ptr<const WorkingDirectory::Place>& at, const char* path, int flags,
                    unsigned mode) {
    struct stat info;
    if ((flags & (O_ACCMODE | O_DIRECTORY)) != O_RDWR && fstatat(at->fd(), path, &info, 0) == 0 &&
        S_ISFIFO(info.st_mode)) {
        return open_pipe(at, path, flags, mode);
    }
    for (;;) {
        const int fd = openat(at->fd(), path, flags, mode);
        if (fd >= 0 || errno != EINTR) return fd;
    }
}

int OpenFiles::open_pipe(const std::shared_ptr<const WorkingDirectory::Place>& at, const char* path, int flags,
                         unsigned mode) {
    const int done_fd = eventfd(0, EFD_CLOEXEC);
    if (done_fd < 0) return -1;
    auto opening = std::make_shared<PipeOpening>();
    opening->at = at;
    opening->path = path;
    opening->flags = flags;
    opening->mode = mode;
    opening->done_fd = done_fd;
    auto* its_own = new std::shared_ptr<PipeOpening>(opening);
    if (const int error = Thread::start_detached(PipeOpening::run, its_own); error != 0) {
        delete its_own;
        errno = error;
        return -1;
    }
    if (!wait(done_fd, POLLIN) && !opening->is_given.exchange(true, std::memory_order_acq_rel)) {
        errno = ECANCELED;
        return -1;
    }
    // The thread has set the flag after the outcome.
    while (!opening->is_given.load(std::memory_order_acquire)) {
    }
    errno = opening->error;
    return opening->fd;
}

int OpenFiles::stop_fd() {
    std::lock_guard lock(mutex_);
    if (stop_fd_ < 0) {
        stop_fd_ = eventfd(0, EFD_CLOEXEC);
        if (stop_fd_ >= 0 && stopped_) signal_event(stop_fd_);
    }
    return stop_fd_;
}

bool OpenFiles::wait(int fd, short events) {
    const int stop = stop_fd();
    if (stop < 0) return false;
    struct pollfd fds[] = {{fd, events, 0}, {stop, POLLIN, 0}};
    for (;;) {
        const int n = ::poll(fds, 2, -1);
        if (n < 0 && errno == EINTR) continue;
        return n > 0 && fds[1].revents == 0;
    }
}

void OpenFiles::stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    if (stop_fd_ >= 0) signal_event(stop_fd_);
}

}  // namespace lintel
