// BIFs of stdlib/bifs/term.def and atom.def: answers and errors as of erl (OTP 25).

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "stdlib/bif.h"
#include "term/bits.h"
#include "term/compare.h"
#include "term/print.h"
#include "tests/unit/support/test_process.h"
#include "vm/vm_core.h"

namespace lintel {

#define BIF(module, function, arity, cpp_function, flags) Term cpp_function(ExecState&, Args);
#include "stdlib/bifs/atom.def"
#include "stdlib/bifs/term.def"
#undef BIF

namespace {

class TermFamilyBifs : public ::testing::Test {
protected:
    TermFamilyBifs() { p.vm = &vm; }

    using Function = Term (*)(ExecState&, Args);
    Term call(Function f, std::vector<Term> args) {
        p.pending = Pending::none;
        return f(p, Args{args.data()});
    }
    bool fails(Term reason, Function f, std::vector<Term> args) {
        return call(f, std::move(args)).is_none() && p.pending == Pending::exception && p.reason == reason;
    }
    bool badarg(Function f, std::vector<Term> args) { return fails(am::badarg(), f, std::move(args)); }
    bool too_long(Function f, std::vector<Term> args) { return fails(am::system_limit(), f, std::move(args)); }

    Term atom(std::string_view name) { return vm.atoms.intern(name); }
    Term num(int64_t v) { return Term::small(v); }
    Term list(std::vector<Term> elements, Term tail = Term::nil()) {
        return p.reserve(list_words(elements.size())).list(elements, tail);
    }
    Term text(std::string_view ascii, Term tail = Term::nil()) {
        return p.reserve(list_words(ascii.size())).byte_list(ascii, tail);
    }
    std::string read(Term list) {
        std::string s;
        for (; list.is_cons(); list = list.tail()) s += static_cast<char>(list.head().to_small());
        return s;
    }

