#include "jit/aarch64/emit_calls.h"

/// Bit strings, but for rows of fields (emit_bit_rows.cpp).

namespace lintel::aarch64 {

using namespace asmjit::a64;

/// A context that is matched on from its position; everything else makes a new one, in the interpreter.
void Emitter::emit(const ops::bs_start_match& op) {
    if (op.slots != 0 || is_constant(op.from)) return leave();
    const Gp term = load_source(op.from, x10);
    jump_unless_tag(term, Tag::boxed, x9, leaving());
    load_kind(x9, term);
    jump_unless_kinds(x9, Kind::match_context, Kind::match_context, leaving());
    read(x9, term, layout::kContextPosition);
    write(term, layout::kContextStart, x9);
    store(place_of(op.to), term);
}

void Emitter::emit(const ops::bs_get_position& op) {
    read(x9, load(op.context, x10), layout::kContextPosition);
    tag_small(x9, x9);
    store(place_of(op.to), x9);
}

/// x9: how many bits are left.
void Emitter::load_bits_left(ops::Reg context) {
    const Gp c = load(context, x10);
    read(x9, c, layout::kContextEnd);
    read(x11, c, layout::kContextPosition);
    a_.sub(x9, x9, x11);
}

void Emitter::emit(const ops::bs_test_tail& op) {
    load_bits_left(op.context);
    compare_constant(x9, op.bits);
    a_.b_ne(label_at(op.fail));
}
/// x9: a number of bits.
void Emitter::jump_unless_multiple(unsigned unit, Label to) {
    if (unit == 1) return;
    if ((unit & (unit - 1)) == 0) {
        a_.tst(x9, unit - 1);
        a_.b_ne(to);
        return;
    }
    constant(x10, unit);
    a_.udiv(x11, x9, x10);
    a_.msub(x11, x11, x10, x9);
    a_.cbnz(x11, to);
}

void Emitter::emit(const ops::bs_test_unit& op) {
    load_bits_left(op.context);
    jump_unless_multiple(op.unit, label_at(op.fail));
}
// ---- construction

/// In one piece if the binary can grow in place and the values are small integers.
void Emitter::short_append(const ops::bs_create_bin& op) {
    const Label done = a_.newLabel();
    const Label other = cold([this, &op, done] {
        call_build(op, raising(op.fail));
        a_.b(done);
    });
    const Word* const first = ops::rest(op);
    unsigned bits = 0;
    for (const Word* words = first + 3; words != first + 3 * op.count; words += 3) {
        const bool is_string = static_cast<ir::BinSegment>(words[0] & 0xff) == ir::BinSegment::string;
        const auto unit = static_cast<uint16_t>(words[0] >> 32);
        const auto n =
            static_cast<unsigned>(is_string ? 8 * words[2] : static_cast<Word>(Term(words[2]).to_small()) * unit);
        if (is_string) {
            uint64_t value = 0;
            for (Word k = 0; k < words[2]; ++k) value = value << 8 | reinterpret_cast<const uint8_t*>(words[1])[k];
            constant(x10, value);
        } else {
            const Gp value = load_source(words[1], x10);
            jump_unless_small(value, x9, other);
            a_.asr(x10, value, kTagBits);
        }
        if (n == 0) continue;
        if (bits == 0) {
            a_.mov(x2, x10);
        } else {
            a_.lsl(x2, x2, n);
            a_.bfxil(x2, x10, 0, n);
        }
        bits += n;
    }
    // What is above the bits is not written.
    const auto unit = static_cast<uint32_t>(first[0] >> 32 & 0xffff);
    const auto call = [this, &op, first, unit, bits, other] {
        load_source_into(x1, first[1]);
        constant(w3, unit | uint64_t{bits} << 16);
        call_out(reinterpret_cast<const void*>(run_append));
        a_.cbz(x0, other);
        store(place_of(op.to), x0);
    };
    if (is_inline_append(unit, bits)) {
        load_source_into(x1, first[1]);
        append_whole(unit, bits / 8, cold([this, call, done] {
                         call();
                         a_.b(done);
                     }));
        store(place_of(op.to), x0);
    } else {
        call();
    }
    bind(done);
}

/// bs_try_append of 1, 2, 4 or 8 bytes: x2, in the low ones, to the bit string x1; the result in x0. To `other`, with x2 as it was, if that has to
/// do it.
void Emitter::append_whole(unsigned unit, unsigned bytes, Label other) {
    jump_unless_tag(x1, Tag::boxed, x9, other);
    constant(x10, layout::kSubHeader);
    a_.ldur(x9, ptr(x1, layout::kHeader));
    a_.cmp(x9, x10);
    a_.b_ne(other);
    a_.ldur(x11, ptr(x1, layout::kSubOf));
    constant(x12, layout::kHandleHeader);
    a_.ldur(x9, ptr(x11, layout::kHeader));
    a_.cmp(x9, x12);
    a_.b_ne(other);
    a_.ldur(x12, ptr(x1, layout::kSubOffset));
    a_.ldur(x13, ptr(x1, layout::kSubSize));
    if (unit != 1) {
        a_.tst(x13, unit - 1);
        a_.b_ne(other);
    }
    a_.ldur(x14, ptr(x11, layout::kHandleFlags));
    constant(x9, RefcBinary::kWritable | RefcBinary::kLastBitsMask);
    a_.and_(x9, x14, x9);
    a_.cmp(x9, RefcBinary::kWritable);
    a_.b_ne(other);
    // What it becomes is made at the heap top at once, where it is nothing yet.
    a_.stp(x10, x11, ptr(reg::kHeap));
    add(x9, x13, 8 * bytes);
    a_.stp(x12, x9, ptr(reg::kHeap, 16));
    a_.ldur(x10, ptr(x11, layout::kHandleBytes));
    a_.add(x12, x12, x13);
    a_.cmp(x12, x10, lsl(3));
    a_.b_ne(other);
    a_.ldur(x13, ptr(x11, layout::kHandleData));
    a_.ldr(x9, ptr(x13, layout::kDataCapacity));
    add(x12, x10, bytes);
    a_.cmp(x12, x9);
    a_.b_hi(other);
    a_.ldr(x13, ptr(x13, layout::kDataBytes));
    if (bytes == 1) {
        a_.strb(w2, ptr(x13, x10));
    } else if (bytes == 2) {
        a_.rev16(w2, w2);
        a_.strh(w2, ptr(x13, x10));
    } else if (bytes == 4) {
        a_.rev(w2, w2);
        a_.str(w2, ptr(x13, x10));
    } else {
        a_.rev(x2, x2);
        a_.str(x2, ptr(x13, x10));
    }
    a_.stur(x12, ptr(x11, layout::kHandleBytes));
    a_.orr(x14, x14, RefcBinary::kActiveWriter);
    a_.stur(x14, ptr(x11, layout::kHandleFlags));
    a_.ldr(x9, ptr(reg::kState, layout::kOffHeapBytes));
    add(x9, x9, bytes);
    a_.str(x9, ptr(reg::kState, layout::kOffHeapBytes));
    add(x0, reg::kHeap, static_cast<int64_t>(Tag::boxed));
    add(reg::kHeap, reg::kHeap, 8 * kSubBinaryWords);
}

#include "jit/forms_bits.inc"

}  // namespace lintel::aarch64
