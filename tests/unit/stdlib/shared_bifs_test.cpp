#include <thread>

#include "tests/unit/stdlib/vm_bif_fixture.h"

namespace lintel {
namespace {

class SharedBifs : public VmBifs {
protected:
    Term atomics(std::string_view f, std::vector<Term> args) { return call("atomics", f, std::move(args)); }
    Term internal(std::string_view f, std::vector<Term> args) { return call("erts_internal", f, std::move(args)); }
    Term persistent(std::string_view f, std::vector<Term> args) { return call("persistent_term", f, std::move(args)); }
    Term new_atomics(int64_t n, int64_t flags) { return internal("atomics_new", {num(n), num(flags)}); }
};

TEST_F(SharedBifs, signed_atomics) {
    const Term a = new_atomics(2, 1);
    ASSERT_TRUE(a.is_reference());
    EXPECT_EQ(atomics("get", {a, num(2)}), num(0));
    for (const int64_t v : {int64_t{1}, int64_t{-1}, INT64_MIN, INT64_MAX}) {
        EXPECT_EQ(atomics("put", {a, num(1), integer(v)}), am::ok());
        EXPECT_TRUE(same(atomics("get", {a, num(1)}), integer(v)));
    }
    EXPECT_TRUE(same(atomics("add_get", {a, num(1), num(1)}), integer(INT64_MIN))) << "wraps around";
    EXPECT_EQ(atomics("add", {a, num(1), unsigned_integer(UINT64_MAX)}), am::ok()) << "either range may be added";
    EXPECT_TRUE(same(atomics("exchange", {a, num(1), num(5)}), integer(INT64_MAX)));
    EXPECT_EQ(atomics("compare_exchange", {a, num(1), num(4), num(7)}), num(5));
    EXPECT_EQ(atomics("compare_exchange", {a, num(1), num(5), num(7)}), am::ok());
    EXPECT_EQ(atomics("get", {a, num(1)}), num(7));
    EXPECT_EQ(atomics("get", {a, num(2)}), num(0));
    EXPECT_TRUE(fails(am::badarg(), "atomics", "put", {a, num(1), unsigned_integer(uint64_t{1} << 63)}));
    EXPECT_TRUE(fails(am::badarg(), "atomics", "add", {a, num(1), p.big({0, 1})}));
    EXPECT_TRUE(fails(am::badarg(), "atomics", "add", {a, num(1), p.big({(Word{1} << 63) + 1}, true)}));
    for (const Term bad : {num(0), num(3), num(-1), am::ok()})
        EXPECT_TRUE(fails(am::badarg(), "atomics", "get", {a, bad}));
    EXPECT_TRUE(fails(am::badarg(), "atomics", "get", {am::ok(), num(1)}));
    EXPECT_TRUE(fails(am::badarg(), "atomics", "compare_exchange", {a, num(1), am::ok(), num(1)}));
}

TEST_F(SharedBifs, unsigned_atomics) {
    const Term a = new_atomics(3, 0);
    EXPECT_TRUE(same(atomics("add_get", {a, num(1), num(-1)}), unsigned_integer(UINT64_MAX)));
    EXPECT_EQ(atomics("add_get", {a, num(1), num(1)}), num(0));
    EXPECT_TRUE(fails(am::badarg(), "atomics", "put", {a, num(1), num(-1)}));
    const Term info = atomics("info", {a});
    EXPECT_TRUE(same(at(info, am::max()), unsigned_integer(UINT64_MAX)));
    EXPECT_EQ(at(info, am::min()), num(0));
    EXPECT_EQ(at(info, am::size()), num(3));
    EXPECT_TRUE(at(info, am::memory()).is_small());
    EXPECT_EQ(map_size(info), 4u);
}

TEST_F(SharedBifs, sizes_that_cannot_be) {
    for (const char* f : {"atomics_new", "counters_new"}) {
        const bool two = f[0] == 'a';
        const auto args = [two](Term n) { return two ? std::vector{n, Term::small(0)} : std::vector{n}; };
        EXPECT_TRUE(fails(am::badarg(), "erts_internal", f, args(num(0))));
        EXPECT_TRUE(fails(am::badarg(), "erts_internal", f, args(num(-1))));
        EXPECT_TRUE(fails(am::badarg(), "erts_internal", f, args(am::ok())));
        EXPECT_TRUE(fails(am::system_limit(), "erts_internal", f, args(num(int64_t{1} << 59))));
        EXPECT_TRUE(fails(am::system_limit(), "erts_internal", f, args(p.big({0, 1}))));
    }
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "atomics_new", {num(1), num(-1)}));
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "atomics_new", {num(1), am::ok()}));
}

