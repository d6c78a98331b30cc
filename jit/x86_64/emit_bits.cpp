#include "jit/x86_64/emit_calls.h"

/// Bit strings, but for rows of fields (emit_bit_rows.cpp).

namespace lintel::x86_64 {

using namespace asmjit::x86;

void Emitter::match_on(const ops::bs_start_match& op, Label other) {
    const Gp term = load_source(op.from, rcx);
    jump_unless_tag(term, Tag::boxed, rax, failing(op.fail));
    load_kind(rax, term);
    a_.cmp(eax, static_cast<int32_t>(make_header(Kind::match_context, 0)));
    a_.jne(other);
    a_.mov(rax, qword_ptr(term, layout::kContextPosition));
    a_.mov(qword_ptr(term, layout::kContextStart), rax);
    store(place_of(op.to), term);
}

void Emitter::emit(const ops::bs_get_position& op) {
    const Gp context = load(op.context, rcx);
    a_.mov(rax, qword_ptr(context, layout::kContextPosition));
    a_.shl(rax, static_cast<int32_t>(kTagBits));
    a_.or_(rax, static_cast<int32_t>(Tag::small));
    store(place_of(op.to), rax);
}

/// rax: how many bits are left.
void Emitter::load_bits_left(ops::Reg context) {
    const Gp c = load(context, rcx);
    a_.mov(rax, qword_ptr(c, layout::kContextEnd));
    a_.sub(rax, qword_ptr(c, layout::kContextPosition));
}

void Emitter::emit(const ops::bs_test_tail& op) {
    load_bits_left(op.context);
    compare_constant(rax, op.bits, rdx);
    a_.jne(label_at(op.fail));
}
/// rax: a number of bits, which is lost if the unit is not a power of two.
void Emitter::jump_unless_multiple(unsigned unit, Label to) {
    if (unit == 1) return;
    if ((unit & (unit - 1)) == 0) {
        a_.test(eax, static_cast<int32_t>(unit - 1));
        a_.jnz(to);
        return;
    }
    constant(rcx, unit);
    a_.xor_(edx, edx);
    a_.div(rcx);
    a_.test(rdx, rdx);
    a_.jnz(to);
}

void Emitter::emit(const ops::bs_test_unit& op) {
    load_bits_left(op.context);
    jump_unless_multiple(op.unit, label_at(op.fail));
}
/// rdx: where a field of so many bits begins, rax: where it ends. To `fail` if there are not as many, to `other` if it does not begin at a byte.
void Emitter::begin_field(Gp context, unsigned bits, Label fail, Label other) {
    a_.mov(rdx, qword_ptr(context, layout::kContextPosition));
    a_.lea(rax, qword_ptr(rdx, static_cast<int32_t>(bits)));
    a_.cmp(rax, qword_ptr(context, layout::kContextEnd));
    a_.ja(fail);
    a_.test(dl, 7);
    a_.jnz(other);
}

/// A byte below 128, from a byte on.
void Emitter::get_ascii(const ops::bs_get_utf& op, Label other) {
    const Gp context = load(op.context, rcx);
    begin_field(context, 8, other, other);
    a_.mov(rsi, qword_ptr(context, layout::kContextBase));
    a_.shr(rdx, 3);
    a_.movzx(esi, byte_ptr(rsi, rdx));
    a_.cmp(esi, 0x80);
    a_.jae(other);
    a_.mov(qword_ptr(context, layout::kContextPosition), rax);
    a_.shl(esi, static_cast<int32_t>(kTagBits));
    const Gp value = target(place_of(op.to), rsi);
    a_.lea(value, qword_ptr(rsi, static_cast<int32_t>(Tag::small)));
    store(place_of(op.to), value);
}

/// Eight bytes, from a byte on, to rsi; rax: the position behind them.
void Emitter::read_field_64(Gp context, bool is_little, Label fail, Label other) {
    begin_field(context, 64, fail, other);
    a_.mov(rsi, qword_ptr(context, layout::kContextBase));
    a_.shr(rdx, 3);
    a_.mov(rsi, qword_ptr(rsi, rdx));
    if (!is_little) a_.bswap(rsi);
}

void Emitter::get_integer_64(const ops::bs_get_integer_fixed& op, Label other) {
    const Gp context = load(op.context, rcx);
    read_field_64(context, bs_is_little(op.flags), label_at(op.fail), other);
    const auto sign = static_cast<int32_t>(64 - kTagBits - 1);
    a_.mov(rdx, rsi);
    if ((op.flags & kBsSigned) != 0) {
        a_.sar(rdx, sign);
        a_.add(rdx, 1);
        a_.cmp(rdx, 1);
        a_.ja(other);
    } else {
        a_.shr(rdx, sign);
        a_.jnz(other);
    }
    a_.mov(qword_ptr(context, layout::kContextPosition), rax);
    a_.shl(rsi, static_cast<int32_t>(kTagBits));
    const Gp value = target(place_of(op.to), rsi);
    a_.lea(value, qword_ptr(rsi, static_cast<int32_t>(Tag::small)));
    store(place_of(op.to), value);
}

void Emitter::get_float_64(const ops::bs_get_float& op, Label other) {
    const Gp context = load(op.context, rcx);
    read_field_64(context, bs_is_little(op.flags), label_at(op.fail), other);
    a_.rol(rsi, 4);
    jump_unless_self_tagged(rsi, rdx, other);
    a_.mov(qword_ptr(context, layout::kContextPosition), rax);
    store(place_of(op.to), rsi);
}

/// A sub_binary, if what comes out is no copy and not all of what the context is of.
void Emitter::get_part(ops::Reg from, ops::Reg to, PartSize kind, unsigned unit, Word size, Label fail, Label other) {
    const Gp context = load(from, rcx);
    if (kind == PartSize::of_register) {
        load_source_into(rsi, size);
        jump_unless_small(rsi, rax, other);
        a_.mov(rax, rsi);
        a_.shr(rax, static_cast<int32_t>(32 + kTagBits));
        a_.jnz(other);
        a_.shr(rsi, static_cast<int32_t>(kTagBits));
        a_.imul(rsi, rsi, static_cast<int32_t>(unit));
    } else if (kind == PartSize::constant) {
        constant(rsi, size);
    } else {
        a_.mov(rsi, qword_ptr(context, layout::kContextEnd));
        a_.sub(rsi, qword_ptr(context, layout::kContextPosition));
        if ((unit & (unit - 1)) != 0) {
            a_.jmp(other);
            return;
        }
        if (unit != 1) {
            a_.test(esi, static_cast<int32_t>(unit - 1));
            a_.jnz(fail);
        }
    }
    a_.mov(rdx, qword_ptr(context, layout::kContextPosition));
    a_.lea(rax, qword_ptr(rdx, rsi));
    if (kind == PartSize::constant || kind == PartSize::of_register) {
        a_.cmp(rax, qword_ptr(context, layout::kContextEnd));
        a_.ja(fail);
    }
    if (kind != PartSize::constant || size <= 8 * kBsCopyBytes) {
        a_.cmp(rsi, static_cast<int32_t>(8 * kBsCopyBytes));
        a_.jbe(other);
    }
    a_.test(rdx, rdx);
    a_.jz(other);
    if (kind != PartSize::tail) a_.mov(qword_ptr(context, layout::kContextPosition), rax);
    a_.mov(rax, qword_ptr(context, layout::kContextOf));
    a_.mov(qword_ptr(reg::kHeap), static_cast<int32_t>(layout::kSubHeader));
    a_.mov(qword_ptr(reg::kHeap, 8), rax);
    a_.mov(qword_ptr(reg::kHeap, 16), rdx);
    a_.mov(qword_ptr(reg::kHeap, 24), rsi);
    make_boxed(place_of(to), kSubBinaryWords);
}

/// So many bytes, at most kBsCopyBytes, from a byte on.
void Emitter::copy_part(const ops::bs_get_binary& op, unsigned bytes, Label other) {
    const Gp context = load(op.context, rcx);
    begin_field(context, 8 * bytes, label_at(op.fail), other);
    a_.mov(qword_ptr(context, layout::kContextPosition), rax);
    a_.shr(rdx, 3);
    a_.add(rdx, qword_ptr(context, layout::kContextBase));
    const size_t words = words_for_bytes(bytes);
    write_header(make_header(Kind::heap_binary, words, bytes));
    for (unsigned at = 0; at < bytes; at += 8) {
        const unsigned n = std::min(bytes - at, 8u);
        load_row_bytes(rax, at, n, false);
        if (n < 8) a_.shl(rax, static_cast<int32_t>(64 - 8 * n));
        a_.bswap(rax);
        a_.mov(qword_ptr(reg::kHeap, static_cast<int32_t>(8 + at)), rax);
    }
    make_boxed(place_of(op.to), 1 + words);
}

// ---- construction

void Emitter::write_header(Word header) { write_word(qword_ptr(reg::kHeap), header, rax); }

/// The segment's bits, in rcx; above them are zeros but in the first one.
void Emitter::load_segment(const BitSegment& segment, bool is_first, Label other) {
    if (segment.kind == BitSegment::Kind::constant) return constant(rcx, segment.value);
    const Gp value = load_source(segment.value, rcx);
    const auto bits = static_cast<int32_t>(segment.bits);
    if (segment.kind == BitSegment::Kind::float_64) {
        jump_unless_self_tagged(value, rax, other);
        if (value != rcx) a_.mov(rcx, value);
        a_.ror(rcx, 4);
        if (segment.is_little) a_.bswap(rcx);
        return;
    }
    jump_unless_small(value, rax, other);
    if (bits == 0) return;
    if (value != rcx) a_.mov(rcx, value);
    if (!is_first && bits < static_cast<int32_t>(64 - kTagBits) && !segment.is_little) {
        a_.shl(rcx, static_cast<int32_t>(64 - kTagBits) - bits);
        a_.shr(rcx, 64 - bits);
        return;
    }
    a_.sar(rcx, static_cast<int32_t>(kTagBits));
    if (segment.is_little) {
        a_.bswap(rcx);
        if (bits < 64) a_.shr(rcx, 64 - bits);
    } else if (!is_first && bits < 64) {
        a_.shl(rcx, 64 - bits);
        a_.shr(rcx, 64 - bits);
    }
}

/// To those in rdx, `head` of the segment's bits, all but `rest`; 0: in their place, whatever is above them.
void Emitter::append_bits(unsigned head, unsigned rest) {
    if (head == 0) {
        a_.mov(rdx, rcx);
        if (rest != 0) a_.shr(rdx, static_cast<int32_t>(rest));
        return;
    }
    a_.shl(rdx, static_cast<int32_t>(head));
    if (rest == 0) {
        a_.or_(rdx, rcx);
    } else {
        a_.mov(rax, rcx);
        a_.shr(rax, static_cast<int32_t>(rest));
        a_.or_(rdx, rax);
    }
}

void Emitter::store_gathered(int32_t at, unsigned bits) {
    if (bits < 64) a_.shl(rdx, static_cast<int32_t>(64 - bits));
    a_.bswap(rdx);
    a_.mov(qword_ptr(reg::kHeap, at), rdx);
}

void Emitter::load_heap_address(Gp to, int32_t at) { a_.lea(to, qword_ptr(reg::kHeap, at)); }

/// Appends to `old` what is in rdx.
void Emitter::call_append(const void* function, Word old, uint32_t sizes, Label other) {
    load_source_into(rsi, old);
    a_.mov(ecx, sizes);
    call_out(function);
    a_.test(rax, rax);
    a_.jz(other);
}

/// bs_try_append of 1, 2, 4 or 8 bytes: rdx, in the low ones, to the bit string rsi; the result in rax. To `other`, with rdx as it was, if that has
/// to do it.
void Emitter::append_whole(unsigned unit, unsigned bytes, Label other) {
    jump_unless_tag(rsi, Tag::boxed, rax, other);
    a_.cmp(qword_ptr(rsi, layout::kHeader), static_cast<int32_t>(layout::kSubHeader));
    a_.jne(other);
    a_.mov(rcx, qword_ptr(rsi, layout::kSubOf));
    a_.cmp(qword_ptr(rcx, layout::kHeader), static_cast<int32_t>(layout::kHandleHeader));
    a_.jne(other);
    // What it becomes is made at the heap top at once, where it is nothing yet.
    a_.mov(rax, qword_ptr(rsi, layout::kSubOffset));
    a_.mov(rsi, qword_ptr(rsi, layout::kSubSize));
    if (unit != 1) {
        a_.test(sil, static_cast<int32_t>(unit - 1));
        a_.jnz(other);
    }
    const auto made = [](int32_t field) { return qword_ptr(reg::kHeap, field - layout::kHeader); };
    a_.mov(made(layout::kHeader), static_cast<int32_t>(layout::kSubHeader));
    a_.mov(made(layout::kSubOf), rcx);
    a_.mov(made(layout::kSubOffset), rax);
    a_.add(rax, rsi);
    a_.add(rsi, static_cast<int32_t>(8 * bytes));
    a_.mov(made(layout::kSubSize), rsi);
    a_.mov(rsi, qword_ptr(rcx, layout::kHandleFlags));
    a_.and_(esi, static_cast<int32_t>(RefcBinary::kWritable | RefcBinary::kLastBitsMask));
    a_.cmp(esi, static_cast<int32_t>(RefcBinary::kWritable));
    a_.jne(other);
    a_.mov(rsi, qword_ptr(rcx, layout::kHandleBytes));
    a_.shl(rsi, 3);
    a_.cmp(rsi, rax);
    a_.jne(other);
    a_.shr(rax, 3);
    a_.add(rax, static_cast<int32_t>(bytes));
    a_.mov(rsi, qword_ptr(rcx, layout::kHandleData));
    a_.cmp(rax, qword_ptr(rsi, layout::kDataCapacity));
    a_.ja(other);
    a_.mov(rsi, qword_ptr(rsi, layout::kDataBytes));
    const Mem at = ptr(rsi, rax, 0, -static_cast<int32_t>(bytes));
    if (bytes == 1) {
        a_.mov(at, dl);
    } else if (bytes == 2) {
        a_.rol(dx, 8);
        a_.mov(at, dx);
    } else if (bytes == 4) {
        a_.bswap(edx);
        a_.mov(at, edx);
    } else {
        a_.bswap(rdx);
        a_.mov(at, rdx);
    }
    a_.mov(qword_ptr(rcx, layout::kHandleBytes), rax);
    a_.or_(qword_ptr(rcx, layout::kHandleFlags), static_cast<int32_t>(RefcBinary::kActiveWriter));
    a_.add(qword_ptr(reg::kState, layout::kOffHeapBytes), static_cast<int32_t>(bytes));
    a_.lea(rax, qword_ptr(reg::kHeap, static_cast<int32_t>(Tag::boxed)));
    a_.add(reg::kHeap, static_cast<int32_t>(8 * kSubBinaryWords));
}

#include "jit/forms_bits.inc"

}  // namespace lintel::x86_64
