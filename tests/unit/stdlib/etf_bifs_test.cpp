#include "tests/unit/stdlib/vm_bif_fixture.h"

namespace lintel {
namespace {

using test::bytes_of;
using namespace std::string_literals;

class EtfBifs : public VmBifs {};

TEST_F(EtfBifs, there_and_back) {
    const Term t = tuple(atom("\u00e9"), list({num(1), num(300)}, am::ok()), bin("abc"));
    const Term external = erlang("term_to_binary", {t});
    EXPECT_EQ(bytes_of(external),
              "\x83h\x03"
              "d\0\x01\xe9"
              "l\0\0\0\x02"
              "a\x01"
              "b\0\0\x01\x2c"
              "d\0\x02ok"
              "m\0\0\0\x03"
              "abc"s);
    EXPECT_TRUE(same(erlang("binary_to_term", {external}), t));
    EXPECT_EQ(erlang("external_size", {t}), num(static_cast<int64_t>(bytes_of(external).size())));
    const Term iovec = erlang("term_to_iovec", {t});
    EXPECT_TRUE(same(iovec, list({external})));
}

TEST_F(EtfBifs, options_of_term_to_binary) {
    const Term ok = am::ok();
    EXPECT_EQ(bytes_of(erlang("term_to_binary", {ok, list({tuple(am::minor_version(), num(2))})})), "\x83w\x02ok");
    EXPECT_EQ(bytes_of(erlang("term_to_binary", {ok, list({am::compressed(), am::deterministic()})})),
              "\x83"
              "d\0\x02ok"s);
    const Term many = list(std::vector<Term>(100, ok));
    const Term packed = erlang("term_to_binary", {many, list({tuple(am::compressed(), num(9))})});
    EXPECT_LT(bytes_of(packed).size(), 40u);
    EXPECT_TRUE(same(erlang("binary_to_term", {packed}), many));
    for (const Term bad :
         {am::ok(), list({am::ok()}), list({am::compressed()}, ok), list({tuple(am::compressed(), num(10))}),
          list({tuple(am::minor_version(), num(3))}), list({am::local()})}) {
        EXPECT_TRUE(fails(am::badarg(), "erlang", "term_to_binary", {ok, bad}));
        EXPECT_TRUE(fails(am::badarg(), "erlang", "term_to_iovec", {ok, bad}));
    }
    EXPECT_EQ(erlang("external_size", {tuple(), list({tuple(am::minor_version(), num(0))})}), num(3));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "external_size", {ok, list({tuple(am::minor_version(), num(2))})}));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "external_size", {ok, list({am::compressed()})}));
}

TEST_F(EtfBifs, options_of_binary_to_term) {
    const Term one =
        bin("\x83"
            "a\x01"
            "rest");
    EXPECT_TRUE(same(erlang("binary_to_term", {one, list({am::used(), am::safe()})}), tuple(num(1), num(3))));
    EXPECT_EQ(erlang("binary_to_term", {one, list({am::safe()})}), num(1));
    const Term new_atom =
        bin("\x83"
            "d\0\x04"
            "qzzq"s);
    EXPECT_TRUE(fails(am::badarg(), "erlang", "binary_to_term", {new_atom, list({am::safe()})}));
    const Term made = erlang("binary_to_term", {new_atom});
    EXPECT_EQ(made, vm.atoms.find("qzzq"));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "binary_to_term", {one, list({am::ok()})}));
    EXPECT_EQ(at(p.error_info, am::cause()), am::badopt());
    EXPECT_TRUE(fails(am::badarg(), "erlang", "binary_to_term", {one, am::safe()}));
}

TEST_F(EtfBifs, what_binary_to_term_refuses) {
    for (const Term bad : {bin(""), bin("\x83"),
                           bin("\x82"
                               "a\x01"),
                           am::ok(),
                           p.bits("\x83"
                                  "a\x01",
                                  23)}) {
        EXPECT_TRUE(fails(am::badarg(), "erlang", "binary_to_term", {bad}));
    }
    EXPECT_EQ(erlang("binary_to_term", {p.bits("\x83"
                                               "a\x07",
                                               24, 3)}),
              num(7))
        << "not at a byte boundary";
    EXPECT_TRUE(fails(am::badarg(), "erlang", "binary_to_term",
                      {bin("\x83t\0\0\0\x02"
                           "a\x01"
                           "a\x01"
                           "a\x01"
                           "a\x02"s)}));
    vm.atoms.set_limit(vm.atoms.count());
    EXPECT_TRUE(fails(am::system_limit(), "erlang", "binary_to_term",
                      {bin("\x83"
                           "d\0\x04"
                           "zqqz"s)}));
}

TEST_F(EtfBifs, longer_than_the_heap) {
    std::vector<Term> kv;
    for (int i = 0; i < 30000; ++i) kv.push_back(tuple(num(i), bin("0123456789")));
    const Term t = list(kv);
    const Term external = erlang("term_to_binary", {t});
    EXPECT_TRUE(same(erlang("binary_to_term", {external}), t));
    EXPECT_LT(p.reductions, 0);
}

}  // namespace
}  // namespace lintel
