#include "stdlib/file/file_handle.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/pipe_signal.h"

namespace lintel {

namespace {

/// Takes `bytes` bytes from the front of `pieces`.
std::span<iovec> drop(std::span<iovec> pieces, size_t bytes) {
    while (!pieces.empty() && bytes >= pieces.front().iov_len) {
        bytes -= pieces.front().iov_len;
        pieces = pieces.subspan(1);
    }
    if (bytes != 0) {
        pieces.front().iov_base = static_cast<uint8_t*>(pieces.front().iov_base) + bytes;
        pieces.front().iov_len -= bytes;
    }
    return pieces;
}

int vector_length(std::span<iovec> pieces) { return static_cast<int>(std::min<size_t>(pieces.size(), IOV_MAX)); }

}  // namespace

FileHandle::FileHandle(std::shared_ptr<OpenFiles> files, int fd, bool is_stream, bool is_adopted)
    : Magic(&kMagicType), files_(std::move(files)), fd_(fd), is_stream_(is_stream), is_adopted_(is_adopted) {
    if (is_stream && !is_adopted) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

FileHandle::~FileHandle() {
    files_->remove(*this);
    if (is_adopted_) return;
    if (const int fd = take_fd(); fd >= 0) ::close(fd);
}

bool FileHandle::begin_use() { return change(State::idle, State::busy); }

void FileHandle::end_use() {
    if (change(State::busy, State::idle)) return;
    state_.store(State::closed, std::memory_order_release);
    ::close(fd_);
}

int FileHandle::close() {
    if (!change(State::idle, State::closed)) return EINVAL;
    files_->remove(*this);
    return ::close(fd_) == 0 ? 0 : errno;  // not again after EINTR: it is closed
}

int FileHandle::take_fd() {
    for (;;) {
        if (change(State::idle, State::closed)) return fd_;
        if (change(State::busy, State::close_pending)) return -1;
        const State now = state_.load(std::memory_order_acquire);
        if (now == State::close_pending || now == State::closed) return -1;
    }
}

template <typename Transfer>
ssize_t FileHandle::drive(std::span<iovec> pieces, short events, Transfer transfer) {
    ssize_t done = 0;
    while (!pieces.empty()) {
        if (is_stream_ && is_adopted_ && !files_->wait(fd_, events)) {
            errno = ECANCELED;
            return -1;
        }
        const ssize_t n = transfer(pieces, done);
        if (n == 0) break;
        if (n > 0) {
            done += n;
            pieces = drop(pieces, static_cast<size_t>(n));
        } else if (errno == EAGAIN && is_stream_ && !is_adopted_) {
            if (files_->wait(fd_, events)) continue;
            errno = ECANCELED;
            return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return done;
}

ssize_t FileHandle::read(uint8_t* to, size_t count) {
    iovec all{to, count};
    return drive({&all, 1}, POLLIN, [this](std::span<iovec> pieces, ssize_t) {
        return ::read(fd_, pieces.front().iov_base, pieces.front().iov_len);
    });
}

ssize_t FileHandle::read_at(uint8_t* to, size_t count, int64_t offset) {
    iovec all{to, count};
    return drive({&all, 1}, POLLIN, [this, offset](std::span<iovec> pieces, ssize_t done) {
        return ::pread(fd_, pieces.front().iov_base, pieces.front().iov_len, offset + done);
    });
}

bool FileHandle::is_memory() {
    if (device_ == Device::unknown) {
        struct statfs system {};
        const bool is_known = fstatfs(fd_, &system) == 0;
        device_ =
            is_known && (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC) ? Device::memory : Device::other;
    }
    return device_ == Device::memory;
}

ssize_t FileHandle::read_cached(uint8_t* to, size_t count, int64_t offset) {
    if (is_stream_ || count == 0) return -1;
    iovec all{to, count};
    const ssize_t n = preadv2(fd_, &all, 1, offset, is_memory() ? 0 : RWF_NOWAIT);
    if (n <= 0 || static_cast<size_t>(n) == count || device_ == Device::memory) return n;
    // The end of the file, or of what is in the cache.
    if (offset < 0) lseek(fd_, -n, SEEK_CUR);
    return -1;
}

ssize_t FileHandle::write(std::span<iovec> all) {
    const auto transfer = [this](std::span<iovec> pieces, ssize_t) {
        return ::writev(fd_, pieces.data(), vector_length(pieces));
    };
    if (!is_stream_) return drive(all, POLLOUT, transfer);
    const NoPipeSignal quiet;
    return drive(all, POLLOUT, transfer);
}

ssize_t FileHandle::write_at(std::span<iovec> all, int64_t offset) {
    return drive(all, POLLOUT, [this, offset](std::span<iovec> pieces, ssize_t done) {
        return ::pwritev(fd_, pieces.data(), vector_length(pieces), offset + done);
    });
}

int64_t FileHandle::bytes_after(int64_t offset) const {
    struct stat info;
    if (fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) return -1;
    return offset >= info.st_size ? 0 : info.st_size - offset;
}

}  // namespace lintel
