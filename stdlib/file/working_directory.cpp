#include "stdlib/file/working_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace lintel {

namespace {

/// Calls `read(buffer, size)`, which returns how long the text is, with ever larger buffers until the text fits. 0, or an errno value.
template <typename Read>
int read_text(std::string* text, Read read) {
    for (size_t size = 256;; size *= 2) {
        text->resize(size);
        const ssize_t length = read(text->data(), size);
        if (length < 0) return errno;
        if (static_cast<size_t>(length) == size) continue;
        text->resize(static_cast<size_t>(length));
        return 0;
    }
}

}  // namespace

WorkingDirectory::Place::~Place() {
    if (fd_ >= 0) close(fd_);
}

std::shared_ptr<const WorkingDirectory::Place> WorkingDirectory::place() const {
    std::lock_guard lock(mutex_);
    return place_;
}

int WorkingDirectory::path(std::string* path) const {
    const auto here = place();
    if (here->fd() == AT_FDCWD) {
        return read_text(path, [](char* to, size_t size) -> ssize_t {
            if (getcwd(to, size) != nullptr) return static_cast<ssize_t>(std::char_traits<char>::length(to));
            return errno == ERANGE ? static_cast<ssize_t>(size) : -1;
        });
    }
    struct stat info;
    if (fstat(here->fd(), &info) != 0) return errno;
    if (info.st_nlink == 0) return ENOENT;  // as getcwd has it of a directory that was deleted
    const std::string link = "/proc/self/fd/" + std::to_string(here->fd());
    return read_text(path, [&](char* to, size_t size) { return readlink(link.c_str(), to, size); });
}

int WorkingDirectory::set(const char* path) {
    const auto here = place();
    const int fd = openat(here->fd(), path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno;
    auto there = std::make_shared<const Place>(fd);
    struct stat info;
    if (fstatat(fd, ".", &info, 0) != 0) return errno;  // chdir wants the right to search it
    std::lock_guard lock(mutex_);
    place_ = std::move(there);
    return 0;
}

}  // namespace lintel
