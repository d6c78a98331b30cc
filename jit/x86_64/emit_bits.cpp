#include "jit/x86_64/emit_calls.h"

/// Bit strings, but for rows of fields (emit_bit_rows.cpp).

namespace lintel::x86_64 {

using namespace asmjit::x86;

/// A context that is matched on from its position; everything else makes a new one, in the interpreter.
void Emitter::emit(const ops::bs_start_match& op) {
    if (op.slots != 0 || is_constant(op.from)) return leave();
    const Gp term = load_source(op.from, rcx);
    jump_unless_tag(term, Tag::boxed, rax, leaving());
    load_kind(rax, term);
    a_.cmp(eax, static_cast<int32_t>(make_header(Kind::match_context, 0)));
    a_.jne(leaving());
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
// ---- construction

/// In one piece if the binary can grow in place and the values are small integers.
void Emitter::short_append(const ops::bs_create_bin& op) {
    const Label done = a_.newLabel();
    const Label other = cold([this, &op, done] {
        call_build(op, raising(op.fail));
        a_.jmp(done);
    });
    const Word* const first = ops::rest(op);
    unsigned bits = 0;
    a_.xor_(edx, edx);
    for (const Word* words = first + 3; words != first + 3 * op.count; words += 3) {
        const bool is_string = static_cast<ir::BinSegment>(words[0] & 0xff) == ir::BinSegment::string;
        const auto unit = static_cast<uint16_t>(words[0] >> 32);
        const auto n =
            static_cast<unsigned>(is_string ? 8 * words[2] : static_cast<Word>(Term(words[2]).to_small()) * unit);
        if (is_string) {
            uint64_t value = 0;
            for (Word k = 0; k < words[2]; ++k) value = value << 8 | reinterpret_cast<const uint8_t*>(words[1])[k];
            constant(rcx, value);
        } else {
            const Gp value = load_source(words[1], rcx);
            jump_unless_small(value, rax, other);
            if (n == 0) continue;
            if (value != rcx) a_.mov(rcx, value);
            // The low bits of the number.
            if (n < 61) {
                a_.shl(rcx, static_cast<int32_t>(61 - n));
                a_.shr(rcx, static_cast<int32_t>(64 - n));
            } else {
                a_.sar(rcx, static_cast<int32_t>(kTagBits));
                if (n < 64) a_.shl(rcx, static_cast<int32_t>(64 - n));
                if (n < 64) a_.shr(rcx, static_cast<int32_t>(64 - n));
            }
        }
        if (bits == 0) {
            a_.mov(rdx, rcx);
        } else {
            a_.shl(rdx, static_cast<int32_t>(n));
            a_.or_(rdx, rcx);
        }
        bits += n;
    }
    const auto unit = static_cast<uint32_t>(first[0] >> 32 & 0xffff);
    const auto call = [this, &op, first, unit, bits, other] {
        load_source_into(rsi, first[1]);
        a_.mov(ecx, unit | bits << 16);
        call_out(reinterpret_cast<const void*>(run_append));
        a_.test(rax, rax);
        a_.jz(other);
        store(place_of(op.to), rax);
    };
    if (is_inline_append(unit, bits)) {
        load_source_into(rsi, first[1]);
        append_whole(unit, bits / 8, cold([this, call, done] {
                         call();
                         a_.jmp(done);
                     }));
        store(place_of(op.to), rax);
    } else {
        call();
    }
    bind(done);
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