    VmCore vm{EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}, nullptr};
    test::TestProcess p;
};

TEST_F(TermFamilyBifs, comparisons) {
    const Term one = num(1), float_one = Term::try_immediate_float(1.0);
    EXPECT_EQ(call(equal_2, {one, float_one}), am::true_());
    EXPECT_EQ(call(not_equal_2, {one, float_one}), am::false_());
    EXPECT_EQ(call(exactly_equal_2, {one, float_one}), am::false_());
    EXPECT_EQ(call(exactly_not_equal_2, {one, float_one}), am::true_());
    EXPECT_EQ(call(less_2, {one, num(2)}), am::true_());
    EXPECT_EQ(call(less_equal_2, {one, float_one}), am::true_());
    EXPECT_EQ(call(greater_2, {one, am::ok()}), am::false_());
    EXPECT_EQ(call(greater_equal_2, {am::ok(), one}), am::true_());
    EXPECT_EQ(call(erts_internal_cmp_term_2, {one, float_one}), num(-1));
    EXPECT_EQ(call(erts_internal_cmp_term_2, {atom("z"), atom("a")}), num(1));
    EXPECT_EQ(call(erts_internal_cmp_term_2, {num(100), num(100)}), num(0));
}

TEST_F(TermFamilyBifs, type_tests) {
    const Term bits = p.bits("ab", 11);
    EXPECT_EQ(call(is_bitstring_1, {bits}), am::true_());
    EXPECT_EQ(call(is_binary_1, {bits}), am::false_());
    EXPECT_EQ(call(is_binary_1, {p.bits("ab", 16, 3)}), am::true_());
    EXPECT_EQ(call(is_integer_1, {p.big({1, 1})}), am::true_());
    EXPECT_EQ(call(is_number_1, {Term::try_immediate_float(0.0)}), am::true_());
    EXPECT_EQ(call(is_float_1, {num(1)}), am::false_());
    EXPECT_EQ(call(is_list_1, {Term::nil()}), am::true_());
    EXPECT_EQ(call(is_atom_1, {Term::nil()}), am::false_());
    EXPECT_EQ(call(is_boolean_1, {am::false_()}), am::true_());
    EXPECT_EQ(call(is_boolean_1, {am::ok()}), am::false_());
    EXPECT_EQ(call(is_pid_1, {Term::local_pid(1)}), am::true_());
    EXPECT_EQ(call(is_port_1, {Term::local_pid(1)}), am::false_());
}

TEST_F(TermFamilyBifs, is_function_2) {
    const ExportEntry* entry = vm.code.export_entry(am::lists(), atom("map"), 2);
    const Term f = p.reserve(2).export_fun(entry);
    EXPECT_EQ(call(is_function_1, {f}), am::true_());
    EXPECT_EQ(call(is_function_2, {f, num(2)}), am::true_());
    EXPECT_EQ(call(is_function_2, {f, num(3)}), am::false_());
    EXPECT_EQ(call(is_function_2, {f, p.big({0, 1})}), am::false_());
    EXPECT_EQ(call(is_function_2, {am::ok(), num(2)}), am::false_());
    EXPECT_TRUE(badarg(is_function_2, {am::ok(), num(-1)}));
    EXPECT_TRUE(badarg(is_function_2, {f, p.big({0, 1}, true)}));
    EXPECT_TRUE(badarg(is_function_2, {f, am::ok()}));
    EXPECT_EQ(read(call(fun_to_list_1, {f})), "fun lists:map/2");
}

TEST_F(TermFamilyBifs, hashes_take_a_range_of_1_to_2_to_the_32) {
    const Term a = atom("a");
    EXPECT_EQ(call(phash2_1, {a}), num(97));
    EXPECT_EQ(call(phash2_2, {a, num(int64_t{1} << 32)}), num(97));
    EXPECT_EQ(call(phash2_2, {a, num(1)}), num(0));
    EXPECT_EQ(call(phash_2, {a, num(int64_t{1} << 32)}), num(98));
    EXPECT_EQ(call(phash_2, {a, num(1)}), num(1));
    for (const auto f : {phash2_2, phash_2}) {
        EXPECT_TRUE(badarg(f, {a, num(0)}));
        EXPECT_TRUE(badarg(f, {a, num(-1)}));
        EXPECT_TRUE(badarg(f, {a, num((int64_t{1} << 32) + 1)}));
        EXPECT_TRUE(badarg(f, {a, p.big({0, 1})}));
        EXPECT_TRUE(badarg(f, {a, a}));
    }
}

TEST_F(TermFamilyBifs, identifiers_as_text_and_back) {
    EXPECT_EQ(call(list_to_pid_1, {text("<0.9.3>")}), Term::local_pid(9 | 3 << 15));
    EXPECT_EQ(call(list_to_pid_1, {text("<00.001.0>")}), Term::local_pid(1));
    EXPECT_EQ(read(call(pid_to_list_1, {Term::local_pid(9 | 3 << 15)})), "<0.9.3>");
    for (const char* bad : {"<0.9.0>x", "<0.9>", "0.9.0", "<0.32768.0>", "<0.1.8192>", "<0. 1.0>", "<0.-1.0>", "<0.1.>",
                            "", "<", "<0.99999999999999999999.0>"}) {
        EXPECT_TRUE(badarg(list_to_pid_1, {text(bad)})) << bad;
    }
    EXPECT_TRUE(badarg(list_to_pid_1, {text("<0.1.0>", am::ok())}));
    EXPECT_TRUE(badarg(list_to_pid_1, {text(std::string(1000, '0'))}));
    EXPECT_TRUE(badarg(list_to_pid_1, {am::ok()}));

    EXPECT_EQ(call(list_to_port_1, {text("#Port<0.5>")}), Term::local_port(5));
    EXPECT_EQ(read(call(port_to_list_1, {Term::local_port(5)})), "#Port<0.5>");
    for (const char* bad : {"#Port<0.268435456>", "#port<0.5>", "#Port<0.5>x"}) {
        EXPECT_TRUE(badarg(list_to_port_1, {text(bad)})) << bad;
    }

    const Term ref = p.reserve(kRefWords).ref(Word{2} << 32 | 1, 3);
    EXPECT_EQ(read(call(ref_to_list_1, {ref})), "#Ref<0.3.2.1>");
    EXPECT_TRUE(exactly_equal(call(list_to_ref_1, {text("#Ref<0.3.2.1>")}), ref));
    for (const char* bad : {"#Ref<0.4294967296.1.1>", "#Ref<0.1.2>", "#Ref<0.1.2.3.4>", "#Ref<0.1.2.3>x"}) {
        EXPECT_TRUE(badarg(list_to_ref_1, {text(bad)})) << bad;
    }
    for (const auto f : {pid_to_list_1, port_to_list_1, ref_to_list_1, fun_to_list_1})
        EXPECT_TRUE(badarg(f, {am::ok()}));
}

TEST_F(TermFamilyBifs, atoms_from_and_to_lists) {
    const Term name = list({num(0xe9), num(0x101)});
    const Term a = call(list_to_atom_1, {name});
    EXPECT_EQ(atom_name(a), "\xc3\xa9\xc4\x81");
    EXPECT_TRUE(exactly_equal(call(atom_to_list_1, {a}), name));
    EXPECT_EQ(call(list_to_atom_1, {Term::nil()}), am::empty());
    EXPECT_TRUE(badarg(atom_to_list_1, {num(1)}));
    EXPECT_TRUE(call(list_to_atom_1, {text(std::string(255, 'a'))}).is_atom());
    EXPECT_TRUE(call(list_to_atom_1, {list(std::vector<Term>(255, num(955)))}).is_atom());
    EXPECT_TRUE(too_long(list_to_atom_1, {list(std::vector<Term>(256, num(955)))}));
    // What is wrong first counts.
    EXPECT_TRUE(too_long(list_to_atom_1, {text(std::string(256, 'a'), list({am::ok()}))}));
    EXPECT_TRUE(too_long(list_to_atom_1, {text(std::string(256, 'a'), am::ok())}));
    EXPECT_TRUE(badarg(list_to_atom_1, {list({am::ok()}, text(std::string(256, 'a')))}));
    EXPECT_TRUE(badarg(list_to_atom_1, {text("a", am::ok())}));
    for (const int64_t c : {int64_t{-1}, int64_t{0xd800}, int64_t{0x110000}, int64_t{1} << 40}) {
        EXPECT_TRUE(badarg(list_to_atom_1, {list({num(c)})}));
    }
    EXPECT_TRUE(badarg(list_to_existing_atom_1, {text("no such atom")}));
    EXPECT_TRUE(badarg(list_to_existing_atom_1, {text(std::string(256, 'a'))}));
    EXPECT_EQ(call(list_to_existing_atom_1, {text("ok")}), am::ok());
    vm.atoms.set_limit(vm.atoms.count());
    EXPECT_TRUE(too_long(list_to_atom_1, {text("one too many")}));
}

TEST_F(TermFamilyBifs, atoms_from_and_to_binaries) {
    const Term utf8 = am::utf8(), latin1 = am::latin1();
    const Term a = call(binary_to_atom_2, {p.bin("a\xe9"), latin1});
    EXPECT_EQ(atom_name(a), "a\xc3\xa9");
    EXPECT_EQ(call(binary_to_atom_2, {p.bin("a\xc3\xa9"), am::unicode()}), a);
    EXPECT_EQ(call(binary_to_atom_2, {p.bits("a\xc3\xa9", 24, 5), utf8}), a);
    EXPECT_EQ(call(binary_to_existing_atom_2, {p.bin("a\xe9"), latin1}), a);
    EXPECT_EQ(test::bytes_of(call(atom_to_binary_2, {a, utf8})), "a\xc3\xa9");
    EXPECT_EQ(test::bytes_of(call(atom_to_binary_2, {a, latin1})), "a\xe9");
    EXPECT_TRUE(badarg(atom_to_binary_2, {atom("\xc4\x81"), latin1}));
    EXPECT_TRUE(badarg(atom_to_binary_2, {a, am::ok()}));
    EXPECT_TRUE(badarg(atom_to_binary_2, {num(1), utf8}));
    EXPECT_TRUE(badarg(binary_to_atom_2, {p.bin("a\xe9"), utf8}));
    EXPECT_TRUE(badarg(binary_to_atom_2, {p.bin("a"), am::ok()}));
    EXPECT_TRUE(badarg(binary_to_atom_2, {p.bits("a", 3), utf8}));
    EXPECT_TRUE(badarg(binary_to_atom_2, {a, utf8}));
    const std::string long_name(256, 'a');
    EXPECT_TRUE(too_long(binary_to_atom_2, {p.bin(long_name), utf8}));
    EXPECT_TRUE(too_long(binary_to_atom_2, {p.bin(long_name), latin1}));
    EXPECT_TRUE(too_long(binary_to_atom_2, {p.bin(long_name + "\xff"), utf8}));
    EXPECT_TRUE(too_long(binary_to_atom_2, {p.bin(std::string(255, 'a') + "\xc3"), utf8}));
    EXPECT_TRUE(too_long(binary_to_atom_2, {p.bin(std::string(1000000, 'a')), utf8}));
    EXPECT_TRUE(badarg(binary_to_atom_2, {p.bin("\xff" + long_name), utf8}));
    EXPECT_TRUE(badarg(binary_to_existing_atom_2, {p.bin(long_name), utf8}));
    EXPECT_TRUE(badarg(binary_to_existing_atom_2, {p.bin("no such atom"), utf8}));
    std::string wide;
    for (int i = 0; i < 255; ++i) wide += "\xf0\x9f\x98\x80";
    EXPECT_TRUE(call(binary_to_atom_2, {p.bin(wide), utf8}).is_atom());
    EXPECT_TRUE(too_long(binary_to_atom_2, {p.bin(wide + "a"), utf8}));
}

}  // namespace
}  // namespace lintel
