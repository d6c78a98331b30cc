#include "lintel/link_otp.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "lintel/otp_root.h"

namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

/// What OTP calls its emulator, and what it is called when this program has its place.
constexpr const char* kEmulator = "beam.smp";
constexpr const char* kKept = "beam.smp.otp";

int fail(int status, const std::string& text) {
    std::fprintf(stderr, "lintel: link-otp: %s\n", text.c_str());
    return status;
}
int fail_errno(const std::string& path) { return fail(kExitFailure, path + ": " + std::strerror(errno)); }

bool exists(const std::string& path) {
    struct stat info;
    return lstat(path.c_str(), &info) == 0;
}

bool is_program(const std::string& path) {
    struct stat info;
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

/// 0 or an errno value. What has that name already is replaced if it is a link.
bool make_link(const std::string& target, const std::string& path) {
    struct stat info;
    if (lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) unlink(path.c_str());
    return symlink(target.c_str(), path.c_str()) == 0;
}

bool make_directories(const std::string& path) {
    for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        if (mkdir(path.substr(0, slash).c_str(), 0777) != 0 && errno != EEXIST) return false;
        if (slash == std::string::npos) return is_directory(path);
    }
}

/// First program of that name on PATH, but not in `except`; "": none.
std::string on_path(const std::string& name, const std::string& except) {
    const char* variable = std::getenv("PATH");
    const std::string path = variable != nullptr ? variable : "";
    for (size_t at = 0; at <= path.size();) {
        const size_t end = std::min(path.find(':', at), path.size());
        const std::string directory = path.substr(at, end - at);
        char real[PATH_MAX];
        if (realpath(directory.c_str(), real) != nullptr && real != except && is_program(directory + "/" + name))
            return directory + "/" + name;
        at = end + 1;
    }
    return "";
}

/// In quotes, for sh.
std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

int make_directory_of_links(const std::string& given, const std::string& root, const std::string& version) {
    if (!make_directories(given)) return fail_errno(given);
    char real[PATH_MAX];
    if (realpath(given.c_str(), real) == nullptr) return fail_errno(given);
    const std::string directory = real;
    const std::string programs = root + "/erts-" + version + "/bin";
    for (const std::string& from : {root + "/bin", programs}) {
        for (const std::string& name : names_in(from)) {
            if (name == "erl" || name.starts_with("beam.") || !is_program(from + "/" + name)) continue;
            if (!make_link(from + "/" + name, directory + "/" + name)) return fail_errno(directory + "/" + name);
        }
    }
    for (const char* name : {"ct_run", "elixir", "elixirc", "iex", "mix", "rebar3"}) {
        const std::string program = on_path(name, directory);
        if (program.empty() || exists(directory + "/" + name)) continue;
        if (!make_link(program, directory + "/" + name)) return fail_errno(directory + "/" + name);
    }
    const std::string lintel = this_program();
    if (!make_link(lintel, directory + "/" + kEmulator)) return fail_errno(directory + "/" + kEmulator);
    const std::string erl = directory + "/erl";
    unlink(erl.c_str());
    std::ofstream script(erl);
    script << "#!/bin/sh\n# OTP's erl on Lintel, made by lintel link-otp.\n"
           << "LINTEL_OTP_ROOT=" << quoted(root) << " LINTEL_BINDIR=" << quoted(directory) << " exec " << quoted(lintel)
           << " erl \"$@\"\n";
    script.close();
    if (!script || chmod(erl.c_str(), 0755) != 0) return fail_errno(erl);
    std::printf("%s: programs of %s, on %s\nPut it first on PATH: PATH=%s:$PATH\n", directory.c_str(), root.c_str(),
                lintel.c_str(), directory.c_str());
    return 0;
}

bool copy_file(const std::string& from, const std::string& to) {
    std::ifstream in(from, std::ios::binary);
    std::ofstream out(to, std::ios::binary);
    out << in.rdbuf();
    out.close();
    return in.good() && out.good();
}

/// OTP has the modules of its application erts inside its emulator; a release need not have them as files.
int add_preloaded(const std::string& release, const std::string& version, const std::string& root) {
    const std::string application = "/lib/erts-" + version + "/ebin";
    if (is_directory(release + application)) return 0;
    if (!is_directory(root + application)) {
        return fail(kExitFailure, release + " has no folder " + application.substr(1) +
                                      ", which Lintel needs, and neither has " + root +
                                      ": copy it from the OTP that the release was made with");
    }
    if (!make_directories(release + application)) return fail_errno(release + application);
    for (const std::string& name : names_in(root + application)) {
        if (!copy_file(root + application + "/" + name, release + application + "/" + name))
            return fail_errno(release + application + "/" + name);
    }
    return 0;
}

/// `directory` is the folder erts-*/bin of a release.
int replace_emulator(const std::string& directory, const std::string& root) {
    char real[PATH_MAX];
    if (realpath((directory + "/../..").c_str(), real) == nullptr) return fail_errno(directory);
    const std::string release = real;
    if (realpath((directory + "/..").c_str(), real) == nullptr) return fail_errno(directory);
    const std::string erts = std::string(real).substr(std::string(real).rfind('/') + 1);
    const std::string version = erts.substr(erts.find('-') + 1);
    if (const int status = add_preloaded(release, version, root); status != 0) return status;
    const std::string emulator = directory + "/" + kEmulator, kept = directory + "/" + kKept;
    const std::string lintel = this_program();
    struct stat info;
    if (lstat(emulator.c_str(), &info) == 0 && !S_ISLNK(info.st_mode) && rename(emulator.c_str(), kept.c_str()) != 0) {
        return fail_errno(emulator);
    }
    if (!make_link(lintel, emulator)) return fail_errno(emulator);
    std::printf("%s: the emulator of %s is %s now\nTo undo it: mv %s %s\n", emulator.c_str(), release.c_str(),
                lintel.c_str(), kept.c_str(), emulator.c_str());
    return 0;
}

}  // namespace

int link_otp(const std::string& directory, const std::string& root) {
    char real[PATH_MAX];
    const bool is_erts = realpath(directory.c_str(), real) != nullptr && exists(directory + "/" + kEmulator) &&
                         std::string(real).find("/erts-") != std::string::npos;
    if (is_erts) return replace_emulator(directory, root);
    const std::string version = erts_version(root);
    if (version.empty()) return fail(kExitUsage, root + ": no OTP installation (it has no folder erts-*/bin)");
    if (is_directory(directory) && !names_in(directory).empty() && !exists(directory + "/" + kEmulator)) {
        return fail(kExitUsage, directory + " has other files in it: name a new folder");
    }
    return make_directory_of_links(directory, root, version);
}
