#include "base/file_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace lintel {

namespace {

/// The system itself keeps names below the root. -1 and errno.
int open_below(int root, const char* name, int flags, mode_t mode) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) how.mode = mode & 07777;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const long fd = syscall(SYS_openat2, root, name, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) errno = EACCES;  // a system that cannot
    return static_cast<int>(fd);
}

}  // namespace

std::shared_ptr<const FileRoot> FileRoot::make(const std::string& directory) {
    const int fd = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? nullptr : std::shared_ptr<const FileRoot>(new FileRoot(fd));
}

std::shared_ptr<const FileRoot> FileRoot::below(const std::string& directory) const {
    const int fd = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    return fd < 0 ? nullptr : std::shared_ptr<const FileRoot>(new FileRoot(fd));
}

FileRoot::~FileRoot() { close(fd_); }

int FileRoot::open(const char* name, int flags, mode_t mode) const { return open_below(fd_, name, flags, mode); }

FilePlace::FilePlace(const FileRoot& root, const char* name, bool follows) : at_(AT_FDCWD), name_(name) {
    std::string_view whole(name);
    if (whole.empty()) {
        error_ = ENOENT;
        return;
    }
    while (whole.size() > 1 && whole.back() == '/') whole.remove_suffix(1);
    const size_t slash = whole.rfind('/');
    const std::string_view last = whole.substr(slash == std::string_view::npos ? 0 : slash + 1);
    const bool is_directory = last.empty() || last == "." || last == "..";
    const std::string directory(slash == std::string_view::npos ? "." : whole.substr(0, slash + 1));
    own_ = follows || is_directory ? root.open(name, O_PATH | O_CLOEXEC, 0)
                                   : root.open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    error_ = own_ < 0 ? errno : 0;
    if (!follows) at_ = own_;
    text_ = follows ? "/proc/self/fd/" + std::to_string(own_) : is_directory ? std::string(".") : std::string(last);
    name_ = text_.c_str();
}

FilePlace::~FilePlace() {
    if (own_ >= 0) close(own_);
}

}  // namespace lintel
