#include "lintel/otp_root.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr const char* kErts = "erts-";

}  // namespace

std::vector<std::string> names_in(const std::string& directory) {
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

bool is_directory(const std::string& path) {
    struct stat info;
    return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string text_of_file(const std::string& path) {
    std::string text;
    FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return text;
    char bytes[4096];
    while (const size_t n = std::fread(bytes, 1, sizeof bytes, file)) text.append(bytes, n);
    std::fclose(file);
    return text;
}

std::string this_program() {
    char path[PATH_MAX];
    return realpath("/proc/self/exe", path) != nullptr ? path : "";
}

std::string erts_version(const std::string& root) {
    std::string highest;
    for (const std::string& name : names_in(root)) {
        if (!name.starts_with(kErts) || !is_directory(root + "/" + name + "/bin")) continue;
        const std::string version = name.substr(std::strlen(kErts));
        if (strverscmp(version.c_str(), highest.c_str()) > 0) highest = version;
    }
    return highest;
}

std::string default_root() {
    const char* root = std::getenv("LINTEL_OTP_ROOT");
    return root != nullptr && *root != 0 ? root : "/usr/lib/erlang";
}
