#include "jit/known_doubles.h"

#include <string_view>

namespace lintel::jit {

namespace {

uint32_t bit(unsigned number) { return 1u << std::min(number, kMachineFloats); }

template <typename T>
FloatUse combined(const Word* at) {
    const auto& op = *reinterpret_cast<const T*>(at);
    return {bit(op.a) | bit(op.b), 0, bit(op.to), true, true};
}

}  // namespace

FloatUse float_use(const LoweredOp& o, const Word* at) {
    switch (o.op) {
        case Op::check_float: return {0, 0, 0, false, true};
        case Op::fload: return {0, 0, bit(reinterpret_cast<const ops::fload*>(at)->to), false, true};
        case Op::fconv: return {0, 0, bit(reinterpret_cast<const ops::fconv*>(at)->to), false, false};
        case Op::fstore: return {0, bit(reinterpret_cast<const ops::fstore*>(at)->from), 0, false, false};
        case Op::fmove: {
            const auto& op = *reinterpret_cast<const ops::fmove*>(at);
            return {0, bit(op.from), bit(op.to), false, false};
        }
        case Op::fnegate: {
            const auto& op = *reinterpret_cast<const ops::fnegate*>(at);
            return {0, bit(op.a), bit(op.to), false, false};
        }
        case Op::fadd: return combined<ops::fadd>(at);
        case Op::fsub: return combined<ops::fsub>(at);
        case Op::fmul: return combined<ops::fmul>(at);
        case Op::fdiv: {
            const auto& op = *reinterpret_cast<const ops::fdiv*>(at);
            return {bit(op.a), bit(op.b), bit(op.to), true, true};
        }
        default: return {};
    }
}

namespace {

constexpr bool is_result(std::string_view field) { return field == "to" || field == "head" || field == "tail"; }

/// Notes what the operation writes, and some of what it reads.
#define X(n) \
    if constexpr (is_result(#n)) effect.add(x_place(op.n));
#define Y(n) \
    if constexpr (is_result(#n)) effect.add(y_place(op.n));
#define R(n) \
    if constexpr (is_result(#n)) effect.add(place_of(op.n));
#define S(n)
#define L(n)
#define U16(n)
#define U32(n)
#define W(n)
#define P(type, n)
#define REST
#define OP(name, fields, flags)                                                                                      \
    [[maybe_unused]] void add_written([[maybe_unused]] const ops::name& op, [[maybe_unused]] DoubleEffect& effect) { \
        fields                                                                                                       \
    }
#include "vm/ops.def"
#undef X
#undef Y
#undef R
#undef S
#undef L
#undef U16
#undef U32
#undef W
#undef P
#undef REST

}  // namespace

DoubleEffect double_effect(const LoweredOp& o, const Word* at) {
    DoubleEffect effect;
    switch (o.op) {
#define FOLLOWED(name) \
    case Op::name: add_written(*reinterpret_cast<const ops::name*>(at), effect); break;
        FOLLOWED(move)
        FOLLOWED(move_xx)
        FOLLOWED(move_xy)
        FOLLOWED(move_yx)
        FOLLOWED(move_cx)
        FOLLOWED(test_heap)
        FOLLOWED(get_list)
        FOLLOWED(get_list_xxx)
        FOLLOWED(get_list_xyx)
        FOLLOWED(get_list_xxy)
        FOLLOWED(get_hd)
        FOLLOWED(get_tl)
        FOLLOWED(get_tuple_element)
        FOLLOWED(get_tuple_element_xx)
        FOLLOWED(get_tuple_element_xy)
        FOLLOWED(check_cons)
        FOLLOWED(check_tuple)
        FOLLOWED(check_float)
        FOLLOWED(put_list)
        FOLLOWED(put_list_xxx)
        FOLLOWED(put_list_yxx)
        FOLLOWED(put_list_xyx)
        FOLLOWED(put_list_xcx)
        FOLLOWED(put_tuple2)
        FOLLOWED(is_tuple)
        FOLLOWED(is_tuple_of_arity)
        FOLLOWED(is_tuple_of_arity_x)
        FOLLOWED(is_tagged_tuple)
        FOLLOWED(is_tagged_tuple_x)
        FOLLOWED(is_nonempty_list)
        FOLLOWED(is_nonempty_list_x)
        FOLLOWED(is_list)
        FOLLOWED(is_nil)
        FOLLOWED(is_nil_x)
        FOLLOWED(is_atom)
        FOLLOWED(is_boolean)
        FOLLOWED(is_integer)
        FOLLOWED(is_float)
        FOLLOWED(is_number)
        FOLLOWED(is_eq_exact_word)
        FOLLOWED(is_ne_exact_word)
        FOLLOWED(is_eq_exact_word_x)
        FOLLOWED(is_ne_exact_word_x)
        FOLLOWED(is_lt)
        FOLLOWED(is_ge)
        FOLLOWED(is_lt_xx)
        FOLLOWED(is_ge_xx)
        FOLLOWED(is_lt_xc)
        FOLLOWED(is_ge_xc)
        FOLLOWED(is_lt_cx)
        FOLLOWED(is_ge_cx)
        FOLLOWED(add)
        FOLLOWED(sub)
        FOLLOWED(mul)
        FOLLOWED(add_xc)
        FOLLOWED(sub_xc)
        FOLLOWED(mul_xc)
        FOLLOWED(add_xx)
        FOLLOWED(sub_xx)
        FOLLOWED(mul_xx)
        FOLLOWED(int_div)
        FOLLOWED(int_rem)
        FOLLOWED(int_div_xc)
        FOLLOWED(int_rem_xc)
        FOLLOWED(band)
        FOLLOWED(band_xx)
        FOLLOWED(band_xc)
        FOLLOWED(bor)
        FOLLOWED(bor_xx)
        FOLLOWED(bxor)
        FOLLOWED(bxor_xx)
        FOLLOWED(bsl)
        FOLLOWED(bsl_xc)
        FOLLOWED(bsr)
        FOLLOWED(bsr_xc)
        FOLLOWED(add_yc)
        FOLLOWED(sub_yc)
        FOLLOWED(add_yx)
        FOLLOWED(fload)
        FOLLOWED(fstore)
        FOLLOWED(fconv)
        FOLLOWED(fmove)
        FOLLOWED(fnegate)
        FOLLOWED(fadd)
        FOLLOWED(fsub)
        FOLLOWED(fmul)
        FOLLOWED(fdiv)
#undef FOLLOWED
        default: return effect;
    }
    effect.is_followed = true;
    return effect;
}

std::optional<Word> float_source(const LoweredOp& o, const Word* at) {
    if (o.op == Op::fload) return reinterpret_cast<const ops::fload*>(at)->from;
    if (o.op == Op::fconv) return reinterpret_cast<const ops::fconv*>(at)->from;
    if (o.op == Op::check_float) return reinterpret_cast<const ops::check_float*>(at)->from;
    return std::nullopt;
}

}  // namespace lintel::jit
