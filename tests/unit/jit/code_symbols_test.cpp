#include "jit/code_symbols.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "jit/gdb_interface.h"

namespace lintel {
namespace {

namespace fs = std::filesystem;

const unsigned char kCode[] = {1, 2, 3, 4, 5, 6, 7, 8};

CodeSymbol symbol() { return {"$a:b/1", kCode, sizeof kCode, {{0, "a.erl", 7}, {4, "a.erl", 9}}}; }

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

template <typename T>
T at(const std::string& bytes, size_t offset) {
    T value{};
    EXPECT_LE(offset + sizeof value, bytes.size());
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

TEST(CodeSymbols, WhoIsTold) {
    EXPECT_EQ(read_code_listeners(""), 0u);
    EXPECT_EQ(read_code_listeners("false"), 0u);
    EXPECT_EQ(read_code_listeners("true"), unsigned{kPerfMap | kJitDump});
    EXPECT_EQ(read_code_listeners("gdb,map"), unsigned{kPerfMap | kGdb});
    EXPECT_EQ(read_code_listeners("maps"), std::nullopt);
    EXPECT_EQ(read_code_listeners(",map"), std::nullopt);
}

TEST(CodeSymbols, PerfMapHasALineForEachFunction) {
    const fs::path path = "/tmp/perf-" + std::to_string(getpid()) + ".map";
    const auto map = make_perf_map();
    ASSERT_NE(map, nullptr);
    map->added(symbol());
    make_perf_map()->added(symbol());  // another VM's
    char line[64];
    std::snprintf(line, sizeof line, "%zx 8 $a:b/1\n", reinterpret_cast<size_t>(kCode));
    EXPECT_EQ(contents(path), std::string(line) + line);
    fs::remove(path);
}

TEST(CodeSymbols, JitDumpHasLinesThenCode) {
    char folder[] = "/tmp/lintel-dump-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    setenv("JITDUMPDIR", folder, 1);
    const auto dump = make_jit_dump();
    ASSERT_NE(dump, nullptr);
    dump->added(symbol());
    fs::path path;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) path = entry.path();
    }
    EXPECT_EQ(path.filename(), "jit-" + std::to_string(getpid()) + ".dump");
    const std::string bytes = contents(path);
    const auto code = reinterpret_cast<uint64_t>(kCode);
    EXPECT_EQ(at<uint32_t>(bytes, 0), 0x4A695444u);
    EXPECT_EQ(at<uint32_t>(bytes, 4), 1u);
    const size_t lines = at<uint32_t>(bytes, 8);
    EXPECT_EQ(lines, 40u);
    EXPECT_EQ(at<uint32_t>(bytes, lines), 2u);
    EXPECT_EQ(at<uint64_t>(bytes, lines + 16), code);
    EXPECT_EQ(at<uint64_t>(bytes, lines + 24), 2u);
    EXPECT_EQ(at<uint64_t>(bytes, lines + 32), code);
    EXPECT_EQ(at<uint32_t>(bytes, lines + 40), 7u);
    EXPECT_EQ(std::string(bytes.c_str() + lines + 48), "a.erl");
    const size_t load = lines + at<uint32_t>(bytes, lines + 4);
    EXPECT_EQ(load % 8, 0u);
    EXPECT_EQ(at<uint32_t>(bytes, load), 0u);
    EXPECT_EQ(load + at<uint32_t>(bytes, load + 4), bytes.size());
    EXPECT_EQ(at<uint64_t>(bytes, load + 24), code);
    EXPECT_EQ(at<uint64_t>(bytes, load + 40), sizeof kCode);
    EXPECT_EQ(std::string(bytes.c_str() + load + 56), "$a:b/1");
    EXPECT_EQ(bytes.substr(bytes.size() - sizeof kCode),
              std::string(reinterpret_cast<const char*>(kCode), sizeof kCode));
    fs::remove_all(folder);
}

TEST(CodeSymbols, GdbHasAnObjectFileForEachFunction) {
    ASSERT_EQ(__jit_debug_descriptor.first_entry, nullptr);
    {
        const auto first = make_gdb_listener(), second = make_gdb_listener();
        first->added(symbol());
        second->added(symbol());
        const jit_code_entry* const entry = __jit_debug_descriptor.first_entry;
        ASSERT_NE(entry, nullptr);
        ASSERT_NE(entry->next_entry, nullptr);
        EXPECT_EQ(entry->next_entry->prev_entry, entry);
        EXPECT_EQ(entry->next_entry->next_entry, nullptr);
        const std::string file(entry->symfile_addr, entry->symfile_size);
        EXPECT_EQ(file.substr(0, SELFMAG), ELFMAG);
        const auto header = at<Elf64_Ehdr>(file, 0);
        const auto text = at<Elf64_Shdr>(file, header.e_shoff + sizeof(Elf64_Shdr));
        EXPECT_EQ(text.sh_addr, reinterpret_cast<uint64_t>(kCode));
        EXPECT_EQ(text.sh_size, sizeof kCode);
        EXPECT_NE(file.find("$a:b/1"), std::string::npos);
        const jit_code_entry* const of_first = entry->next_entry;
        second->removed(kCode);
        EXPECT_EQ(__jit_debug_descriptor.first_entry, of_first);
    }
    EXPECT_EQ(__jit_debug_descriptor.first_entry, nullptr);
}

}  // namespace
}  // namespace lintel
