#include "embed/code_path.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace lintel {

namespace {

std::vector<std::string> entries(const std::string& directory) {
    std::vector<std::string> names;
    if (DIR* dir = opendir(directory.c_str())) {
        while (const dirent* entry = readdir(dir)) {
            if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
        }
        closedir(dir);
    }
    std::sort(names.begin(), names.end());
    return names;
}

constexpr std::string_view kErts = "erts-";

/// Applications whose modules nearly every program needs, in the order of how often.
size_t rank(const std::string& application) {
    static constexpr std::string_view kFirst[] = {"stdlib-", "kernel-", kErts, "compiler-"};
    for (size_t i = 0; i < std::size(kFirst); ++i) {
        if (application.starts_with(kFirst[i])) return i;
    }
    return std::size(kFirst);
}

}  // namespace

bool is_directory(const std::string& path) {
    struct stat info;
    return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

void CodePath::add_first(std::string directory) {
    std::lock_guard lock(mutex_);
    given_.insert(given_.begin(), std::move(directory));
}

void CodePath::add_last(std::string directory) {
    std::lock_guard lock(mutex_);
    installed_.push_back(std::move(directory));
}

bool CodePath::remove(const std::string& directory) {
    std::lock_guard lock(mutex_);
    return std::erase(given_, directory) + std::erase(installed_, directory) != 0;
}

void CodePath::add_otp(const std::string& root) {
    std::vector<std::string> applications = entries(root + "/lib");
    std::stable_sort(applications.begin(), applications.end(),
                     [](const auto& a, const auto& b) { return rank(a) < rank(b); });
    std::lock_guard lock(mutex_);
    for (const std::string& name : applications) add_application_locked(root, name);
}

void CodePath::add_erts(const std::string& root) {
    std::lock_guard lock(mutex_);
    for (const std::string& name : entries(root + "/lib")) {
        // reltool puts an archive erts-*.ez beside the folder.
        if (name.starts_with(kErts) && is_directory(root + "/lib/" + name + "/ebin"))
            add_application_locked(root, name);
    }
}

void CodePath::add_application_locked(const std::string& root, const std::string& name) {
    installed_.push_back(root + "/lib/" + name + "/ebin");
    if (!name.starts_with(kErts)) return;
    preloaded_ = installed_.back();
    erts_version_ = name.substr(kErts.size());
}

std::string CodePath::erts_version() const {
    std::lock_guard lock(mutex_);
    return erts_version_;
}

bool CodePath::is_preloaded(std::string_view file) const {
    return !preloaded_.empty() && file.starts_with(preloaded_) && file.substr(preloaded_.size()).rfind('/') == 0;
}

std::vector<std::string> CodePath::preloaded_modules() const {
    std::vector<std::string> modules;
    if (preloaded_.empty()) return modules;
    constexpr std::string_view kExtension = ".beam";
    for (const std::string& name : entries(preloaded_)) {
        if (name.ends_with(kExtension)) modules.push_back(name.substr(0, name.size() - kExtension.size()));
    }
    return modules;
}

std::vector<std::string> CodePath::directories() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> all = given_;
    all.insert(all.end(), installed_.begin(), installed_.end());
    return all;
}

void CodePath::add_elixir(const std::string& lib) {
    std::lock_guard lock(mutex_);
    for (const std::string& name : entries(lib)) installed_.push_back(lib + "/" + name + "/ebin");
}

std::string CodePath::find(std::string_view module) const {
    return module.empty() ? "" : find_file(std::string(module) + ".beam");
}

bool CodePath::covers(std::string_view path) const {
    const size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return false;
    std::lock_guard lock(mutex_);
    for (const auto* list : {&given_, &installed_}) {
        if (std::find(list->begin(), list->end(), path.substr(0, slash)) != list->end()) return true;
    }
    return false;
}

std::string CodePath::find_file(const std::string& name) const {
    if (name.find('/') != std::string::npos || name.find('\0') != std::string::npos) return "";
    std::lock_guard lock(mutex_);
    for (const auto* list : {&given_, &installed_}) {
        for (const std::string& directory : *list) {
            std::string path = directory + "/" + name;
            if (access(path.c_str(), R_OK) == 0) return path;
        }
    }
    return "";
}

std::string CodePath::default_otp_root() {
    if (const char* root = std::getenv("LINTEL_OTP_ROOT")) return root;
    return is_directory("/usr/lib/erlang/lib") ? "/usr/lib/erlang" : "";
}

std::string CodePath::default_elixir_lib() {
    if (const char* lib = std::getenv("LINTEL_ELIXIR_LIB")) return lib;
    return is_directory("/usr/lib/elixir/lib") ? "/usr/lib/elixir/lib" : "";
}

FileBytes::FileBytes(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    struct stat info;
    int error = 0;
    if (fstat(fd, &info) != 0) {
        error = errno;
    } else if (!S_ISREG(info.st_mode)) {
        error = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
    } else {
        size_ = static_cast<size_t>(info.st_size);
        pages_.emplace(size_);
        auto* to = static_cast<char*>(pages_->data());
        if (to == nullptr && size_ != 0) error = ENOMEM;
        for (size_t done = 0; error == 0 && done < size_;) {
            const ssize_t n = read(fd, to + done, size_ - done);
            if (n <= 0) error = n < 0 ? errno : EIO;  // it has become shorter
            done += n > 0 ? static_cast<size_t>(n) : 0;
        }
        is_read_ = error == 0;
    }
    close(fd);
    errno = error;
}

}  // namespace lintel
