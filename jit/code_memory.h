#pragma once
/// Memory for machine code. Private to jit/.
///
/// It is in chunks, each mapped twice: once to be written, once to be run. No page is both, and before and behind either mapping is a page that
/// nobody may touch.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace lintel {

class CodeMemory {
public:
    /// `limit`: bytes handed out.
    explicit CodeMemory(size_t limit);
    ~CodeMemory();

    /// Whether the platform lets a program have such memory.
    bool is_possible();

    /// `bytes` in a row, their start a multiple of kAlignment; nullptr: there are none, or too many have been handed out. `writable`: where to write
    /// what is to be run. Any thread.
    const char* allocate(size_t bytes, char** writable);
    /// What allocate() has returned; nobody runs it any more. Any thread.
    void release(const char* start);

    size_t used() const;  ///< bytes handed out
    size_t chunks() const;

    static constexpr size_t kAlignment = 64;

private:
    class Chunk;
    Chunk* add_chunk(size_t bytes);

    const size_t limit_;
    mutable std::mutex mutex_;
    size_t used_ = 0;
    std::map<const char*, std::unique_ptr<Chunk>> chunks_;  ///< by where they begin
};

}  // namespace lintel
