#include <algorithm>

#include "stdlib/map_walk.h"
#include "term_bif_fixture.h"

namespace lintel {
namespace {

using MapBifs = TermBifs;

TEST_F(MapBifs, errors_are_those_of_erl) {
    const Term x = am::ok(), m = map({}), one = map({am::ok(), num(1)}), k = am::error();
    EXPECT_TRUE(fails(am::badmap(), x, "erlang", "map_size", {x}));
    for (const char* f : {"get", "find", "is_key", "remove", "take"})
        EXPECT_TRUE(fails(am::badmap(), x, "maps", f, {k, x})) << f;
    for (const char* f : {"map_get", "is_map_key"}) EXPECT_TRUE(fails(am::badmap(), x, "erlang", f, {k, x})) << f;
    EXPECT_TRUE(fails(am::badkey(), k, "maps", "get", {k, m}));
    EXPECT_TRUE(fails(am::badkey(), k, "erlang", "map_get", {k, one}));
    EXPECT_TRUE(fails(am::badkey(), real(1.0), "maps", "get", {real(1.0), map({num(1), num(2)})}));
    for (const char* f : {"keys", "values"}) EXPECT_TRUE(fails(am::badmap(), x, "maps", f, {x}));
    for (const char* f : {"put", "update"}) EXPECT_TRUE(fails(am::badmap(), x, "maps", f, {k, k, x}));
    EXPECT_TRUE(fails(am::badkey(), k, "maps", "update", {k, num(1), one}));
    // Both are none: the first one is named.
    EXPECT_TRUE(fails(am::badmap(), x, "maps", "merge", {x, k}));
    EXPECT_TRUE(fails(am::badmap(), k, "maps", "merge", {m, k}));
    EXPECT_TRUE(badarg("maps", "from_list", {x}));
    EXPECT_TRUE(badarg("maps", "from_list", {list({tuple(k, x)}, x)}));
    EXPECT_TRUE(badarg("maps", "from_list", {list({tuple(k, x), x})}));
    EXPECT_TRUE(badarg("maps", "from_list", {list({tuple(k, x, x)})}));
    EXPECT_TRUE(badarg("maps", "from_keys", {x, x}));
    EXPECT_TRUE(badarg("maps", "from_keys", {list({k}, x), x}));
    EXPECT_TRUE(fails(am::badmap(), x, "erts_internal", "map_to_tuple_keys", {x}));
    EXPECT_TRUE(badarg("erts_internal", "map_to_tuple_keys", {squares(40)}));
    EXPECT_TRUE(fails(am::badmap(), x, "erts_internal", "map_hashmap_children", {x}));
    EXPECT_TRUE(badarg("erts_internal", "map_hashmap_children", {one}));
    EXPECT_TRUE(badarg("erts_internal", "map_next", {x, one, am::iterator()}));
    EXPECT_TRUE(badarg("erts_internal", "map_next", {num(-1), one, am::iterator()}));
    EXPECT_TRUE(badarg("erts_internal", "map_next", {num(0), x, am::iterator()}));
    EXPECT_TRUE(badarg("erts_internal", "map_next", {num(0), one, am::ok()}));
}

TEST_F(MapBifs, lookups_and_updates) {
    const Term one = map({am::ok(), num(1)});
    EXPECT_EQ(call("erlang", "map_size", {one}), num(1));
    EXPECT_EQ(call("maps", "get", {am::ok(), one}), num(1));
    EXPECT_EQ(call("maps", "is_key", {am::ok(), one}), am::true_());
    EXPECT_EQ(call("erlang", "is_map_key", {am::error(), one}), am::false_());
    EXPECT_TRUE(same(call("maps", "find", {am::ok(), one}), tuple(am::ok(), num(1))));
    EXPECT_EQ(call("maps", "find", {am::error(), one}), am::error());
    EXPECT_TRUE(same(call("maps", "take", {am::ok(), one}), tuple(num(1), map({}))));
    EXPECT_EQ(call("maps", "take", {am::error(), one}), am::error());
    EXPECT_TRUE(same(call("maps", "update", {am::ok(), num(2), one}), map({am::ok(), num(2)})));
    EXPECT_TRUE(same(call("maps", "put", {num(3), num(2), one}), map({am::ok(), num(1), num(3), num(2)})));
    EXPECT_TRUE(same(call("maps", "remove", {am::ok(), one}), map({})));
    EXPECT_TRUE(same(call("maps", "merge",
                          {map({am::ok(), num(1), am::error(), num(2)}), map({am::error(), num(3), num(4), num(5)})}),
                     map({am::ok(), num(1), am::error(), num(3), num(4), num(5)})));
    // erl: maps:from_list([{a,1},{a,2}]) -> #{a => 2}; maps:from_keys([a,b,a], 1) -> #{a => 1, b => 1}
    EXPECT_TRUE(same(call("maps", "from_list", {list({tuple(am::ok(), num(1)), tuple(am::ok(), num(2))})}),
                     map({am::ok(), num(2)})));
    EXPECT_TRUE(same(call("maps", "from_keys", {list({am::ok(), am::error(), am::ok()}), num(1)}),
                     map({am::ok(), num(1), am::error(), num(1)})));
    EXPECT_TRUE(same(call("maps", "from_list", {Term::nil()}), map({})));
}

TEST_F(MapBifs, from_list_of_many_repeated_keys_is_small) {
    std::vector<Term> pairs;
    for (int64_t i = 0; i < 1000; ++i) pairs.push_back(tuple(num(i % 20), num(i)));
    const Term m = call("maps", "from_list", {list(pairs)});
    ASSERT_TRUE(m.is_flat_map());
    for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(*map_find(m, num(i)), num(980 + i));
}

/// The pairs as maps:next/1 gives them, following iterators.
std::vector<std::pair<Term, Term>> follow(Term next, const std::function<Term(Term position)>& go_on) {
    std::vector<std::pair<Term, Term>> pairs;
    for (;;) {
        if (next == am::none()) return pairs;
        if (next.is_cons()) {
            next = go_on(next.head());
            continue;
        }
        const auto t = as_tuple(next, 3);
        if (!t) return {};
        pairs.emplace_back(t[0], t[1]);
        next = t[2];
    }
}

TEST_F(MapBifs, iterators_to_list_keys_and_values_agree) {
    for (const int64_t n : {0, 1, 5, 32, 33, 200, 30000}) {
        const Term m = squares(n);
        const auto pairs = follow(call("erts_internal", "map_next", {num(0), m, am::iterator()}), [&](Term position) {
            return call("erts_internal", "map_next", {position, m, am::iterator()});
        });
        ASSERT_EQ(pairs.size(), static_cast<size_t>(n));
        // As maps:to_list/1 does it.
        Term l = call("erts_internal", "map_next", {num(0), m, Term::nil()});
        size_t slices = 1;
        while (l.is_cons() && l.head().is_small()) {
            ASSERT_EQ(l.tail().head(), m);
            l = call("erts_internal", "map_next", {l.head(), m, l.tail().tail()});
            ++slices;
        }
        EXPECT_EQ(slices > 1, n > 10000);
        auto listed = elements(l);
        const auto keys = elements(call("maps", "keys", {m})), values = elements(call("maps", "values", {m}));
        ASSERT_TRUE(listed.size() == pairs.size() && keys.size() == pairs.size() && values.size() == pairs.size());
        std::vector<Term> sorted = keys;
        std::sort(sorted.begin(), sorted.end(), [](Term a, Term b) { return compare(a, b) < 0; });
        for (size_t i = 0; i < pairs.size(); ++i) {
            const auto t = as_tuple(listed[i], 2);
            const auto& visited = n > 32 ? pairs[pairs.size() - 1 - i] : pairs[i];
            ASSERT_TRUE(t[0] == keys[i] && t[1] == values[i] && t[0] == visited.first && t[1] == visited.second);
            ASSERT_EQ(sorted[i], num(static_cast<int64_t>(i) + 1));
        }
    }
}

TEST_F(MapBifs, to_list_goes_before_the_given_list) {
    // erl: erts_internal:map_next(0, #{a=>1,b=>2}, [x|y]) -> [{a,1},{b,2},x|y]
    const Term m = map({am::all(), num(1), am::band(), num(2)});
    const Term l = call("erts_internal", "map_next", {num(0), m, list({am::ok()}, am::error())});
    EXPECT_TRUE(same(l, list({tuple(am::all(), num(1)), tuple(am::band(), num(2)), am::ok()}, am::error())));
    EXPECT_TRUE(same(call("erts_internal", "map_to_tuple_keys", {m}), tuple(am::all(), am::band())));
}

TEST_F(MapBifs, any_position_is_answered) {
    const Term m = squares(500);
    for (int64_t i = 0; i < 70; ++i) {
        for (const int64_t base :
             {int64_t{1} << (i % 60), (int64_t{1} << (i % 60)) - 1, Term::kSmallMax - i, i * 77777777777}) {
            const auto pairs =
                follow(call("erts_internal", "map_next", {num(base), m, am::iterator()}), [&](Term position) {
                    return call("erts_internal", "map_next", {position, m, am::iterator()});
                });
            EXPECT_LE(pairs.size(), 500u);
        }
    }
}

TEST_F(MapBifs, a_walk_may_stop_at_every_step) {
    const Term m = squares(3000);
    size_t seen = 0;
    Word position = MapWalk::kStart;
    for (;;) {
        MapWalk walk(m, position);
        if (walk.done()) break;
        seen += walk.visit([](const Term*) {});
        if (walk.done()) break;
        ASSERT_NE(walk.position(), position);
        position = walk.position();
    }
    EXPECT_EQ(seen, 3000u);
}

TEST_F(MapBifs, a_walk_of_colliding_keys) {
    // A chain of nodes down to level 16 and three keys in a collision there; another key on the way at level 15.
    auto heap = p.reserve(200);
    Word* w = heap.raw(7);
    w[0] = make_header(Kind::map_collision, 6);
    for (size_t i = 1; i <= 6; ++i) w[i] = num(static_cast<int64_t>(i)).word();
    for (int level = 15; level >= 0; --level) {
        Word* node = heap.raw(level == 15 ? 4 : 2);
        if (level == 15) {
            node[0] = make_header(Kind::map_node, 3, map_node_aux(2, 1));
            node[1] = node[2] = num(7).word();
            node[3] = Term::boxed(w).word();
        } else {
            node[0] = make_header(Kind::map_node, 1, map_node_aux(0, 1u << level));
            node[1] = Term::boxed(w).word();
        }
        w = node;
    }
    Word* root = heap.raw(3);
    root[0] = make_header(Kind::map_hash, 2);
    root[1] = num(4).word();
    root[2] = Term::boxed(w).word();
    const Term m = Term::boxed(root);
    size_t seen = 0, steps = 0;
    for (Word position = MapWalk::kStart; ++steps < 100;) {
        MapWalk walk(m, position);
        seen += walk.visit([](const Term*) {});
        if (walk.done()) break;
        position = walk.position();
        ASSERT_TRUE(Term::fits_small(static_cast<int64_t>(position)));
    }
    EXPECT_EQ(seen, 4u);
    EXPECT_EQ(steps, 1u);
}

}  // namespace
}  // namespace lintel
