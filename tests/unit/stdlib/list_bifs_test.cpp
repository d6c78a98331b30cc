#include <algorithm>
#include <random>

#include "term_bif_fixture.h"

namespace lintel {
namespace {

using ListBifs = TermBifs;
using TupleBifs = TermBifs;
using ErtsDebug = TermBifs;

TEST_F(ListBifs, reverse) {
    const Term x = am::ok();
    EXPECT_TRUE(same(call("lists", "reverse", {numbers(1, 2), x}), list({num(2), num(1)}, x)));
    EXPECT_EQ(call("lists", "reverse", {Term::nil(), x}), x);
    EXPECT_TRUE(badarg("lists", "reverse", {x, x}));
    EXPECT_TRUE(badarg("lists", "reverse", {numbers(1, 2, num(3)), x}));
    slice = 3;
    std::vector<Term> wanted;
    for (int64_t i = 1000; i > 0; --i) wanted.push_back(num(i));
    EXPECT_TRUE(same(call("lists", "reverse", {numbers(1, 1000), Term::nil()}), list(wanted)));
    EXPECT_GT(traps, 3u);
    EXPECT_TRUE(badarg("lists", "reverse", {numbers(1, 1000, x), Term::nil()}));
}

TEST_F(ListBifs, member) {
    const Term improper = list({num(1)}, num(2));
    EXPECT_EQ(call("lists", "member", {num(1), improper}), am::true_());
    EXPECT_TRUE(badarg("lists", "member", {num(3), improper}));
    EXPECT_TRUE(badarg("lists", "member", {num(3), am::ok()}));
    EXPECT_EQ(call("lists", "member", {num(1), list({real(1.0)})}), am::false_());
    EXPECT_EQ(call("lists", "member", {numbers(1, 1), list({num(1), numbers(1, 1)})}), am::true_());
    EXPECT_EQ(call("lists", "member", {num(1), Term::nil()}), am::false_());
    slice = 2;
    EXPECT_EQ(call("lists", "member", {num(999), numbers(1, 1000)}), am::true_());
    EXPECT_GT(traps, 2u);
    EXPECT_EQ(call("lists", "member", {num(0), numbers(1, 1000)}), am::false_());
}

TEST_F(ListBifs, keyfind_keymember_keysearch) {
    const Term a = am::ok(), x = am::error();
    const Term hit = tuple(real(1.0), a);
    // erl: lists:keyfind(1, 1, [{1.0, a}]) -> {1.0, a}
    EXPECT_EQ(call("lists", "keyfind", {num(1), num(1), list({hit})}), hit);
    EXPECT_EQ(call("lists", "keyfind", {num(1), num(1), list({x, tuple(), tuple(x, num(1)), hit})}), hit);
    EXPECT_EQ(call("lists", "keyfind", {a, num(2), list({tuple(a), hit})}), hit);
    EXPECT_EQ(call("lists", "keyfind", {numbers(1, 1), num(1), list({tuple(list({real(1.0)}))})}).is_boxed(), true);
    EXPECT_EQ(call("lists", "keyfind", {num(1), num(1), list({hit}, x)}), hit);
    EXPECT_EQ(call("lists", "keymember", {num(1), num(1), list({hit})}), am::true_());
    EXPECT_EQ(call("lists", "keymember", {num(1), num(int64_t{1} << 40), list({hit})}), am::false_());
    EXPECT_TRUE(same(call("lists", "keysearch", {num(1), num(1), list({hit})}), tuple(am::value(), hit)));
    auto heap = p.reserve(kIntegerWords);
    const Term big = heap.integer(INT64_MAX);
    for (const char* f : {"keyfind", "keymember", "keysearch"}) {
        EXPECT_EQ(call("lists", f, {num(1), num(1), Term::nil()}), am::false_());
        for (const Term position : {num(0), num(-1), a, big})
            EXPECT_TRUE(badarg("lists", f, {num(1), position, list({hit})}));
        EXPECT_TRUE(badarg("lists", f, {num(1), num(1), x}));
        EXPECT_TRUE(badarg("lists", f, {num(1), num(1), list({tuple(num(2))}, x)}));
    }
    std::vector<Term> many;
    for (int64_t i = 0; i < 500; ++i) many.push_back(tuple(num(i)));
    slice = 2;
    EXPECT_EQ(call("lists", "keyfind", {num(450), num(1), list(many)}), many[450]);
    EXPECT_GT(traps, 2u);
}

TEST_F(ListBifs, append_length_hd_tl) {
    const Term x = am::ok();
    for (const char* f : {"++", "append"}) {
        EXPECT_TRUE(same(call("erlang", f, {numbers(1, 2), x}), numbers(1, 2, x)));
        EXPECT_EQ(call("erlang", f, {Term::nil(), x}), x);
        EXPECT_TRUE(same(call("erlang", f, {numbers(1, 2), numbers(3, 4)}), numbers(1, 4)));
        EXPECT_TRUE(same(call("erlang", f, {numbers(1, 2), Term::nil()}), numbers(1, 2)));
        EXPECT_TRUE(badarg("erlang", f, {x, x}));
        EXPECT_TRUE(badarg("erlang", f, {numbers(1, 2, x), Term::nil()}));
    }
    EXPECT_EQ(call("erlang", "length", {numbers(1, 7)}), num(7));
    EXPECT_EQ(call("erlang", "hd", {numbers(1, 7)}), num(1));
    EXPECT_TRUE(same(call("erlang", "tl", {numbers(1, 7)}), numbers(2, 7)));
    EXPECT_TRUE(badarg("erlang", "length", {numbers(1, 2, x)}));
    EXPECT_TRUE(badarg("erlang", "hd", {Term::nil()}));
    EXPECT_TRUE(badarg("erlang", "tl", {x}));
}

TEST_F(ListBifs, subtract_as_erl) {
    const Term x = am::ok(), one = num(1);
    EXPECT_TRUE(same(call("erlang", "--", {list({one, num(2), one}), list({real(1.0)})}), list({one, num(2), one})));
    EXPECT_TRUE(same(call("erlang", "--", {list({one, num(2), one}), list({one})}), list({num(2), one})));
    EXPECT_TRUE(same(call("erlang", "subtract", {list({one, num(2), one, one, num(3), one}), list({one, one, x})}),
                     list({num(2), one, num(3), one})));
    EXPECT_TRUE(badarg("erlang", "--", {numbers(1, 1, x), Term::nil()}));
    EXPECT_TRUE(badarg("erlang", "--", {Term::nil(), numbers(1, 1, x)}));
    EXPECT_TRUE(badarg("erlang", "--", {Term::nil(), x}));
    EXPECT_TRUE(badarg("erlang", "--", {x, Term::nil()}));
}

TEST_F(ListBifs, subtract_against_the_definition) {
    std::mt19937 random(5);
    std::vector<Term> kinds;
    for (int64_t i = 0; i < 12; ++i) {
        kinds.insert(kinds.end(), {num(i), real(static_cast<double>(i)), tuple(num(i)),
                                   tuple(real(static_cast<double>(i))), numbers(1, i)});
    }
    for (int round = 0; round < 300; ++round) {
        const size_t n = random() % (round % 3 == 0 ? 8 : 60), m = random() % (round % 2 == 0 ? 8 : 60);
        const size_t variety = 1 + random() % kinds.size();
        std::vector<Term> left, right;
        for (size_t i = 0; i < n; ++i) left.push_back(kinds[random() % variety]);
        for (size_t i = 0; i < m; ++i) right.push_back(kinds[random() % variety]);
        const Term result = call("erlang", "--", {list(left), list(right)});
        for (const Term r : right) {
            const auto it = std::find_if(left.begin(), left.end(), [&](Term l) { return exactly_equal(l, r); });
            if (it != left.end()) left.erase(it);
        }
        ASSERT_TRUE(same(result, list(left))) << round;
    }
}

TEST_F(TupleBifs, conversions) {
    const Term t = tuple(num(1), num(2)), x = am::ok();
    EXPECT_TRUE(same(call("erlang", "tuple_to_list", {t}), numbers(1, 2)));
    EXPECT_TRUE(same(call("erlang", "list_to_tuple", {numbers(1, 2)}), t));
    EXPECT_TRUE(same(call("erlang", "list_to_tuple", {Term::nil()}), tuple()));
    EXPECT_EQ(call("erlang", "tuple_to_list", {tuple()}), Term::nil());
    EXPECT_TRUE(badarg("erlang", "tuple_to_list", {x}));
    EXPECT_TRUE(badarg("erlang", "list_to_tuple", {x}));
    EXPECT_TRUE(badarg("erlang", "list_to_tuple", {numbers(1, 2, x)}));
}

TEST_F(TupleBifs, elements_by_position) {
    const Term t = tuple(am::ok(), am::error()), v = num(7);
    EXPECT_EQ(call("erlang", "element", {num(2), t}), am::error());
    EXPECT_TRUE(same(call("erlang", "setelement", {num(1), t, v}), tuple(v, am::error())));
    EXPECT_TRUE(same(call("erlang", "insert_element", {num(1), t, v}), tuple(v, am::ok(), am::error())));
    EXPECT_TRUE(same(call("erlang", "insert_element", {num(3), t, v}), tuple(am::ok(), am::error(), v)));
    EXPECT_TRUE(same(call("erlang", "insert_element", {num(1), tuple(), v}), tuple(v)));
    EXPECT_TRUE(same(call("erlang", "delete_element", {num(1), t}), tuple(am::error())));
    EXPECT_TRUE(same(call("erlang", "delete_element", {num(2), t}), tuple(am::ok())));
    EXPECT_TRUE(same(call("erlang", "append_element", {t, v}), tuple(am::ok(), am::error(), v)));
    for (const Term position :
         {num(0), num(3), num(-1), num(Term::kSmallMax), num(Term::kSmallMin), real(1.0), am::ok()}) {
        EXPECT_TRUE(badarg("erlang", "element", {position, t}));
        EXPECT_TRUE(badarg("erlang", "setelement", {position, t, v}));
        EXPECT_TRUE(badarg("erlang", "delete_element", {position, t}));
        if (position != num(3)) {
            EXPECT_TRUE(badarg("erlang", "insert_element", {position, t, v}));
        }
    }
    for (const Term none : {am::ok(), Term::nil(), num(1), squares(2)}) {
        EXPECT_TRUE(badarg("erlang", "element", {num(1), none}));
        EXPECT_TRUE(badarg("erlang", "append_element", {none, v}));
        EXPECT_TRUE(badarg("erlang", "insert_element", {num(1), none, v}));
        EXPECT_TRUE(badarg("erlang", "delete_element", {num(1), none}));
        EXPECT_TRUE(badarg("erlang", "tuple_size", {none}));
        EXPECT_TRUE(badarg("erlang", "size", {none}));
    }
    EXPECT_EQ(call("erlang", "tuple_size", {t}), num(2));
    EXPECT_EQ(call("erlang", "size", {t}), num(2));
    auto heap = p.reserve(bitstring_words(12));
    uint8_t* bytes;
    const Term bits = heap.bitstring_of(12, &bytes);
    bytes[0] = bytes[1] = 0;
    EXPECT_EQ(call("erlang", "size", {bits}), num(1));
}

TEST_F(TupleBifs, make_tuple) {
    const Term d = am::ok();
    EXPECT_TRUE(same(call("erlang", "make_tuple", {num(2), d}), tuple(d, d)));
    EXPECT_TRUE(same(call("erlang", "make_tuple", {num(0), d, Term::nil()}), tuple()));
    const Term init = list({tuple(num(2), num(20)), tuple(num(3), num(30)), tuple(num(2), num(21))});
    EXPECT_TRUE(same(call("erlang", "make_tuple", {num(3), d, init}), tuple(d, num(21), num(30))));
    for (const Term size : {num(-1), num(1 << 24), num(Term::kSmallMax), d}) {
        EXPECT_TRUE(badarg("erlang", "make_tuple", {size, d}));
        EXPECT_TRUE(badarg("erlang", "make_tuple", {size, d, Term::nil()}));
    }
    for (const Term pairs : {d, list({d}), list({tuple(num(4), d)}), list({tuple(num(0), d)}),
                             list({tuple(num(1), d, d)}), list({tuple(num(1), d)}, d)}) {
        EXPECT_TRUE(badarg("erlang", "make_tuple", {num(3), d, pairs}));
    }
}

TEST_F(TupleBifs, is_record) {
    const Term r = tuple(am::ok(), num(1)), x = am::error();
    EXPECT_EQ(call("erlang", "is_record", {r, am::ok()}), am::true_());
    EXPECT_EQ(call("erlang", "is_record", {r, x}), am::false_());
    EXPECT_EQ(call("erlang", "is_record", {x, x}), am::false_());
    EXPECT_EQ(call("erlang", "is_record", {tuple(), x}), am::false_());
    EXPECT_EQ(call("erlang", "is_record", {r, am::ok(), num(2)}), am::true_());
    EXPECT_EQ(call("erlang", "is_record", {r, am::ok(), num(3)}), am::false_());
    EXPECT_EQ(call("erlang", "is_record", {r, am::ok(), num(-1)}), am::false_());
    EXPECT_TRUE(badarg("erlang", "is_record", {r, num(1)}));
    EXPECT_TRUE(badarg("erlang", "is_record", {x, num(1), num(1)}));
    // OTP 29's: a native record of that module and name.
    EXPECT_EQ(call("erlang", "is_record", {x, am::ok(), x}), am::false_());
}

TEST_F(ErtsDebug, sizes) {
    const Term x = tuple(am::ok(), num(1));
    const Term twice = list({x, x});
    EXPECT_EQ(call("erts_debug", "flat_size", {twice}), num(10));
    EXPECT_EQ(call("erts_debug", "size_shared", {twice}), num(7));
    EXPECT_EQ(call("erts_debug", "size_shared", {am::ok()}), num(0));
    EXPECT_EQ(call("erts_debug", "flat_size", {numbers(1, 1000)}), num(2000));
    EXPECT_EQ(call("erts_debug", "size_shared", {numbers(1, 1000)}), num(2000));
    EXPECT_EQ(call("erts_debug", "same", {x, x}), am::true_());
    EXPECT_EQ(call("erts_debug", "same", {x, tuple(am::ok(), num(1))}), am::false_());
    const Term m = squares(200);
    EXPECT_EQ(call("erts_debug", "size_shared", {m}), call("erts_debug", "flat_size", {m}));
    EXPECT_EQ(call("erts_internal", "term_type", {m}), am::hashmap());
    EXPECT_EQ(call("erts_internal", "term_type", {squares(2)}), am::flatmap());
    EXPECT_EQ(elements(call("erts_internal", "map_hashmap_children", {m})).size(), 200u);
}

}  // namespace
}  // namespace lintel
