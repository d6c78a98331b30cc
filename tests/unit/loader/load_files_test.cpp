/// Real files: every `.beam` file of the installed OTP and Elixir loads, and damaged ones are refused without harm.
/// LINTEL_EXTRA_BEAMS (directories, separated by colons) adds the files of other releases.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "loader/code_server.h"
#include "loader/disasm.h"
#include "loader/genop.h"
#include "loader/load_p.h"

namespace lintel {
namespace {

namespace fs = std::filesystem;

std::vector<uint8_t> read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> beams_below(const fs::path& root) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
        if (entry.path().extension() == ".beam" && entry.is_regular_file()) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

struct World {
    AtomTable atoms;
    LiteralSpace literals;
    CodeServer code{atoms, literals, EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}};
    LoadContext context() { return {atoms, literals, &code}; }
};

/// What the IR promises of every operand, checked over the whole stream.
void check_stream(const Module& m) {
    size_t position = 0;
    size_t function = 0;
    while (position < m.code.size()) {
        const ir::Instruction i(&m.code[position]);
        ASSERT_LT(position + i.operand_words(), m.code.size());
        ASSERT_FALSE(genop_info(i.op()).refused());
        if (function < m.functions.size() && m.functions[function].begin == position) {
            const auto& f = m.functions[function];
            ASSERT_EQ(i.op(), Genop::label);
            ASSERT_EQ(i[0].value(), f.info_label);
            ASSERT_EQ(m.at_label(f.entry_label).op(), Genop::label);
            ASSERT_LT(f.begin, f.end);
            ASSERT_EQ(f.end, function + 1 < m.functions.size() ? m.functions[function + 1].begin : m.code.size() - 1);
            ++function;
        }
        for (uint32_t o = 0; o < i.operand_words(); ++o) {
            const ir::Operand operand = i[o];
            switch (operand.kind()) {
                case ir::OperandKind::x:
                case ir::OperandKind::y: ASSERT_LE(operand.type_plus_1(), m.types.size()); break;
                case ir::OperandKind::label:
                    if (operand.value() == 0) break;
                    ASSERT_NE(m.label_position.at(operand.value()), Module::kNoPosition);
                    break;
                case ir::OperandKind::atom:
                    ASSERT_TRUE(operand.value() != 0 && operand.value() < m.atoms.size());
                    break;
                case ir::OperandKind::literal: ASSERT_TRUE(m.literals.at(operand.value()).is_value()); break;
                case ir::OperandKind::list: ASSERT_LE(o + operand.value(), i.operand_words()); break;
                default: break;
            }
        }
        position += 1 + i.operand_words();
    }
    ASSERT_EQ(function, m.functions.size());
    ASSERT_EQ(position, m.code.size());
}

size_t load_all(const fs::path& root) {
    World world;
    size_t count = 0;
    for (const fs::path& path : beams_below(root)) {
        const auto bytes = read_file(path);
        auto module = load_unverified(world.context(), bytes, path.filename().string());
        EXPECT_TRUE(module.ok()) << (module.ok() ? "" : module.error().text());
        if (!module.ok()) continue;
        check_stream(*module.value());
        if (testing::Test::HasFatalFailure()) {
            ADD_FAILURE() << path;
            return count;
        }
        EXPECT_EQ(std::string(atom_name(module.value()->name)) + ".beam", path.filename().string());
        ++count;
        discard_module(world.context(), module.take());
    }
    EXPECT_EQ(world.literals.used_bytes(), 0u);
    return count;
}

TEST(LoadFiles, every_module_of_otp) { EXPECT_GT(load_all("/usr/lib/erlang/lib"), 500u); }
TEST(LoadFiles, every_module_of_elixir) { EXPECT_GT(load_all("/usr/lib/elixir"), 400u); }

TEST(LoadFiles, every_module_of_extra_directories) {
    const char* extra = std::getenv("LINTEL_EXTRA_BEAMS");
    if (extra == nullptr) GTEST_SKIP() << "LINTEL_EXTRA_BEAMS is not set";
    std::string list = extra;
    for (size_t at = 0; at <= list.size();) {
        const size_t end = std::min(list.find(':', at), list.size());
        EXPECT_GT(load_all(list.substr(at, end - at)), 0u) << list.substr(at, end - at);
        at = end + 1;
    }
}

/// A module that loads although it was damaged keeps every promise all the same.
void load_damaged(World& world, const std::vector<uint8_t>& bytes) {
    // Exactly this size, so that the sanitizer sees a read beyond it.
    const auto exact = std::make_unique<uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), exact.get());
    auto module = load_unverified(world.context(), {exact.get(), bytes.size()}, "damaged.beam");
    if (!module) {
        EXPECT_EQ(module.error().text().find("damaged.beam: "), 0u);
        EXPECT_FALSE(module.error().what.empty());
        return;
    }
    check_stream(*module.value());
    EXPECT_FALSE(disassemble(*module.value()).empty());
    discard_module(world.context(), module.take());
}

