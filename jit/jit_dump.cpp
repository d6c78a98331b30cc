#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "jit/code_symbols.h"

/// perf's jitdump, version 1 (tools/perf/Documentation/jitdump-specification.txt of Linux): the code itself and its lines, by the time it was
/// made; `perf inject --jit` makes files of it that other commands of perf read. Record with `perf record -k mono`.

namespace lintel {

namespace {

#if defined(__x86_64__)
constexpr uint32_t kMachine = EM_X86_64;
#else
constexpr uint32_t kMachine = EM_AARCH64;
#endif

struct FileHeader {
    uint32_t magic = 0x4A695444;  // "JiTD"
    uint32_t version = 1;
    uint32_t size = sizeof(FileHeader);
    uint32_t machine = kMachine;
    uint32_t unused = 0;
    uint32_t process = static_cast<uint32_t>(getpid());
    uint64_t time;
    uint64_t flags = 0;
};
struct RecordHeader {
    uint32_t kind;
    uint32_t size;  ///< with what follows
    uint64_t time;
};
struct CodeLoad {  // kind 0; name and code follow
    uint32_t process, thread;
    uint64_t address, start, bytes;
    uint64_t index;  ///< of code in this file
};
struct DebugInfo {  // kind 2, in front of the code's record; entries follow
    uint64_t start, count;
};
struct DebugEntry {  // the file's name follows
    uint64_t address;
    uint32_t line, discriminator;
};

uint64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1000000000 + static_cast<uint64_t>(t.tv_nsec);
}

void append(std::string* to, const void* bytes, size_t count) { to->append(static_cast<const char*>(bytes), count); }
void append_text(std::string* to, const std::string& text) { to->append(text.c_str(), text.size() + 1); }

class JitDump final : public CodeListener {
public:
    /// `mark`: a mapping of the file, which is how perf comes to know of it.
    JitDump(int descriptor, void* mark, size_t bytes) : descriptor_(descriptor), mark_(mark), mark_bytes_(bytes) {}
    JitDump(const JitDump&) = delete;
    ~JitDump() override {
        munmap(mark_, mark_bytes_);
        close(descriptor_);
    }

    void added(const CodeSymbol& symbol) override {
        if (!symbol.places.empty()) add_lines(symbol);
        const auto address = reinterpret_cast<uint64_t>(symbol.start);
        const CodeLoad load{static_cast<uint32_t>(getpid()),
                            static_cast<uint32_t>(syscall(SYS_gettid)),
                            address,
                            address,
                            symbol.bytes,
                            index_++};
        std::string body;
        append(&body, &load, sizeof load);
        append_text(&body, symbol.name);
        append(&body, symbol.start, symbol.bytes);
        add(0, body);
    }

private:
    void add_lines(const CodeSymbol& symbol) {
        const auto address = reinterpret_cast<uint64_t>(symbol.start);
        const DebugInfo info{address, symbol.places.size()};
        std::string body;
        append(&body, &info, sizeof info);
        for (const CodeSymbol::Place& place : symbol.places) {
            const DebugEntry entry{address + place.at, place.line, 0};
            append(&body, &entry, sizeof entry);
            append_text(&body, place.file);
        }
        body.append(-body.size() & 7, '\0');
        add(2, body);
    }

    /// Whole records only: after a failure, of a full disk say, nothing more is written.
    void add(uint32_t kind, const std::string& body) {
        if (has_failed_) return;
        RecordHeader header{kind, static_cast<uint32_t>(sizeof(RecordHeader) + body.size()), now()};
        iovec parts[] = {{&header, sizeof header}, {const_cast<char*>(body.data()), body.size()}};
        has_failed_ = writev(descriptor_, parts, 2) != static_cast<ssize_t>(header.size);
    }

    const int descriptor_;
    void* const mark_;
    const size_t mark_bytes_;
    uint64_t index_ = 0;
    bool has_failed_ = false;
};

/// A new folder of ours, as the specification wants it; "" if there can be none.
std::string make_folder() {
    const char* base = std::getenv("JITDUMPDIR");
    if (base == nullptr) base = std::getenv("HOME");
    std::string path = base != nullptr ? base : ".";
    for (const char* const part : {"/.debug", "/jit"}) {
        path += part;
        mkdir(path.c_str(), 0700);
    }
    path += "/lintel-XXXXXX";
    return mkdtemp(path.data()) == nullptr ? "" : path;
}

}  // namespace

std::unique_ptr<CodeListener> make_jit_dump() {
    const std::string folder = make_folder();
    if (folder.empty()) return nullptr;
    const std::string path = folder + "/jit-" + std::to_string(getpid()) + ".dump";
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return nullptr;
    FileHeader header;
    header.time = now();
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void* mark = MAP_FAILED;
    if (write(descriptor, &header, sizeof header) == sizeof header)
        mark = mmap(nullptr, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0);
    if (mark == MAP_FAILED) {
        close(descriptor);
        return nullptr;
    }
    return std::make_unique<JitDump>(descriptor, mark, page);
}

}  // namespace lintel
