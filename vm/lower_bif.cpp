#include "vm/lower_p.h"

/// Lowering of BIFs that are instructions: in guards and in bodies, arithmetic to operations of its own.

namespace lintel {

using ir::Instruction;
using ir::Operand;
using ir::OperandKind;

// ---- BIFs in guards and bodies

template <typename T>
void Lowerer::emit_bif2(const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    auto& op = emit<T>();
    op.to = reg(to);
    op.bif = bif;
    op.a = source(a);
    op.b = source(b);
    label_field(last_, offsetof(T, fail), fail);
}

template <typename T>
void Lowerer::emit_add_constant(const BifEntry* bif, uint32_t fail, uint16_t a, Operand b, Operand to) {
    auto& op = emit<T>();
    op.to = reg(to);
    op.a = a;
    op.b = constant(b).word();
    op.bif = bif;
    label_field(last_, offsetof(T, fail), fail);
}

template <typename T>
void Lowerer::emit_add_registers(const BifEntry* bif, uint32_t fail, uint16_t a, Operand b, Operand to) {
    auto& op = emit<T>();
    op.to = reg(to);
    op.a = a;
    op.b = reg(b);
    op.bif = bif;
    label_field(last_, offsetof(T, fail), fail);
}

/// As in OTP, a stack trace does not show the operator where an integer of `least` to 2^59 - 1 goes to a register or comes
/// off it.
bool Lowerer::hides_operator(Operand a, Operand b, int64_t least) {
    if (!is_x(a) && !is_y(a)) return false;
    if (b.kind() != OperandKind::small && b.kind() != OperandKind::literal) return false;
    const Term value = constant(b);
    constexpr int64_t kMost = (int64_t{1} << 59) - 1;
    return value.is_small() && value.to_small() >= least && value.to_small() <= kMost;
}

/// Addition and subtraction; of an addition the constant may be either operand.
void Lowerer::lower_plus(const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    using namespace ops;
    const Operand first = a, second = b;
    if (!is_x(a) && !is_y(a)) std::swap(a, b);
    if (hides_operator(a, b, -(int64_t{1} << 59))) bif = nullptr;
    if (is_x(to)) {
        if (b.kind() == OperandKind::small && is_x(a)) return emit_add_constant<add_xc>(bif, fail, reg(a), b, to);
        if (b.kind() == OperandKind::small && is_y(a)) return emit_add_constant<add_yc>(bif, fail, y_offset(a), b, to);
        if (is_x(a) && is_x(b)) return emit_add_registers<add_xx>(bif, fail, reg(a), b, to);
        if (is_y(a) && is_x(b)) return emit_add_registers<add_yx>(bif, fail, y_offset(a), b, to);
    }
    emit_bif2<add>(bif, fail, first, second, to);
}

void Lowerer::lower_minus(const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    using namespace ops;
    if (hides_operator(a, b, 0)) bif = nullptr;
    if (is_x(to)) {
        if (b.kind() == OperandKind::small && is_x(a)) return emit_add_constant<sub_xc>(bif, fail, reg(a), b, to);
        if (b.kind() == OperandKind::small && is_y(a)) return emit_add_constant<sub_yc>(bif, fail, y_offset(a), b, to);
        if (is_x(a) && is_x(b)) return emit_add_registers<sub_xx>(bif, fail, reg(a), b, to);
    }
    emit_bif2<sub>(bif, fail, a, b, to);
}

/// The other operators. Variants with a constant are for constants that cannot be wrong (vm/steps.h).
bool Lowerer::lower_arithmetic(AtomId name, const BifEntry* bif, uint32_t fail, Operand a, Operand b, Operand to) {
    using namespace ops;
    const bool xx = is_x(to) && is_x(a) && is_x(b);
    const bool xc = is_x(to) && is_x(a) && b.kind() == OperandKind::small;
    const int64_t c = b.kind() == OperandKind::small ? b.small() : 0;
    const auto with_constant = [&]<typename T>(std::type_identity<T>) {
        emit_add_constant<T>(bif, fail, reg(a), b, to);
        return true;
    };
    const auto with_registers = [&]<typename T>(std::type_identity<T>) {
        emit_add_registers<T>(bif, fail, reg(a), b, to);
        return true;
    };
    const auto with_any = [&]<typename T>(std::type_identity<T>) {
        emit_bif2<T>(bif, fail, a, b, to);
        return true;
    };
    switch (name) {
        case AtomId::times:
            if (xx) return with_registers(std::type_identity<mul_xx>());
            return xc ? with_constant(std::type_identity<mul_xc>()) : with_any(std::type_identity<mul>());
        case AtomId::div:
            return xc && c > 0 ? with_constant(std::type_identity<int_div_xc>())
                               : with_any(std::type_identity<int_div>());
        case AtomId::rem:
            return xc && c > 0 ? with_constant(std::type_identity<int_rem_xc>())
                               : with_any(std::type_identity<int_rem>());
        case AtomId::band:
            if (xx) return with_registers(std::type_identity<band_xx>());
            return xc ? with_constant(std::type_identity<band_xc>()) : with_any(std::type_identity<band>());
        case AtomId::bor:
            return xx ? with_registers(std::type_identity<bor_xx>()) : with_any(std::type_identity<bor>());
        case AtomId::bxor:
            return xx ? with_registers(std::type_identity<bxor_xx>()) : with_any(std::type_identity<bxor>());
        case AtomId::bsl:
            return xc && c >= 0 && c < 60 ? with_constant(std::type_identity<bsl_xc>())
                                          : with_any(std::type_identity<bsl>());
        case AtomId::bsr:
            return xc && c >= 0 ? with_constant(std::type_identity<bsr_xc>()) : with_any(std::type_identity<bsr>());
        default: return false;
    }
}

/// `closed`: heap words reserved before must still be there afterwards, so what makes a term makes it elsewhere.
void Lowerer::lower_bif(uint32_t fail, uint32_t import, const Operand* args, uint32_t count, Operand to, bool closed) {
    using namespace ops;
    const ExportEntry* target = loaded_.imports[import];
    const BifEntry* bif = target->bif;
    if (bif == nullptr || !bif->is_guard()) {
        emit_unsupported(bif == nullptr ? "guard BIF that this VM does not have"
                                        : "a BIF in a guard that may not be there");
        return;
    }
    const bool erlang = bif->module == am::erlang();
    const AtomId name = erlang ? atom_id(bif->function) : AtomId::count;
    switch (count) {
        case 0:
            if (name == AtomId::self) {
                emit<self>().to = reg(to);
                return;
            } else {
                auto& op = emit<bif0>();
                op.to = reg(to);
                op.bif = bif;
                return;
            }
        case 1: {
            const auto fill = [&](auto& op) {
                op.to = reg(to);
                op.bif = bif;
                op.a = source(args[0]);
            };
            if (name == AtomId::hd) {
                fill(emit<bif_hd>());
                label_field(last_, offsetof(bif_hd, fail), fail);
            } else if (name == AtomId::tl) {
                fill(emit<bif_tl>());
                label_field(last_, offsetof(bif_tl, fail), fail);
            } else if (name == AtomId::plus && !closed) {  // as in OTP, where -0.0 is 0.0 afterwards
                lower_plus(bif, fail, args[0], Operand::make(OperandKind::small, 0), to);
            } else {
                auto& op = emit<bif1>();
                fill(op);
                op.closed = closed;
                label_field(last_, offsetof(bif1, fail), fail);
            }
            return;
        }
        case 2: {
            Operand a = args[0], b = args[1];
            switch (name) {
                case AtomId::element: return emit_bif2<bif_element>(bif, fail, a, b, to);
                case AtomId::exactly_equal: {
                    auto& op = emit<bif_exact_eq>();
                    op.to = reg(to);
                    op.a = source(a);
                    op.b = source(b);
                    return;
                }
                default: break;
            }
            if (closed) {
                emit_bif2<bif2>(bif, fail, a, b, to);
                reinterpret_cast<bif2*>(&words_[last_])->closed = 1;
                return;
            }
            switch (name) {
                case AtomId::plus: return lower_plus(bif, fail, a, b, to);
                case AtomId::minus: return lower_minus(bif, fail, a, b, to);
                default:
                    if (lower_arithmetic(name, bif, fail, a, b, to)) return;
                    return emit_bif2<bif2>(bif, fail, a, b, to);
            }
        }
        default: {
            auto& op = emit<bif3>();
            op.to = reg(to);
            op.closed = closed;
            op.bif = bif;
            op.a = source(args[0]);
            op.b = source(args[1]);
            op.c = source(args[2]);
            label_field(last_, offsetof(bif3, fail), fail);
        }
    }
}

}  // namespace lintel