std::vector<uint8_t> some_module(const char* application, const char* module) {
    for (const fs::path& path : beams_below(application)) {
        if (path.filename() == module) return read_file(path);
    }
    return {};
}

TEST(LoadFiles, damaged_files_do_no_harm) {
    World world;
    const std::pair<const char*, const char*> names[] = {{"/usr/lib/erlang/lib", "gb_sets.beam"},
                                                         {"/usr/lib/erlang/lib", "base64.beam"},
                                                         {"/usr/lib/elixir", "Elixir.Base.beam"},
                                                         {"/usr/lib/elixir", "Elixir.Bitwise.beam"}};
    std::mt19937 random(4711);
    for (const auto& [application, name] : names) {
        const std::vector<uint8_t> good = some_module(application, name);
        if (good.empty()) continue;
        size_t code_at = 0;
        for (size_t at = 12; at + 8 < good.size() && std::memcmp(&good[at], "Code", 4) != 0; ++at) code_at = at + 29;
        for (int n = 0; n < 700; ++n) {
            std::vector<uint8_t> bad = good;
            // A bit anywhere, a byte in the code, some bytes in a row.
            bad[random() % bad.size()] ^= static_cast<uint8_t>(1u << random() % 8);
            if (n % 2 == 0) bad[code_at + random() % 2000 % (bad.size() - code_at)] = static_cast<uint8_t>(random());
            if (n % 5 == 0) {
                const size_t at = random() % bad.size();
                for (size_t i = at; i < std::min(at + 4, bad.size()); ++i) bad[i] = static_cast<uint8_t>(random());
            }
            load_damaged(world, bad);
            if (HasFatalFailure()) return;
        }
        for (int n = 0; n < 300; ++n) {
            std::vector<uint8_t> bad = good;
            bad.resize(random() % bad.size());
            load_damaged(world, bad);
            // The same with a header that knows of it, so that the chunks are what is cut.
            if (bad.size() < 12) continue;
            const auto size = static_cast<uint32_t>(bad.size() - 8);
            for (int i = 0; i < 4; ++i) bad[4 + static_cast<size_t>(i)] = static_cast<uint8_t>(size >> (24 - 8 * i));
            load_damaged(world, bad);
        }
    }
    EXPECT_EQ(world.literals.used_bytes(), 0u);
}

TEST(LoadFiles, md5_is_what_beam_lib_says) {
    const auto paths = beams_below("/usr/lib/erlang/lib");
    if (paths.empty() || std::system("command -v erl >/dev/null") != 0) GTEST_SKIP() << "no OTP";
    std::string files;
    for (size_t i = 0; i < paths.size(); i += paths.size() / 25 + 1) files += "\"" + paths[i].string() + "\",";
    files.pop_back();
    const std::string command =
        "erl -noshell -eval '[begin {ok,{_,D}} = beam_lib:md5(F), io:format(\"~s ~s~n\", "
        "[binary:encode_hex(D), F]) end || F <- [" +
        files + "]], halt().'";
    FILE* erl = popen(command.c_str(), "r");
    ASSERT_NE(erl, nullptr);
    char digest[33], path[1000];
    int checked = 0;
    while (std::fscanf(erl, "%32s %999s", digest, path) == 2) {
        const auto bytes = read_file(path);
        const auto md5 = BeamFile::open(bytes, path).value().md5();
        char mine[33];
        for (size_t i = 0; i < md5.size(); ++i) std::snprintf(mine + 2 * i, 3, "%02X", md5[i]);
        EXPECT_STREQ(mine, digest) << path;
        ++checked;
    }
    EXPECT_EQ(pclose(erl), 0);
    EXPECT_GT(checked, 10);
}

}  // namespace
}  // namespace lintel
