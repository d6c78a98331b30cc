#include "jit/x86_64/emit_calls.h"

/// Type tests and comparisons.

namespace lintel::x86_64 {

using namespace asmjit::x86;

// ---- types

void Emitter::tag_test(Place a, Tag tag, int32_t fail) { jump_unless_tag(load(a, rcx), tag, rax, label_at(fail)); }

/// A boxed term whose kind is one of `first` to `last`.
void Emitter::kind_test(Place a, Kind first, Kind last, int32_t fail) {
    const Gp term = load(a, rcx);
    jump_unless_tag(term, Tag::boxed, rax, label_at(fail));
    load_kind(rax, term);
    jump_unless_kinds(first, last, label_at(fail));
}

/// eax: bits of a kind, which are lost.
void Emitter::jump_unless_kinds(Kind first, Kind last, Label to) {
    const auto low = static_cast<int32_t>(make_header(first, 0)), high = static_cast<int32_t>(make_header(last, 0));
    if (first == last) {
        a_.cmp(eax, low);
        a_.jne(to);
    } else {
        a_.sub(eax, low);
        a_.cmp(eax, high - low);
        a_.ja(to);
    }
}

/// A boxed term with just this header.
void Emitter::header_test(Place a, Word header, int32_t fail) {
    const Gp term = load(a, rdx);
    jump_unless_tag(term, Tag::boxed, rax, label_at(fail));
    if (header <= INT32_MAX) {
        a_.cmp(qword_ptr(term, layout::kHeader), static_cast<int32_t>(header));
    } else {
        constant(rax, header);
        a_.cmp(qword_ptr(term, layout::kHeader), rax);
    }
    a_.jne(label_at(fail));
}

void Emitter::tagged_test(Place a, Word header, Word tag, int32_t fail) {
    header_test(a, header, fail);
    const Gp term = is_pinned(a) ? reg::kX[a.offset / 8] : rdx;
    if (tag <= INT32_MAX) {
        a_.cmp(qword_ptr(term, layout::kHeader + 8), static_cast<int32_t>(tag));
    } else {
        constant(rax, tag);
        a_.cmp(qword_ptr(term, layout::kHeader + 8), rax);
    }
    a_.jne(label_at(fail));
}

/// An immediate of this kind, or a boxed one.
void Emitter::identifier_test(Place a, Imm imm, Kind boxed, int32_t fail) {
    const Gp term = load(a, rcx);
    const Label done = a_.newLabel();
    a_.mov(eax, term.r32());
    a_.and_(eax, static_cast<int32_t>(kImmMask));
    a_.cmp(eax, static_cast<int32_t>(imm_tag(imm)));
    a_.je(done);
    jump_unless_tag(term, Tag::boxed, rax, label_at(fail));
    load_kind(rax, term);
    jump_unless_kinds(boxed, boxed, label_at(fail));
    a_.bind(done);
}

void Emitter::emit(const ops::is_list& op) {
    const Gp term = load(op.a, rcx);
    const Label done = a_.newLabel();
    a_.cmp(term, layout::kNil);
    a_.je(done);
    jump_unless_tag(term, Tag::cons, rax, label_at(op.fail));
    a_.bind(done);
}
void Emitter::emit(const ops::is_atom& op) {
    const Gp term = load(op.a, rcx);
    a_.mov(eax, term.r32());
    a_.and_(eax, static_cast<int32_t>(kImmMask));
    a_.cmp(eax, static_cast<int32_t>(imm_tag(Imm::atom)));
    a_.jne(label_at(op.fail));
}
void Emitter::emit(const ops::is_boolean& op) {
    const Gp term = load(op.a, rcx);
    const Label done = a_.newLabel();
    compare_constant(term, am::true_().word(), rax);
    a_.je(done);
    compare_constant(term, am::false_().word(), rax);
    a_.jne(label_at(op.fail));
    a_.bind(done);
}
void Emitter::emit(const ops::is_integer& op) {
    const Gp term = load(op.a, rcx);
    const Label done = a_.newLabel();
    const Label big = cold([this, &op, term, done] {
        jump_unless_tag(term, Tag::boxed, rax, label_at(op.fail));
        load_kind(rax, term);
        jump_unless_kinds(Kind::bignum, Kind::bignum, label_at(op.fail));
        a_.jmp(done);
    });
    jump_unless_small(term, rax, big);
    bind(done);
}
/// A float, or any number.
void Emitter::number_test(Place a, bool or_integer, int32_t fail) {
    const Gp term = load(a, rcx);
    const Label done = a_.newLabel(), boxed = a_.newLabel();
    if (or_integer) {
        const Label other = a_.newLabel();
        jump_unless_small(term, rax, other);
        a_.jmp(done);
        a_.bind(other);
    }
    jump_unless_self_tagged(term, rax, boxed);
    a_.jmp(done);
    a_.bind(boxed);
    for (const Special zero : {Special::positive_zero, Special::negative_zero}) {
        a_.cmp(term, static_cast<int32_t>(special_word(zero)));
        a_.je(done);
    }
    jump_unless_tag(term, Tag::boxed, rax, label_at(fail));
    load_kind(rax, term);
    static_assert(static_cast<int>(Kind::bignum) == static_cast<int>(Kind::boxed_float) + 1);
    jump_unless_kinds(Kind::boxed_float, or_integer ? Kind::bignum : Kind::boxed_float, label_at(fail));
    bind(done);
}
/// Binaries that are whole bytes by their kind; others are looked at by the interpreter's test.
void Emitter::emit(const ops::is_binary& op) {
    const Gp term = load(op.a, rcx);
    const Label done = a_.newLabel();
    const Label other = cold([this, &op, done] {
        call_test(op);
        a_.jmp(done);
    });
    jump_unless_tag(term, Tag::boxed, rax, label_at(op.fail));
    load_kind(rax, term);
    a_.cmp(eax, static_cast<int32_t>(make_header(Kind::heap_binary, 0)));
    a_.jne(other);
    bind(done);
}

// ---- comparisons

/// Of two terms with a C++ function; `holds`: what it must say for the code to go on.
void Emitter::call_comparison(bool (*function)(Term, Term), Word a, Word b, bool holds, Label fail) {
    load_source_into(rsi, a);
    load_source_into(rdx, b);
    spill_volatile();
    a_.mov(rdi, rsi);
    a_.mov(rsi, rdx);
    call(reinterpret_cast<const void*>(function));
    a_.test(al, al);
    reload_volatile();
    holds ? a_.jz(fail) : a_.jnz(fail);
}

/// Of floats by their tags: flags as if b were compared with a, without signs.
void Emitter::compare_floats(Word a, Word b, Label other) {
    const Gp x = load_source(a, rcx), y = load_source(b, rdx);
    jump_unless_self_tagged(x, rax, other);
    jump_unless_self_tagged(y, rax, other);
    load_self_tagged(xmm0, x);
    load_self_tagged(xmm1, y);
    a_.ucomisd(xmm1, xmm0);
}

/// a < b, or not.
void Emitter::compare(Word a, Word b, int32_t fail, bool wants_less) {
    const Label done = a_.newLabel();
    const Label slow = cold([this, a, b, fail, wants_less, done] {
        const Label other = a_.newLabel();
        compare_floats(a, b, other);
        wants_less ? a_.jbe(label_at(fail)) : a_.ja(label_at(fail));
        a_.jmp(done);
        bind(other);
        call_comparison(is_less, a, b, wants_less, label_at(fail));
        a_.jmp(done);
    });
    const auto is_small = [](Word w) { return is_constant(w) && Term(w).is_small(); };
    if (is_small(b) && !is_constant(a)) {
        const Gp x = load_source(a, rcx);
        jump_unless_small(x, rax, slow);
        compare_constant(x, b, rax);
    } else if (is_small(a) && !is_constant(b)) {
        const Gp x = load_source(b, rcx);
        jump_unless_small(x, rax, slow);
        compare_constant(x, a, rax);
        // b against a: less means a is greater.
        wants_less ? a_.jle(label_at(fail)) : a_.jg(label_at(fail));
        return bind(done);
    } else if (!is_constant(a) && !is_constant(b)) {
        const Gp x = load_source(a, rcx), y = load_source(b, rdx);
        jump_unless_both_small(x, y, rax, slow);
        a_.cmp(x, y);
    } else {
        a_.jmp(slow);
        return bind(done);
    }
    wants_less ? a_.jge(label_at(fail)) : a_.jl(label_at(fail));
    bind(done);
}

/// a =:= b, or not.
void Emitter::exact(Word a, Word b, int32_t fail, bool wants_same) {
    const Label done = a_.newLabel(), different = wants_same ? label_at(fail) : done;
    if (is_constant(a)) std::swap(a, b);
    const Gp x = load_source(a, rcx);
    const Label slow = cold([this, a, b, fail, wants_same, done] {
        call_comparison(is_same, a, b, wants_same, label_at(fail));
        a_.jmp(done);
    });
    const Gp y = load_source(b, rdx);
    a_.cmp(x, y);
    a_.je(wants_same ? done : label_at(fail));
    // Different words: a small integer is the same as nothing else, and neither is an atom.
    const Label other = a_.newLabel();
    jump_unless_small(x, rax, other);
    a_.jmp(different);
    a_.bind(other);
    a_.mov(eax, x.r32());
    a_.and_(eax, static_cast<int32_t>(kImmMask));
    a_.cmp(eax, static_cast<int32_t>(imm_tag(Imm::atom)));
    a_.jne(slow);
    if (wants_same) a_.jmp(different);
    bind(done);
}

void Emitter::word_test(Place a, Word value, int32_t fail, bool wants_same) {
    compare_constant(load(a, rcx), value, rax);
    wants_same ? a_.jne(label_at(fail)) : a_.je(label_at(fail));
}

void Emitter::value_test(Word a, Word b, int32_t fail, bool wants_equal) {
    const Label done = a_.newLabel();
    const Label slow = cold([this, a, b, fail, wants_equal, done] {
        call_comparison(is_equal, a, b, wants_equal, label_at(fail));
        a_.jmp(done);
    });
    const Gp x = load_source(a, rcx), y = load_source(b, rdx);
    jump_unless_both_small(x, y, rax, slow);
    a_.cmp(x, y);
    wants_equal ? a_.jne(label_at(fail)) : a_.je(label_at(fail));
    bind(done);
}

void Emitter::emit(const ops::bif_exact_eq& op) {
    const Place to = place_of(op.to);
    const Label done = a_.newLabel(), different = a_.newLabel();
    const Word a = op.a, b = op.b;
    const Label slow = cold([this, a, b, to, different, done] {
        call_comparison(is_same, a, b, true, different);
        store_constant(to, am::true_().word());
        a_.jmp(done);
    });
    const Gp x = load_source(a, rcx), y = load_source(b, rdx);
    a_.cmp(x, y);
    const Label other = a_.newLabel();
    a_.jne(other);
    store_constant(to, am::true_().word());
    a_.jmp(done);
    bind(other);
    jump_unless_small(x, rax, slow);
    bind(different);
    store_constant(to, am::false_().word());
    bind(done);
}

#include "jit/forms_tests.inc"

}  // namespace lintel::x86_64
