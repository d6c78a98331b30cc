#include "jit/aarch64/emit_calls.h"

/// Type tests and comparisons.

namespace lintel::aarch64 {

using namespace asmjit::a64;

// ---- types

void Emitter::tag_test(Place a, Tag tag, int32_t fail) { jump_unless_tag(load(a, x10), tag, x9, label_at(fail)); }

/// A boxed term whose kind is one of `first` to `last`.
void Emitter::kind_test(Place a, Kind first, Kind last, int32_t fail) {
    const Gp term = load(a, x10);
    jump_unless_tag(term, Tag::boxed, x9, label_at(fail));
    load_kind(x9, term);
    jump_unless_kinds(x9, first, last, label_at(fail));
}

/// `kind`: bits of a kind, which are lost.
void Emitter::jump_unless_kinds(Gp kind, Kind first, Kind last, Label to) {
    const auto low = static_cast<int32_t>(make_header(first, 0)), high = static_cast<int32_t>(make_header(last, 0));
    if (first == last) {
        a_.cmp(kind.w(), low);
        a_.b_ne(to);
    } else {
        a_.sub(kind.w(), kind.w(), low);
        a_.cmp(kind.w(), high - low);
        a_.b_hi(to);
    }
}

/// A boxed term with just this header.
void Emitter::header_test(Place a, Word header, int32_t fail) {
    const Gp term = load(a, x10);
    jump_unless_tag(term, Tag::boxed, x9, label_at(fail));
    read(x9, term, layout::kHeader);
    compare_constant(x9, header);
    a_.b_ne(label_at(fail));
}

void Emitter::tagged_test(Place a, Word header, Word tag, int32_t fail) {
    header_test(a, header, fail);
    const Gp term = is_pinned(a) ? reg::kX[a.offset / 8] : x10;
    read(x9, term, layout::kHeader + 8);
    compare_constant(x9, tag);
    a_.b_ne(label_at(fail));
}

/// An immediate of this kind, or a boxed one.
void Emitter::identifier_test(Place a, Imm imm, Kind boxed, int32_t fail) {
    const Gp term = load(a, x10);
    const Label done = a_.newLabel();
    a_.and_(w9, term.w(), kImmMask);
    a_.cmp(w9, imm_tag(imm));
    a_.b_eq(done);
    jump_unless_tag(term, Tag::boxed, x9, label_at(fail));
    load_kind(x9, term);
    jump_unless_kinds(x9, boxed, boxed, label_at(fail));
    bind(done);
}

void Emitter::emit(const ops::is_list& op) {
    const Gp term = load(op.a, x10);
    const Label done = a_.newLabel();
    compare_constant(term, Term::nil().word());
    a_.b_eq(done);
    jump_unless_tag(term, Tag::cons, x9, label_at(op.fail));
    bind(done);
}
void Emitter::emit(const ops::is_atom& op) { jump_unless_atom(load(op.a, x10), x9, label_at(op.fail)); }
void Emitter::emit(const ops::is_boolean& op) {
    const Gp term = load(op.a, x10);
    const Label done = a_.newLabel();
    compare_constant(term, am::true_().word());
    a_.b_eq(done);
    compare_constant(term, am::false_().word());
    a_.b_ne(label_at(op.fail));
    bind(done);
}
void Emitter::emit(const ops::is_integer& op) {
    const Gp term = load(op.a, x10);
    const Label done = a_.newLabel();
    const Label big = cold([this, &op, term, done] {
        jump_unless_tag(term, Tag::boxed, x9, label_at(op.fail));
        load_kind(x9, term);
        jump_unless_kinds(x9, Kind::bignum, Kind::bignum, label_at(op.fail));
        a_.b(done);
    });
    jump_unless_small(term, x9, big);
    bind(done);
}
/// A float, or any number.
void Emitter::number_test(Place a, bool or_integer, int32_t fail) {
    const Gp term = load(a, x10);
    const Label done = a_.newLabel(), boxed = a_.newLabel();
    if (or_integer) {
        const Label other = a_.newLabel();
        jump_unless_small(term, x9, other);
        a_.b(done);
        bind(other);
    }
    jump_unless_self_tagged(term, x9, boxed);
    a_.b(done);
    bind(boxed);
    for (const Special zero : {Special::positive_zero, Special::negative_zero}) {
        compare_constant(term, special_word(zero));
        a_.b_eq(done);
    }
    jump_unless_tag(term, Tag::boxed, x9, label_at(fail));
    load_kind(x9, term);
    static_assert(static_cast<int>(Kind::bignum) == static_cast<int>(Kind::boxed_float) + 1);
    jump_unless_kinds(x9, Kind::boxed_float, or_integer ? Kind::bignum : Kind::boxed_float, label_at(fail));
    bind(done);
}
/// Binaries that are whole bytes by their kind; others are looked at by the interpreter's test.
void Emitter::emit(const ops::is_binary& op) {
    const Gp term = load(op.a, x10);
    const Label done = a_.newLabel();
    const Label other = cold([this, &op, done] {
        call_test(op);
        a_.b(done);
    });
    jump_unless_tag(term, Tag::boxed, x9, label_at(op.fail));
    load_kind(x9, term);
    jump_unless_kinds(x9, Kind::heap_binary, Kind::heap_binary, other);
    bind(done);
}

// ---- comparisons

/// Of two terms with a C++ function; `holds`: what it must say for the code to go on.
void Emitter::call_comparison(bool (*function)(Term, Term), Word a, Word b, bool holds, Label fail) {
    load_source_into(x0, a);
    load_source_into(x1, b);
    call(reinterpret_cast<const void*>(function));
    a_.tst(w0, 0xff);
    holds ? a_.b_eq(fail) : a_.b_ne(fail);
}

/// Of floats by their tags: flags as if b were compared with a.
void Emitter::compare_floats(Word a, Word b, Label other) {
    const Gp x = load_source(a, x10), y = load_source(b, x11);
    jump_unless_self_tagged(x, x9, other);
    jump_unless_self_tagged(y, x9, other);
    load_self_tagged(d0, x, x9);
    load_self_tagged(d1, y, x9);
    a_.fcmp(d1, d0);
}

/// a < b, or not.
void Emitter::compare(Word a, Word b, int32_t fail, bool wants_less) {
    const Label done = a_.newLabel();
    const Label slow = cold([this, a, b, fail, wants_less, done] {
        const Label other = a_.newLabel();
        compare_floats(a, b, other);
        wants_less ? a_.b_le(label_at(fail)) : a_.b_gt(label_at(fail));
        a_.b(done);
        bind(other);
        call_comparison(is_less, a, b, wants_less, label_at(fail));
        a_.b(done);
    });
    if (is_small_constant(b) && !is_constant(a)) {
        const Gp x = load_source(a, x10);
        jump_unless_small(x, x9, slow);
        compare_constant(x, b);
    } else if (is_small_constant(a) && !is_constant(b)) {
        const Gp x = load_source(b, x10);
        jump_unless_small(x, x9, slow);
        compare_constant(x, a);
        // b against a: less means a is greater.
        wants_less ? a_.b_le(label_at(fail)) : a_.b_gt(label_at(fail));
        return bind(done);
    } else if (!is_constant(a) && !is_constant(b)) {
        const Gp x = load_source(a, x10), y = load_source(b, x11);
        jump_unless_both_small(x, y, x9, slow);
        a_.cmp(x, y);
    } else {
        a_.b(slow);
        return bind(done);
    }
    wants_less ? a_.b_ge(label_at(fail)) : a_.b_lt(label_at(fail));
    bind(done);
}

/// a =:= b, or not.
void Emitter::exact(Word a, Word b, int32_t fail, bool wants_same) {
    const Label done = a_.newLabel(), different = wants_same ? label_at(fail) : done;
    if (is_constant(a)) std::swap(a, b);
    const Gp x = load_source(a, x10);
    const Label slow = cold([this, a, b, fail, wants_same, done] {
        call_comparison(is_same, a, b, wants_same, label_at(fail));
        a_.b(done);
    });
    const Gp y = load_source(b, x11);
    a_.cmp(x, y);
    a_.b_eq(wants_same ? done : label_at(fail));
    // Different words: a small integer is the same as nothing else, and neither is an atom.
    const Label other = a_.newLabel();
    jump_unless_small(x, x9, other);
    a_.b(different);
    bind(other);
    jump_unless_atom(x, x9, slow);
    if (wants_same) a_.b(different);
    bind(done);
}

void Emitter::word_test(Place a, Word value, int32_t fail, bool wants_same) {
    compare_constant(load(a, x10), value);
    wants_same ? a_.b_ne(label_at(fail)) : a_.b_eq(label_at(fail));
}

void Emitter::value_test(Word a, Word b, int32_t fail, bool wants_equal) {
    const Label done = a_.newLabel();
    const Label slow = cold([this, a, b, fail, wants_equal, done] {
        call_comparison(is_equal, a, b, wants_equal, label_at(fail));
        a_.b(done);
    });
    const Gp x = load_source(a, x10), y = load_source(b, x11);
    jump_unless_both_small(x, y, x9, slow);
    a_.cmp(x, y);
    wants_equal ? a_.b_ne(label_at(fail)) : a_.b_eq(label_at(fail));
    bind(done);
}

void Emitter::emit(const ops::bif_exact_eq& op) {
    const Place to = place_of(op.to);
    const Label done = a_.newLabel(), different = a_.newLabel();
    const Word a = op.a, b = op.b;
    const Label slow = cold([this, a, b, to, different, done] {
        call_comparison(is_same, a, b, true, different);
        store_constant(to, am::true_().word());
        a_.b(done);
    });
    const Gp x = load_source(a, x10), y = load_source(b, x11);
    const Label other = a_.newLabel();
    a_.cmp(x, y);
    a_.b_ne(other);
    store_constant(to, am::true_().word());
    a_.b(done);
    bind(other);
    jump_unless_small(x, x9, slow);
    bind(different);
    store_constant(to, am::false_().word());
    bind(done);
}

#include "jit/forms_tests.inc"

}  // namespace lintel::aarch64
