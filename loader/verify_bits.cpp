/// The verifier's rules for bit strings: matching and construction, of all releases.
///
/// The engine reads a match context without a test, so its register must hold one for sure. Positions, sizes and room are tested
/// by the engine each time (vm/runtime_bs.h).

#include "loader/verify_p.h"
#include "term/atom.h"

namespace lintel::verifier {

bool Verifier::bits(Instruction i) {
    switch (i.op()) {
        case Genop::bs_start_match2: return small_number(i[3]) && bs_start(i[0], i[1], i[2].value(), i[4]);
        case Genop::bs_start_match3: return bs_start(i[0], i[1], i[2].value(), i[3]);
        case Genop::bs_start_match4:
            return bs_start(i[0].kind() == OperandKind::label ? i[0] : Operand::make(OperandKind::label, 0), i[2],
                            i[1].value(), i[3]);
        case Genop::bs_get_integer2:
        case Genop::bs_get_float2:
        case Genop::bs_get_binary2: return unit(i[4]) && bs_get(i[0], i[1], i[2].value(), i[3], i[6]);
        case Genop::bs_skip_bits2: return read_context(i[1]) && read(i[2]) && unit(i[3]) && flow(i[0]);
        case Genop::bs_test_tail2:
        case Genop::bs_match_string: return read_context(i[1]) && flow(i[0]);
        case Genop::bs_test_unit: return read_context(i[1]) && unit(i[2]) && flow(i[0]);
        case Genop::bs_save2:
        case Genop::bs_restore2: return read_context(i[0]) && (i[1].kind() == OperandKind::atom || small_number(i[1]));
        case Genop::bs_context_to_binary:
            if (!type_of(i[0]).is_root()) return bad_operand(i[0], "a term");
            if (!y_ready()) return false;
            s_.credit = 0;
            s_.writer = false;
            if (!type_of(i[0]).is_plain()) refine(i[0], Holds::term);
            return true;
        case Genop::bs_get_position:
        case Genop::bs_get_tail: {
            const uint32_t live = i[2].value();
            if (!read_context(i[0]) || !may_collect(live)) return false;
            // OTP 22 and 23 put these between the puts of a binary.
            const bool writer = s_.writer;
            collected(live);
            s_.writer = writer;
            return write(i[1], Holds::term);
        }
        case Genop::bs_set_position: return read_context(i[0]) && read(i[1]);
        case Genop::bs_get_utf8:
        case Genop::bs_get_utf16:
        case Genop::bs_get_utf32:
            if (!read_context(i[1]) || !may_collect(i[2].value()) || !flow(i[0])) return false;
            collected(i[2].value());
            return write(i[4], Holds::term);
        case Genop::bs_skip_utf8:
        case Genop::bs_skip_utf16:
        case Genop::bs_skip_utf32: return read_context(i[1]) && flow(i[0]);
        case Genop::bs_match: return bs_match(i);

        case Genop::bs_create_bin: return bs_create(i);
        case Genop::bs_init2:
        case Genop::bs_init_bits: return bs_begin(i[0], i[1], i[1], i[5], i[2].value(), i[3].value());
        case Genop::bs_append: return unit(i[4]) && bs_begin(i[0], i[1], i[5], i[7], i[2].value(), i[3].value());
        case Genop::bs_private_append:
            if (!read(i[1]) || !unit(i[2]) || !read(i[3])) return false;
            s_.credit = 0;
            s_.writer = false;
            if (!raises_or_flows(i[0])) return false;
            s_.writer = true;
            return write(i[5], Holds::term);
        case Genop::bs_init_writable:
            if (!read_x(1) || !raises()) return false;
            collected(1);
            s_.x[0] = Holds::term;
            return true;
        case Genop::bs_put_integer:
        case Genop::bs_put_float:
        case Genop::bs_put_binary: return unit(i[2]) && read(i[1]) && bs_put(i[0], i[4]);
        case Genop::bs_put_utf8:
        case Genop::bs_put_utf16:
        case Genop::bs_put_utf32: return bs_put(i[0], i[2]);
        case Genop::bs_put_string: return s_.writer || fail("no binary is under construction");
        case Genop::bs_utf8_size:
        case Genop::bs_utf16_size: return read(i[1]) && write(i[2], Holds::term);
        case Genop::bs_add:
            if (!read(i[1]) || !read(i[2]) || !unit(i[3]) || !raises_with_loss(i[0])) return false;
            return write(i[4], Holds::term);
        default: return fail("unknown instruction");
    }
}

bool Verifier::unit(Operand o) {
    constexpr uint32_t kMaxUnit = 256;
    return (o.value() >= 1 && o.value() <= kMaxUnit) || fail("unit " + std::to_string(o.value()));
}

bool Verifier::small_number(Operand o) {
    constexpr uint32_t kMax = 0xfffe;
    return o.value() <= kMax || fail("number " + std::to_string(o.value()) + " is too large");
}

/// An X register that is still read when the engine has collected must be among the live ones.
bool Verifier::survives(Operand o, uint32_t live) {
    if (o.kind() != OperandKind::x || o.reg() < live) return true;
    return fail("x" + std::to_string(o.reg()) + " is used, but not live");
}

// ---- matching

bool Verifier::bs_start(Operand fails, Operand from, uint32_t live, Operand to) {
    const Type t = type_of(from);
    taint_ = taint_.with(t);
    if (!t.is_root()) return bad_operand(from, "a term");
    if (!may_collect(live)) return false;
    s_.credit = 0;
    s_.writer = false;
    if (fails.value() != 0) {
        // A match context always matches, so behind the label this is none. Nothing has been collected there.
        if (t.holds() == Holds::maybe_context) refine(from, Holds::term);
        if (!flow(fails)) return false;
        refine(from, t);
    }
    collected(live);
    return write(to, Holds::context);
}

bool Verifier::bs_get(Operand fails, Operand context, uint32_t live, Operand size, Operand to) {
    if (!read_context(context) || !read(size) || !may_collect(live)) return false;
    s_.credit = 0;
    s_.writer = false;
    if (!flow(fails)) return false;
    collected(live);
    return write(to, Holds::term);
}

/// Commands one after another. Where a command fails, those before it have been done.
bool Verifier::bs_match(Instruction i) {
    // More bits could be more than an integer can have.
    constexpr uint64_t kSurelyInteger = 1 << 24;
    const Operand fails = i[0], context = i[1];
    if (!read_context(context)) return false;
    const uint32_t members = i[2].value();
    s_.credit = 0;
    s_.writer = false;
    uint64_t sure = 0;  // bits that are certainly left
    bool told = false;  // the label knows the present state
    const auto may_fail = [&] {
        if (told) return true;
        told = true;
        return flow(fails);
    };
    const auto take = [&](uint64_t size, bool known) {
        if (known && size <= sure) {
            sure -= size;
            return true;
        }
        sure = 0;
        return may_fail();
    };
    const auto number = [&](Operand o) { return o.kind() == OperandKind::unsigned_ ? o.value() : uint64_t{0}; };
    for (uint32_t k = 0; k < members;) {
        const auto at = [&](uint32_t n) { return i[3 + k + n]; };
        switch (static_cast<ir::BinMatch>(at(0).value())) {
            case ir::BinMatch::ensure_at_least:
                if (!unit(at(2)) || !may_fail()) return false;
                sure = number(at(1));
                k += 3;
                break;
            case ir::BinMatch::ensure_exactly:
                if (!may_fail()) return false;
                sure = number(at(1));
                k += 2;
                break;
            case ir::BinMatch::integer:
            case ir::BinMatch::binary: {
                const uint32_t live = at(1).value();
                const Operand size = at(3);
                if (!read_context(context) || !unit(at(4)) || !may_collect(live)) return false;
                const uint64_t bits_taken = number(size) * at(4).value();
                if (!take(bits_taken, size.kind() == OperandKind::unsigned_ && bits_taken <= kSurelyInteger))
                    return false;
                collected(live);
                if (!write(at(5), Holds::term)) return false;
                told = false;
                k += 6;
                break;
            }
            case ir::BinMatch::equal:
                if (!read_context(context) || !may_fail()) return false;
                take(at(1).value(), true);
                k += 3;
                break;
            case ir::BinMatch::skip:
                if (!read_context(context) || !take(number(at(1)), at(1).kind() == OperandKind::unsigned_))
                    return false;
                k += 2;
                break;
            case ir::BinMatch::get_tail: {
                const uint32_t live = at(1).value();
                if (!read_context(context) || !may_collect(live)) return false;
                collected(live);
                if (!write(at(3), Holds::term)) return false;
                told = false;
                k += 4;
                break;
            }
            default: return fail("unknown command");
        }
    }
    // The label must be known to this function even if nothing can fail.
    return told || label_state_[fails.value()] != 0 || flow(fails);
}

// ---- construction

bool Verifier::bs_create(Instruction i) {
    // Fail, heap words, live, unit, result, segments of six members.
    const uint32_t live = i[2].value(), count = i[5].value() / 6;
    if (count > kMaxElements) return fail("too many segments");
    for (uint32_t k = 0; k < count; ++k) {
        const auto member = [&](uint32_t n) { return i[6 + 6 * k + n]; };
        if (!small_number(member(1))) return false;
        if (static_cast<ir::BinSegment>(member(0).value()) == ir::BinSegment::string) continue;
        for (const uint32_t n : {4u, 5u}) {
            if (!read(member(n)) || !survives(member(n), live)) return false;
        }
    }
    if (!may_collect(live)) return false;
    collected(live);
    if (!raises_or_flows(i[0])) return false;
    s_.credit = i[1].value();
    return write(i[4], Holds::term);
}

/// bs_init2, bs_init_bits, bs_append: a binary that puts will fill.
bool Verifier::bs_begin(Operand fails, Operand size, Operand from, Operand to, uint32_t words, uint32_t live) {
    if (!read(size) || !read(from) || !may_collect(live) || !survives(size, live) || !survives(from, live))
        return false;
    collected(live);
    if (!raises_or_flows(fails)) return false;
    s_.credit = words;
    s_.writer = true;
    return write(to, Holds::term);
}

bool Verifier::bs_put(Operand fails, Operand value) {
    if (!s_.writer) return fail("no binary is under construction");
    return read(value) && raises_with_loss(fails);
}

/// As raises_or_flows. If it fails, the error takes heap words.
bool Verifier::raises_with_loss(Operand fails) {
    const uint32_t credit = s_.credit;
    s_.credit = 0;
    if (!raises_or_flows(fails)) return false;
    s_.credit = credit;
    return true;
}

}  // namespace lintel::verifier
