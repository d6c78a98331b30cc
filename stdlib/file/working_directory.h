#pragma once
/// The working directory of one VM. The program's own belongs to the host and is never changed: what Erlang code sets is a directory
/// kept open, which relative names are resolved against (openat and its like).

#include <fcntl.h>

#include <memory>
#include <mutex>
#include <string>

namespace lintel {

/// Any thread.
class WorkingDirectory {
public:
    /// A directory that stays open as long as somebody uses it.
    class Place {
    public:
        explicit Place(int fd) : fd_(fd) {}
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        /// For openat; AT_FDCWD: the program's own.
        int fd() const { return fd_; }

    private:
        const int fd_;
    };

    /// Where relative names begin now.
    std::shared_ptr<const Place> place() const;
    /// Its absolute path. 0, or an errno value.
    int path(std::string* path) const;
    /// Makes `path` the working directory. 0, or an errno value.
    int set(const char* path);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Place> place_ = std::make_shared<const Place>(AT_FDCWD);
};

}  // namespace lintel
