#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "jit/code_symbols.h"

/// The map file that perf looks for: a line for each function, "START SIZE NAME" in hexadecimal. All VMs of a process write to the same one.

namespace lintel {

namespace {

class PerfMap final : public CodeListener {
public:
    explicit PerfMap(int descriptor) : descriptor_(descriptor) {}
    PerfMap(const PerfMap&) = delete;
    ~PerfMap() override { close(descriptor_); }

    /// One write for a line, which others cannot come between. A full disk: the rest is not told.
    void added(const CodeSymbol& symbol) override {
        char numbers[40];
        std::snprintf(numbers, sizeof numbers, "%zx %zx ", reinterpret_cast<size_t>(symbol.start), symbol.bytes);
        const std::string line = numbers + symbol.name + "\n";
        static_cast<void>(!write(descriptor_, line.data(), line.size()));
    }

private:
    const int descriptor_;
};

}  // namespace

/// perf reads only a file that the user of the process owns; nobody may have put a link there.
std::unique_ptr<CodeListener> make_perf_map() {
    const std::string path = "/tmp/perf-" + std::to_string(getpid()) + ".map";
    const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    return descriptor < 0 ? nullptr : std::make_unique<PerfMap>(descriptor);
}

}  // namespace lintel
