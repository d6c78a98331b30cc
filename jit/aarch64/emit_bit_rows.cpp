#include "jit/aarch64/emitter.h"
#include "vm/bit_access.h"

/// Fields of bit strings that are read in a row.
///
/// x11: where the row begins. The context is not needed any more when fields are read, unless one differs from what it must be.

namespace lintel::aarch64 {

using namespace asmjit::a64;

void Emitter::emit_bit_row(const BitRow& row, Label other) {
    const Gp context = load(row.context, x10);
    read(x11, context, layout::kContextPosition);
    read(x12, context, layout::kContextEnd);
    add(x9, x11, row.bits);
    if (row.test == BitRow::Test::enough) {
        a_.cmp(x9, x12);
        a_.b_hi(row.count == 1 ? label_at(row.fail) : other);
    } else {
        a_.sub(x12, x12, x11);
        constant(x13, row.tested_bits);
        a_.subs(x12, x12, x13);
        if (row.test == BitRow::Test::exactly) {
            a_.b_ne(label_at(row.fail));
        } else {
            a_.b_lo(label_at(row.fail));
            if (row.unit != 1) {
                a_.tst(x12, row.unit - 1);
                a_.b_ne(label_at(row.fail));
            }
        }
    }
    if (row.is_bytes) {
        a_.tst(w11, 7);
        a_.b_ne(other);
    }
    read(x12, context, layout::kContextBase);
    write(context, layout::kContextPosition, x9);
    if (!row.is_bytes) return read_bits_row(row);
    a_.add(x11, x12, x11, lsr(3));
    read_bytes_row(row);
}

void Emitter::set_back(ops::Reg context, uint32_t bits) {
    const Gp c = load(context, x10);
    read(x9, c, layout::kContextPosition);
    constant(x11, bits);
    a_.sub(x9, x9, x11);
    write(c, layout::kContextPosition, x9);
}

/// Makes a small integer of a part of `number`, which has `width` bits (above them are zeros), `below` of them beneath the field.
void Emitter::take_field(const BitField& field, Gp number, unsigned, unsigned below) {
    if (field.is_signed) {
        a_.sbfx(number, number, below, field.bits);
    } else {
        a_.ubfx(number, number, below, field.bits);
    }
    tag_small(number, number);
}

// ---- from a byte on

void Emitter::load_row_bytes(Gp to, uint32_t first, unsigned count, bool is_little) {
    if (first == 0) return load_bytes(to, x11, count, is_little);
    add(x13, x11, first);
    load_bytes(to, x13, count, is_little);
}

/// `count` bytes, 1 to 8, as a number; of those in little-endian order, 4 at most. x14 is lost.
void Emitter::load_bytes(Gp to, Gp from, unsigned count, bool is_little) {
    const auto part = [this, from, is_little](Gp number, unsigned offset, unsigned size) {
        const Mem at = ptr(from, static_cast<int32_t>(offset));
        if (size == 8) {
            a_.ldr(number, at);
            if (!is_little) a_.rev(number, number);
        } else if (size == 4) {
            a_.ldur(number.w(), at);
            if (!is_little) a_.rev(number.w(), number.w());
        } else if (size == 2) {
            a_.ldurh(number.w(), at);
            if (!is_little) a_.rev16(number.w(), number.w());
        } else {
            a_.ldurb(number.w(), at);
        }
    };
    const unsigned head = std::bit_floor(count);
    part(to, 0, head);
    // The rest with some of what has been read, where both agree.
    if (head == count) return;
    part(x14, count - head, head);
    if (is_little) {
        a_.orr(to, to, x14, lsl(8 * (count - head)));
    } else {
        a_.orr(to, x14, to, lsl(8 * (count - head)));
    }
}

/// Whole bytes.
void Emitter::jump_unless_bytes(const BitField& field, Label other) {
    load_row_bytes(x9, field.first / 8, field.bits / 8, false);
    constant(x10, field.value);
    a_.cmp(x9, x10);
    a_.b_ne(other);
}

// ---- from any bit on

void Emitter::jump_unless_word(Gp number, Word value, Label other) {
    constant(x14, value);
    a_.cmp(number, x14);
    a_.b_ne(other);
}

/// `bits` of them, 56 at most, from bit `first` of the row on: in x9 from its highest bit on. x12: the first byte of what the context is of.
void Emitter::load_window(uint32_t first, uint32_t bits) {
    const unsigned bytes = (bits + 7) / 8;
    add(x10, x11, first);
    a_.add(x13, x12, x10, lsr(3));
    load_bytes(x9, x13, bytes, false);
    // The byte of the last bit is the last of these, or the next.
    add(x13, x10, bits - 1);
    a_.lsr(x13, x13, 3);
    a_.ldrb(w13, ptr(x12, x13));
    a_.orr(x9, x13, x9, lsl(8));
    a_.and_(x10, x10, 7);
    if (bytes != 7) a_.add(x10, x10, 56 - 8 * bytes);
    a_.lsl(x9, x9, x10);
}

#include "jit/forms_bit_rows.inc"

}  // namespace lintel::aarch64
