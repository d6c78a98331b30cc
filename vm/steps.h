#pragma once
/// Steps: the operations that are short enough to be joined with their neighbours into one (FUSED rows of vm/ops.def).
///
/// Each is written once, here, as a function on registers, and used by the operation itself and by every fused operation that
/// has it as a part. A step only reads and writes registers and the heap top; it never collects, calls, yields or raises.
///
///   step(op, r)   does its work
///   test(op, r)   says whether to go on; the label `op.fail` otherwise
///   fast(op, r)   the usual case; false: nothing was done, the interpreter's slow path takes over
///
/// Private to vm/.

#include "term/bits.h"
#include "term/compare.h"
#include "term/views.h"
#include "vm/ops.h"

namespace lintel::steps {

/// The interpreter's locals that a step may touch.
struct Registers {
    Term* const x;
    Word* const& e;  ///< stack top
    Word*& h;        ///< heap top
};

#define STEP [[gnu::always_inline]] inline

STEP Term& x_at(Registers r, unsigned offset) { return *reinterpret_cast<Term*>(reinterpret_cast<char*>(r.x) + offset); }
STEP Term& y_at(Registers r, unsigned offset) { return *reinterpret_cast<Term*>(reinterpret_cast<char*>(r.e) + offset); }
/// A register of either kind.
STEP Term& at(Registers r, ops::Reg reg) {
    char* base = (reg & 1) != 0 ? reinterpret_cast<char*>(r.e) : reinterpret_cast<char*>(r.x);
    return *reinterpret_cast<Term*>(base + (reg & ~7u));
}
/// A source: a constant or a register.
STEP Term from(Registers r, Word source) {
    if (LINTEL_UNLIKELY((source & kTagMask) == static_cast<Word>(Tag::code))) {
        char* base = (source & 8) != 0 ? reinterpret_cast<char*>(r.e) : reinterpret_cast<char*>(r.x);
        return *reinterpret_cast<Term*>(base + (source >> 4));
    }
    return Term(source);
}

// ---- moving

STEP void step(const ops::move_xx& op, Registers r) { x_at(r, op.to) = x_at(r, op.from); }
STEP void step(const ops::move_xy& op, Registers r) { y_at(r, op.to) = x_at(r, op.from); }
STEP void step(const ops::move_yx& op, Registers r) { x_at(r, op.to) = y_at(r, op.from); }
STEP void step(const ops::move_cx& op, Registers r) { x_at(r, op.to) = Term(op.value); }
STEP void step(const ops::move& op, Registers r) { at(r, op.to) = from(r, op.from); }
STEP void step(const ops::swap& op, Registers r) {
    const Term a = at(r, op.a);
    at(r, op.a) = at(r, op.b);
    at(r, op.b) = a;
}
STEP void step(const ops::swap_xx& op, Registers r) {
    const Term a = x_at(r, op.a);
    x_at(r, op.a) = x_at(r, op.b);
    x_at(r, op.b) = a;
}

// ---- lists and tuples

STEP void step(const ops::get_list_xxx& op, Registers r) {
    const Word* cell = x_at(r, op.from).cons_cell();
    const Word head = cell[0], tail = cell[1];
    x_at(r, op.head) = Term(head);
    x_at(r, op.tail) = Term(tail);
}
STEP void step(const ops::get_list_xyx& op, Registers r) {
    const Word* cell = x_at(r, op.from).cons_cell();
    const Word head = cell[0], tail = cell[1];
    y_at(r, op.head) = Term(head);
    x_at(r, op.tail) = Term(tail);
}
STEP void step(const ops::get_list_xxy& op, Registers r) {
    const Word* cell = x_at(r, op.from).cons_cell();
    const Word head = cell[0], tail = cell[1];
    x_at(r, op.head) = Term(head);
    y_at(r, op.tail) = Term(tail);
}
STEP void step(const ops::get_list& op, Registers r) {
    const Word* cell = at(r, op.from).cons_cell();
    const Word head = cell[0], tail = cell[1];
    at(r, op.head) = Term(head);
    at(r, op.tail) = Term(tail);
}
STEP void step(const ops::get_hd& op, Registers r) { at(r, op.to) = at(r, op.from).head(); }
STEP void step(const ops::get_tl& op, Registers r) { at(r, op.to) = at(r, op.from).tail(); }

STEP Term element(Term tuple, unsigned offset) {
    return *reinterpret_cast<Term*>(tuple.word() - static_cast<Word>(Tag::boxed) + offset);
}
STEP void step(const ops::get_tuple_element_xx& op, Registers r) { x_at(r, op.to) = element(x_at(r, op.from), op.offset); }
STEP void step(const ops::get_tuple_element_xy& op, Registers r) { y_at(r, op.to) = element(x_at(r, op.from), op.offset); }
STEP void step(const ops::get_tuple_element& op, Registers r) { at(r, op.to) = element(at(r, op.from), op.offset); }

STEP void make_cons(Registers r, Term head, Term tail, Term& to) {
    r.h[0] = head.word();
    r.h[1] = tail.word();
    to = Term::cons(r.h);
    r.h += kConsWords;
}
STEP void step(const ops::put_list_xxx& op, Registers r) { make_cons(r, x_at(r, op.head), x_at(r, op.tail), x_at(r, op.to)); }
STEP void step(const ops::put_list_yxx& op, Registers r) { make_cons(r, y_at(r, op.head), x_at(r, op.tail), x_at(r, op.to)); }
STEP void step(const ops::put_list_xyx& op, Registers r) { make_cons(r, x_at(r, op.head), y_at(r, op.tail), x_at(r, op.to)); }
STEP void step(const ops::put_list_xcx& op, Registers r) { make_cons(r, x_at(r, op.head), Term(op.tail), x_at(r, op.to)); }
STEP void step(const ops::put_list& op, Registers r) { make_cons(r, from(r, op.head), from(r, op.tail), at(r, op.to)); }
STEP void step(const ops::put_tuple2& op, Registers r) {
    r.h[0] = make_header(Kind::tuple, 2);
    r.h[1] = from(r, op.a).word();
    r.h[2] = from(r, op.b).word();
    at(r, op.to) = Term::boxed(r.h);
    r.h += 3;
}

// ---- the frame

STEP void step(const ops::init_y1& op, Registers r) { y_at(r, op.a) = Term::nil(); }
STEP void step(const ops::init_y2& op, Registers r) {
    y_at(r, op.a) = Term::nil();
    y_at(r, op.b) = Term::nil();
}

// ---- tests

#define TYPE_TEST(name, access, condition)             \
    STEP bool test(const ops::name& op, Registers r) { \
        const Term t = access(r, op.a);                \
        return condition;                              \
    }
TYPE_TEST(is_tuple, at, t.is_tuple())
TYPE_TEST(is_nonempty_list, at, t.is_cons())
TYPE_TEST(is_nonempty_list_x, x_at, t.is_cons())
TYPE_TEST(is_list, at, t.is_list())
TYPE_TEST(is_nil, at, t.is_nil())
TYPE_TEST(is_nil_x, x_at, t.is_nil())
TYPE_TEST(is_atom, at, t.is_atom())
TYPE_TEST(is_boolean, at, t == am::true_() || t == am::false_())
TYPE_TEST(is_integer, at, t.is_integer())
TYPE_TEST(is_float, at, t.is_float())
TYPE_TEST(is_number, at, t.is_number())
TYPE_TEST(is_binary, at, static_cast<bool>(as_binary(t)))
TYPE_TEST(is_bitstr, at, t.is_bitstring())
TYPE_TEST(is_map, at, t.is_map())
TYPE_TEST(is_pid, at, t.is_pid())
TYPE_TEST(is_port, at, t.is_port())
TYPE_TEST(is_reference, at, t.is_reference())
TYPE_TEST(is_function, at, t.is_fun())
TYPE_TEST(is_tuple_of_arity, at, t.is_boxed() && t.header() == op.header)
TYPE_TEST(is_tuple_of_arity_x, x_at, t.is_boxed() && t.header() == op.header)
TYPE_TEST(is_tagged_tuple, at, t.is_boxed() && t.header() == op.header && t.boxed_words()[1] == op.tag)
TYPE_TEST(is_tagged_tuple_x, x_at, t.is_boxed() && t.header() == op.header && t.boxed_words()[1] == op.tag)
TYPE_TEST(is_eq_exact_word, at, t.word() == op.value)
TYPE_TEST(is_eq_exact_word_x, x_at, t.word() == op.value)
TYPE_TEST(is_ne_exact_word, at, t.word() != op.value)
TYPE_TEST(is_ne_exact_word_x, x_at, t.word() != op.value)
#undef TYPE_TEST

STEP bool less(Term a, Term b) {
    if (LINTEL_LIKELY(Term::both_small(a, b))) return static_cast<int64_t>(a.word()) < static_cast<int64_t>(b.word());
    return compare(a, b) < 0;
}
STEP bool same(Term a, Term b) { return a == b || exactly_equal(a, b); }
#define COMPARISON(name, condition) \
    STEP bool test(const ops::name& op, Registers r) { return condition; }
COMPARISON(is_eq_exact, same(from(r, op.a), from(r, op.b)))
COMPARISON(is_ne_exact, !same(from(r, op.a), from(r, op.b)))
COMPARISON(is_eq_exact_xx, same(x_at(r, op.a), x_at(r, op.b)))
COMPARISON(is_ne_exact_xx, !same(x_at(r, op.a), x_at(r, op.b)))
COMPARISON(is_lt, less(from(r, op.a), from(r, op.b)))
COMPARISON(is_ge, !less(from(r, op.a), from(r, op.b)))
COMPARISON(is_lt_xx, less(x_at(r, op.a), x_at(r, op.b)))
COMPARISON(is_ge_xx, !less(x_at(r, op.a), x_at(r, op.b)))
COMPARISON(is_lt_xc, less(x_at(r, op.a), Term(op.b)))
COMPARISON(is_ge_xc, !less(x_at(r, op.a), Term(op.b)))
COMPARISON(is_lt_cx, less(Term(op.a), x_at(r, op.b)))
COMPARISON(is_ge_cx, !less(Term(op.a), x_at(r, op.b)))
#undef COMPARISON

// ---- arithmetic on small integers

STEP bool add_small(Term a, Term b, Term& to) {
    int64_t sum;
    if (LINTEL_UNLIKELY(!Term::both_small(a, b) || __builtin_add_overflow(static_cast<int64_t>(a.word() & ~kTagMask),
                                                                         static_cast<int64_t>(b.word() & ~kTagMask), &sum))) {
        return false;
    }
    to = Term(static_cast<Word>(sum) | kTagMask);
    return true;
}
STEP bool sub_small(Term a, Term b, Term& to) {
    int64_t difference;
    if (LINTEL_UNLIKELY(!Term::both_small(a, b) || __builtin_sub_overflow(static_cast<int64_t>(a.word() & ~kTagMask),
                                                                         static_cast<int64_t>(b.word() & ~kTagMask), &difference))) {
        return false;
    }
    to = Term(static_cast<Word>(difference) | kTagMask);
    return true;
}
/// The same with a small constant: only `a` and the sum can be wrong.
STEP bool add_constant(Term a, Word b, Term& to) {
    int64_t sum;
    if (LINTEL_UNLIKELY(!a.is_small() || __builtin_add_overflow(static_cast<int64_t>(a.word()), static_cast<int64_t>(b - kTagMask), &sum))) return false;
    to = Term(static_cast<Word>(sum));
    return true;
}
STEP bool sub_constant(Term a, Word b, Term& to) {
    int64_t difference;
    if (LINTEL_UNLIKELY(!a.is_small() || __builtin_sub_overflow(static_cast<int64_t>(a.word()), static_cast<int64_t>(b - kTagMask), &difference))) return false;
    to = Term(static_cast<Word>(difference));
    return true;
}
STEP bool fast(const ops::add& op, Registers r) { return add_small(from(r, op.a), from(r, op.b), at(r, op.to)); }
STEP bool fast(const ops::sub& op, Registers r) { return sub_small(from(r, op.a), from(r, op.b), at(r, op.to)); }
STEP bool fast(const ops::add_xc& op, Registers r) { return add_constant(x_at(r, op.a), op.b, x_at(r, op.to)); }
STEP bool fast(const ops::sub_xc& op, Registers r) { return sub_constant(x_at(r, op.a), op.b, x_at(r, op.to)); }
STEP bool fast(const ops::add_yc& op, Registers r) { return add_constant(y_at(r, op.a), op.b, x_at(r, op.to)); }
STEP bool fast(const ops::sub_yc& op, Registers r) { return sub_constant(y_at(r, op.a), op.b, x_at(r, op.to)); }
STEP bool fast(const ops::add_xx& op, Registers r) { return add_small(x_at(r, op.a), x_at(r, op.b), x_at(r, op.to)); }
STEP bool fast(const ops::sub_xx& op, Registers r) { return sub_small(x_at(r, op.a), x_at(r, op.b), x_at(r, op.to)); }
STEP bool fast(const ops::add_yx& op, Registers r) { return add_small(y_at(r, op.a), x_at(r, op.b), x_at(r, op.to)); }

#undef STEP

}  // namespace lintel::steps
