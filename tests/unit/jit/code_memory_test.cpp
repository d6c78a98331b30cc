#include "jit/code_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace lintel {
namespace {

constexpr size_t kPlenty = size_t{64} << 20;

struct Mapping {
    size_t from, to;
    std::string rights, name;
};

std::vector<Mapping> mappings() {
    std::ifstream file("/proc/self/maps");
    std::vector<Mapping> found;
    for (std::string line; std::getline(file, line);) {
        Mapping m{};
        char dash = 0;
        std::string offset, device, inode;
        std::istringstream(line) >> std::hex >> m.from >> dash >> m.to >> m.rights >> offset >> device >> inode >>
            m.name;
        found.push_back(m);
    }
    return found;
}

std::vector<Mapping> code_mappings() {
    std::vector<Mapping> found;
    for (const Mapping& m : mappings()) {
        if (m.name == "/dev/zero" || m.name.find("lintel-code") != std::string::npos) found.push_back(m);
    }
    return found;
}

TEST(CodeMemory, RunsWhatHasBeenWritten) {
    CodeMemory memory(kPlenty);
    ASSERT_TRUE(memory.is_possible());
#if defined(__x86_64__)
    const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov eax, 42; ret
#else
    const unsigned char code[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};  // mov w0, #42; ret
#endif
    char* writable = nullptr;
    const char* const start = memory.allocate(sizeof code, &writable);
    ASSERT_NE(start, nullptr);
    EXPECT_NE(start, writable);
    std::memcpy(writable, code, sizeof code);
    __builtin___clear_cache(const_cast<char*>(start), const_cast<char*>(start) + sizeof code);
    EXPECT_EQ(reinterpret_cast<int (*)()>(reinterpret_cast<size_t>(start))(), 42);
    memory.release(start);
    EXPECT_EQ(memory.used(), 0u);
}

TEST(CodeMemory, NoPageIsWritableAndExecutable) {
    CodeMemory memory(kPlenty);
    char* writable = nullptr;
    ASSERT_NE(memory.allocate(100, &writable), nullptr);
    const auto found = code_mappings();
    ASSERT_EQ(found.size(), 2u);
    std::set<std::string> rights;
    for (const Mapping& m : found) rights.insert(m.rights);
    EXPECT_EQ(rights, (std::set<std::string>{"r-xs", "rw-s"}));
}

TEST(CodeMemory, StandsBetweenPagesThatNobodyMayTouch) {
    CodeMemory memory(kPlenty);
    ASSERT_TRUE(memory.is_possible());
    const auto all = mappings();
    const auto is_closed = [&all](size_t address) {
        for (const Mapping& m : all) {
            if (m.from <= address && address < m.to) return m.rights == "---p";
        }
        return false;
    };
    for (const Mapping& m : code_mappings()) {
        EXPECT_TRUE(is_closed(m.from - 1));
        EXPECT_TRUE(is_closed(m.to));
    }
}

TEST(CodeMemory, GivesBackWhatIsReleased) {
    CodeMemory memory(kPlenty);
    constexpr size_t kBytes = 5000;
    std::vector<const char*> starts;
    char* writable = nullptr;
    for (int k = 0; k < 1000; ++k) starts.push_back(memory.allocate(kBytes, &writable));
    const size_t most = memory.chunks();
    EXPECT_GT(most, 4u);
    EXPECT_EQ(std::set<const char*>(starts.begin(), starts.end()).size(), starts.size());
    // Every other one, then the rest: what is free grows together again.
    for (size_t k = 0; k < starts.size(); k += 2) memory.release(starts[k]);
    for (size_t k = 1; k < starts.size(); k += 2) memory.release(starts[k]);
    EXPECT_EQ(memory.used(), 0u);
    EXPECT_EQ(memory.chunks(), 1u);
    EXPECT_EQ(code_mappings().size(), 2u);
    const char* const large = memory.allocate((size_t{1} << 20) - 64, &writable);
    EXPECT_NE(large, nullptr);
    EXPECT_EQ(memory.chunks(), 1u);
}

TEST(CodeMemory, TrapsStandWhereCodeWas) {
    CodeMemory memory(kPlenty);
    char* writable = nullptr;
    const char* const start = memory.allocate(64, &writable);
    std::memset(writable, 0x90, 64);
    memory.release(start);
    for (int k = 0; k < 64; ++k) {
#if defined(__x86_64__)
        EXPECT_EQ(static_cast<unsigned char>(start[k]), 0xcc);
#else
        EXPECT_EQ(start[k], 0);
#endif
    }
}

TEST(CodeMemory, HasALimit) {
    CodeMemory memory(1000);
    char* writable = nullptr;
    const char* const first = memory.allocate(900, &writable);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(memory.allocate(100, &writable), nullptr);
    memory.release(first);
    EXPECT_NE(memory.allocate(100, &writable), nullptr);
}

TEST(CodeMemory, HasRoomForMoreThanAChunk) {
    CodeMemory memory(kPlenty);
    char* writable = nullptr;
    const char* const start = memory.allocate(size_t{3} << 20, &writable);
    ASSERT_NE(start, nullptr);
    writable[(size_t{3} << 20) - 1] = 7;
    EXPECT_EQ(start[(size_t{3} << 20) - 1], 7);
    memory.release(start);
}

}  // namespace
}  // namespace lintel
