/// BIFs on numbers, by name, against what erl (OTP 25) answers: recorded cases, then random ones if there is an escript.

#include <cmath>
#include <limits>
#include <random>
#include <string_view>

#include "stdlib/bif.h"
#include "term/bits.h"
#include "term/compare.h"
#include "term/print.h"
#include "term/views.h"
#include "tests/unit/erl_oracle.h"
#include "tests/unit/vm/arith_fixture.h"

namespace lintel {

#define BIF(module, function, arity, cpp, flags) Term cpp(ExecState&, Args);
#include "stdlib/bifs/math.def"
#include "stdlib/bifs/number.def"
#undef BIF

namespace {

class NumberBifs : public ArithTest {
protected:
    /// "erlang:abs", or the function alone for module erlang. The printed result, or the error's reason.
    template <typename... T>
    std::string call(std::string_view name, T... args) {
        const Term terms[] = {args...};
        const Term result = run(name, terms, sizeof...(T));
        if (result.is_none()) return text(result);
        return term_text(result, PrintStyle::write);
    }
    Term run(std::string_view name, const Term* args, size_t count) {
        const size_t colon = name.find(':');
        const std::string_view module = colon == name.npos ? "erlang" : name.substr(0, colon);
        const std::string_view function = colon == name.npos ? name : name.substr(colon + 1);
#define BIF(m, f, arity, cpp, flags) \
    if (module == m && function == f && count == arity) return cpp(p, Args{args});
#include "stdlib/bifs/math.def"
#include "stdlib/bifs/number.def"
#undef BIF
        ADD_FAILURE() << "no " << name;
        return p.notsup();
    }

