#include "jit/aarch64/emit_calls.h"

/// Bit strings, but for rows of fields (emit_bit_rows.cpp).

namespace lintel::aarch64 {

using namespace asmjit::a64;

void Emitter::match_on(const ops::bs_start_match& op, Label other) {
    const Gp term = load_source(op.from, x10);
    jump_unless_tag(term, Tag::boxed, x9, failing(op.fail));
    load_kind(x9, term);
    jump_unless_kinds(x9, Kind::match_context, Kind::match_context, other);
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
/// x11: where a field of so many bits begins, x9: where it ends. To `fail` if there are not as many, to `other` if it does not begin at a byte.
void Emitter::begin_field(Gp context, unsigned bits, Label fail, Label other) {
    read(x11, context, layout::kContextPosition);
    read(x12, context, layout::kContextEnd);
    add(x9, x11, bits);
    a_.cmp(x9, x12);
    a_.b_hi(fail);
    a_.tst(w11, 7);
    a_.b_ne(other);
}

/// A byte below 128, from a byte on.
void Emitter::get_ascii(const ops::bs_get_utf& op, Label other) {
    const Gp context = load(op.context, x10);
    begin_field(context, 8, other, other);
    read(x12, context, layout::kContextBase);
    a_.lsr(x11, x11, 3);
    a_.ldrb(w13, ptr(x12, x11));
    a_.tbnz(w13, 7, other);
    write(context, layout::kContextPosition, x9);
    const Gp value = target(place_of(op.to), x13);
    tag_small(value, x13);
    store(place_of(op.to), value);
}

/// Eight bytes, from a byte on, to x13; x9: the position behind them.
void Emitter::read_field_64(Gp context, bool is_little, Label fail, Label other) {
    begin_field(context, 64, fail, other);
    read(x12, context, layout::kContextBase);
    a_.lsr(x11, x11, 3);
    a_.ldr(x13, ptr(x12, x11));
    if (!is_little) a_.rev(x13, x13);
}

void Emitter::get_integer_64(const ops::bs_get_integer_fixed& op, Label other) {
    const Gp context = load(op.context, x10);
    read_field_64(context, bs_is_little(op.flags), label_at(op.fail), other);
    constexpr unsigned kSign = 64 - kTagBits - 1;
    if ((op.flags & kBsSigned) != 0) {
        a_.sbfx(x11, x13, 0, kSign + 1);
        a_.cmp(x11, x13);
        a_.b_ne(other);
    } else {
        a_.lsr(x11, x13, kSign);
        a_.cbnz(x11, other);
    }
    write(context, layout::kContextPosition, x9);
    const Gp value = target(place_of(op.to), x13);
    tag_small(value, x13);
    store(place_of(op.to), value);
}

void Emitter::get_float_64(const ops::bs_get_float& op, Label other) {
    const Gp context = load(op.context, x10);
    read_field_64(context, bs_is_little(op.flags), label_at(op.fail), other);
    a_.ror(x13, x13, 60);
    jump_unless_self_tagged(x13, x11, other);
    write(context, layout::kContextPosition, x9);
    store(place_of(op.to), x13);
}

/// A sub_binary, if what comes out is no copy and not all of what the context is of.
void Emitter::get_part(ops::Reg from, ops::Reg to, PartSize kind, unsigned unit, Word size, Label fail, Label other) {
    if ((unit & (unit - 1)) != 0 && kind == PartSize::all) {
        a_.b(other);
        return;
    }
    const Gp context = load(from, x10);
    read(x11, context, layout::kContextPosition);
    read(x12, context, layout::kContextEnd);
    if (kind == PartSize::of_register) {
        const Gp units = load_source(size, x13);
        jump_unless_small(units, x9, other);
        a_.lsr(x9, units, 32 + kTagBits);
        a_.cbnz(x9, other);
        a_.lsr(x13, units, kTagBits);
        constant(x9, unit);
        a_.mul(x13, x13, x9);
    } else if (kind == PartSize::constant) {
        constant(x13, size);
    } else {
        a_.sub(x13, x12, x11);
        if (unit != 1) {
            a_.tst(x13, unit - 1);
            a_.b_ne(fail);
        }
    }
    a_.add(x9, x11, x13);
    if (kind == PartSize::constant || kind == PartSize::of_register) {
        a_.cmp(x9, x12);
        a_.b_hi(fail);
    }
    a_.cmp(x13, 8 * kBsCopyBytes);
    a_.b_ls(other);
    a_.cbz(x11, other);
    if (kind != PartSize::tail) write(context, layout::kContextPosition, x9);
    read(x12, context, layout::kContextOf);
    constant(x9, layout::kSubHeader);
    a_.stp(x9, x12, ptr(reg::kHeap));
    a_.stp(x11, x13, ptr(reg::kHeap, 16));
    make_boxed(place_of(to), kSubBinaryWords);
}

/// So many bytes, at most kBsCopyBytes, from a byte on.
void Emitter::copy_part(const ops::bs_get_binary& op, unsigned bytes, Label other) {
    const Gp context = load(op.context, x10);
    begin_field(context, 8 * bytes, label_at(op.fail), other);
    read(x12, context, layout::kContextBase);
    write(context, layout::kContextPosition, x9);
    a_.add(x11, x12, x11, lsr(3));
    const size_t words = words_for_bytes(bytes);
    write_header(make_header(Kind::heap_binary, words, bytes));
    for (unsigned at = 0; at < bytes; at += 8) {
        const unsigned n = std::min(bytes - at, 8u);
        load_row_bytes(x9, at, n, false);
        if (n < 8) a_.lsl(x9, x9, 64 - 8 * n);
        a_.rev(x9, x9);
        write(reg::kHeap, 8 + at, x9);
    }
    make_boxed(place_of(op.to), 1 + words);
}

// ---- construction

void Emitter::write_header(Word header) { write_word(reg::kHeap, 0, header, x9); }

/// The segment's bits, in x10; above them are zeros.
void Emitter::load_segment(const BitSegment& segment, bool, Label other) {
    if (segment.kind == BitSegment::Kind::constant) return constant(x10, segment.value);
    const Gp value = load_source(segment.value, x10);
    if (segment.kind == BitSegment::Kind::float_64) {
        jump_unless_self_tagged(value, x9, other);
        a_.ror(x10, value, 4);
        if (segment.is_little) a_.rev(x10, x10);
        return;
    }
    jump_unless_small(value, x9, other);
    if (segment.bits == 0) return;
    a_.asr(x10, value, kTagBits);
    if (segment.is_little) {
        a_.rev(x10, x10);
        if (segment.bits < 64) a_.lsr(x10, x10, 64 - segment.bits);
    } else if (segment.bits < 64) {
        a_.ubfx(x10, x10, 0, segment.bits);
    }
}

/// To those in x2, `head` of the segment's bits, all but `rest`; 0: in their place, whatever is above them.
void Emitter::append_bits(unsigned head, unsigned rest) {
    if (head == 0) {
        a_.lsr(x2, x10, rest);
        return;
    }
    a_.lsl(x2, x2, head);
    a_.orr(x2, x2, x10, lsr(rest));
}

void Emitter::store_gathered(int32_t at, unsigned bits) {
    if (bits < 64) a_.lsl(x2, x2, 64 - bits);
    a_.rev(x2, x2);
    write(reg::kHeap, at, x2);
}

void Emitter::load_heap_address(Gp to, int32_t at) { add(to, reg::kHeap, at); }

/// Appends to `old` what is in x2.
void Emitter::call_append(const void* function, Word old, uint32_t sizes, Label other) {
    load_source_into(x1, old);
    constant(w3, sizes);
    call_out(function);
    a_.cbz(x0, other);
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
