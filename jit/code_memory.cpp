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

struct Views {
    char* run = nullptr;
    char* write = nullptr;
};

/// An area with a page that nobody may touch at either end; nullptr: there is none. Its inside.
char* reserve_guarded(size_t bytes) {
    const size_t page = page_bytes();
    void* const area = mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return area == MAP_FAILED ? nullptr : static_cast<char*>(area) + page;
}

void unmap_guarded(char* start, size_t bytes) {
    if (start != nullptr) munmap(start - page_bytes(), bytes + 2 * page_bytes());
}

bool map_over(char* start, size_t bytes, int protection, int flags, int file) {
    return mmap(start, bytes, protection, MAP_SHARED | MAP_FIXED | flags, file, 0) != MAP_FAILED;
}

/// The pages of a shared mapping of nothing, which tools take for anonymous memory, as code made at run time should be.
bool map_anonymous(const Views& views, size_t bytes) {
    if (!map_over(views.run, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1)) return false;
    return mremap(views.run, 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, views.write) != MAP_FAILED &&
           mprotect(views.run, bytes, PROT_READ | PROT_EXEC) == 0;
}

/// The pages of a file in memory, where there is no second mapping of the other kind.
bool map_file(const Views& views, size_t bytes) {
    constexpr unsigned kExecutable =
        0x10;  // MFD_EXEC, which older kernels do not know and newer ones may want to be told
    int file = memfd_create("lintel-code", MFD_CLOEXEC | kExecutable);
    if (file < 0) file = memfd_create("lintel-code", MFD_CLOEXEC);
    if (file < 0) return false;
    const bool done = ftruncate(file, static_cast<off_t>(bytes)) == 0 &&
                      map_over(views.run, bytes, PROT_READ | PROT_EXEC, 0, file) &&
                      map_over(views.write, bytes, PROT_READ | PROT_WRITE, 0, file);
    close(file);
    return done;
}

/// Two views of the same pages; both nullptr if it may not be.
Views map_twice(size_t bytes) {
    Views views{reserve_guarded(bytes), reserve_guarded(bytes)};
    if (views.run != nullptr && views.write != nullptr && (map_anonymous(views, bytes) || map_file(views, bytes)))
        return views;
    unmap_guarded(views.run, bytes);
    unmap_guarded(views.write, bytes);
    return {};
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
    explicit Chunk(size_t bytes) : bytes_(bytes), views_(map_twice(bytes)) { free_[0] = bytes; }
    Chunk(const Chunk&) = delete;
    ~Chunk() {
        unmap_guarded(views_.run, bytes_);
        unmap_guarded(views_.write, bytes_);
    }

    bool is_whole() const { return views_.write != nullptr; }
    bool is_empty() const { return used_.empty(); }
    const char* start() const { return views_.run; }

    const char* allocate(size_t bytes, char** writable) {
        const auto fits = [bytes](const auto& range) { return range.second >= bytes; };
        const auto found = std::ranges::find_if(free_, fits);
        if (found == free_.end()) return nullptr;
        const auto [at, room] = *found;
        free_.erase(found);
        if (room > bytes) free_[at + bytes] = room - bytes;
        used_[at] = bytes;
        *writable = views_.write + at;
        return views_.run + at;
    }

    size_t release(const char* start) {
        const auto found = used_.find(static_cast<size_t>(start - views_.run));
        LINTEL_CHECK(found != used_.end());
        auto [at, bytes] = *found;
        used_.erase(found);
        fill_with_traps(views_.write + at, bytes);
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
    const Views views_;
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
