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
constexpr std::string_view kBeam = ".beam";
constexpr std::string_view kHost = "host:";

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
    if (name.starts_with(kErts)) take_erts_locked(installed_.back(), name.substr(kErts.size()));
}

void CodePath::take_erts_locked(std::string directory, std::string version) {
    preloaded_ = std::move(directory);
    erts_version_ = std::move(version);
}

const Pack& CodePath::add_pack(MountedPack mounted) {
    const std::lock_guard lock(mutex_);
    const Pack& pack = *mounted.pack;
    packs_.push_back(std::move(mounted));
    constexpr std::string_view kLib = "lib/", kEbin = "/ebin";
    for (const std::string& directory : pack.directories()) {
        if (!directory.starts_with(std::string(kLib) + std::string(kErts)) || !directory.ends_with(kEbin)) continue;
        const size_t version = kLib.size() + kErts.size();
        take_erts_locked(pack.file() + "/" + directory,
                         directory.substr(version, directory.size() - version - kEbin.size()));
    }
    return pack;
}

/// What follows the pack's own name in `path`, without slashes around it.
static std::string_view path_in(const Pack& pack, std::string_view path) {
    path.remove_prefix(pack.file().size());
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    return path;
}

std::optional<PackedFile> CodePath::packed(std::string_view path) const {
    const MountedPack* const mounted = pack_of(path);
    if (mounted == nullptr) return std::nullopt;
    const auto entry = mounted->pack->find_file(path_in(*mounted->pack, path));
    return entry ? std::optional(PackedFile{mounted, *entry}) : std::nullopt;
}

std::optional<std::vector<std::string>> CodePath::packed_names(std::string_view path) const {
    const MountedPack* const mounted = pack_of(std::string(path) + "/");
    return mounted != nullptr ? mounted->pack->list(path_in(*mounted->pack, path)) : std::nullopt;
}

const MountedPack* CodePath::pack_of(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    for (const MountedPack& mounted : packs_) {
        const std::string& file = mounted.pack->file();
        if (path.starts_with(file) && path.size() > file.size() && path[file.size()] == '/') return &mounted;
    }
    return nullptr;
}

bool CodePath::is_installed(const std::string& directory) const {
    const std::lock_guard lock(mutex_);
    return std::find(installed_.begin(), installed_.end(), directory) != installed_.end();
}

std::string CodePath::find_packed_locked(const std::string& name) const {
    for (const MountedPack& mounted : packs_) {
        const Pack& pack = *mounted.pack;
        if (name.ends_with(kBeam)) {
            const auto entry = pack.find_module(std::string_view(name).substr(0, name.size() - kBeam.size()));
            if (entry) return pack.file() + "/" + entry->path();
        }
        for (const std::string& directory : pack.directories()) {
            const std::string path = directory.empty() ? name : directory + "/" + name;
            if (pack.find_file(path)) return pack.file() + "/" + path;
        }
    }
    return "";
}

std::string CodePath::find_at_host(const std::string& name) const {
    if (finder_.find == nullptr || !name.ends_with(kBeam)) return "";
    const std::lock_guard lock(finder_mutex_);
    std::string module = name.substr(0, name.size() - kBeam.size());
    last_found_ = FoundCode();
    last_found_ = FoundCode(finder_, std::move(module));  // another one than last time, perhaps
    return last_found_ ? std::string(kHost) + name : "";
}

FoundCode CodePath::found(std::string_view path) const {
    if (finder_.find == nullptr || !path.starts_with(kHost) || !path.ends_with(kBeam)) return FoundCode();
    const std::string_view module = path.substr(kHost.size(), path.size() - kHost.size() - kBeam.size());
    const std::lock_guard lock(finder_mutex_);
    return last_found_ && last_found_.module() == module ? std::move(last_found_)
                                                         : FoundCode(finder_, std::string(module));
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
    for (const std::string& name : entries(preloaded_)) {
        if (name.ends_with(kBeam)) modules.push_back(name.substr(0, name.size() - kBeam.size()));
    }
    const std::lock_guard lock(mutex_);
    for (const MountedPack& mounted : packs_) {
        const Pack& pack = *mounted.pack;
        for (size_t i = 0; i < pack.module_count(); ++i) {
            const PackEntry entry = pack.module(i);
            if (pack.file() + "/" + std::string(entry.directory) == preloaded_) modules.emplace_back(entry.name);
        }
    }
    return modules;
}

std::vector<std::string> CodePath::directories() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> all = given_;
    for (const MountedPack& mounted : packs_) {
        for (const std::string& directory : mounted.pack->directories())
            all.push_back(mounted.pack->file() + (directory.empty() ? "" : "/") + directory);
    }
    all.insert(all.end(), installed_.begin(), installed_.end());
    return all;
}

void CodePath::add_elixir(const std::string& lib) {
    std::lock_guard lock(mutex_);
    for (const std::string& name : entries(lib)) installed_.push_back(lib + "/" + name + "/ebin");
}

std::string CodePath::find(std::string_view module) const {
    return module.empty() ? "" : find_file(std::string(module).append(kBeam));
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
    std::unique_lock lock(mutex_);
    const auto find_in = [&name](const std::vector<std::string>& directories) {
        for (const std::string& directory : directories) {
            std::string path = directory + "/" + name;
            if (access(path.c_str(), R_OK) == 0) return path;
        }
        return std::string();
    };
    std::string path = find_in(given_);
    if (path.empty()) path = find_packed_locked(name);
    if (path.empty()) {
        lock.unlock();
        path = find_at_host(name);
        lock.lock();
    }
    return path.empty() ? find_in(installed_) : path;
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

FoundCode::FoundCode(const CodeFinder& finder, std::string module)
    : finder_(finder), module_(std::move(module)),
      is_there_(finder.find(finder.context, module_.c_str(), &bytes_, &count_) != 0) {}

FoundCode::~FoundCode() {
    if (is_there_ && finder_.release != nullptr) finder_.release(finder_.context, bytes_, count_);
}

void FoundCode::swap(FoundCode& other) {
    std::swap(finder_, other.finder_);
    std::swap(module_, other.module_);
    std::swap(bytes_, other.bytes_);
    std::swap(count_, other.count_);
    std::swap(is_there_, other.is_there_);
}

CodeFile::CodeFile(const CodePath& path, const std::string& file) {
    found_ = path.found(file);
    if (found_) return;
    if (const auto packed = path.packed(file)) {
        auto bytes = packed->read();
        if (bytes) {
            packed_bytes_ = bytes.take();
            packed_ = PackedModule{packed->entry.md5, packed->mounted->is_trusted};
        } else {
            error_ = bytes.error().text();
        }
        return;
    }
    file_.emplace(file);
    if (*file_) return;
    lacks_memory_ = errno == ENOMEM;
    error_ = file + ": cannot be read";
}

}  // namespace lintel
