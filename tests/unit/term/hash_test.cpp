#include "term/hash.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/unit/term/terms.h"

namespace lintel {
namespace {

struct Fact {
    const char* term;  ///< external term, hexadecimal
    uint32_t phash2;   ///< erlang:phash2(T, 1 bsl 32)
    uint32_t phash;    ///< erlang:phash(T, 1 bsl 32) - 1
};

// What erl (OTP 25) says.
constexpr Fact kFacts[] = {
    // clang-format off
    {"836100", 3175731469, 0},
    {"836101", 539485162, 2788898427},
    {"8362ffffffff", 1117813597, 1680185269},
    {"8361ff", 715823293, 2499495045},
    {"836200000100", 3929335767, 1920229267},
    {"836207ffffff", 4273352567, 1192343452},
    {"836208000000", 2562491755, 2147483672},
    {"8362f8000000", 874979335, 2147489128},
    {"8362f7ffffff", 1418916782, 3827674397},
    {"836e08000000000000000008", 2442888721, 2147483672},
    {"836e0800ffffffffffffff0f", 721980592, 966799288},
    {"836e08000000000000000010", 1373980788, 48},
    {"836e08010000000000000010", 1301172511, 10960},
    {"836e08010100000000000010", 1556022474, 1079760229},
    {"836e0900000000000000000001", 2519041713, 2788898427},
    {"836e0d01f9ffffffffffffffffffffff0f", 3373156602, 1845447633},
    {"83460000000000000000", 423528920, 0},
    {"83468000000000000000", 423528920, 0},
    {"83463ff8000000000000", 2023646235, 1073217536},
    {"8346fe37e43c8800759c", 3171779656, 1983353248},
    {"83460000000000000001", 3731526247, 1},
    {"83770161", 97, 97},
    {"837700", 0, 0},
    {"83770474727565", 506293, 506293},
    {"837705c3a974c3a9", 61737, 61737},
    {"837706e697a5e69cac", 251805804, 251805804},
    {"836a", 3468870702, 1},
    {"836800", 221703996, 0},
    {"836801770161", 2853905094, 268840044},
    {"8368026101680261026b000103", 4037453830, 4155618577},
    {"836b0003616263", 519996486, 3654580165},
    {"836b00056162636465", 2487089008, 721934914},
    {"836c000000017701616a", 1634476877, 2953390076},
    {"836c0000000161016102", 3844221178, 2402949551},
    {"836c00000003610161027701616a", 3146674122, 3151361761},
    {"836c000000016a6a", 499070068, 2952798236},
    {"836c000000026a6a6a", 67164138, 3758123099},
    {"836c00000002620000012c61016a", 3636192855, 1560565383},
    {"836d00000000", 147926629, 0},
    {"836d0000000161", 1589197455, 268501902},
    {"836d0000000c68656c6c6f2c20776f726c64", 2613979454, 2249210344},
    {"834d0000000303010260", 1990538902, 1746016219},
    {"834d000000010100", 1285484408, 268436141},
    {"836d0000006430313233343536373839303132333435363738393031323334353637383930313233343536373839303132333435363738393031323334353637383930313233343536373839303132333435363738393031323334353637383930313233343536373839", 3365739941, 2284477110},
    {"837400000000", 844985373, 1113425984},
    {"8374000000017701616101", 1401795262, 1670235873},
    {"8374000000026101770161463ff0000000000000770162", 2632281952, 2900722563},
    {"836802740000000177016174000000017701626a770178", 488447724, 2723393589},
    {"83740000002861216b000121610c6b00010c61176b000117611d6b00011d611e6b00011e61276b000127611a6b00011a611f6b00011f610b6b00010b61256b00012561096b00010961206b00012061226b00012261196b000119611c6b00011c61066b00010661266b000126610d6b00010d61286b00012861146b000114610f6b00010f610e6b00010e61026b00010261076b00010761016b00010161086b00010861036b00010361116b00011161166b00011661156b00011561046b00010461246b00012461186b000118610a6b00010a61236b000123611b6b00011b61136b00011361056b00010561126b00011261106b000110", 2616929470, 2885370081},
    {"836802740000002861216b000121610c6b00010c61176b000117611d6b00011d611e6b00011e61276b000127611a6b00011a611f6b00011f610b6b00010b61256b00012561096b00010961206b00012061226b00012261196b000119611c6b00011c61066b00010661266b000126610d6b00010d61286b00012861146b000114610f6b00010f610e6b00010e61026b00010261076b00010761016b00010161086b00010861036b00010361116b00011161166b00011661156b00011561046b00010461246b00012461186b000118610a6b00010a61236b000123611b6b00011b61136b00011361056b00010561126b00011261106b0001107400000001740000002861216b000121610c6b00010c61176b000117611d6b00011d611e6b00011e61276b000127611a6b00011a611f6b00011f610b6b00010b61256b00012561096b00010961206b00012061226b00012261196b000119611c6b00011c61066b00010661266b000126610d6b00010d61286b00012861146b000114610f6b00010f610e6b00010e61026b00010261076b00010761016b00010161086b00010861036b00010361116b00011161166b00011661156b00011561046b00010461246b00012461186b000118610a6b00010a61236b000123611b6b00011b61136b00011361056b00010561126b00011261106b0001106101", 4245112262, 4105625879},
    {"837177056c6973747377036d61706102", 840287883, 904024395},
    {"83717701617701626100", 427904612, 268892133},
    {"8370000000400100000000000000000000000000000000000000020000000077016d6102614d58770d6e6f6e6f6465406e6f686f7374000000010000000000000000", 2348530155, 422511388},
    {"8370000000470100000000000000000000000000000000000000020000000277016d6102614d58770d6e6f6e6f6465406e6f686f73740000000100000000000000007701616b000101", 2966348928, 2373763895},
    {"8358770d6e6f6e6f6465406e6f686f7374000000070000000100000000", 591482922, 1912891191},
    {"83587703614068000000070000000100000003", 591482922, 1912891191},
    {"835977036140680000000700000003", 3725428046, 134293115},
    {"83787703614068000001000000000300000003", 2592303751, 3948064822},
    {"835a0003770361406800000003000000050000000600000007", 962821904, 3777324193},
    {"835a0003770d6e6f6e6f6465406e6f686f737400000000000000050000000600000007", 962821904, 3777324193},
    // clang-format on
};

TEST(Hash, portable_hashes_are_those_of_erl) {
    Terms terms;
    for (const Fact& f : kFacts) {
        const Term t = terms.decode_hex(f.term);
        EXPECT_EQ(portable_hash2(t), f.phash2) << f.term;
        EXPECT_EQ(portable_hash(t), f.phash) << f.term;
        EXPECT_EQ(phash2(t), f.phash2 & 0x7ffffff);
    }
}

TEST(Hash, bits_hash_the_same_wherever_they_are) {
    Terms terms;
    const Term plain = terms.heap_binary("the quick brown fox jumps over the lazy dog");
    const Term cut = terms.sub_binary(plain, 0, 43 * 8 - 3);
    for (size_t by = 1; by < 16; ++by) {
        for (const Term t : {plain, cut}) {
            const Term moved = terms.shifted(t, by);
            ASSERT_TRUE(exactly_equal(t, moved));
            EXPECT_EQ(portable_hash2(moved), portable_hash2(t));
            EXPECT_EQ(portable_hash(moved), portable_hash(t));
            EXPECT_EQ(internal_hash(moved), internal_hash(t));
        }
    }
    EXPECT_NE(internal_hash(plain), internal_hash(cut));
}

TEST(Hash, internal_hash_tells_terms_apart) {
    Terms terms;
    std::set<Word> seen;
    size_t count = 0;
    const auto add = [&](Term t) {
        seen.insert(internal_hash(t));
        ++count;
    };
    for (int64_t i = -1000; i < 1000; ++i) {
        add(terms.small(i));
        add(terms.list({terms.small(i)}));
        add(terms.tuple({terms.small(i)}));
        add(terms.number(static_cast<double>(i) + 0.5));
        add(terms.atom("atom" + std::to_string(i)));
        add(terms.heap_binary(std::to_string(i)));
        add(terms.list({terms.small(i), Term::nil()}));
        add(terms.list({terms.list({terms.small(i)})}));
        add(terms.map({{terms.small(i), Term::nil()}}));
        add(terms.map({{Term::nil(), terms.small(i)}}));
    }
    EXPECT_EQ(seen.size(), count);
}

/// erl: erts_debug:get_internal_state({internal_hash, Term})
TEST(Hash, internal_hash_is_that_of_otp) {
    Terms terms;
    const auto small = [&](int64_t v) { return terms.small(v); };
    const std::pair<Term, uint32_t> facts[] = {
        {small(0), 3620831944u},
        {small(1), 2441450838u},
        {small(-1), 559702020u},
        {small((int64_t{1} << 59) - 1), 2748343757u},
        {small(int64_t{1} << 59), 2160620466u},
        {small(-(int64_t{1} << 59)), 767231620u},
        {small(-(int64_t{1} << 59) - 1), 1026718139u},
        {terms.number(0.0), 2778859731u},
        {terms.number(-0.0), 2778859731u},
        {terms.number(3.14), 1477099997u},
        {terms.number(1.0e300), 4116291860u},
        {Term::nil(), 2464209347u},
        {terms.list({small(1), small(2), small(3), small(4), small(5)}), 1903991905u},
        {terms.list({small(255), small(256)}), 2595745964u},
        {terms.cons(small(1), small(2)), 813403020u},
        {terms.list({small(1), terms.list({small(2)}), small(3)}), 2374545384u},
    };
    for (const auto& [term, hash] : facts) EXPECT_EQ(internal_hash(term), hash);
}

TEST(Hash, internal_hash_of_atoms_is_by_name) {
    Terms a, b;
    b.atom("another first");
    EXPECT_EQ(internal_hash(a.atom("some atom")), internal_hash(b.atom("some atom")));
    EXPECT_EQ(internal_hash(am::ok()), internal_hash(a.atom("ok")));
}

TEST(Hash, deep_terms_need_no_c_stack) {
    Terms terms;
    Term deep = Term::nil();
    Term other = Term::nil();
    for (int i = 0; i < 200000; ++i) {
        deep = i % 2 == 0 ? terms.tuple({deep, terms.small(1)}) : terms.cons(deep, Term::nil());
        other = i % 2 == 0 ? terms.tuple({other, terms.small(1)}) : terms.cons(other, Term::nil());
    }
    EXPECT_EQ(portable_hash2(deep), portable_hash2(other));
    EXPECT_EQ(portable_hash(deep), portable_hash(other));
    EXPECT_EQ(internal_hash(deep), internal_hash(other));
    EXPECT_TRUE(exactly_equal(deep, other));
    EXPECT_EQ(compare(deep, other), 0);
}

}  // namespace
}  // namespace lintel
