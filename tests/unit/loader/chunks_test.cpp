#include <gtest/gtest.h>

#include <zlib.h>

#include "term/record.h"
#include "term/views.h"
#include "tests/unit/loader/beam_builder.h"

namespace lintel {
namespace {

using namespace test;

std::string deflated(const std::string& s) {
    std::string out(compressBound(s.size()), '\0');
    uLongf size = out.size();
    compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(s.data()), s.size());
    out.resize(size);
    return out;
}

std::string gzipped(const std::string& s) {
    z_stream z{};
    deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(compressBound(s.size()) + 32, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(s.data()));
    z.avail_in = static_cast<uInt>(s.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

struct Chunks : testing::Test {
    Loaded world;
    BeamBuilder file;

    void with(const std::string& name, const std::string& payload) { file.chunks = {{name, payload}}; }
    /// The error without the file's name.
    std::string error() {
        const std::string text = world.load(file);
        return text.empty() ? "" : text.substr(sizeof "t.beam:");
    }
    std::string error_with(const std::string& name, const std::string& payload) {
        with(name, payload);
        return error();
    }
    const Module& load() {
        EXPECT_EQ(world.load(file), "");
        return *world.module;
    }
};

using row_t = std::initializer_list<uint32_t>;
std::string row(row_t words) { return BeamBuilder::row(words); }

TEST_F(Chunks, container) {
    const std::string good = file.file();
    EXPECT_EQ(world.load(good), "");
    EXPECT_EQ(world.module->file_bytes, good.size());
    EXPECT_EQ(world.module->path, "t.beam");
    EXPECT_EQ(world.load(good + "trailing bytes"), "");
    EXPECT_EQ(world.load(""), "t.beam: not a BEAM file");
    EXPECT_EQ(world.load("#!/usr/bin/escript"), "t.beam: not a BEAM file");
    EXPECT_EQ(world.load(good.substr(0, good.size() - 8)), "t.beam: the form has " + std::to_string(good.size() - 8) +
                                                               " bytes by its header, but the file ends after " +
                                                               std::to_string(good.size() - 16));
    std::string cut = "BEAM" + BeamBuilder::chunk("AtU8", "") + "Co";
    EXPECT_EQ(world.load("FOR1" + be32(static_cast<uint32_t>(cut.size())) + cut), "t.beam: truncated chunk header");
    cut = "BEAMCode" + be32(9) + "12345678";
    EXPECT_EQ(world.load("FOR1" + be32(static_cast<uint32_t>(cut.size())) + cut),
              "t.beam: Code chunk, offset 0: the chunk has 9 bytes by its header, but the form ends after 8");
    cut = "BEAM" + BeamBuilder::chunk("Code", "x") + BeamBuilder::chunk("Code", "y");
    EXPECT_EQ(world.load("FOR1" + be32(static_cast<uint32_t>(cut.size())) + cut),
              "t.beam: Code chunk, offset 0: the chunk occurs twice");
    // Unknown chunks are skipped.
    with("Docs", std::string(5, 'd'));
    EXPECT_EQ(error(), "");
}

TEST_F(Chunks, compressed_as_a_whole) {
    const std::string packed = gzipped(file.file());
    EXPECT_EQ(world.load(packed), "");
    EXPECT_EQ(world.module->file_bytes, packed.size());
    EXPECT_EQ(world.load(packed.substr(0, packed.size() - 9)), "t.beam: broken gzip data");
    EXPECT_EQ(world.load(gzipped("no beam file")), "t.beam: not a BEAM file");
}

TEST_F(Chunks, atoms) {
    EXPECT_EQ(load().atoms.size(), 3u);
    EXPECT_EQ(world.module->name, world.atoms.intern("m"));
    EXPECT_EQ(world.module->functions[0].name, world.atoms.intern("f"));
    // OTP 28: negative count, lengths as compact terms; 200 characters of two bytes.
    std::string wide;
    for (int i = 0; i < 200; ++i) wide += "é";
    with("AtU8", be32(static_cast<uint32_t>(-3)) + u(1) + "m" + u(1) + "f" + u(400) + wide);
    EXPECT_EQ(load().atoms[3], world.atoms.intern(wide));
    // Before OTP 20: Latin-1.
    file.without = {"AtU8"};
    with("Atom", be32(3) + "\1m\1f\2\xe9!");
    EXPECT_EQ(load().atoms[3], world.atoms.intern("é!"));
    file.chunks.clear();
    EXPECT_EQ(error(), "AtU8 chunk, offset 0: the file has no such chunk");
    file.without.clear();
    EXPECT_EQ(error_with("AtU8", "ab"), "AtU8 chunk, offset 0: truncated");
    EXPECT_EQ(error_with("AtU8", be32(0)), "AtU8 chunk, offset 0: no atoms: the first one is the module's name");
    EXPECT_EQ(error_with("AtU8", be32(0x7fffffff)),
              "AtU8 chunk, offset 0: 2147483647 atoms by its header, but too few bytes");
    EXPECT_EQ(error_with("AtU8", be32(2) + "\1m\5f"), "AtU8 chunk, offset 6: truncated");
    EXPECT_EQ(error_with("AtU8", be32(2) + "\1m\2\xc3("), "AtU8 chunk, offset 6: an atom that is not UTF-8");
    EXPECT_EQ(error_with("AtU8", be32(static_cast<uint32_t>(-2)) + u(1) + "m" + u(256) + std::string(256, 'a')),
              "AtU8 chunk, offset 6: an atom of more than 255 characters");
    EXPECT_EQ(error_with("AtU8", be32(static_cast<uint32_t>(-2)) + i(1) + "m" + u(1) + "f"),
              "AtU8 chunk, offset 4: invalid length of an atom");
    world.atoms.set_limit(world.atoms.count());
    EXPECT_EQ(error_with("AtU8", be32(2) + "\1m\5never"), "AtU8 chunk, offset 6: the atom table is full");
}

TEST_F(Chunks, imports_exports_locals_lambdas) {
    file.atoms = {"m", "f", "lists"};
    file.chunks = {{"ImpT", row({1, 3, 2, 7})}, {"LocT", row({1, 2, 1, 2})}, {"FunT", row({1, 2, 1, 2, 5, 1, 99})}};
    const Module& m = load();
    ASSERT_EQ(m.imports.size(), 1u);
    EXPECT_EQ(m.imports[0].module, am::lists());
    EXPECT_EQ(m.imports[0].arity, 7u);
    ASSERT_EQ(m.exports.size(), 1u);
    EXPECT_EQ(m.exports[0].label, 2u);
    EXPECT_EQ(m.locals.size(), 1u);
    ASSERT_EQ(m.lambdas.size(), 1u);
    EXPECT_EQ(m.lambdas[0].index, 5u);
    EXPECT_EQ(m.lambdas[0].free_count, 1u);
    EXPECT_EQ(m.lambdas[0].old_uniq, 99u);

    EXPECT_EQ(error_with("ImpT", row({2, 3, 2, 7})),
              "ImpT chunk, offset 0: 2 entries by its header, but only bytes for 1");
    EXPECT_EQ(error_with("ImpT", row({1, 4, 2, 7})), "ImpT chunk, offset 4: invalid atom 4");
    EXPECT_EQ(error_with("ImpT", row({1, 3, 0, 7})), "ImpT chunk, offset 8: invalid atom 0");
    EXPECT_EQ(error_with("ImpT", row({1, 3, 2, 256})), "ImpT chunk, offset 12: invalid arity 256");
    EXPECT_EQ(error_with("ImpT", "abc"), "ImpT chunk, offset 0: truncated");
    EXPECT_EQ(error_with("ExpT", row({1, 2, 1, 9})), "ExpT chunk, offset 4: label 9 is not defined");
    EXPECT_EQ(error_with("ExpT", row({1, 2, 1, 99})), "ExpT chunk, offset 4: label 99 is not defined");
    EXPECT_EQ(error_with("ExpT", row({1, 2, 1, 1})), "ExpT chunk, offset 4: label 1 enters no function");
    EXPECT_EQ(error_with("ExpT", row({1, 2, 2, 2})),
              "ExpT chunk, offset 4: arity 2, but the function at label 2 has arity 1");
    EXPECT_EQ(error_with("LocT", row({2, 2, 1, 2, 2, 1, 0})), "LocT chunk, offset 16: label 0 is not defined");
    EXPECT_EQ(error_with("FunT", row({1, 2, 0, 2, 0, 0, 0})),
              "FunT chunk, offset 4: arity 0, but the function at label 2 has arity 1");
    EXPECT_EQ(error_with("FunT", row({1, 2, 1, 2, 0, 2, 0})),
              "FunT chunk, offset 20: invalid number of free variables 2");
}

TEST_F(Chunks, lines) {
    // File 0 line 3; file 2 lines 4000 and 5.
    with("Line", row({0, 0, 9, 3, 2}) + i(3) + a(2) + i(4000) + i(5) + std::string("\0\5a.erl\0\7\xc3\xa4.yrl!", 16));
    const Module& m = load();
    ASSERT_EQ(m.lines.size(), 4u);
    EXPECT_EQ(m.lines[1].file, 0u);
    EXPECT_EQ(m.lines[2].file, 2u);
    EXPECT_EQ(m.lines[2].line, 4000u);
    EXPECT_EQ(m.lines[3].line, 5u);
    ASSERT_EQ(m.files.size(), 3u);
    EXPECT_EQ(list_length(m.files[0]), 5);  // m.erl
    EXPECT_EQ(m.files[2].head(), Term::small(0xe4));
    EXPECT_EQ(list_length(m.files[2]), 6);
    with("Line", row({1, 0, 0, 0, 0}));
    EXPECT_EQ(load().lines.size(), 1u) << "an unknown version names no lines";
    EXPECT_EQ(error_with("Line", "short"), "Line chunk, offset 0: truncated");
    EXPECT_EQ(error_with("Line", row({0, 0, 0, 2, 0}) + i(1)),
              "Line chunk, offset 12: more lines or files by its header than it has bytes for");
    EXPECT_EQ(error_with("Line", row({0, 0, 0, 1, 0}) + a(1) + i(1)), "Line chunk, offset 20: invalid line or file");
    EXPECT_EQ(error_with("Line", row({0, 0, 0, 1, 0}) + u(1)), "Line chunk, offset 20: invalid line or file");
    EXPECT_EQ(error_with("Line", row({0, 0, 0, 0, 1}) + std::string("\0\5ab", 4)), "Line chunk, offset 20: truncated");
}

TEST_F(Chunks, types_of_every_version) {
    const auto types = [&](uint32_t version, const std::vector<std::string>& rows) -> const std::vector<TypeInfo>& {
        std::string payload = be32(version) + be32(static_cast<uint32_t>(rows.size()));
        for (const auto& r : rows) payload += r;
        with("Type", payload);
        return load().types;
    };
    constexpr uint16_t kInteger = 1 << 5, kTuple = 1 << 11;
    // OTP 25: cons is bit 3, integer 6, tuple 12; 2 is the match context.
    auto t = types(1, {be(0x1fff, 2) + be(0, 8) + be(~0ull, 8), be(1 << 6, 2) + be(5, 8) + be(9, 8),
                       be(1 << 12, 2) + be(0, 8) + be(~0ull, 8), be(4, 2) + be(0, 8) + be(~0ull, 8)});
    EXPECT_EQ(t[0].types, TypeInfo::kAny);
    EXPECT_FALSE(t[0].has_min);
    EXPECT_EQ(t[1].types, kInteger);
    EXPECT_TRUE(t[1].has_min && t[1].has_max && t[1].min == 5 && t[1].max == 9);
    EXPECT_EQ(t[2].types, kTuple);
    EXPECT_EQ(t[3].types, TypeInfo::kAny);
    // OTP 26: the same types, flags from bit 13 on. OTP 27: without match context, flags from 12. OTP 29: records
    // at 12.
    t = types(2, {be(0x2000 | 1 << 6, 2) + be(static_cast<uint64_t>(-7), 8), be(0x8002, 2) + be(7, 1)});
    EXPECT_EQ(t[0].types, kInteger);
    EXPECT_TRUE(t[0].has_min && !t[0].has_max && t[0].min == -7);
    EXPECT_EQ(t[1].unit, 8);
    t = types(3, {be(0x2020, 2) + be(255, 8), be(0x4002, 2) + be(255, 1), be(0x0800, 2)});
    EXPECT_TRUE(!t[0].has_min && t[0].has_max && t[0].max == 255);
    EXPECT_EQ(t[1].unit, 128);
    EXPECT_EQ(t[2].types, kTuple);
    t = types(4, {be(0x1fff, 2), be(0x6020, 2) + be(1, 8) + be(2, 8), be(0x1000, 2)});
    EXPECT_EQ(t[0].types, TypeInfo::kAny);
    EXPECT_TRUE(t[1].has_min && t[1].has_max);
    EXPECT_EQ(t[2].types, 1 << 12);
    EXPECT_EQ(types(3, {be(0x0fff, 2)})[0].types, TypeInfo::kAny);
    EXPECT_TRUE(types(5, {"??"}).empty());
    EXPECT_EQ(error_with("Type", be32(3)), "Type chunk, offset 0: truncated");
    EXPECT_EQ(error_with("Type", be32(3) + be32(2) + "ab"),
              "Type chunk, offset 4: more types by its header than it has bytes for");
    EXPECT_EQ(error_with("Type", be32(3) + be32(2) + be(0x1020, 2) + be(0, 8)), "Type chunk, offset 10: truncated");
}

TEST_F(Chunks, literals_packed_or_not) {
    const std::string table = be32(2) + be32(3) + "\x83\x61\x07" + be32(9) + std::string("\x83k\0\5hello", 9);
    for (const std::string& payload : {be32(0) + table, be32(static_cast<uint32_t>(table.size())) + deflated(table)}) {
        with("LitT", payload);
        const Module& m = load();
        ASSERT_EQ(m.literals.size(), 2u);
        EXPECT_EQ(m.literals[0], Term::small(7));
        EXPECT_EQ(list_length(m.literals[1]), 5);
        EXPECT_TRUE(world.literals.contains(m.literals[1]));
    }
    EXPECT_EQ(error_with("LitT", "ab"), "LitT chunk, offset 0: truncated");
    EXPECT_EQ(error_with("LitT", be32(5) + "no zlib"), "LitT chunk, offset 4: broken zlib data");
    EXPECT_EQ(error_with("LitT", be32(static_cast<uint32_t>(table.size()) - 1) + deflated(table)),
              "LitT chunk, offset 4: broken zlib data");
    EXPECT_EQ(error_with("LitT", be32(static_cast<uint32_t>(table.size()) + 1) + deflated(table)),
              "LitT chunk, offset 4: broken zlib data");
    EXPECT_EQ(error_with("LitT", be32(0x0fffffff) + deflated(table)),
              "LitT chunk, offset 0: more literals by its header than it can hold");
    EXPECT_EQ(error_with("LitT", be32(0) + be32(5)),
              "LitT chunk, offset 4: more literals by its header than it has bytes for");
    EXPECT_EQ(error_with("LitT", be32(0) + be32(1) + be32(30) + "\x83\x61\x07"),
              "LitT chunk, offset 4: literal 0: truncated");
    EXPECT_EQ(error_with("LitT", be32(0) + be32(1) + be32(3) + "\x83\x60\x07"),
              "LitT chunk, offset 0: literal 0: not an external term, or one that no file may hold");
}

TEST_F(Chunks, attributes_and_compile_info) {
    file.chunks = {{"Attr", std::string("\x83l\0\0\0\1a\1j", 9)}, {"CInf", "\x83j"}};
    EXPECT_EQ(load().attributes.head(), Term::small(1));
    EXPECT_TRUE(world.module->compile_info.is_nil());
    file.chunks.clear();
    EXPECT_TRUE(load().attributes.is_nil());
    EXPECT_EQ(error_with("Attr", "?"), "Attr chunk, offset 0: not an external term, or one that no file may hold");
}

TEST_F(Chunks, records) {
    file.atoms = {"m", "f", "r", "true", "false", "a", "b", "c", "d", "e"};
    const auto row = [](const std::string& name, const std::string& exported, const std::vector<std::string>& fields) {
        return "\x05" + name + exported + list(fields);
    };
    const auto recs = [](uint32_t count, uint32_t fields, const std::string& rows) {
        return be32(0) + be32(count) + be32(fields) + rows;
    };
    const std::string all = row(a(3), a(4), {a(6), u(0), a(7), i(-5), a(8), a(6), a(9), a(0), a(10), lit(0)});
    const std::string big = row(a(6), a(5), {a(6), i(INT64_MAX), a(7), i(int64_t{1} << 59)});
    file.chunks = {{"LitT", be32(0) + be32(1) + be32(4) + std::string("\x83h\1j", 4)}, {"Recs", recs(2, 7, all + big)}};
    const Module& m = load();
    ASSERT_EQ(m.records.size(), 2u);
    const RecordDefinition r(m.records[0].definition);
    EXPECT_EQ(r.module(), m.atoms[1]);
    EXPECT_EQ(r.name(), m.atoms[3]);
    EXPECT_TRUE(r.is_exported());
    ASSERT_EQ(r.field_count(), 5u);
    EXPECT_EQ(r.find(m.atoms[9]), 3u);
    EXPECT_EQ(r.find(m.atoms[6], 3), 0u);
    EXPECT_EQ(r.find(m.atoms[3]), RecordDefinition::kNone);
    const auto& defaults = m.records[0].defaults;
    EXPECT_TRUE(defaults[0].is_none());
    EXPECT_EQ(defaults[1], Term::small(-5));
    EXPECT_EQ(defaults[2], m.atoms[6]);
    EXPECT_TRUE(defaults[3].is_nil());
    EXPECT_TRUE(defaults[4].is_tuple());
    EXPECT_FALSE(RecordDefinition(m.records[1].definition).is_exported());
    EXPECT_TRUE(m.records[1].defaults[0].is_bignum());
    EXPECT_EQ(m.records[1].defaults[1], Term::small(int64_t{1} << 59));
    EXPECT_TRUE(world.literals.contains(m.records[0].definition));
    EXPECT_EQ(m.find_record(m.atoms[6]), &m.records[1]);
    EXPECT_EQ(m.find_record(m.atoms[7]), nullptr);

    const auto wrong = [&](const std::string& payload) {
        file.chunks[1].second = payload;
        return error();
    };
    EXPECT_EQ(wrong("?"), "Recs chunk, offset 0: truncated");
    EXPECT_EQ(wrong(be32(1) + be32(0) + be32(0)), "Recs chunk, offset 0: version 1 of the record chunk");
    EXPECT_EQ(wrong(recs(0x10000000, 0, "")),
              "Recs chunk, offset 4: more records or fields by its header than it has bytes for");
    EXPECT_EQ(wrong(recs(1, 9, row(a(3), a(4), {a(6), u(0)}))),
              "Recs chunk, offset 4: more records or fields by its header than it has bytes for");
    EXPECT_EQ(wrong(recs(1, 2, row(a(3), a(4), {a(6), u(0)}))), "Recs chunk, offset 8: 2 fields by its header, but 1");
    EXPECT_EQ(wrong(recs(1, 1, row(a(3), a(4), {a(6), u(0)}) + "?")),
              "Recs chunk, offset 19: 1 bytes after the last record");
    EXPECT_EQ(wrong(recs(2, 0, row(a(3), a(4), {}) + row(a(3), a(5), {}))),
              "Recs chunk, offset 0: a record is defined twice");
    EXPECT_EQ(wrong(recs(1, 0, "\x04" + row(a(3), a(4), {}).substr(1))),
              "Recs chunk, offset 12: a record must begin here");
    EXPECT_EQ(wrong(recs(1, 0, row(a(0), a(4), {}))), "Recs chunk, offset 13: invalid name of a record");
    EXPECT_EQ(wrong(recs(1, 0, row(a(11), a(4), {}))), "Recs chunk, offset 13: invalid name of a record");
    EXPECT_EQ(wrong(recs(1, 0, row(x(1), a(4), {}))), "Recs chunk, offset 13: invalid name of a record");
    EXPECT_EQ(wrong(recs(1, 0, row(a(3), a(3), {}))), "Recs chunk, offset 14: invalid mark of export");
    EXPECT_EQ(wrong(recs(1, 0, "\x05" + a(3) + a(4) + lit(0))), "Recs chunk, offset 15: the fields must begin here");
    EXPECT_EQ(wrong(recs(1, 0, row(a(3), a(4), {a(6)}))), "Recs chunk, offset 16: invalid number of fields");
    EXPECT_EQ(wrong(recs(1, 1, row(a(3), a(4), {a(0), u(0)}))), "Recs chunk, offset 17: invalid name of a field");
    for (const std::string& bad : {u(1), x(0), y(0), f(1), lit(1), a(11), fr(0)}) {
        EXPECT_EQ(wrong(recs(1, 1, row(a(3), a(4), {a(6), bad}))).substr(21), ": invalid default of a field") << bad;
    }
    EXPECT_EQ(wrong(recs(1, 2, row(a(3), a(4), {a(6), u(0), a(6), u(0)}))),
              "Recs chunk, offset 20: a field of the record is defined twice");
    for (size_t size = 12; size < recs(2, 7, all + big).size(); ++size)
        EXPECT_NE(wrong(recs(2, 7, all + big).substr(0, size)), "");
}

TEST_F(Chunks, literal_space_full) {
    std::string table = be32(1) + be32(6 + 2048 * 2 + 1) + "\x83l" + be32(2048);
    for (int n = 0; n < 2048; ++n) table += std::string("a\1");
    with("LitT", be32(0) + table + "j");
    LiteralSpace small(1 << 12);
    std::vector<LiteralArea*> areas;
    while (LiteralArea* area = small.create(64)) areas.push_back(area);
    const std::string bytes = file.file();
    auto result = load_unverified({world.atoms, small, &world.code},
                                  {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "t.beam");
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, LoadError::Kind::no_memory);
    for (LiteralArea* area : areas) small.destroy(area);
}

TEST_F(Chunks, md5_covers_what_the_module_does) {
    // Attributes and lines do not count; code, literals and metadata do; the last column of the fun table does not.
    const auto md5 = [&] { return load().md5; };
    file.chunks = {{"FunT", row({1, 2, 1, 2, 5, 1, 99})}};
    const auto first = md5();
    file.chunks[0].second = row({1, 2, 1, 2, 5, 1, 100});
    EXPECT_EQ(md5(), first);
    file.chunks.emplace_back("Attr", "\x83j");
    EXPECT_EQ(md5(), first);
    file.chunks[0].second = row({1, 2, 1, 2, 6, 1, 100});
    EXPECT_NE(md5(), first);
    file.chunks[0].second = row({1, 2, 1, 2, 5, 1, 100});
    file.chunks.emplace_back("Meta", "\x83j");
    EXPECT_NE(md5(), first);
}

}  // namespace
}  // namespace lintel
