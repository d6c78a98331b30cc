#include "jit/code_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace lintel {

namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;

size_t page_bytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }
constexpr size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

/// A file in memory whose pages may be run; -1 if there can be none.
int make_file(size_t bytes) {
    constexpr unsigned kExecutable =
        0x10;  // MFD_EXEC, which older kernels do not know and newer ones may want to be told
    int file = memfd_create("lintel-code", MFD_CLOEXEC | kExecutable);
    if (file < 0) file = memfd_create("lintel-code", MFD_CLOEXEC);
    if (file >= 0 && ftruncate(file, static_cast<off_t>(bytes)) != 0) {
        close(file);
        file = -1;
    }
    return file;
}

/// A view of the file between two pages that nobody may touch; nullptr if it may not be.
char* map_guarded(int file, size_t bytes, int protection) {
    const size_t page = page_bytes(), all = bytes + 2 * page;
    void* const area = mmap(nullptr, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED) return nullptr;
    char* const start = static_cast<char*>(area) + page;
    if (mmap(start, bytes, protection, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) {
        munmap(area, all);
        return nullptr;
    }
    return start;
}

void unmap_guarded(char* start, size_t bytes) {
    if (start != nullptr) munmap(start - page_bytes(), bytes + 2 * page_bytes());
}

/// Traps for what is run where nothing is any more. Pages that nothing ever was in are left as the system gives them.
void fill_with_traps(char* to, size_t bytes) {
#if defined(__x86_64__)
    std::memset(to, 0xcc, bytes);  // int3
#else
    std::memset(to, 0, bytes);  // udf #0
#endif
}

}  // namespace

class CodeMemory::Chunk {
public:
    explicit Chunk(size_t bytes) : bytes_(bytes) {
        const int file = make_file(bytes);
        if (file < 0) return;
        run_ = map_guarded(file, bytes, PROT_READ | PROT_EXEC);
        write_ = run_ == nullptr ? nullptr : map_guarded(file, bytes, PROT_READ | PROT_WRITE);
        close(file);
        free_[0] = bytes;
    }
    Chunk(const Chunk&) = delete;
    ~Chunk() {
        unmap_guarded(run_, bytes_);
        unmap_guarded(write_, bytes_);
    }

    bool is_whole() const { return write_ != nullptr; }
    bool is_empty() const { return used_.empty(); }
    const char* start() const { return run_; }

    const char* allocate(size_t bytes, char** writable) {
        const auto fits = [bytes](const auto& range) { return range.second >= bytes; };
        const auto found = std::ranges::find_if(free_, fits);
        if (found == free_.end()) return nullptr;
        const auto [at, room] = *found;
        free_.erase(found);
        if (room > bytes) free_[at + bytes] = room - bytes;
        used_[at] = bytes;
        *writable = write_ + at;
        return run_ + at;
    }

    size_t release(const char* start) {
        const auto found = used_.find(static_cast<size_t>(start - run_));
        LINTEL_CHECK(found != used_.end());
        auto [at, bytes] = *found;
        used_.erase(found);
        fill_with_traps(write_ + at, bytes);
        const size_t released = bytes;
        auto next = free_.lower_bound(at);
        if (next != free_.end() && next->first == at + bytes) {
            bytes += next->second;
            next = free_.erase(next);
        }
        if (next != free_.begin() && std::prev(next)->first + std::prev(next)->second == at) {
            std::prev(next)->second += bytes;
        } else {
            free_[at] = bytes;
        }
        return released;
    }

private:
    const size_t bytes_;
    char* run_ = nullptr;
    char* write_ = nullptr;
    std::map<size_t, size_t> free_, used_;  ///< bytes, by where they begin
};

CodeMemory::CodeMemory(size_t limit) : limit_(limit) {}
CodeMemory::~CodeMemory() = default;

bool CodeMemory::is_possible() {
    const std::scoped_lock lock(mutex_);
    return !chunks_.empty() || add_chunk(kChunkBytes) != nullptr;
}

CodeMemory::Chunk* CodeMemory::add_chunk(size_t bytes) {
    auto chunk = std::make_unique<Chunk>(bytes);
    if (!chunk->is_whole()) return nullptr;
    return (chunks_[chunk->start()] = std::move(chunk)).get();
}

const char* CodeMemory::allocate(size_t bytes, char** writable) {
    const std::scoped_lock lock(mutex_);
    const size_t rounded = round_up(std::max<size_t>(bytes, 1), kAlignment);
    if (rounded > limit_ - used_) return nullptr;
    const char* start = nullptr;
    for (const auto& [at, chunk] : chunks_) {
        start = chunk->allocate(rounded, writable);
        if (start != nullptr) break;
    }
    if (start == nullptr) {
        Chunk* const chunk = add_chunk(std::max(kChunkBytes, round_up(rounded, page_bytes())));
        if (chunk != nullptr) start = chunk->allocate(rounded, writable);
    }
    if (start != nullptr) used_ += rounded;
    return start;
}

void CodeMemory::release(const char* start) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::prev(chunks_.upper_bound(start));
    used_ -= found->second->release(start);
    if (found->second->is_empty() && chunks_.size() > 1) chunks_.erase(found);
}

size_t CodeMemory::used() const {
    const std::scoped_lock lock(mutex_);
    return used_;
}

size_t CodeMemory::chunks() const {
    const std::scoped_lock lock(mutex_);
    return chunks_.size();
}

}  // namespace lintel
