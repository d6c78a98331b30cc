#include "term/print.h"

#include <gtest/gtest.h>

#include "tests/unit/term/terms.h"

namespace lintel {
namespace {

struct Fact {
    const char* term;  ///< external term, hexadecimal
    const char* display;
    const char* write;
    const char* write_unicode;
};

// erlang:display/1, ~w and ~tw of erl (OTP 25).
constexpr Fact kFacts[] = {
    // clang-format off
    {"836100", "0", "0", "0"},
    {"8362fffffffb", "-5", "-5", "-5"},
    {"836e08000000000000000010", "1152921504606846976", "1152921504606846976", "1152921504606846976"},
    {"836e08010100000000000010", "-1152921504606846977", "-1152921504606846977", "-1152921504606846977"},
    {"836e1a000000000000000000000000000000000000000000000000000001", "1606938044258990275541962092341162602522202993782792835301376", "1606938044258990275541962092341162602522202993782792835301376", "1606938044258990275541962092341162602522202993782792835301376"},
    {"83463ff8000000000000", "1.500000e+00", "1.5", "1.5"},
    {"83464480f0cf064dd592", "1.000000e+22", "1.0e22", "1.0e22"},
    {"83468000000000000000", "-0.000000e+00", "-0.0", "-0.0"},
    {"83463ee4f8b588e368f1", "1.000000e-05", "1.0e-5", "1.0e-5"},
    {"83770161", "a", "a", "a"},
    {"837703412062", "'A b'", "'A b'", "'A b'"},
    {"837700", "''", "''", "''"},
    {"837703614062", "'a@b'", "a@b", "a@b"},
    {"837705c3a974c3a9", "été", "été", "été"},
    {"837706e697a5e69cac", "'日本'", "'\\x{65E5}\\x{672C}'", "'日本'"},
    {"83770366756e", "fun", "'fun'", "'fun'"},
    {"83770469742773", "'it\\'s'", "'it\\'s'", "'it\\'s'"},
    {"8377030a017f", "'\\n\\001\177'", "'\\n\\001\\d'", "'\\n\\001\\d'"},
    {"836a", "[]", "[]", "[]"},
    {"836800", "{}", "{}", "{}"},
    {"83680261016801770161", "{1,{a}}", "{1,{a}}", "{1,{a}}"},
    {"836b0003616263", "\"abc\"", "[97,98,99]", "[97,98,99]"},
    {"836b000361220a", "\"a\\\"\\n\"", "[97,34,10]", "[97,34,10]"},
    {"836c00000002610161026103", "[1,2|3]", "[1,2|3]", "[1,2|3]"},
    {"836c000000016a6a", "[[]]", "[[]]", "[[]]"},
    {"836a", "[]", "[]", "[]"},
    {"836d00000000", "<<>>", "<<>>", "<<>>"},
    {"836d00000003616263", "<<\"abc\">>", "<<97,98,99>>", "<<97,98,99>>"},
    {"834d0000000303010260", "<<1,2,3:3>>", "<<1,2,3:3>>", "<<1,2,3:3>>"},
    {"834d0000000103a0", "<<5:3>>", "<<5:3>>", "<<5:3>>"},
    {"836d000000026122", "<<\"a\\\"\">>", "<<97,34>>", "<<97,34>>"},
    {"836d000000010a", "<<10>>", "<<10>>", "<<10>>"},
    {"837400000000", "#{}", "#{}", "#{}"},
    {"83740000000277016161016b0001627400000000", "#{a=>1,\"b\"=>#{}}", "#{a => 1,[98] => #{}}", "#{a => 1,[98] => #{}}"},
    {"837177056c6973747377036d61706102", "fun lists:map/2", "fun lists:map/2", "fun lists:map/2"},
    {"83717701417701626101", "fun 'A':b/1", "fun 'A':b/1", "fun 'A':b/1"},
    {"8370000000430100000000000000000000000000000000000000020000000177016d6102614d58770d6e6f6e6f6465406e6f686f7374000000010000000000000000770178", "#Fun<m.2.77>", "#Fun<m.2.77>", "#Fun<m.2.77>"},
    {"8358770d6e6f6e6f6465406e6f686f7374000000070000000100000000", "<0.7.1>", "<0.7.1>", "<0.7.1>"},
    {"8359770d6e6f6e6f6465406e6f686f73740000000500000000", "#Port<0.5>", "#Port<0.5>", "#Port<0.5>"},
    {"835a0003770d6e6f6e6f6465406e6f686f737400000000000000010000000200000003", "#Ref<0.3.2.1>", "#Ref<0.3.2.1>", "#Ref<0.3.2.1>"},
    // clang-format on
};

TEST(Print, texts_are_those_of_erl) {
    Terms terms;
    for (const Fact& f : kFacts) {
        const Term t = terms.decode_hex(f.term);
        EXPECT_EQ(term_text(t), f.display);
        EXPECT_EQ(term_text(t, PrintStyle::write), f.write);
        EXPECT_EQ(term_text(t, PrintStyle::write_unicode), f.write_unicode);
    }
}

TEST(Print, bytes_above_127_of_display_strings_are_latin1) {
    Terms terms;
    EXPECT_EQ(term_text(terms.list({terms.small(0xe9), terms.small('a')})), "\"\xe9\x61\"");
    EXPECT_EQ(term_text(terms.list({terms.small(0x9f)})), "[159]");
    EXPECT_EQ(term_text(terms.list({terms.small(256)})), "[256]");
}

TEST(Print, stops_at_the_limit) {
    Terms terms;
    Term list = Term::nil();
    for (int i = 0; i < 100000; ++i) list = terms.cons(am::ok(), list);
    std::string out = "> ";
    EXPECT_FALSE(print_term(list, out, PrintStyle::write, 7));
    EXPECT_EQ(out, "> [ok,ok,");
    out.clear();
    EXPECT_TRUE(print_term(am::ok(), out, PrintStyle::write, 2));
    EXPECT_FALSE(print_term(am::ok(), out, PrintStyle::write, 1));
    EXPECT_EQ(out, "oko");
    EXPECT_EQ(term_text(terms.binary(std::string(100000, 'x')), PrintStyle::display, 5), "<<\"xx");
}

TEST(Print, large_maps_show_every_pair_once) {
    Terms terms;
    std::vector<Terms::Pair> pairs;
    size_t expected = 2;  // "#{" and, for each pair, digits, " => []" and a comma or "}"
    for (int i = 0; i < 100; ++i) {
        pairs.push_back({terms.small(i), terms.list({})});
        expected += std::to_string(i).size() + 7;
    }
    const std::string text = term_text(terms.map(pairs), PrintStyle::write);
    EXPECT_EQ(text.size(), expected);
    EXPECT_EQ(text.substr(0, 2), "#{");
    for (int i = 0; i < 100; ++i) EXPECT_NE(text.find(std::to_string(i) + " => []"), std::string::npos);
}

TEST(Print, large_maps_are_displayed_as_they_lie_in_memory) {
    Terms terms;
    std::vector<Terms::Pair> pairs;
    for (int i = 1000; i <= 1032; ++i) pairs.push_back({terms.small(i), Term::nil()});
    EXPECT_EQ(term_text(terms.map(pairs)),
              "#<ffff>{[1022],[1004],[1023],<2440>{[1008],[1026],<1100>{[1016],[1032]}},<218>{[1021],[1010],[10"
              "17]},<1500>{[1005],[1006],[1002]},<7000>{[1003],[1029],[1025]},[1018],[1007],[1011],<108>{[1014]"
              ",[1012]},<2032>{[1009],[1013],[1000],[1015]},[1028],<1c0>{[1020],[1030],[1027]},<50>{[1024],[103"
              "1]},<4001>{[1001],[1019]}}");
}

TEST(Print, deep_terms_need_no_c_stack) {
    Terms terms;
    Term t = Term::nil();
    for (int i = 0; i < 200000; ++i) t = i % 2 == 0 ? terms.tuple({t}) : terms.cons(t, Term::nil());
    EXPECT_EQ(term_text(t).size(), 2u + 2 * 200000);
}

TEST(Print, words_that_are_no_terms_are_named) {
    EXPECT_EQ(term_text(Term::none()), "<non-value>");
    EXPECT_EQ(term_text(Term::catch_mark(nullptr)), "<catch>");
}

}  // namespace
}  // namespace lintel
