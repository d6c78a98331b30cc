#include "lintel/conformance.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lintel/otp_root.h"
#include "lintel/program.h"

namespace {

constexpr const char* kPython = "python3";
constexpr const char* kRunner = "/conformance/run.py";
constexpr const char* kInstalled = "/../" LINTEL_DATADIR "/lintel";

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool is_readable(const std::string& path) { return access(path.c_str(), R_OK) == 0; }

/// Of the source tree that the program was built in, or as it was installed; "": there is none.
std::string find_runner(const std::string& program) {
    for (std::string folder = folder_of(program); !folder.empty(); folder = folder_of(folder)) {
        if (is_readable(folder + kRunner)) return folder + kRunner;
    }
    const std::string installed = folder_of(program) + kInstalled + kRunner;
    return is_readable(installed) ? installed : "";
}

/// As one word of a command line, which the runner splits as a shell does.
std::string quoted(const std::string& path) {
    std::string text = "'";
    for (const char c : path) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

}  // namespace

int conformance(const std::vector<std::string>& arguments) {
    const std::string program = this_program();
    const std::string runner = find_runner(program);
    if (runner.empty()) {
        return fail("conformance: there is no runner: neither conformance/run.py in a folder above " + program +
                    ", nor " + folder_of(program) + kInstalled + kRunner);
    }
    std::vector<std::string> words{kPython, runner, "--vm", quoted(program) + " erl"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    execvp(kPython, argv.data());
    return fail(std::string("conformance: ") + kPython + " is needed, and cannot be started: " + std::strerror(errno));
}
