#include <gtest/gtest.h>

#include "term/views.h"
#include "tests/unit/loader/beam_builder.h"

namespace lintel {
namespace {

using namespace test;
using ir::Instruction;
using ir::OperandKind;

/// Loads a function m:f/1 with this body (return_ follows); returns the first instruction of the body.
struct Decode : testing::Test {
    Loaded world;
    BeamBuilder file;

    Instruction first(const std::string& body) {
        file.body = body + op(Genop::return_);
        const std::string error = world.load(file);
        EXPECT_EQ(error, "");
        if (!error.empty()) std::abort();
        return Instruction(&world.module->code[at_body()]);
    }
    /// The error of a body, without the file and chunk: "offset N: …".
    std::string error_of(const std::string& body) {
        file.body = body + op(Genop::return_);
        const std::string text = world.load(file);
        const std::string prefix = "t.beam: Code chunk, offset 30: ";
        return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : text;
    }
    uint32_t at_body() { return world.module->label_position[2] + 2; }
    Term literal(ir::Operand o) { return world.module->literals[o.value()]; }
};

TEST_F(Decode, function_structure) {
    first("");
    const Module& m = *world.module;
    ASSERT_EQ(m.functions.size(), 1u);
    EXPECT_EQ(m.functions[0].info_label, 1u);
    EXPECT_EQ(m.functions[0].entry_label, 2u);
    EXPECT_EQ(m.functions[0].arity, 1u);
    EXPECT_EQ(m.functions[0].begin, 0u);
    EXPECT_EQ(m.functions[0].end, m.code.size() - 1);
    EXPECT_FALSE(m.functions[0].is_nif);
    EXPECT_EQ(m.label_position[1], 0u);
    EXPECT_EQ(m.label_position[3], Module::kNoPosition);
    EXPECT_EQ(m.on_load_label, 0u);
    first(op(Genop::nif_start));
    EXPECT_TRUE(world.module->functions[0].is_nif);
}

TEST_F(Decode, two_functions_and_on_load) {
    file.code = BeamBuilder::function(op(Genop::label, u(5)) + op(Genop::return_)) +
                BeamBuilder::function(op(Genop::on_load) + op(Genop::return_), 3, 2, 0) + op(Genop::int_code_end);
    file.functions = 2;
    ASSERT_EQ(world.load(file), "");
    const Module& m = *world.module;
    ASSERT_EQ(m.functions.size(), 2u);
    EXPECT_EQ(m.functions[0].end, m.functions[1].begin);
    EXPECT_EQ(m.at_label(3).words(), &m.code[m.functions[1].begin]);
    EXPECT_EQ(m.label_function[5], 0u);
    EXPECT_EQ(m.label_function[3], 1u);
    EXPECT_EQ(m.label_function[4], 1u);
    EXPECT_EQ(m.on_load_label, 4u);
}

TEST_F(Decode, registers_atoms_and_small_integers) {
    Instruction i = first(op(Genop::move, x(1023) + y(7)));
    EXPECT_EQ(i[0], ir::Operand::reg(OperandKind::x, 1023));
    EXPECT_EQ(i[1], ir::Operand::reg(OperandKind::y, 7));
    EXPECT_EQ(first(op(Genop::move, a(2) + x(0)))[0], ir::Operand::make(OperandKind::atom, 2));
    EXPECT_EQ(first(op(Genop::move, nil() + x(0)))[0].kind(), OperandKind::nil);
    for (const int32_t v : {0, 1, -1, ir::Operand::kSmallMax, ir::Operand::kSmallMin}) {
        i = first(op(Genop::move, test::i(v) + x(0)));
        EXPECT_EQ(i[0].kind(), OperandKind::small);
        EXPECT_EQ(i[0].small(), v);
    }
    EXPECT_EQ(i.operand_words(), 2u);
    EXPECT_EQ(i.next().op(), Genop::return_);
}

TEST_F(Decode, integers_that_become_literals) {
    for (const int64_t v :
         {int64_t{ir::Operand::kSmallMax} + 1, int64_t{ir::Operand::kSmallMin} - 1, Term::kSmallMax, Term::kSmallMin}) {
        const Instruction i = first(op(Genop::move, test::i(v) + x(0)));
        ASSERT_EQ(i[0].kind(), OperandKind::literal);
        EXPECT_EQ(literal(i[0]), Term::small(v));
    }
    struct Row {
        std::string bytes;
        bool negative;
        std::vector<Word> limbs;
    };
    const std::string top = "\xf9" + u(0);
    const Row rows[] = {
        {test::i(Term::kSmallMax + 1), false, {Word{1} << 60}},
        {test::i(Term::kSmallMin - 1), true, {(Word{1} << 60) + 1}},
        {test::i(INT64_MIN), true, {Word{1} << 63}},
        {top + std::string(1, '\0') + std::string(8, '\xff'), false, {~Word{0}}},
        {top + '\xff' + std::string(8, '\0'), true, {0, 1}},    // -(2^64)
        {top + '\x80' + std::string(8, '\0'), true, {0, 128}},  // -(2^71)
        {"\xf9" + u(8) + std::string(1, '\x01') + std::string(16, '\0'), false, {0, 0, 1}},
    };
    for (const Row& row : rows) {
        const Instruction i = first(op(Genop::move, row.bytes + x(0)));
        ASSERT_EQ(i[0].kind(), OperandKind::literal);
        const auto big = as_bignum(literal(i[0]));
        ASSERT_TRUE(big);
        EXPECT_EQ(big.negative(), row.negative);
        EXPECT_EQ(std::vector<Word>(big.limbs().begin(), big.limbs().end()), row.limbs);
    }
    // The old form of floats.
    const Instruction i = first(op(Genop::move, z(CompactExtended::real) + be(0x3ff8000000000000, 8) + x(0)));
    EXPECT_EQ(to_double(literal(i[0])), 1.5);
}

TEST_F(Decode, literals_of_the_file_come_first) {
    // [1.0e300] and an integer of the code.
    const std::string term("\x83\x6c\x00\x00\x00\x01\x46\x7e\x37\xe4\x3c\x88\x00\x75\x9c\x6a", 16);
    file.chunks = {{"LitT", be32(0) + be32(1) + be32(16) + term}};
    const Instruction i = first(op(Genop::put_list, lit(0) + test::i(1ll << 40) + x(0)));
    EXPECT_EQ(i[0], ir::Operand::make(OperandKind::literal, 0));
    EXPECT_EQ(i[1], ir::Operand::make(OperandKind::literal, 1));
    ASSERT_TRUE(literal(i[0]).is_cons());
    EXPECT_EQ(to_double(literal(i[0]).head()), 1.0e300);
    EXPECT_EQ(literal(i[1]), Term::small(1ll << 40));
    EXPECT_TRUE(world.literals.contains(literal(i[0])));
}

TEST_F(Decode, typed_registers) {
    // Version 3: any; integer 0 to 255.
    file.chunks = {{"Type", be32(3) + be32(2) + be(0x0fff, 2) + be(0x3020, 2) + be(0, 8) + be(255, 8)}};
    Instruction i = first(op(Genop::move, typed(y(3), 1) + x(0)));
    EXPECT_EQ(i[0], ir::Operand::reg(OperandKind::y, 3, 2));
    const TypeInfo& type = world.module->types[i[0].type_plus_1() - 1];
    EXPECT_EQ(type.types, 1 << 5);
    EXPECT_TRUE(type.has_min && type.has_max);
    EXPECT_EQ(type.max, 255);
    EXPECT_EQ(error_of(op(Genop::move, typed(x(3), 2) + x(0))), "move: invalid type (number 2)");
    // A destination forgets it; a chunk of unknown version tells nothing.
    EXPECT_EQ(first(op(Genop::move, x(0) + typed(x(1), 1)))[1].type_plus_1(), 0u);
    file.chunks = {{"Type", be32(77) + be32(2) + "??"}};
    EXPECT_EQ(first(op(Genop::move, typed(x(3), 900) + x(0)))[0], ir::Operand::reg(OperandKind::x, 3));
}

TEST_F(Decode, heap_needs) {
    EXPECT_EQ(first(op(Genop::test_heap, u(5) + u(1)))[0], ir::Operand::make(OperandKind::alloc, 5));
    EXPECT_EQ(first(op(Genop::test_heap, alloc(5, 3, 2) + u(1)))[0],
              ir::Operand::make(OperandKind::alloc, 5 + 2 * 3 + 3 * 2));
    EXPECT_EQ(error_of(op(Genop::test_heap, alloc(1 << 27, 1 << 27, 0) + u(1))), "test_heap: heap need out of range");
    EXPECT_EQ(error_of(op(Genop::test_heap, z(CompactExtended::alloc) + u(1) + u(3) + u(1) + u(1))),
              "test_heap: invalid item of an alloc list (number 3)");
}

TEST_F(Decode, lists) {
    const Instruction i = first(op(Genop::select_val, x(0) + f(2) + list({a(2), f(1), test::i(7), f(2)})));
    ASSERT_EQ(i.operand_words(), 7u);
    EXPECT_EQ(i[2], ir::Operand::make(OperandKind::list, 4));
    EXPECT_EQ(i[3].kind(), OperandKind::atom);
    EXPECT_EQ(i[4], ir::Operand::make(OperandKind::label, 1));
    EXPECT_EQ(i[5].small(), 7);
    EXPECT_EQ(first(op(Genop::init_yregs, list({})))[0], ir::Operand::make(OperandKind::list, 0));
    EXPECT_EQ(error_of(op(Genop::select_val, x(0) + f(2) + list({a(2)}))),
              "select_val: invalid length of a list (number 1)");
    EXPECT_EQ(error_of(op(Genop::select_val, x(0) + f(2) + list({x(1), f(1)}))),
              "select_val: invalid constant (x register 1)");
    EXPECT_EQ(error_of(op(Genop::init_yregs, list({x(0)}))), "init_yregs: invalid y register (x register 0)");
    EXPECT_EQ(error_of(op(Genop::init_yregs, y(0))), "init_yregs: invalid list (y register 0)");
}

TEST_F(Decode, segments_of_bs_create_bin) {
    file.atoms = {"m", "f", "string", "integer", "all", "append", "strange"};
    // [little, signed]
    const std::string flags("\x83\x6c\x00\x00\x00\x02\x77\x06little\x77\x06signed\x6a", 23);
    file.chunks = {{"LitT", be32(0) + be32(1) + be32(23) + flags}};
    const auto create = [](const std::vector<std::string>& segments) {
        return op(Genop::bs_create_bin, f(0) + u(0) + u(1) + u(8) + x(0) + list(segments));
    };
    const Instruction i = first(create({a(6), u(1), u(8), nil(), x(0), a(5), a(4), u(2), u(1), lit(0), x(1),
                                        test::i(16), a(3), u(0), u(8), nil(), u(2), test::i(3)}));
    EXPECT_EQ(i[5], ir::Operand::make(OperandKind::list, 18));
    EXPECT_EQ(i[6].value(), static_cast<uint32_t>(ir::BinSegment::append));
    EXPECT_EQ(i[9], ir::Operand::make(OperandKind::unsigned_, 0));
    EXPECT_EQ(i[12].value(), static_cast<uint32_t>(ir::BinSegment::integer));
    EXPECT_EQ(i[15], ir::Operand::make(OperandKind::unsigned_, ir::kBinLittle | ir::kBinSigned));
    EXPECT_EQ(i[18].value(), static_cast<uint32_t>(ir::BinSegment::string));
    EXPECT_EQ(i[22], ir::Operand::make(OperandKind::unsigned_, 2));
    EXPECT_EQ(i[23], ir::Operand::make(OperandKind::unsigned_, 3));
    EXPECT_EQ(error_of(create({a(3), u(0), u(8), nil(), u(6), test::i(3)})),
              "bs_create_bin: string beyond the end of the StrT chunk");
    EXPECT_EQ(error_of(create({a(7), u(0), u(8), nil(), u(6), test::i(3)})),
              "bs_create_bin: unknown segment type 'strange'");
    EXPECT_EQ(error_of(create({a(3), u(0), u(8), nil(), u(6)})), "bs_create_bin: invalid length of a list (number 5)");
    EXPECT_EQ(error_of(create({a(4), u(0), u(257), nil(), x(0), test::i(3)})),
              "bs_create_bin: invalid unit (number 257)");
}

TEST_F(Decode, commands_of_bs_match) {
    file.atoms = {"m", "f", "ensure_at_least", "integer", "=:=", "skip", "get_tail", "ensure_exactly", "binary"};
    const auto match = [](const std::vector<std::string>& commands) {
        return op(Genop::bs_match, f(1) + x(0) + list(commands));
    };
    const Instruction i = first(match({a(3),
                                       u(32),
                                       u(8),
                                       a(4),
                                       u(1),
                                       nil(),
                                       u(8),
                                       u(1),
                                       x(1),
                                       a(5),
                                       nil(),
                                       u(64),
                                       u(-1ll ^ (1ll << 63)),
                                       a(6),
                                       u(int64_t{1} << 30),
                                       a(9),
                                       u(2),
                                       nil(),
                                       u(1),
                                       u(8),
                                       x(2),
                                       a(7),
                                       u(1),
                                       u(8),
                                       x(3),
                                       a(8),
                                       u(0)}));
    using ir::BinMatch;
    const auto word = [](BinMatch c) { return ir::Operand::make(OperandKind::unsigned_, static_cast<uint32_t>(c)); };
    EXPECT_EQ(i[2].value(), i.operand_words() - 3);
    EXPECT_EQ(i[3], word(BinMatch::ensure_at_least));
    EXPECT_EQ(i[6], word(BinMatch::integer));
    EXPECT_EQ(i[11], ir::Operand::reg(OperandKind::x, 1));
    EXPECT_EQ(i[12], word(BinMatch::equal));
    EXPECT_EQ(i[13].value(), 64u);
    EXPECT_EQ(as_bignum(literal(i[14])).limbs()[0], Word{INT64_MAX});
    EXPECT_EQ(i[15], word(BinMatch::skip));
    EXPECT_EQ(literal(i[16]), Term::small(1ll << 30));
    EXPECT_EQ(i[17], word(BinMatch::binary));
    EXPECT_EQ(i[23], word(BinMatch::get_tail));
    EXPECT_EQ(i[27], word(BinMatch::ensure_exactly));
    EXPECT_EQ(error_of(match({a(3), u(32)})), "bs_match: the last command lacks operands");
    EXPECT_EQ(error_of(match({a(5), nil(), u(65), u(0)})), "bs_match: invalid number of bits (number 65)");
}

TEST_F(Decode, tables_are_range_checked) {
    EXPECT_EQ(error_of(op(Genop::move, a(3) + x(0))), "move: invalid atom (atom 3)");
    EXPECT_EQ(error_of(op(Genop::move, x(1024) + x(0))), "move: invalid register (x register 1024)");
    EXPECT_EQ(error_of(op(Genop::move, lit(0) + x(0))), "move: invalid literal (number 0)");
    EXPECT_EQ(error_of(op(Genop::move, f(2) + x(0))), "move: invalid term (label 2)");
    EXPECT_EQ(error_of(op(Genop::move, compact(CompactTag::h, 65) + x(0))), "move: invalid term (character 65)");
    EXPECT_EQ(error_of(op(Genop::fmove, fr(1024) + x(0))), "fmove: invalid float register (number 1024)");
    EXPECT_EQ(error_of(op(Genop::jump, f(0))), "jump: invalid label (label 0)");
    EXPECT_EQ(error_of(op(Genop::jump, f(16))), "jump: invalid label (label 16)");
    EXPECT_EQ(error_of(op(Genop::jump, f(9))), "jump: label 9 is not defined");
    EXPECT_EQ(error_of(op(Genop::call_ext, u(1) + u(0))), "call_ext: the module has no imports");
    EXPECT_EQ(error_of(op(Genop::make_fun2, u(0))), "make_fun2: the module has no lambdas");
    EXPECT_EQ(error_of(op(Genop::test_heap, u(1) + u(1025))),
              "test_heap: invalid number of live registers (number 1025)");
    EXPECT_EQ(error_of(op(Genop::call_fun, u(256))), "call_fun: invalid arity (number 256)");
    EXPECT_EQ(error_of(op(Genop::bs_put_string, u(3) + u(6))),
              "bs_put_string: string beyond the end of the StrT chunk");
    EXPECT_EQ(error_of(op(Genop::bs_match_string, f(1) + x(0) + u(17) + u(6))),
              "bs_match_string: string beyond the end of the StrT chunk");
    EXPECT_EQ(first(op(Genop::bs_match_string, f(1) + x(0) + u(15) + u(6)))[3].value(), 6u);
    EXPECT_EQ(error_of(op(Genop::deallocate, u(1ll << 28))), "deallocate: invalid number (number 268435456)");
    EXPECT_EQ(error_of(op(Genop::deallocate, u(-5))), "deallocate: invalid number (number -5)");
    // Without a line chunk the numbers mean nothing; with one they are checked.
    EXPECT_EQ(first(op(Genop::line, u(9)))[0].value(), 0u);
    file.chunks = {{"Line", be32(0) + be32(0) + be32(1) + be32(1) + be32(0) + test::i(17)}};
    EXPECT_EQ(first(op(Genop::line, u(1)))[0].value(), 1u);
    EXPECT_EQ(error_of(op(Genop::line, u(2))), "line: invalid line (number 2)");
}

TEST_F(Decode, structure_errors) {
    const auto error = [&](const std::string& code) {
        file.code = code;
        const std::string text = world.load(file);
        return text.substr(text.find(": ") + 2);
    };
    const std::string end = op(Genop::int_code_end);
    EXPECT_EQ(error(BeamBuilder::function(op(Genop::return_))),
              "Code chunk, offset 31: the code does not end with int_code_end");
    EXPECT_EQ(error(BeamBuilder::function(op(Genop::return_)) + end + "?"),
              "Code chunk, offset 31: int_code_end: 1 bytes after the end of the code");
    EXPECT_EQ(error(op(Genop::return_) + end), "Code chunk, offset 20: return: an instruction outside of functions");
    EXPECT_EQ(error(op(Genop::func_info, a(1) + a(2) + u(0)) + end),
              "Code chunk, offset 20: func_info: the label of a function must precede");
    EXPECT_EQ(error(op(Genop::label, u(3)) + BeamBuilder::function("") + end),
              "Code chunk, offset 26: func_info: an instruction outside of functions");
    EXPECT_EQ(error(op(Genop::label, u(1)) + op(Genop::func_info, a(1) + a(2) + u(0)) + op(Genop::return_) + end),
              "Code chunk, offset 26: return: a func_info is followed by the entry label");
    EXPECT_EQ(error(BeamBuilder::function(op(Genop::label, u(2))) + end),
              "Code chunk, offset 30: label: label 2 is defined twice");
    EXPECT_EQ(error(BeamBuilder::function("") + BeamBuilder::function("", 3) + end),
              "Code chunk, offset 34: func_info: more functions than the header says");
    EXPECT_EQ(error(BeamBuilder::function(op(Genop::on_load)) + end),
              "Code chunk, offset 30: on_load: an on_load function has no arguments");
    EXPECT_EQ(error(BeamBuilder::function("\xff") + end), "Code chunk, offset 30: invalid opcode 255");
    EXPECT_EQ(error(BeamBuilder::function("\x1b") + end),
              "Code chunk, offset 30: m_plus/4: unsupported instruction, no compiler of OTP 21 or later emits it");
    EXPECT_EQ(error(BeamBuilder::function(op(Genop::move, x(0)))),
              "Code chunk, offset 30: move: the code ends within an instruction");
    file.functions = 2;
    EXPECT_EQ(error(BeamBuilder::function("") + end),
              "Code chunk, offset 16: 2 functions by the header, but 1 in the code");
}

TEST_F(Decode, header_errors) {
    file.highest_opcode = 192;
    EXPECT_EQ(world.load(file),
              "t.beam: Code chunk, offset 8: opcode 192: the file was compiled for a later OTP release");
    file.highest_opcode = 191;
    file.labels = 4000000000u;
    EXPECT_EQ(world.load(file), "t.beam: Code chunk, offset 12: invalid number of labels");
    file.labels = 16;
    file.chunks = {{"Code", BeamBuilder::row({16, 1, 1, 1, 1})}};
    EXPECT_EQ(world.load(file), "t.beam: Code chunk, offset 4: instruction format 1");
    file.chunks = {{"Code", BeamBuilder::row({400, 0, 1, 1, 1})}};
    EXPECT_EQ(world.load(file), "t.beam: Code chunk, offset 0: invalid length of the header");
    file.chunks = {{"Code", "abc"}};
    EXPECT_EQ(world.load(file), "t.beam: Code chunk, offset 0: truncated");
}

/// Every instruction that is not refused decodes from operands of its signature, one word each.
TEST_F(Decode, every_row_of_the_table) {
    file.atoms = {"m", "f", "integer"};
    file.chunks = {{"ImpT", BeamBuilder::row({1, 1, 2, 0})}, {"FunT", BeamBuilder::row({1, 2, 1, 2, 0, 0, 0})}};
    const auto sample = [](char letter) -> std::string {
        switch (letter) {
            case 's':
            case 'c':
            case 'S':
            case 'U': return test::i(5);
            case 'r':
            case 'd':
            case 'D': return x(3);
            case 'y': return y(3);
            case 'v': return fr(1);
            case 'f':
            case 'j':
            case 'k': return f(1);
            case 'A': return a(2);
            case 'N': return u(9);
            default: return u(0);
        }
    };
    for (size_t n = 1; n < kGenopCount; ++n) {
        const auto genop = static_cast<Genop>(n);
        const GenopInfo& info = genop_info(genop);
        if (info.refused() || genop == Genop::func_info || genop == Genop::int_code_end || genop == Genop::on_load)
            continue;
        std::string operands;
        uint32_t words = 0;
        for (const char* s = info.signature; *s != 0; ++s, ++words) {
            if (*s == '[') {
                std::vector<std::string> members;
                for (++s; *s != ']'; ++s) members.push_back(sample(*s));
                words += static_cast<uint32_t>(members.size());
                operands += list(members);
            } else if (*s == 'B') {
                operands += list({a(3), u(0), u(1), nil(), x(0), test::i(8)});
                words += 6;
            } else if (*s == 'M') {
                operands += list({a(3), u(0), nil(), u(8), u(1), x(0)});
                words += 6;
            } else {
                operands += sample(*s);
            }
        }
        const Instruction i = first(op(genop, operands));
        EXPECT_EQ(i.op(), genop);
        EXPECT_EQ(i.operand_words(), words) << info.name;
        EXPECT_EQ(i.next().op(), Genop::return_) << info.name;
    }
}

}  // namespace
}  // namespace lintel
