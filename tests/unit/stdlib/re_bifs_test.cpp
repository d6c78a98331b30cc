/// The module re: every call of tests/facts/regex.facts gives what erl gave; RE2 and PCRE2 agree where both answer.

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "stdlib/re/re2_pattern.h"
#include "stdlib/stdlib_state.h"
#include "term/compare.h"
#include "term/views.h"
#include "tests/unit/support/term_text.h"
#include "tests/unit/support/test_process.h"
#include "vm/interpreter.h"

namespace lintel {

#define BIF(module, function, arity, cpp_function, flags) Term cpp_function(ExecState&, Args);
#include "stdlib/bifs/re.def"
#undef BIF

namespace {

VmConfig no_threads() {
    VmConfig config;
    config.schedulers = 0;
    return config;
}

class ReBifs : public ::testing::Test {
protected:
    ReBifs() : vm(no_threads(), engine), p(400000) {
        create_stdlib_state(vm);
        p.vm = &vm;
    }
    Term read(std::string_view text) { return test::TermReader(p, vm.atoms, text).read(); }
    Term call(Term (*bif)(ExecState&, Args), std::initializer_list<Term> args) { return bif(p, Args{args.begin()}); }

    Interpreter engine;
    Vm vm;
    test::TestProcess p;
};

/// {ok, {re_pattern, N, U, C, _}} without its last element, as in the facts.
Term without_code(ExecState& p, Term result) {
    const auto ok = as_tuple(result, 2);
    const auto pattern = ok ? as_tuple(ok[1], 5) : TupleView();
    if (!pattern) return result;
    auto heap = p.reserve(8);
    return heap.tuple(ok[0], heap.tuple(pattern[0], pattern[1], pattern[2], pattern[3]));
}

TEST_F(ReBifs, agree_with_erl) {
    const std::string path = LINTEL_TESTS_DIR "/facts/regex.facts";
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    size_t facts = 0;
    for (std::string line; std::getline(file, line); ++facts) {
        p.clear();
        const auto fact = as_tuple(read(line), 4);
        ASSERT_TRUE(fact) << line;
        std::vector<Term> args;
        for (Term t = fact[2]; t.is_cons(); t = t.tail()) args.push_back(t.head());
        const bool compiles = fact[1] == am::compile();
        const auto bif =
            compiles ? (args.size() == 1 ? re_compile_1 : re_compile_2) : (args.size() == 2 ? re_run_2 : re_run_3);
        const Term result = bif(p, Args{args.data()});
        const auto expected = as_tuple(fact[3], 2);
        if (expected[0] == am::ok()) {
            EXPECT_TRUE(result.is_value()) << line;
            if (result.is_none()) continue;
            EXPECT_TRUE(exactly_equal(compiles ? without_code(p, result) : result, expected[1])) << line;
        } else {
            EXPECT_TRUE(result.is_none() && p.pending == Pending::exception && p.reason == expected[1]) << line;
        }
    }
    EXPECT_GT(facts, 1500u);
}

TEST_F(ReBifs, compiled_patterns_are_terms) {
    const auto ok = as_tuple(call(re_compile_2, {read("<<40,63,60,110,62,98,41,46>>"), read("[caseless]")}), 2);
    const Term options = read("[{capture,[n],binary}]");
    const Term subject = read("<<97,66,99>>");
    const Term expected = read("{match,[<<66>>]}");
    EXPECT_TRUE(exactly_equal(call(re_run_3, {subject, ok[1], options}), expected));
    // Another VM has never seen it.
    Vm other(no_threads(), engine);
    create_stdlib_state(other);
    p.vm = &other;
    EXPECT_TRUE(exactly_equal(call(re_run_3, {subject, ok[1], options}), expected));
    EXPECT_TRUE(exactly_equal(call(re_inspect_2, {ok[1], read("namelist")}),
                              test::TermReader(p, vm.atoms, "{namelist,[<<110>>]}").read()));
    // Options of compilation are refused with it; a newline is not.
    EXPECT_TRUE(call(re_run_3, {subject, ok[1], read("[caseless]")}).is_none());
    EXPECT_TRUE(call(re_run_3, {subject, ok[1], read("[{newline,crlf}]")}).is_value());
    p.vm = &vm;
    // More patterns than are kept.
    for (int i = 0; i < 3 * static_cast<int>(RegexCache::kMaxEntries); ++i) {
        const Term pattern = p.bin("x" + std::to_string(i) + ".");
        ASSERT_EQ(as_tuple(call(re_run_2, {pattern, pattern}), 2)[0], read("match")) << i;
        p.clear();
    }
}

TEST(Regex, linear_where_re2_answers) {
    RegexError error;
    const auto regex = Regex::compile("(a+)+b", {}, &error);
    ASSERT_TRUE(regex->has_re2());
    const std::string text(5000, 'a');
    std::vector<RegexGroup> groups;
    EXPECT_EQ(regex->run(reinterpret_cast<const uint8_t*>(text.data()), text.size(), {}, &groups),
              RegexStatus::nomatch);
    // A limit that the caller sets is PCRE2's business.
    const auto hard = Regex::compile("(?:a+)+(?=b)", {}, &error);
    EXPECT_FALSE(hard->has_re2());
    RegexRun limited;
    limited.match_limit = 1000;
    const std::string bad(40, 'a');
    EXPECT_NE(hard->run(reinterpret_cast<const uint8_t*>(bad.data()), bad.size(), limited, &groups),
              RegexStatus::match);
}

/// A pattern at random, most of them translatable.
std::string random_pattern(std::mt19937& random, int depth) {
    static const char* const kAtoms[] = {"a",   "b",   "c",        ".",   "[ab]",  "[^a]", "\\d",
                                         "\\w", "\\n", "[a-b\\s]", "\\.", "\\x41", "x"};
    static const char* const kRepeats[] = {"*",     "+",    "?",      "*?", "+?", "??", "{2}",
                                           "{1,2}", "{2,}", "{1,3}?", "",   "",   "",   ""};
    std::string s;
    for (unsigned n = 1 + random() % 3; n != 0; --n) {
        if (depth < 3 && random() % 3 == 0) {
            s += random() % 3 == 0 ? "(?:" : "(";
            s += random_pattern(random, depth + 1);
            if (random() % 2 == 0) s += "|" + random_pattern(random, depth + 1);
            s += ")";
        } else {
            s += kAtoms[random() % std::size(kAtoms)];
        }
        s += kRepeats[random() % std::size(kRepeats)];
    }
    return s;
}

TEST(Regex, both_libraries_give_the_same_answer) {
    std::mt19937 random(5);
    size_t compared = 0, matched = 0;
    for (int round = 0; round < 6000; ++round) {
        std::string pattern = random_pattern(random, 0);
        if (random() % 5 == 0) pattern = "^" + pattern;
        if (random() % 4 == 0) pattern += "$";
        RegexOptions options;
        if (random() % 4 == 0) options.flags |= RegexOptions::kDotAll;
        if (random() % 4 == 0) options.flags |= RegexOptions::kCaseless;
        if (random() % 4 == 0) options.flags |= RegexOptions::kUnicode;
        if (random() % 4 == 0) options.flags |= RegexOptions::kDollarEndOnly;
        RegexError error;
        const auto regex = Regex::compile(pattern, options, &error);
        if (regex == nullptr || !regex->has_re2()) continue;
        ++compared;
        // Behind kShortSubject bytes RE2 answers; a limit asks for PCRE2.
        for (int i = 0; i < 4; ++i) {
            std::string text(random() % 2 == 0 ? 210 : 0, '-');
            const size_t from = text.size();
            for (size_t n = random() % 12; n != 0; --n)
                text += "abcAB x1.\n\xe9"[random() % (options.has(RegexOptions::kUnicode) ? 10 : 11)];
            if (random() % 3 == 0) text += "\n";
            if (from == 0) text.resize(260, 'b');
            RegexRun fast;
            fast.offset = random() % 2 == 0 ? 0 : from != 0 ? from - 205 : random() % 40;
            fast.anchored = random() % 4 == 0;
            RegexRun slow = fast;
            slow.match_limit = 20'000;
            std::vector<RegexGroup> a, b;
            const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
            const RegexStatus x = regex->run(bytes, text.size(), fast, &a),
                              y = regex->run(bytes, text.size(), slow, &b);
            if (y == RegexStatus::match_limit) continue;  // given up
            ASSERT_EQ(x, y) << pattern << " on " << text << " from " << fast.offset << " flags " << options.flags;
            if (x != RegexStatus::match) continue;
            ++matched;
            ASSERT_EQ(a.size(), b.size()) << pattern << " on " << text;
            for (size_t g = 0; g < a.size(); ++g) {
                ASSERT_EQ(a[g].start, b[g].start)
                    << pattern << " on " << text << " group " << g << " flags " << options.flags;
                ASSERT_EQ(a[g].end, b[g].end)
                    << pattern << " on " << text << " group " << g << " flags " << options.flags;
            }
        }
    }
    EXPECT_GT(compared, 500u);
    EXPECT_GT(matched, 500u);
}

}  // namespace
}  // namespace lintel
