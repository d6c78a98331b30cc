#include <gtest/gtest.h>

#include "loader/pack/format.h"
#include "loader/pack/reader.h"
#include "loader/pack/signature.h"
#include "loader/pack/writer.h"

namespace lintel {
namespace {

PackPlan plan() {
    PackPlan plan;
    plan.main_module = "hello";
    plan.is_complete = true;
    plan.modules = {{"lists", "lib/stdlib-4.2/ebin", std::string(5000, 'l'), 9000, {1, 2, 3}},
                    {"hello", "", "h", 4, {}}};
    plan.files = {{"stdlib.app", "lib/stdlib-4.2/ebin", "{}.", 3, {}},
                  {"run.sh", "lib/a/priv", "#!", 2, {}, true},
                  {"x", "lib/a-b/priv/deep/er", "", 0, {}}};
    return plan;
}

std::span<const uint8_t> bytes_of(const std::string& s) {
    return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

Result<std::unique_ptr<Pack>, PackError> open(const std::string& bytes) {
    return Pack::open(PackSource(bytes_of(bytes)), "p.lpk");
}

TEST(Pack, has_what_was_written) {
    PackPlan p = plan();
    const std::string bytes = write_pack(p);
    auto opened = open(bytes);
    ASSERT_TRUE(opened.ok());
    const Pack& pack = *opened.value();
    EXPECT_EQ(pack.main_module(), "hello");
    EXPECT_EQ(pack.main_function(), "");
    EXPECT_TRUE(pack.is_complete());
    EXPECT_FALSE(pack.is_signed() || pack.has_good_signature() || pack.unpacks_priv());
    EXPECT_EQ(pack.directories(), (std::vector<std::string>{"", "lib/stdlib-4.2/ebin"}));
    const auto lists = pack.find_module("lists");
    ASSERT_TRUE(lists.has_value());
    EXPECT_EQ(lists->path(), "lib/stdlib-4.2/ebin/lists.beam");
    EXPECT_EQ(lists->original_size, 9000u);
    EXPECT_EQ(lists->md5[2], 3);
    auto data = pack.read(*lists, false);
    ASSERT_TRUE(data.ok());
    EXPECT_EQ(data.value().bytes().size(), 5000u);
    EXPECT_FALSE(pack.find_module("list") || pack.find_module("") || pack.find_module("zzz"));
    for (const char* path : {"lib/stdlib-4.2/ebin/stdlib.app", "lib/a/priv/run.sh", "lib/a-b/priv/deep/er/x",
                             "hello.beam", "lib/stdlib-4.2/ebin/lists.beam"})
        EXPECT_TRUE(pack.find_file(path).has_value()) << path;
    for (const char* path : {"", "lib", "lib/a/priv", "lib/a/priv/", "lib/a/priv/run.sh/x", "lists.beam", "stdlib.app"})
        EXPECT_FALSE(pack.find_file(path).has_value()) << path;
    EXPECT_TRUE(pack.find_file("lib/a/priv/run.sh")->is_program);
}

TEST(Pack, cut_is_refused) {
    PackPlan p = plan();
    const std::string bytes = write_pack(p);
    for (size_t size = 0; size < bytes.size(); size += size < 300 ? 1 : 37) {
        auto opened = open(bytes.substr(0, size));
        ASSERT_FALSE(opened.ok()) << size;
        EXPECT_TRUE(opened.error().text().starts_with("p.lpk: offset ")) << opened.error().text();
    }
    EXPECT_FALSE(open(bytes + "x").ok());
}

TEST(Pack, damage_of_header_tables_and_data_shows) {
    PackPlan p = plan();
    const std::string bytes = write_pack(p);
    const auto table = pack::get<uint64_t>(bytes_of(bytes).data() + pack::kTableAt);
    for (size_t at = 0; at < bytes.size(); ++at) {
        if (at == pack::kTablesDigestAt) at = table;  // what only signed packs use, and data
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        EXPECT_FALSE(open(changed).ok()) << at;
    }
    std::string changed = bytes;
    const auto entry = open(bytes).value()->find_module("lists");
    changed[entry->offset + 77] = 'm';
    auto opened = open(changed);
    ASSERT_TRUE(opened.ok());
    EXPECT_FALSE(opened.value()->read(*entry, false).ok());
}

TEST(Pack, signature_covers_tables_and_data) {
    PackPlan p = plan();
    p.signing_seed.emplace().fill(7);
    const std::string bytes = write_pack(p);
    auto opened = open(bytes);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened.value()->is_signed() && opened.value()->has_good_signature());
    EXPECT_EQ(opened.value()->public_key(), public_key_of(*p.signing_seed));
    const auto entry = *opened.value()->find_module("lists");
    EXPECT_TRUE(opened.value()->read(entry, true).ok());
    for (const size_t at : {pack::kTablesDigestAt, pack::kPublicKeyAt, pack::kSignatureAt}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        auto other = open(changed);
        EXPECT_TRUE(!other.ok() || !other.value()->has_good_signature()) << at;
    }
    // Who changes data has to change the CRC, so the tables, so what is signed; the digest finds what has the same CRC.
    PackEntry forged = entry;
    forged.digest[0] ^= 1;
    EXPECT_FALSE(opened.value()->read(forged, true).ok());
}

TEST(Pack, a_path_out_of_the_pack_is_refused) {
    for (const char* directory : {"..", "lib/../..", "/etc", "lib/.."}) {
        PackPlan p;
        p.files = {{"x", directory, "", 0, {}}};
        EXPECT_FALSE(open(write_pack(p)).ok()) << directory;
    }
    for (const char* name : {"..", "a/b", ""}) {
        PackPlan p;
        p.files = {{name, "lib", "", 0, {}}};
        EXPECT_FALSE(open(write_pack(p)).ok()) << name;
    }
}

TEST(Pack, names_that_occur_twice_are_refused) {
    PackPlan p;
    p.modules = {{"a", "", "", 0, {}}, {"a", "lib/x/ebin", "", 0, {}}};
    EXPECT_FALSE(open(write_pack(p)).ok());
}

}  // namespace
}  // namespace lintel
