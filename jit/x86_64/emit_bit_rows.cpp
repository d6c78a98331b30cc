#include "jit/x86_64/emitter.h"
#include "vm/bit_access.h"

/// Fields of bit strings that are read in a row.
///
/// rdx: where the row begins. The context is not needed any more when fields are read, unless one differs from what it must be.

namespace lintel::x86_64 {

using namespace asmjit::x86;

void Emitter::emit_bit_row(const BitRow& row, Label other) {
    const Gp context = load(row.context, rcx);
    a_.mov(rdx, qword_ptr(context, layout::kContextPosition));
    const auto bits = static_cast<int32_t>(row.bits);
    if (row.test == BitRow::Test::enough) {
        a_.lea(rax, qword_ptr(rdx, bits));
        a_.cmp(rax, qword_ptr(context, layout::kContextEnd));
        a_.ja(row.count == 1 ? label_at(row.fail) : other);
    } else {
        a_.mov(rax, qword_ptr(context, layout::kContextEnd));
        a_.sub(rax, rdx);
        if (row.test == BitRow::Test::exactly) {
            a_.cmp(rax, static_cast<int32_t>(row.tested_bits));
            a_.jne(label_at(row.fail));
        } else {
            a_.sub(rax, static_cast<int32_t>(row.tested_bits));
            a_.jb(label_at(row.fail));
            jump_unless_multiple(row.unit, label_at(row.fail));
        }
        a_.lea(rax, qword_ptr(rdx, bits));
    }
    if (row.is_bytes) {
        a_.test(dl, 7);
        a_.jnz(other);
        a_.mov(qword_ptr(context, layout::kContextPosition), rax);
        a_.shr(rdx, 3);
        a_.add(rdx, qword_ptr(context, layout::kContextBase));
        return read_bytes_row(row);
    }
    a_.mov(qword_ptr(context, layout::kContextPosition), rax);
    a_.mov(rsi, qword_ptr(context, layout::kContextBase));
    read_bits_row(row);
}

void Emitter::set_back(ops::Reg context, uint32_t bits) {
    a_.sub(qword_ptr(load(context, rcx), layout::kContextPosition), static_cast<int32_t>(bits));
}

/// Makes a small integer of a part of `number`, which has `width` bits (above them are zeros), `below` of them beneath the field.
void Emitter::take_field(const BitField& field, Gp number, unsigned width, unsigned below) {
    const unsigned above = width - below - field.bits;
    if (above == 0 && !field.is_signed) {
        // What is left of others becomes the tag.
        if (below > kTagBits) a_.shr(number, static_cast<int32_t>(below - kTagBits));
        if (below < kTagBits) a_.shl(number, static_cast<int32_t>(kTagBits - below));
    } else {
        if (64 - width + above != 0) a_.shl(number, static_cast<int32_t>(64 - width + above));
        const auto down = static_cast<int32_t>(64 - kTagBits - field.bits);
        if (field.is_signed) {
            a_.sar(number, down);
        } else {
            a_.shr(number, down);
        }
    }
    a_.or_(number, static_cast<int32_t>(Tag::small));
}

// ---- from a byte on

void Emitter::load_row_bytes(Gp to, uint32_t first, unsigned count, bool is_little) {
    load_bytes(to, ptr(rdx, static_cast<int32_t>(first)), count, is_little);
}

/// `count` bytes, 1 to 8, as a number; of those in little-endian order, 4 at most.
void Emitter::load_bytes(Gp to, Mem from, unsigned count, bool is_little) {
    const auto part = [&from](unsigned offset, unsigned size) {
        Mem m = from.cloneAdjusted(offset);
        m.setSize(size);
        return m;
    };
    const auto to_order = [&](unsigned size) {
        if (is_little || size == 1) return;
        if (size == 2) a_.rol(to.r16(), 8);
        if (size == 4) a_.bswap(to.r32());
        if (size == 8) a_.bswap(to);
    };
    if (count == 3 && is_little) {
        a_.movzx(to.r32(), part(2, 1));
        a_.shl(to.r32(), 16);
        a_.mov(to.r16(), part(0, 2));
        return;
    }
    const unsigned head = count == 8 ? 8 : count >= 4 ? 4 : count >= 2 ? 2 : 1;
    if (head <= 2) {
        a_.movzx(to.r32(), part(0, head));
    } else {
        a_.mov(head == 8 ? to : to.r32(), part(0, head));
    }
    to_order(head);
    if (head == 4 && count >= 6) {
        a_.shl(to, 16);
        a_.mov(to.r16(), part(4, 2));
        to_order(2);
    }
    if ((count & 1) != 0 && count > 1) {
        a_.shl(to, 8);
        a_.mov(to.r8(), part(count - 1, 1));
    }
}

/// Whole bytes, in the order of memory.
void Emitter::jump_unless_bytes(const BitField& field, Label other) {
    const auto count = static_cast<int32_t>(field.bits / 8);
    const auto first = static_cast<int32_t>(field.first / 8);
    // From the left: bytes are taken from the top of the value.
    const uint64_t value = field.value << (64 - field.bits);
    for (int32_t at = 0; at < count;) {
        const int32_t left = count - at;
        const auto bytes = static_cast<uint32_t>(to_big_endian(value << (8 * at)));
        if (left == 8) {
            constant(rax, to_big_endian(value));
            a_.cmp(qword_ptr(rdx, first), rax);
            at += 8;
        } else if (left >= 4) {
            a_.cmp(dword_ptr(rdx, first + at), static_cast<int32_t>(bytes));
            at += 4;
        } else if (left >= 2) {
            a_.cmp(word_ptr(rdx, first + at), static_cast<int16_t>(bytes));
            at += 2;
        } else {
            a_.cmp(byte_ptr(rdx, first + at), static_cast<int8_t>(bytes));
            at += 1;
        }
        a_.jne(other);
    }
}

// ---- from any bit on

void Emitter::jump_unless_word(Gp number, Word value, Label other) {
    compare_constant(number, value, rdi);
    has_file_ = false;
    a_.jne(other);
}

/// `bits` of them, 56 at most, from bit `first` of the row on: in rax from its highest bit on. rsi: the first byte of what the context is of.
void Emitter::load_window(uint32_t first, uint32_t bits) {
    const unsigned bytes = (bits + 7) / 8;
    a_.lea(rcx, qword_ptr(rdx, static_cast<int32_t>(first)));
    a_.shr(rcx, 3);
    load_bytes(rax, ptr(rsi, rcx), bytes, false);
    // The byte of the last bit is the last of these, or the next.
    a_.lea(rcx, qword_ptr(rdx, static_cast<int32_t>(first + bits - 1)));
    a_.shr(rcx, 3);
    a_.shl(rax, 8);
    a_.mov(al, byte_ptr(rsi, rcx));
    a_.lea(ecx, dword_ptr(rdx, static_cast<int32_t>(first)));
    a_.and_(ecx, 7);
    if (bytes != 7) a_.add(ecx, static_cast<int32_t>(56 - 8 * bytes));
    a_.shl(rax, cl);
}

#include "jit/forms_bit_rows.inc"

}  // namespace lintel::x86_64
