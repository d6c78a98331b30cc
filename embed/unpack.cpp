#include "embed/unpack.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "embed/code_path.h"
#include "embed/executable.h"

namespace lintel {

namespace {

std::string cache_folder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') return cache;
    const char* home = std::getenv("HOME");
    return home != nullptr && *home == '/' ? std::string(home) + "/.cache" : "";
}

/// Makes all folders of `path`, which are the user's alone.
bool make_folders(const std::string& path) {
    for (size_t at = 1; at != std::string::npos;) {
        at = path.find('/', at + 1);
        if (mkdir(path.substr(0, at).c_str(), 0700) != 0 && errno != EEXIST) return false;
    }
    return true;
}

}  // namespace

std::string unpacked_directory(const Pack& pack, bool wants_digest, std::string_view directory) {
    const std::string cache = cache_folder();
    if (cache.empty()) return "";
    const std::string root = cache + "/lintel/" + pack.identity() + "/";
    std::string folder = root + std::string(directory);
    // Each file appears whole or not at all; the mark tells that all are there.
    const std::string mark = folder + ".unpacked";
    if (access(mark.c_str(), F_OK) == 0) return folder;
    const std::string inside = std::string(directory) + "/";
    bool any = false;
    for (size_t i = 0; i < pack.file_count(); ++i) {
        const PackEntry e = pack.file(i);
        if (!(std::string(e.directory) + "/").starts_with(inside)) continue;
        auto bytes = pack.read(e, wants_digest);
        if (!bytes || !make_folders(root + std::string(e.directory))) return "";
        const auto data = bytes.value().bytes();
        const std::string text(reinterpret_cast<const char*>(data.data()), data.size());
        if (!replace_file(root + e.path(), text, e.is_program).empty()) return "";
        any = true;
    }
    return any && replace_file(mark, "", false).empty() ? folder : "";
}

}  // namespace lintel
