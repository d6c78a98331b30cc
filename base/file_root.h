#pragma once
/// FileRoot: a directory that names cannot lead out of, whatever `..`, links and absolute names there are in them: as after chroot.

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace lintel {

/// Any thread.
class FileRoot {
public:
    /// nullptr: errno says why the directory cannot be opened.
    static std::shared_ptr<const FileRoot> make(const std::string& directory);
    /// A directory below this one; the same.
    std::shared_ptr<const FileRoot> below(const std::string& directory) const;
    ~FileRoot();
    FileRoot(const FileRoot&) = delete;
    FileRoot& operator=(const FileRoot&) = delete;

    /// open(2): a descriptor, or -1 and errno. Names begin at the root, absolute or not.
    int open(const char* name, int flags, mode_t mode) const;

private:
    explicit FileRoot(int fd) : fd_(fd) {}
    const int fd_;
};

/// Where a system call with an `…at` finds what a name means.
class FilePlace {
public:
    /// As it is: relative to `at`.
    FilePlace(int at, const char* name) : at_(at), name_(name) {}
    /// Below `root`. `follows`: a link as the last part leads on, and what it leads to must exist; otherwise only the directory that the name is in must, and the system call must not
    /// follow links.
    FilePlace(const FileRoot& root, const char* name, bool follows);
    ~FilePlace();
    FilePlace(const FilePlace&) = delete;
    FilePlace& operator=(const FilePlace&) = delete;

    /// Why there is no such place: an errno value, or 0.
    int error() const { return error_; }
    int at() const { return at_; }
    const char* name() const { return name_; }

private:
    int own_ = -1;  ///< descriptor
    int at_;
    const char* name_;
    int error_ = 0;
    std::string text_;
};

}  // namespace lintel
