#include <optional>

#include "vm/lower_p.h"
#include "vm/runtime_bs.h"

/// Lowering of the bit syntax instructions, of all generations. loader/genop.def says how their operands lie.

namespace lintel {

using ir::Instruction;
using ir::Operand;
using ir::OperandKind;

namespace {

constexpr uint16_t u16(uint32_t v) { return static_cast<uint16_t>(v); }

}  // namespace

void Lowerer::lower_bits(Instruction i) {
    if (lower_bs_reading(i) || lower_bs_writing(i)) return;
    switch (i.op()) {
        case Genop::bs_match: lower_bs_match(i); break;
        case Genop::bs_create_bin: lower_bs_create(i); break;
        default: emit_unsupported("an instruction of a release older than OTP 21"); break;
    }
}

template <typename T>
void Lowerer::emit_bs_field(uint32_t fail, Operand context, uint32_t live, Operand size, uint32_t unit, uint32_t flags,
                            Operand to) {
    auto& op = emit<T>();
    op.context = reg(context);
    op.to = reg(to);
    op.unit = u16(unit);
    op.flags = u16(flags);
    op.live = u16(live);
    op.size = source(size);
    label_field(last_, offsetof(T, fail), fail);
}

void Lowerer::emit_bs_integer(uint32_t fail, Operand context, uint32_t live, Operand size, uint32_t unit,
                              uint32_t flags, Operand to) {
    uint64_t bits = 0;
    const bool known =
        !size.is_register() && constant(size).is_small() && constant(size).to_small() >= 0 &&
        !__builtin_mul_overflow(static_cast<uint64_t>(constant(size).to_small()), uint64_t{unit}, &bits) &&
        bits < (1u << 24);
    if (!known) return emit_bs_field<ops::bs_get_integer>(fail, context, live, size, unit, flags, to);
    if ((flags & (kBsLittle | kBsSigned | kBsNative)) == 0) {
        const auto fill = [&](auto& op) {
            op.context = reg(context);
            op.to = reg(to);
            label_field(last_, offsetof(std::remove_reference_t<decltype(op)>, fail), fail);
        };
        if (bits == 8) return fill(emit<ops::bs_get_u8>());
        if (bits == 16) return fill(emit<ops::bs_get_u16>());
        if (bits == 32) return fill(emit<ops::bs_get_u32>());
    }
    auto& op = emit<ops::bs_get_integer_fixed>();
    op.context = reg(context);
    op.to = reg(to);
    op.bits = static_cast<uint32_t>(bits);
    op.flags = u16(flags);
    op.live = u16(live);
    label_field(last_, offsetof(ops::bs_get_integer_fixed, fail), fail);
}

void Lowerer::emit_bs_skip(uint32_t fail, Operand context, Operand size, uint32_t unit) {
    if (!size.is_register() && constant(size).is_small()) {
        const int64_t n = constant(size).to_small();
        if (n >= 0 && n < (1 << 20)) {
            auto& op = emit<ops::bs_skip_fixed>();
            op.context = reg(context);
            op.bits = static_cast<uint32_t>(n) * unit;
            label_field(last_, offsetof(ops::bs_skip_fixed, fail), fail);
            return;
        }
    }
    auto& op = emit<ops::bs_skip_bits>();
    op.context = reg(context);
    op.unit = u16(unit);
    op.size = source(size);
    label_field(last_, offsetof(ops::bs_skip_bits, fail), fail);
}

void Lowerer::emit_bs_start(uint32_t fail, Operand from, uint32_t live, uint32_t slots, Operand to) {
    auto& op = emit<ops::bs_start_match>();
    op.to = reg(to);
    op.live = u16(live);
    op.slots = u16(slots);
    op.from = source(from);
    label_field(last_, offsetof(ops::bs_start_match, fail), fail);
}

void Lowerer::emit_bs_utf(Instruction i, uint16_t width, bool skip) {
    // Fail, context, live, flags [, result]
    auto& op = emit<ops::bs_get_utf>();
    op.context = reg(i[1]);
    op.to = skip ? ops::x_reg(kScratchX) : reg(i[4]);
    op.width = width;
    op.flags = u16(i[3].value());
    label_field(last_, offsetof(ops::bs_get_utf, fail), i[0].value());
}

bool Lowerer::lower_bs_reading(Instruction i) {
    switch (i.op()) {
        case Genop::bs_start_match2: emit_bs_start(i[0].value(), i[1], i[2].value(), i[3].value(), i[4]); return true;
        case Genop::bs_start_match3: emit_bs_start(i[0].value(), i[1], i[2].value(), 0, i[3]); return true;
        case Genop::bs_start_match4: {
            const uint32_t fail = i[0].kind() == OperandKind::label ? i[0].value() : 0;
            emit_bs_start(fail, i[2], i[1].value(), 0, i[3]);
            return true;
        }
        case Genop::bs_save2:
        case Genop::bs_restore2: {
            // The atom start: save is done by bs_start_match, restore goes back there.
            const bool start = i[1].kind() == OperandKind::atom;
            const uint16_t slot = start ? ops::kBsStartSlot : u16(i[1].value());
            if (i.op() == Genop::bs_restore2) {
                auto& op = emit<ops::bs_restore>();
                op.context = reg(i[0]);
                op.slot = slot;
            } else if (!start) {
                auto& op = emit<ops::bs_save>();
                op.context = reg(i[0]);
                op.slot = slot;
            }
            return true;
        }
        case Genop::bs_context_to_binary: emit<ops::bs_context_to_binary>().context = reg(i[0]); return true;
        case Genop::bs_get_tail: {
            auto& op = emit<ops::bs_get_tail>();
            op.context = reg(i[0]);
            op.to = reg(i[1]);
            op.live = u16(i[2].value());
            return true;
        }
        case Genop::bs_get_position: {
            auto& op = emit<ops::bs_get_position>();
            op.context = reg(i[0]);
            op.to = reg(i[1]);
            return true;
        }
        case Genop::bs_set_position: {
            auto& op = emit<ops::bs_set_position>();
            op.context = reg(i[0]);
            op.position = source(i[1]);
            return true;
        }
        case Genop::bs_get_integer2:
            emit_bs_integer(i[0].value(), i[1], i[2].value(), i[3], i[4].value(), i[5].value(), i[6]);
            return true;
        case Genop::bs_get_float2:
            emit_bs_field<ops::bs_get_float>(i[0].value(), i[1], i[2].value(), i[3], i[4].value(), i[5].value(), i[6]);
            return true;
        case Genop::bs_get_binary2:
            emit_bs_field<ops::bs_get_binary>(i[0].value(), i[1], i[2].value(), i[3], i[4].value(), i[5].value(), i[6]);
            return true;
        case Genop::bs_skip_bits2: emit_bs_skip(i[0].value(), i[1], i[2], i[3].value()); return true;
        case Genop::bs_test_tail2: {
            auto& op = emit<ops::bs_test_tail>();
            op.context = reg(i[1]);
            op.bits = big_number(i[2]);
            label_field(last_, offsetof(ops::bs_test_tail, fail), i[0].value());
            return true;
        }
        case Genop::bs_test_unit: {
            auto& op = emit<ops::bs_test_unit>();
            op.context = reg(i[1]);
            op.unit = u16(i[2].value());
            label_field(last_, offsetof(ops::bs_test_unit, fail), i[0].value());
            return true;
        }
        case Genop::bs_match_string: {
            auto& op = emit<ops::bs_match_string>();
            op.context = reg(i[1]);
            op.bits = i[2].value();
            op.string = module_.strings.data() + i[3].value();
            label_field(last_, offsetof(ops::bs_match_string, fail), i[0].value());
            return true;
        }
        case Genop::bs_get_utf8: emit_bs_utf(i, 8, false); return true;
        case Genop::bs_get_utf16: emit_bs_utf(i, 16, false); return true;
        case Genop::bs_get_utf32: emit_bs_utf(i, 32, false); return true;
        case Genop::bs_skip_utf8: emit_bs_utf(i, 8, true); return true;
        case Genop::bs_skip_utf16: emit_bs_utf(i, 16, true); return true;
        case Genop::bs_skip_utf32: emit_bs_utf(i, 32, true); return true;
        default: return false;
    }
}

void Lowerer::lower_bs_match(Instruction i) {
    const uint32_t fail = i[0].value();
    const Operand context = i[1];
    const uint32_t members = i[2].value();
    const auto at = [&](uint32_t k) { return i[3 + k]; };
    for (uint32_t k = 0; k < members;) {
        switch (static_cast<ir::BinMatch>(at(k).value())) {
            case ir::BinMatch::ensure_at_least: {
                auto& op = emit<ops::bs_ensure_at_least>();
                op.context = reg(context);
                op.bits = big_number(at(k + 1));
                op.unit = u16(at(k + 2).value());
                label_field(last_, offsetof(ops::bs_ensure_at_least, fail), fail);
                k += 3;
                break;
            }
            case ir::BinMatch::ensure_exactly: {
                auto& op = emit<ops::bs_ensure_exactly>();
                op.context = reg(context);
                op.bits = big_number(at(k + 1));
                label_field(last_, offsetof(ops::bs_ensure_exactly, fail), fail);
                k += 2;
                break;
            }
            case ir::BinMatch::integer:
                emit_bs_integer(fail, context, at(k + 1).value(), at(k + 3), at(k + 4).value(), at(k + 2).value(),
                                at(k + 5));
                k += 6;
                break;
            case ir::BinMatch::binary:
                emit_bs_field<ops::bs_get_binary>(fail, context, at(k + 1).value(), at(k + 3), at(k + 4).value(),
                                                  at(k + 2).value(), at(k + 5));
                k += 6;
                break;
            case ir::BinMatch::equal: {
                // At most 64 bits; the value is an integer, perhaps a big one: compared by a generic test.
                const Operand scratch = Operand::reg(OperandKind::x, kScratchX);
                emit_bs_integer(fail, context, ops::kNoLive, Operand::make(OperandKind::unsigned_, at(k + 1).value()),
                                1, 0, scratch);
                auto& op = emit<ops::is_eq_exact>();
                op.a = source(scratch);
                op.b = source(at(k + 2));
                label_field(last_, offsetof(ops::is_eq_exact, fail), fail);
                k += 3;
                break;
            }
            case ir::BinMatch::skip:
                emit_bs_skip(fail, context, at(k + 1), 1);
                k += 2;
                break;
            case ir::BinMatch::get_tail: {
                auto& op = emit<ops::bs_get_tail>();
                op.context = reg(context);
                op.to = reg(at(k + 3));
                op.live = u16(at(k + 1).value());
                k += 4;
                break;
            }
        }
    }
}

void Lowerer::lower_bs_create(Instruction i) {
    // Fail, alloc, live, unit, result, segments of six members.
    const uint32_t count = i[5].value() / 6;
    auto& op = emit<ops::bs_create_bin>();
    op.to = reg(i[4]);
    op.live = u16(i[2].value());
    op.count = u16(count);
    op.alloc = i[1].value();
    label_field(last_, offsetof(ops::bs_create_bin, fail), i[0].value());
    for (uint32_t k = 0; k < count; ++k) {
        const auto member = [&](uint32_t m) { return i[6 + 6 * k + m]; };
        const auto type = static_cast<ir::BinSegment>(member(0).value());
        const bool is_string = type == ir::BinSegment::string;
        const auto value =
            is_string ? reinterpret_cast<Word>(module_.strings.data() + member(4).value()) : source(member(4));
        push_segment(type, member(1).value(), member(3).value(), member(2).value(), value,
                     is_string ? member(5).value() : source(member(5)));
    }
}

namespace {

/// Where the instructions that fill a bit string have their operands; `fail`, `size`, `unit`: -1 if they have none.
struct Put {
    ir::BinSegment type;
    int fail, size, unit, flags, value;
};
const Put* put_of(Genop op) {
    using enum ir::BinSegment;
    static constexpr Put kInteger{integer, 0, 1, 2, 3, 4}, kFloat{float_, 0, 1, 2, 3, 4},
        kBinary{binary, 0, 1, 2, 3, 4}, kString{string, -1, 0, -1, -1, 1}, kUtf8{utf8, 0, -1, -1, 1, 2},
        kUtf16{utf16, 0, -1, -1, 1, 2}, kUtf32{utf32, 0, -1, -1, 1, 2};
    switch (op) {
        case Genop::bs_put_integer: return &kInteger;
        case Genop::bs_put_float: return &kFloat;
        case Genop::bs_put_binary: return &kBinary;
        case Genop::bs_put_string: return &kString;
        case Genop::bs_put_utf8: return &kUtf8;
        case Genop::bs_put_utf16: return &kUtf16;
        case Genop::bs_put_utf32: return &kUtf32;
        default: return nullptr;
    }
}

/// What makes the bit string that is then filled.
struct Begin {
    Operand to;
    uint32_t fail;
    uint16_t live;
    uint32_t words;
    bool appends;
};
std::optional<Begin> begin_of(Instruction i) {
    switch (i.op()) {
        case Genop::bs_init2:
        case Genop::bs_init_bits: return Begin{i[5], i[0].value(), u16(i[3].value()), i[2].value(), false};
        case Genop::bs_append: return Begin{i[7], i[0].value(), u16(i[3].value()), i[2].value(), true};
        case Genop::bs_private_append: return Begin{i[5], i[0].value(), ops::kNoLive, 0, true};
        default: return std::nullopt;
    }
}

bool is_same_register(Operand a, Operand b) { return a.is_register() && a.kind() == b.kind() && a.reg() == b.reg(); }

}  // namespace

/// The size in the first instruction is that of what the others write, in code that compilers have made; of other code, it is that.
Instruction Lowerer::lower_bs_filled(Instruction i) {
    const std::optional<Begin> begin = begin_of(i);
    if (!begin) return i;
    constexpr uint32_t kMost = 255;
    const Instruction end(module_.code.data() + function_.end);
    uint32_t count = 0;
    Instruction behind = i.next();
    for (; behind.words() < end.words(); behind = behind.next(), ++count) {
        const Put* put = put_of(behind.op());
        if (put == nullptr) break;
        if (put->fail >= 0 && behind[0].value() != begin->fail) return i;
        if (put->type != ir::BinSegment::string &&
            is_same_register(behind[static_cast<uint32_t>(put->value)], begin->to))
            return i;
        if (put->type != ir::BinSegment::string && put->size >= 0 && is_same_register(behind[1], begin->to)) return i;
    }
    if (count == 0 || count > kMost) return i;
    // OTP 22 and 23 do other things between two of them.
    for (Instruction k = behind; k.words() < end.words() && k.op() != Genop::label && !begin_of(k); k = k.next()) {
        if (put_of(k.op()) != nullptr) return i;
    }
    auto& op = emit<ops::bs_create_bin>();
    op.to = reg(begin->to);
    op.live = begin->live;
    op.count = u16(count + begin->appends);
    op.is_old = 1;
    op.alloc = begin->words;
    label_field(last_, offsetof(ops::bs_create_bin, fail), begin->fail);
    if (i.op() == Genop::bs_append) {
        push_segment(ir::BinSegment::append, 1, 0, i[4].value(), source(i[5]), am::all().word());
    } else if (begin->appends) {
        push_segment(ir::BinSegment::private_append, 1, 0, 1, source(i[3]), am::all().word());
    }
    for (Instruction k = i.next(); k.words() != behind.words(); k = k.next()) {
        const Put& put = *put_of(k.op());
        const auto member = [&](int number) { return k[static_cast<uint32_t>(number)]; };
        if (put.type == ir::BinSegment::string) {
            push_segment(put.type, 0, 0, 8, reinterpret_cast<Word>(module_.strings.data() + member(put.value).value()),
                         member(put.size).value());
        } else {
            push_segment(put.type, 0, member(put.flags).value(), put.unit < 0 ? 0 : member(put.unit).value(),
                         source(member(put.value)), put.size < 0 ? am::undefined().word() : source(member(put.size)));
        }
    }
    return behind;
}

template <typename T>
void Lowerer::emit_bs_put(Instruction i) {
    // Fail, size, unit, flags, value
    auto& op = emit<T>();
    op.unit = u16(i[2].value());
    op.flags = u16(i[3].value());
    op.size = source(i[1]);
    op.value = source(i[4]);
    label_field(last_, offsetof(T, fail), i[0].value());
}

bool Lowerer::lower_bs_writing(Instruction i) {
    const auto put_utf = [&](uint16_t width) {
        auto& op = emit<ops::bs_put_utf>();
        op.width = width;
        op.flags = u16(i[1].value());
        op.value = source(i[2]);
        label_field(last_, offsetof(ops::bs_put_utf, fail), i[0].value());
        return true;
    };
    const auto utf_size = [&](uint16_t width) {
        auto& op = emit<ops::bs_utf_size>();
        op.width = width;
        op.value = source(i[1]);
        op.to = reg(i[2]);
        return true;
    };
    switch (i.op()) {
        case Genop::bs_init2:
        case Genop::bs_init_bits: {
            auto& op = emit<ops::bs_init>();
            op.size = source(i[1]);
            op.words = i[2].value();
            op.live = u16(i[3].value());
            op.to = reg(i[5]);
            op.unit = i.op() == Genop::bs_init2 ? 8 : 1;
            label_field(last_, offsetof(ops::bs_init, fail), i[0].value());
            return true;
        }
        case Genop::bs_append: {
            auto& op = emit<ops::bs_append>();
            op.size = source(i[1]);
            op.words = i[2].value();
            op.live = u16(i[3].value());
            op.unit = u16(i[4].value());
            op.binary = source(i[5]);
            op.to = reg(i[7]);
            label_field(last_, offsetof(ops::bs_append, fail), i[0].value());
            return true;
        }
        case Genop::bs_private_append: {
            auto& op = emit<ops::bs_private_append>();
            op.size = source(i[1]);
            op.unit = u16(i[2].value());
            op.binary = source(i[3]);
            op.to = reg(i[5]);
            label_field(last_, offsetof(ops::bs_private_append, fail), i[0].value());
            return true;
        }
        case Genop::bs_init_writable: emit<ops::bs_init_writable>(); return true;
        case Genop::bs_put_integer: emit_bs_put<ops::bs_put_integer>(i); return true;
        case Genop::bs_put_float: emit_bs_put<ops::bs_put_float>(i); return true;
        case Genop::bs_put_binary: emit_bs_put<ops::bs_put_binary>(i); return true;
        case Genop::bs_put_string: {
            auto& op = emit<ops::bs_put_string>();
            op.bytes = i[0].value();
            op.string = module_.strings.data() + i[1].value();
            return true;
        }
        case Genop::bs_put_utf8: return put_utf(8);
        case Genop::bs_put_utf16: return put_utf(16);
        case Genop::bs_put_utf32: return put_utf(32);
        case Genop::bs_utf8_size: return utf_size(8);
        case Genop::bs_utf16_size: return utf_size(16);
        case Genop::bs_add: {
            auto& op = emit<ops::bs_add>();
            op.a = source(i[1]);
            op.b = source(i[2]);
            op.unit = u16(i[3].value());
            op.to = reg(i[4]);
            label_field(last_, offsetof(ops::bs_add, fail), i[0].value());
            return true;
        }
        default: return false;
    }
}

}  // namespace lintel
