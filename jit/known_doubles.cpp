#include "jit/known_doubles.h"

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
        case Op::is_eq_exact_word_x:
        case Op::fload:
        case Op::fconv:
        case Op::fmove:
        case Op::fnegate:
        case Op::fadd:
        case Op::fsub:
        case Op::fmul:
        case Op::fdiv: return {true, {}};
        case Op::fstore: return {true, place_of(reinterpret_cast<const ops::fstore*>(at)->to)};
        case Op::move: return {true, place_of(reinterpret_cast<const ops::move*>(at)->to)};
        case Op::move_xx: return {true, x_place(reinterpret_cast<const ops::move_xx*>(at)->to)};
        case Op::move_xy: return {true, y_place(reinterpret_cast<const ops::move_xy*>(at)->to)};
        case Op::move_yx: return {true, x_place(reinterpret_cast<const ops::move_yx*>(at)->to)};
        case Op::move_cx: return {true, x_place(reinterpret_cast<const ops::move_cx*>(at)->to)};
        case Op::add: return {true, place_of(reinterpret_cast<const ops::add*>(at)->to)};
        case Op::sub: return {true, place_of(reinterpret_cast<const ops::sub*>(at)->to)};
        case Op::mul: return {true, place_of(reinterpret_cast<const ops::mul*>(at)->to)};
        case Op::add_xc: return {true, x_place(reinterpret_cast<const ops::add_xc*>(at)->to)};
        case Op::sub_xc: return {true, x_place(reinterpret_cast<const ops::sub_xc*>(at)->to)};
        case Op::mul_xc: return {true, x_place(reinterpret_cast<const ops::mul_xc*>(at)->to)};
        case Op::add_xx: return {true, x_place(reinterpret_cast<const ops::add_xx*>(at)->to)};
        case Op::sub_xx: return {true, x_place(reinterpret_cast<const ops::sub_xx*>(at)->to)};
        case Op::mul_xx: return {true, x_place(reinterpret_cast<const ops::mul_xx*>(at)->to)};
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
