#include "jit/known_doubles.h"

namespace lintel::jit {

DoubleEffect double_effect(const LoweredOp& o, const Word* at) {
    switch (o.op) {
        case Op::check_float:
        case Op::test_heap:
        case Op::is_lt:
        case Op::is_ge:
        case Op::is_lt_xx:
        case Op::is_ge_xx:
        case Op::is_lt_xc:
        case Op::is_ge_xc:
        case Op::is_lt_cx:
        case Op::is_ge_cx:
        case Op::is_eq_exact_word_x: return {true, {}, {}};
        case Op::fload: return {true, {}, reinterpret_cast<const ops::fload*>(at)->to};
        case Op::fconv: return {true, {}, reinterpret_cast<const ops::fconv*>(at)->to};
        case Op::fmove: return {true, {}, reinterpret_cast<const ops::fmove*>(at)->to};
        case Op::fnegate: return {true, {}, reinterpret_cast<const ops::fnegate*>(at)->to};
        case Op::fadd: return {true, {}, reinterpret_cast<const ops::fadd*>(at)->to};
        case Op::fsub: return {true, {}, reinterpret_cast<const ops::fsub*>(at)->to};
        case Op::fmul: return {true, {}, reinterpret_cast<const ops::fmul*>(at)->to};
        case Op::fdiv: return {true, {}, reinterpret_cast<const ops::fdiv*>(at)->to};
        case Op::fstore: return {true, place_of(reinterpret_cast<const ops::fstore*>(at)->to), {}};
        case Op::move: return {true, place_of(reinterpret_cast<const ops::move*>(at)->to), {}};
        case Op::move_xx: return {true, x_place(reinterpret_cast<const ops::move_xx*>(at)->to), {}};
        case Op::move_xy: return {true, y_place(reinterpret_cast<const ops::move_xy*>(at)->to), {}};
        case Op::move_yx: return {true, x_place(reinterpret_cast<const ops::move_yx*>(at)->to), {}};
        case Op::move_cx: return {true, x_place(reinterpret_cast<const ops::move_cx*>(at)->to), {}};
        case Op::add: return {true, place_of(reinterpret_cast<const ops::add*>(at)->to), {}};
        case Op::sub: return {true, place_of(reinterpret_cast<const ops::sub*>(at)->to), {}};
        case Op::mul: return {true, place_of(reinterpret_cast<const ops::mul*>(at)->to), {}};
        case Op::add_xc: return {true, x_place(reinterpret_cast<const ops::add_xc*>(at)->to), {}};
        case Op::sub_xc: return {true, x_place(reinterpret_cast<const ops::sub_xc*>(at)->to), {}};
        case Op::mul_xc: return {true, x_place(reinterpret_cast<const ops::mul_xc*>(at)->to), {}};
        case Op::add_xx: return {true, x_place(reinterpret_cast<const ops::add_xx*>(at)->to), {}};
        case Op::sub_xx: return {true, x_place(reinterpret_cast<const ops::sub_xx*>(at)->to), {}};
        case Op::mul_xx: return {true, x_place(reinterpret_cast<const ops::mul_xx*>(at)->to), {}};
        default: return {};
    }
}

std::optional<Word> float_source(const LoweredOp& o, const Word* at) {
    if (o.op == Op::fload) return reinterpret_cast<const ops::fload*>(at)->from;
    if (o.op == Op::fconv) return reinterpret_cast<const ops::fconv*>(at)->from;
    if (o.op == Op::check_float) return reinterpret_cast<const ops::check_float*>(at)->from;
    return std::nullopt;
}

}  // namespace lintel::jit
