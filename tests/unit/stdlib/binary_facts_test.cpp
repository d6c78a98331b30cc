/// Every call of tests/facts/binaries.facts gives what erl gave, whatever the alignment of its binaries.

#include <gtest/gtest.h>

#include <fstream>

#include "stdlib/bif.h"
#include "term/compare.h"
#include "term/views.h"
#include "tests/unit/support/term_text.h"
#include "tests/unit/support/test_process.h"
#include "vm/vm_core.h"

namespace lintel {

#define BIF(module, function, arity, cpp_function, flags) Term cpp_function(ExecState&, Args);
#include "stdlib/bifs/binary.def"
#include "stdlib/bifs/checksum.def"
#include "stdlib/bifs/unicode.def"
#undef BIF

namespace {

struct Row {
    std::string_view module, function;
    size_t arity;
    Term (*run)(ExecState&, Args);
};
constexpr Row kRows[] = {
#define BIF(module, function, arity, cpp_function, flags) {module, function, arity, cpp_function},
#include "stdlib/bifs/binary.def"
#include "stdlib/bifs/checksum.def"
#include "stdlib/bifs/unicode.def"
#undef BIF
};

const Row* find_row(Term module, Term function, size_t arity) {
    for (const Row& row : kRows) {
        if (row.module == atom_name(module) && row.function == atom_name(function) && row.arity == arity) return &row;
    }
    return nullptr;
}

class BinaryFacts : public ::testing::TestWithParam<size_t> {};

TEST_P(BinaryFacts, agree_with_erl) {
    const std::string path = LINTEL_TESTS_DIR "/facts/binaries.facts";
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    VmCore vm{EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}, nullptr};
    test::TestProcess p(200000);
    p.vm = &vm;
    size_t facts = 0;
    for (std::string line; std::getline(file, line); ++facts) {
        p.clear();
        const auto fact = as_tuple(test::TermReader(p, vm.atoms, line, GetParam()).read(), 4);
        ASSERT_TRUE(fact) << line;
        std::vector<Term> args;
        for (Term t = fact[2]; t.is_cons(); t = t.tail()) args.push_back(t.head());
        const Row* row = find_row(fact[0], fact[1], args.size());
        ASSERT_NE(row, nullptr) << line;
        const Term result = row->run(p, Args{args.data()});
        const auto expected = as_tuple(fact[3], 2);
        if (expected[0] == am::ok()) {
            EXPECT_TRUE(result.is_value()) << line;
            if (result.is_none()) continue;
            EXPECT_TRUE(exactly_equal(result, expected[1])) << line;
        } else {
            ASSERT_TRUE(result.is_none() && p.pending == Pending::exception) << line;
            EXPECT_EQ(p.reason, expected[1]) << line;
        }
    }
    EXPECT_GT(facts, 1500u);
}

TEST(BinaryBifs, iovecs_refer_to_long_binaries) {
    test::TestProcess p;
    const Term large = p.bin(std::string(300, 'a')), small = p.bin("bc");
    auto heap = p.reserve(100);
    const Term list = heap.list(std::vector<Term>{small, large, Term::small('d'), small, large, large, small}, small);
    const Term vector = iolist_to_iovec_1(p, Args{&list});
    std::vector<std::string> parts;
    for (Term t = vector; t.is_cons(); t = t.tail()) parts.push_back(test::bytes_of(t.head()));
    const std::string a(300, 'a');
    EXPECT_EQ(parts, (std::vector<std::string>{"bc", a, "dbc", a, a, "bcbc"}));
    EXPECT_EQ(as_bits(vector.tail().head()).base, as_bits(large).base);
}

TEST(BinaryBifs, deep_lists_need_no_c_stack) {
    test::TestProcess p(10000000);
    Term deep = Term::nil(), chars = Term::nil();
    auto heap = p.reserve(8000000);
    for (int i = 0; i < 1000000; ++i) {
        deep = heap.cons(heap.cons(Term::small('x'), deep), Term::nil());
        chars = heap.cons(chars, heap.cons(Term::small(228), Term::nil()));
    }
    EXPECT_EQ(iolist_size_1(p, Args{&deep}), Term::small(1000000));
    const Term binary = iolist_to_binary_1(p, Args{&deep});
    EXPECT_EQ(test::bytes_of(binary), std::string(1000000, 'x'));
    const Term args[] = {chars, am::unicode()};
    EXPECT_EQ(as_bits(unicode_characters_to_binary_2(p, Args{args})).size, 16000000u);
    EXPECT_LT(p.reductions, 0);
}

INSTANTIATE_TEST_SUITE_P(Alignment, BinaryFacts, ::testing::Values(0, 3, 8));

}  // namespace
}  // namespace lintel
