/// Random operands, every operation, judged by erl.

#include <random>

#include "tests/unit/erl_oracle.h"
#include "tests/unit/vm/arith_fixture.h"

namespace lintel {
namespace {

constexpr char kScript[] = R"erl(
main([File]) ->
    {ok, Data} = file:read_file(File),
    lists:foreach(fun(Line) ->
        [Op, A, B, Mine] = string:lexemes(Line, " "),
        Ref = try show(op(binary_to_atom(Op), num(A), num(B))) catch error:R -> atom_to_binary(R) end,
        Ref =:= Mine orelse io:format("~s: erl says ~s~n", [Line, Ref])
    end, string:lexemes(Data, "\n")),
    io:format("done~n").
num(<<"f", H/binary>>) -> <<F/float>> = <<(binary_to_integer(H, 16)):64>>, F;
num(H) -> binary_to_integer(H, 16).
show(F) when is_float(F) -> <<I:64>> = <<F/float>>, iolist_to_binary(io_lib:format("f~16.16.0b", [I]));
show(I) -> integer_to_binary(I, 16).
op(negate, A, _) -> -A;
op('bnot', A, _) -> bnot A;
op(abs, A, _) -> abs(A);
op(Op, A, B) -> erlang:Op(A, B).
)erl";

struct Operation {
    const char* name;
    Term (*f)(ExecState&, Term, Term);
    bool shift = false;
};

template <Term (*kF)(ExecState&, Term)>
Term unary(ExecState& p, Term a, Term) {
    return kF(p, a);
}

const Operation kOperations[] = {
    {"+", arith_add},
    {"-", arith_sub},
    {"*", arith_mul},
    {"/", arith_divide},
    {"div", arith_int_div},
    {"rem", arith_int_rem},
    {"band", arith_band},
    {"bor", arith_bor},
    {"bxor", arith_bxor},
    {"bsl", arith_bsl, true},
    {"bsr", arith_bsr, true},
    {"negate", unary<arith_negate>},
    {"bnot", unary<arith_bnot>},
    {"abs", unary<arith_abs>},
};

class ArithOracle : public ArithTest {
protected:
    Term random_integer(size_t most_bits) {
        const size_t bits = random_() % (most_bits + 1);
        std::string hex = random_() % 2 ? "-" : "";
        // Runs of zeros and ones are where carries go wrong.
        const char* digits = random_() % 3 ? "0123456789ABCDEF" : "00000000000FFFFF";
        for (size_t i = 0; i <= bits / 4; ++i) hex += digits[random_() % 16];
        Term t;
        LINTEL_CHECK(parse_integer(p, hex, 16, &t) == ParseStatus::ok);
        return t;
    }
    Term random_float() {
        for (;;) {
            Word bits = random_();
            // Half of them of a size that goes with integers.
            if (random_() % 2) bits = (bits & ~(Word{0x7ff} << 52)) | ((1000 + random_() % 120) << 52);
            if ((bits >> 52 & 0x7ff) != 0x7ff) return number(std::bit_cast<double>(bits));
        }
    }
    Term random_operand() {
        switch (random_() % 8) {
            case 0: return random_float();
            case 1: return random_integer(20000);
            case 2: return random_integer(1100);
            case 3: return random_integer(61);
            default: return random_integer(260);
        }
    }

    std::mt19937_64 random_{20240607};
};

TEST_F(ArithOracle, agrees_with_erl) {
    std::string cases;
    for (int i = 0; i < 6000; ++i) {
        const Computation one_case(p);
        const Operation& op = kOperations[random_() % std::size(kOperations)];
        const Term a = random_operand();
        const Term b = op.shift ? Term::small(static_cast<int64_t>(random_() % 600) - 300) : random_operand();
        cases += std::string(op.name) + " " + text(a, 16) + " " + text(b, 16) + " " + text(op.f(p, a, b), 16) + "\n";
    }
    const auto answer = ask_erl(kScript, cases);
    if (!answer) GTEST_SKIP() << "no escript here";
    EXPECT_EQ(answer->substr(0, 2000), "done\n");
}

}  // namespace
}  // namespace lintel