    Term i(const char* s) { return number(std::string(s)); }
    Term f(double d) { return number(d); }
    Term list(std::string_view s) { return p.reserve(list_words(s.size())).byte_list(s); }
    Term binary(std::string_view s) { return p.reserve(binary_words(s.size())).binary(s); }
    Term cons(Term head, Term tail) { return p.reserve(kConsWords).cons(head, tail); }
    Term pair(Term a, Term b) { return p.reserve(tuple_words(2)).tuple(a, b); }
    Term option(Term name, int64_t n) { return cons(pair(name, Term::small(n)), Term::nil()); }
    /// Bytes of a list or a binary.
    std::string bytes(Term t) {
        if (t.is_none()) return text(t);
        std::string s;
        if (const BitsView v = as_binary(t)) return {reinterpret_cast<const char*>(v.bytes()), v.byte_size()};
        for (; t.is_cons(); t = t.tail()) s += static_cast<char>(t.head().to_small());
        return s;
    }
    std::string format(double d, Term options) {
        const Term args[] = {f(d), options};
        const std::string as_list = bytes(run("float_to_list", args, 2));
        EXPECT_EQ(bytes(run("float_to_binary", args, 2)), as_list);
        return as_list;
    }
};

TEST_F(NumberBifs, conversions) {
    EXPECT_EQ(call("round", f(0.49999999999999994)), "0");
    EXPECT_EQ(call("round", f(-2.5)), "-3");
    EXPECT_EQ(call("round", f(4503599627370497.5)), "4503599627370498");
    EXPECT_EQ(call("trunc", f(-1e22)), "-10000000000000000000000");
    EXPECT_EQ(call("ceil", f(-0.5)), "0");
    EXPECT_EQ(call("floor", f(-0.5)), "-1");
    EXPECT_EQ(call("floor", i("1180591620717411303424")), "1180591620717411303424");
    EXPECT_EQ(call("float", i("9007199254740993")), "9.007199254740992e15");
    EXPECT_EQ(call("float", arith_bsl(p, Term::small(1), Term::small(1024))), "badarg");
    for (const char* name : {"round", "trunc", "ceil", "floor", "float", "abs"})
        EXPECT_EQ(call(name, am::ok()), "badarg");
    EXPECT_EQ(call("max", Term::small(1), f(1.0)), "1");
    EXPECT_EQ(call("min", f(1.0), Term::small(1)), "1.0");
    EXPECT_EQ(call("max", f(1.0), am::ok()), "ok");
    EXPECT_EQ(call("and", am::true_(), am::false_()), "false");
    EXPECT_EQ(call("or", am::true_(), am::ok()), "badarg");
    EXPECT_EQ(call("xor", am::true_(), am::false_()), "true");
    EXPECT_EQ(call("not", Term::small(1)), "badarg");
}

TEST_F(NumberBifs, integers_as_text) {
    EXPECT_EQ(bytes(run("integer_to_list", std::vector{i("-35"), Term::small(36)}.data(), 2)), "-Z");
    EXPECT_EQ(bytes(run("integer_to_binary", std::vector{i("-0x123456789abcdef0123456789")}.data(), 1)),
              "-90144042682896311822508713865");
    EXPECT_EQ(call("integer_to_list", Term::small(1), Term::small(37)), "badarg");
    EXPECT_EQ(call("integer_to_list", f(1.0)), "badarg");
    EXPECT_EQ(call("integer_to_binary", Term::small(1), Term::small(1)), "badarg");
    EXPECT_EQ(call("list_to_integer", list("+12")), "12");
    EXPECT_EQ(call("list_to_integer", list("-zZ"), Term::small(36)), "-1295");
    EXPECT_EQ(call("list_to_integer", list("12"), am::ok()), "badarg");
    EXPECT_EQ(call("list_to_integer", cons(Term::small('1'), Term::small('2'))), "badarg");
    EXPECT_EQ(call("list_to_integer", cons(Term::small('1'), cons(Term::small(300), Term::nil()))), "badarg");
    EXPECT_EQ(call("list_to_integer", Term::nil()), "badarg");
    EXPECT_EQ(call("binary_to_integer", binary("-1208925819614629174706176")), "-1208925819614629174706176");
    EXPECT_EQ(call("binary_to_integer", binary("")), "badarg");
    EXPECT_EQ(call("binary_to_integer", binary("7f"), Term::small(16)), "127");
    EXPECT_EQ(call("binary_to_integer", list("7")), "badarg");
    const std::string s = "string:list_to_integer";
    EXPECT_EQ(call(s, list("12abc")), "{12,[97,98,99]}");
    EXPECT_EQ(call(s, list("+5x")), "{5,[120]}");
    EXPECT_EQ(call(s, list("-0")), "{0,[]}");
    EXPECT_EQ(call(s, list("")), "{error,no_integer}");
    EXPECT_EQ(call(s, list("+-1")), "{error,no_integer}");
    EXPECT_EQ(call(s, am::ok()), "{error,not_a_list}");
    EXPECT_EQ(call(s, cons(Term::small('1'), am::ok())), "{1,ok}");
    EXPECT_EQ(call(s, list("123456789012345678901234567890 ")), "{123456789012345678901234567890,[32]}");
    EXPECT_EQ(call("erts_internal:list_to_integer", list("zz."), Term::small(36)), "{1295,[46]}");
    EXPECT_EQ(call("erts_internal:list_to_integer", list("zz"), Term::small(37)), "badarg");
    EXPECT_EQ(call("erts_internal:binary_to_integer", binary("zz"), Term::small(36)), "1295");
    EXPECT_EQ(call("erts_internal:binary_to_integer", binary("zz"), Term::small(10)), "badarg");
    EXPECT_EQ(call("erts_internal:binary_to_integer", binary(std::string(11000000, '9')), Term::small(10)), "big");
}

TEST_F(NumberBifs, floats_to_text) {
    EXPECT_EQ(bytes(run("float_to_list", std::vector{f(0.1)}.data(), 1)), "1.00000000000000005551e-01");
    EXPECT_EQ(bytes(run("float_to_binary", std::vector{f(-1e-300)}.data(), 1)), "-1.00000000000000002506e-300");
    const struct {
        double d;
        int decimals;
        const char* text;
    } cases[] = {{0.5, 0, "1"},
                 {2.5, 0, "3"},
                 {0.15, 1, "0.2"},
                 {2.435, 2, "2.44"},
                 {25.95, 1, "25.9"},
                 {-0.001, 2, "-0.00"},
                 {-0.0, 0, "-0"},
                 {9.995, 2, "9.99"},
                 {99999.5, 0, "100000"},
                 {1e23, 1, "99999999999999991611392.0"},
                 {123456789012345.6, 4, "123456789012345.5938"},
                 {60.046, 17, "60.04599999999999937"},
                 {9.00488, 18, "9.004879999999999995"},
                 {0.1, 20, "0.10000000000000000555"}};
    for (const auto& c : cases) EXPECT_EQ(format(c.d, option(am::decimals(), c.decimals)), c.text) << c.d;
    const Term compact = cons(am::compact(), Term::nil());
    EXPECT_EQ(format(-1.5, cons(am::compact(), option(am::decimals(), 4))), "-1.5");
    EXPECT_EQ(format(0.0, cons(am::compact(), option(am::decimals(), 4))), "0.0");
    EXPECT_EQ(format(100.0, cons(am::compact(), option(am::decimals(), 0))), "100");
    EXPECT_EQ(format(1e22, cons(am::compact(), option(am::decimals(), 0))), "10000000000000000000000");  // erl: "1"
    EXPECT_EQ(format(1.1, compact), "1.10000000000000008882e+00");
    EXPECT_EQ(format(1.5, option(am::scientific(), 0)), "2e+00");
    EXPECT_EQ(format(1.5, option(am::scientific(), -7)), "1.500000e+00");
    EXPECT_EQ(format(5e-324, option(am::scientific(), 3)), "4.941e-324");
    const Term shortest = cons(am::short_(), Term::nil());
    EXPECT_EQ(format(1.1, shortest), "1.1");
    EXPECT_EQ(format(1.1, cons(am::short_(), option(am::decimals(), 2))), "1.10");
    EXPECT_EQ(format(1.1, cons(pair(am::decimals(), Term::small(254)), shortest)), "1.1");
    // 255 characters at most.
    EXPECT_EQ(format(1.0, option(am::decimals(), 253)).size(), 255u);
    EXPECT_EQ(format(1.0, option(am::decimals(), 254)), "badarg");
    EXPECT_EQ(format(1.0, option(am::decimals(), -1)), "badarg");
    EXPECT_EQ(format(-1.0, option(am::scientific(), 248)).size(), 255u);
    EXPECT_EQ(format(-1.0, option(am::scientific(), 249)), "badarg");
    EXPECT_EQ(format(1.0, option(am::scientific(), 249)).size(), 255u);
    EXPECT_EQ(format(1e255, option(am::decimals(), 0)).size(), 255u);
    EXPECT_EQ(format(1e256, option(am::decimals(), 0)), "badarg");
    EXPECT_EQ(format(-1.7976931348623157e308, option(am::decimals(), 253)), "badarg");
    EXPECT_EQ(format(1.0, cons(am::ok(), shortest)), "badarg");
    EXPECT_EQ(format(1.0, cons(am::short_(), am::ok())), "badarg");
    EXPECT_EQ(format(1.0, cons(pair(am::decimals(), am::ok()), Term::nil())), "badarg");
    EXPECT_EQ(call("float_to_list", Term::small(1)), "badarg");
}

TEST_F(NumberBifs, text_to_floats) {
    const struct {
        std::string_view text;
        std::string_view result;
    } cases[] = {{"1.5", "1.5"},
                 {"+1.5e3", "1.5e3"},
                 {"-1,5E-3", "-0.0015"},
                 {"1.5e400", "badarg"},
                 {"1.5e-400", "0.0"},
                 {"-1.5e-400", "-0.0"},
                 {"2.4703282292062328e-324", "5.0e-324"},
                 {"0.0e99999999999999999999", "0.0"},
                 {"1.5e-99999999999999999999", "0.0"},
                 {"1.5e99999999999999999999", "badarg"},
                 {"1.e5", "badarg"},
                 {"1e5", "badarg"},
                 {".5", "badarg"},
                 {"1.", "badarg"},
                 {"1.5e", "badarg"},
                 {"1.5e+", "badarg"},
                 {" 1.5", "badarg"},
                 {"1.5 ", "badarg"},
                 {"", "badarg"},
                 {"-", "badarg"},
                 {"--1.5", "badarg"},
                 {"1.5e5.5", "badarg"},
                 {std::string_view("1.5\0x", 5), "1.5"},
                 {std::string_view("1.\0", 3), "badarg"}};
    for (const auto& c : cases) {
        EXPECT_EQ(call("list_to_float", list(c.text)), c.result) << c.text;
        EXPECT_EQ(call("binary_to_float", binary(c.text)), c.result) << c.text;
    }
    EXPECT_EQ(call("binary_to_float", binary(std::string(300, '1') + ".0e-10")), "1.1111111111111112e289");
    EXPECT_EQ(call("binary_to_float", binary("0." + std::string(400, '0') + "1e500")), "1.0e99");
    EXPECT_EQ(call("binary_to_float", binary("0." + std::string(400, '0') + "1")), "0.0");
    EXPECT_EQ(call("binary_to_float", binary("1" + std::string(400, '0') + ".0e-390")), "1.0e10");
    EXPECT_EQ(call("binary_to_float", binary("1" + std::string(400, '0') + ".0e-10")), "badarg");
    EXPECT_EQ(call("list_to_float", cons(Term::small('1'), am::ok())), "badarg");
    const std::string s = "string:list_to_float";
    EXPECT_EQ(call(s, list("1.0")), "{1.0,[]}");
    EXPECT_EQ(call(s, list("-1.0e5e5")), "{-1.0e5,[101,53]}");
    EXPECT_EQ(call(s, list("12.5e+x")), "{12.5,[101,43,120]}");
    EXPECT_EQ(call(s, list("12.5.6")), "{12.5,[46,54]}");
    EXPECT_EQ(call(s, list("1.0e400")), "{error,no_float}");
    EXPECT_EQ(call(s, list("1.")), "{error,no_float}");
    EXPECT_EQ(call(s, list("")), "{error,no_float}");
    EXPECT_EQ(call(s, am::ok()), "{error,not_a_list}");
    EXPECT_EQ(call(s, list("1.0e-400x")), "{0.0,[120]}");
}

TEST_F(NumberBifs, math) {
    const Term huge = arith_bsl(p, Term::small(1), Term::small(1024));
    EXPECT_EQ(call("math:acos", Term::small(-1)), "3.141592653589793");
    EXPECT_EQ(call("math:log", Term::small(0)), "badarith");
    EXPECT_EQ(call("math:sqrt", f(-1.0)), "badarith");
    EXPECT_EQ(call("math:sqrt", f(-0.0)), "-0.0");
    EXPECT_EQ(call("math:exp", Term::small(1000)), "badarith");
    EXPECT_EQ(call("math:ceil", Term::small(1000)), "1.0e3");
    EXPECT_EQ(call("math:sin", am::ok()), "badarg");
    EXPECT_EQ(call("math:sin", huge), "badarith");
    EXPECT_EQ(call("math:pow", am::ok(), huge), "badarg");
    EXPECT_EQ(call("math:pow", huge, am::ok()), "badarith");
    EXPECT_EQ(call("math:pow", Term::small(0), Term::small(-1)), "badarith");
    EXPECT_EQ(call("math:pow", Term::small(-8), Term::small(-1)), "-0.125");
    EXPECT_EQ(call("math:fmod", Term::small(-8), Term::small(-1)), "-0.0");
    EXPECT_EQ(call("math:fmod", Term::small(1), f(0.0)), "badarith");
    EXPECT_EQ(call("math:atan2", Term::small(0), Term::small(-1)), "3.141592653589793");
}

constexpr char kScript[] = R"erl(
main([File]) ->
    {ok, Data} = file:read_file(File),
    lists:foreach(fun(Line) ->
        [Op, A, N, Mine] = string:split(Line, " ", all),
        Ref = try iolist_to_binary(op(binary_to_atom(Op), num(A), binary_to_integer(N))) catch error:R -> atom_to_binary(R) end,
        Ref =:= Mine orelse io:format("~s: erl says ~s~n", [Line, Ref])
    end, string:lexemes(Data, "\n")),
    io:format("done~n").
num(<<"f", H/binary>>) -> <<F/float>> = <<(binary_to_integer(H, 16)):64>>, F;
num(Text) -> Text.
show(F) when is_float(F) -> <<I:64>> = <<F/float>>, io_lib:format("f~16.16.0b", [I]);
show(I) -> integer_to_binary(I).
op(decimals, F, N) -> float_to_list(F, [{decimals, N}]);
op(compact, F, N) -> float_to_list(F, [{decimals, N}, compact]);
op(scientific, F, N) -> float_to_list(F, [{scientific, N}]);
op(short, F, _) -> float_to_list(F, [short]);
op(write, F, _) -> io_lib:format("~w", [F]);
op(binary_to_float, T, _) -> show(binary_to_float(T));
op(Convert, F, _) when Convert =:= round; Convert =:= trunc; Convert =:= floor; Convert =:= ceil -> show(erlang:Convert(F));
op(Math, F, _) -> show(math:Math(F)).
)erl";

TEST_F(NumberBifs, agree_with_erl) {
    std::mt19937_64 random(7);
    const auto random_float = [&random] {
        for (;;) {
            Word bits = random();
            if (random() % 3 != 0) bits = (bits & ~(Word{0x7ff} << 52)) | ((983 + random() % 100) << 52);
            double d = std::bit_cast<double>(bits);
            // Few digits, so that ties occur; few bits, likewise.
            if (random() % 4 == 0) d = static_cast<double>(static_cast<int64_t>(random() % 2000001) - 1000000) / 1000;
            if (random() % 8 == 0)
                d = std::ldexp(static_cast<double>(random() % 100000), -static_cast<int>(random() % 40));
            if (std::isfinite(d)) return d;
        }
    };
    const char* const conversions[] = {"round", "trunc", "floor", "ceil"};
    const char* const functions[] = {"acos",  "acosh", "asin", "asinh", "atan", "atanh", "ceil",
                                     "cos",   "cosh",  "erf",  "erfc",  "exp",  "floor", "log",
                                     "log10", "log2",  "sin",  "sinh",  "sqrt", "tan",   "tanh"};
    std::string cases;
    for (int n = 0; n < 12000; ++n) {
        const Computation one_case(p);
        const double d = random_float();
        const Term t = f(d);
        std::string operation;
        std::string operand = text(t);
        int64_t digits = static_cast<int64_t>(random() % 24);
        std::string mine;
        switch (random() % 8) {
            case 0:
            case 1:
                operation = "decimals";
                mine = format(d, option(am::decimals(), digits));
                break;
            case 2:
                operation = "compact";
                digits += digits == 0;  // OTP 25 drops zeros before the point
                mine = format(d, cons(am::compact(), option(am::decimals(), digits)));
                break;
            case 3:
                operation = "scientific";
                mine = format(d, option(am::scientific(), digits));
                break;
            case 4:
                operation = random() % 2 ? "short" : "write";
                mine = format(d, cons(am::short_(), Term::nil()));
                break;
            case 5:
                operation = conversions[random() % std::size(conversions)];
                mine = text(run(operation, &t, 1));
                break;
            case 6: {
                operation = "binary_to_float";
                operand = format(d, option(am::scientific(), static_cast<int64_t>(1 + random() % 40)));
                const Term b = binary(operand);
                mine = text(run("binary_to_float", &b, 1));
                break;
            }
            default:
                operation = functions[random() % std::size(functions)];
                // The ceil and floor of module math are floats.
                if (operation == "ceil" || operation == "floor") operation = "sqrt";
                mine = text(run("math:" + operation, &t, 1));
        }
        cases += operation + " " + operand + " " + std::to_string(digits) + " " + mine + "\n";
    }
    const auto answer = ask_erl(kScript, cases);
    if (!answer) GTEST_SKIP() << "no escript here";
    EXPECT_EQ(answer->substr(0, 2000), "done\n");
}

}  // namespace
}  // namespace lintel