TEST_F(SharedBifs, counters) {
    const Term c = internal("counters_new", {num(3)});
    EXPECT_EQ(internal("counters_put", {c, num(1), num(5)}), am::ok());
    EXPECT_EQ(internal("counters_add", {c, num(1), num(-12)}), am::ok());
    EXPECT_EQ(internal("counters_get", {c, num(1)}), num(-7));
    EXPECT_EQ(internal("counters_add", {c, num(2), unsigned_integer(uint64_t{1} << 63)}), am::ok());
    EXPECT_TRUE(same(internal("counters_get", {c, num(2)}), integer(INT64_MIN)));
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "counters_put", {c, num(1), unsigned_integer(uint64_t{1} << 63)}));
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "counters_get", {c, num(4)}));
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "counters_get", {new_atomics(1, 1), num(1)}));
    EXPECT_TRUE(fails(am::badarg(), "atomics", "get", {c, num(1)}));
    EXPECT_EQ(at(internal("counters_info", {c}), am::size()), num(3));
}

TEST_F(SharedBifs, persistent_terms) {
    const Term key = tuple(am::ok(), num(1));
    EXPECT_TRUE(fails(am::badarg(), "persistent_term", "get", {key}));
    EXPECT_EQ(persistent("get", {key, am::error()}), am::error());
    EXPECT_EQ(persistent("put", {key, list({num(1), bin(std::string(100, 'x'))})}), am::ok());
    const Term value = persistent("get", {tuple(am::ok(), num(1))});
    EXPECT_TRUE(vm.literals.contains(value));
    EXPECT_TRUE(same(value, list({num(1), bin(std::string(100, 'x'))})));
    EXPECT_EQ(persistent("put", {key, list({num(1), bin(std::string(100, 'x'))})}), am::ok());
    EXPECT_EQ(persistent("get", {key}), value) << "an equal value changes nothing";
    EXPECT_EQ(persistent("put", {key, am::undefined()}), am::ok());
    EXPECT_EQ(persistent("get", {key}), am::undefined());
    EXPECT_TRUE(same(value, list({num(1), bin(std::string(100, 'x'))}))) << "who has the old value keeps it";
    EXPECT_EQ(persistent("put", {num(1), am::ok()}), am::ok());
    EXPECT_EQ(persistent("get", {Term::try_immediate_float(1.0), am::error()}), am::error()) << "keys match by =:=";
    EXPECT_EQ(at(persistent("info", {}), am::count_()), num(2));
    EXPECT_EQ(list_length(persistent("get", {})), 2);
    EXPECT_EQ(persistent("erase", {key}), am::true_());
    EXPECT_EQ(persistent("erase", {key}), am::false_());
    EXPECT_EQ(persistent("get", {key, am::error()}), am::error());
    EXPECT_EQ(persistent("put", {key, am::ok()}), am::ok());
    EXPECT_EQ(persistent("get", {key}), am::ok());
    EXPECT_EQ(internal("erase_persistent_terms", {}), am::true_());
    EXPECT_EQ(persistent("get", {}), Term::nil());
    EXPECT_EQ(at(persistent("info", {}), am::count_()), num(0));
}

TEST_F(SharedBifs, readers_never_see_a_key_vanish_while_the_table_grows) {
    PersistentTerms& terms = stdlib_state(p).persistent_terms;
    size_t copied = 0;
    ASSERT_TRUE(terms.put(num(-1), am::ok(), &copied));
    std::atomic<bool> stop{false};
    size_t wrong = 0;
    std::thread reader([&] {
        while (!stop) {
            const ForeignReader holds(vm.epochs);
            if (terms.get(num(-1)) != am::ok()) ++wrong;
            if (terms.get(num(-2)).is_value()) ++wrong;
        }
    });
    for (int i = 0; i < 2000; ++i) {
        EXPECT_TRUE(terms.put(num(i), num(i), &copied));
        if (i % 3 == 0) {
            EXPECT_TRUE(terms.erase(num(i)));
        }
    }
    stop = true;
    reader.join();
    EXPECT_EQ(wrong, 0u);
    for (int i = 0; i < 2000; ++i) EXPECT_EQ(terms.get(num(i)), i % 3 == 0 ? Term::none() : num(i));
}

}  // namespace
}  // namespace lintel
