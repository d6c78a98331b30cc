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
/// For vm/ and jit/.

#include <cmath>

#include "term/bits.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/views.h"
#include "vm/code_comparison.h"
#include "vm/create_binary.h"
#include "vm/exec_state.h"
#include "vm/ops.h"
#include "vm/runtime_bs.h"
#include "vm/runtime_map.h"
#include "vm/runtime_number.h"
#include "vm/scratch.h"

namespace lintel::steps {

/// The interpreter's locals that a step may touch.
struct Registers {
    Term* const x;
    Word* const& e;  ///< stack top
    Word*& h;        ///< heap top
};

#define STEP [[gnu::always_inline]] inline

STEP Term& x_at(Registers r, unsigned offset) {
    return *reinterpret_cast<Term*>(reinterpret_cast<char*>(r.x) + offset);
}
STEP Term& y_at(Registers r, unsigned offset) {
    return *reinterpret_cast<Term*>(reinterpret_cast<char*>(r.e) + offset);
}
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
STEP void step(const ops::get_tuple_element_xx& op, Registers r) {
    x_at(r, op.to) = element(x_at(r, op.from), op.offset);
}
STEP void step(const ops::get_tuple_element_xy& op, Registers r) {
    y_at(r, op.to) = element(x_at(r, op.from), op.offset);
}
STEP void step(const ops::get_tuple_element& op, Registers r) { at(r, op.to) = element(at(r, op.from), op.offset); }

STEP void make_cons(Registers r, Term head, Term tail, Term& to) {
    r.h[0] = head.word();
    r.h[1] = tail.word();
    to = Term::cons(r.h);
    r.h += kConsWords;
}
STEP void step(const ops::put_list_xxx& op, Registers r) {
    make_cons(r, x_at(r, op.head), x_at(r, op.tail), x_at(r, op.to));
}
STEP void step(const ops::put_list_yxx& op, Registers r) {
    make_cons(r, y_at(r, op.head), x_at(r, op.tail), x_at(r, op.to));
}
STEP void step(const ops::put_list_xyx& op, Registers r) {
    make_cons(r, x_at(r, op.head), y_at(r, op.tail), x_at(r, op.to));
}
STEP void step(const ops::put_list_xcx& op, Registers r) {
    make_cons(r, x_at(r, op.head), Term(op.tail), x_at(r, op.to));
}
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

STEP void step(const ops::try_end& op, Registers r) { y_at(r, op.mark) = Term::nil(); }

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
    return a != b && compare_in_code(a, b) < 0;
}
STEP bool same(Term a, Term b) {
    if (a == b) return true;
    if (a.is_immediate() || b.is_immediate()) return exactly_equal(a, b);
    return same_in_code(a, b);
}
STEP bool equal_values(Term a, Term b) { return a == b || (!Term::both_small(a, b) && equal_in_code(a, b)); }
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
    if (LINTEL_UNLIKELY(!Term::both_small(a, b) ||
                        __builtin_add_overflow(static_cast<int64_t>(a.word() & ~kTagMask),
                                               static_cast<int64_t>(b.word() & ~kTagMask), &sum))) {
        return false;
    }
    to = Term(static_cast<Word>(sum) | kTagMask);
    return true;
}
STEP bool sub_small(Term a, Term b, Term& to) {
    int64_t difference;
    if (LINTEL_UNLIKELY(!Term::both_small(a, b) ||
                        __builtin_sub_overflow(static_cast<int64_t>(a.word() & ~kTagMask),
                                               static_cast<int64_t>(b.word() & ~kTagMask), &difference))) {
        return false;
    }
    to = Term(static_cast<Word>(difference) | kTagMask);
    return true;
}
/// The same with a small constant: only `a` and the sum can be wrong.
STEP bool add_constant(Term a, Word b, Term& to) {
    int64_t sum;
    if (LINTEL_UNLIKELY(!a.is_small() || __builtin_add_overflow(static_cast<int64_t>(a.word()),
                                                                static_cast<int64_t>(b - kTagMask), &sum)))
        return false;
    to = Term(static_cast<Word>(sum));
    return true;
}
STEP bool sub_constant(Term a, Word b, Term& to) {
    int64_t difference;
    if (LINTEL_UNLIKELY(!a.is_small() || __builtin_sub_overflow(static_cast<int64_t>(a.word()),
                                                                static_cast<int64_t>(b - kTagMask), &difference)))
        return false;
    to = Term(static_cast<Word>(difference));
    return true;
}
STEP bool mul_small(Term a, Term b, Term& to) {
    int64_t product;
    if (LINTEL_UNLIKELY(!Term::both_small(a, b) ||
                        __builtin_mul_overflow(static_cast<int64_t>(a.word() & ~kTagMask), b.to_small(), &product))) {
        return false;
    }
    to = Term(static_cast<Word>(product) | kTagMask);
    return true;
}
/// Quotient or remainder. Halves of words divide in a third of the time.
template <bool kRemainder>
STEP bool div_small(Term dividend, Term divisor, Term& to) {
    if (LINTEL_UNLIKELY(!Term::both_small(dividend, divisor))) return false;
    const int64_t a = dividend.to_small(), b = divisor.to_small();
    if (LINTEL_LIKELY((static_cast<uint64_t>(a) | static_cast<uint64_t>(b)) >> 32 == 0 && b != 0)) {
        const auto x = static_cast<uint32_t>(a), y = static_cast<uint32_t>(b);
        to = Term::small(kRemainder ? x % y : x / y);
        return true;
    }
    if (LINTEL_UNLIKELY(b == 0 || b == -1)) return false;
    to = Term::small(kRemainder ? a % b : a / b);
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

/// Constants here are such that only `a` can be wrong: small, not 0 or -1 as divisors, in range as shifts (vm/lower.cpp).
STEP bool fast(const ops::mul_xx& op, Registers r) { return mul_small(x_at(r, op.a), x_at(r, op.b), x_at(r, op.to)); }
STEP bool fast(const ops::mul_xc& op, Registers r) { return mul_small(x_at(r, op.a), Term(op.b), x_at(r, op.to)); }
STEP bool fast(const ops::mul& op, Registers r) { return mul_small(from(r, op.a), from(r, op.b), at(r, op.to)); }
STEP bool fast(const ops::int_div& op, Registers r) {
    return div_small<false>(from(r, op.a), from(r, op.b), at(r, op.to));
}
STEP bool fast(const ops::int_rem& op, Registers r) {
    return div_small<true>(from(r, op.a), from(r, op.b), at(r, op.to));
}
STEP bool fast(const ops::int_div_xc& op, Registers r) {
    return div_small<false>(x_at(r, op.a), Term(op.b), x_at(r, op.to));
}
STEP bool fast(const ops::int_rem_xc& op, Registers r) {
    return div_small<true>(x_at(r, op.a), Term(op.b), x_at(r, op.to));
}
#define BITWISE(name, load_a, load_b, target, expression)                  \
    STEP bool fast(const ops::name& op, Registers r) {                     \
        const Word a = load_a.word(), b = load_b.word();                   \
        if (LINTEL_UNLIKELY((a & b & kTagMask) != kTagMask)) return false; \
        target = Term((expression) | kTagMask);                            \
        return true;                                                       \
    }
BITWISE(band, from(r, op.a), from(r, op.b), at(r, op.to), a& b)
BITWISE(bor, from(r, op.a), from(r, op.b), at(r, op.to), a | b)
BITWISE(bxor, from(r, op.a), from(r, op.b), at(r, op.to), a ^ b)
BITWISE(band_xx, x_at(r, op.a), x_at(r, op.b), x_at(r, op.to), a& b)
BITWISE(band_xc, x_at(r, op.a), Term(op.b), x_at(r, op.to), a& b)
BITWISE(bor_xx, x_at(r, op.a), x_at(r, op.b), x_at(r, op.to), a | b)
BITWISE(bxor_xx, x_at(r, op.a), x_at(r, op.b), x_at(r, op.to), a ^ b)
#undef BITWISE
STEP bool shift_left(Term a, int64_t n, Term& to) {
    if (LINTEL_UNLIKELY(!a.is_small())) return false;
    const int64_t v = a.to_small();
    if (LINTEL_UNLIKELY((v >> (60 - n)) != (v >> 63))) return false;
    to = Term::small(static_cast<int64_t>(static_cast<Word>(v) << n));
    return true;
}
STEP bool shift_right(Term a, int64_t n, Term& to) {
    if (LINTEL_UNLIKELY(!a.is_small())) return false;
    to = Term::small(a.to_small() >> (n < 63 ? n : 63));
    return true;
}
STEP bool fast(const ops::bsl& op, Registers r) {
    const Term n = from(r, op.b);
    return n.is_small() && n.to_small() >= 0 && n.to_small() < 60 &&
           shift_left(from(r, op.a), n.to_small(), at(r, op.to));
}
STEP bool fast(const ops::bsr& op, Registers r) {
    const Term n = from(r, op.b);
    return n.is_small() && n.to_small() >= 0 && shift_right(from(r, op.a), n.to_small(), at(r, op.to));
}
STEP bool fast(const ops::bsl_xc& op, Registers r) {
    return shift_left(x_at(r, op.a), Term(op.b).to_small(), x_at(r, op.to));
}
STEP bool fast(const ops::bsr_xc& op, Registers r) {
    return shift_right(x_at(r, op.a), Term(op.b).to_small(), x_at(r, op.to));
}

STEP bool fast(const ops::bif_element& op, Registers r) {
    const Term index = from(r, op.a), tuple = from(r, op.b);
    if (LINTEL_UNLIKELY(!index.is_small() || !tuple.is_tuple())) return false;
    const Word* words = tuple.boxed_words();
    const auto n = static_cast<Word>(index.to_small());
    if (LINTEL_UNLIKELY(n - 1 >= header_size(words[0]))) return false;
    at(r, op.to) = Term(words[n]);
    return true;
}

// ---- maps

STEP bool test(const ops::get_map_element& op, Registers r) {
    const Term map = at(r, op.map);
    const Term* value = map.is_map() ? map_find(map, from(r, op.key)) : nullptr;
    if (LINTEL_UNLIKELY(value == nullptr)) {
        leave_ended_slice();
        return false;
    }
    at(r, op.to) = *value;
    return true;
}

STEP bool test(const ops::has_map_fields& op, Registers r) {
    const Term map = at(r, op.map);
    const Word* keys = ops::rest(op);
    bool all = map.is_map();
    for (uint32_t k = 0; all && k < op.count; ++k) all = map_find(map, from(r, keys[k])) != nullptr;
    if (LINTEL_UNLIKELY(!all)) leave_ended_slice();
    return all;
}
STEP bool test(const ops::get_map_elements& op, Registers r) {
    const Term map = at(r, op.map);
    const Word* pairs = ops::rest(op);
    bool all = map.is_map();
    for (uint32_t k = 0; all && k < op.count; ++k) {
        const Term* value = map_find(map, from(r, pairs[2 * k]));
        all = value != nullptr;
        if (all) at(r, static_cast<ops::Reg>(pairs[2 * k + 1])) = *value;
    }
    if (LINTEL_UNLIKELY(!all)) leave_ended_slice();
    return all;
}

// ---- floats

STEP double& f_at(Registers r, unsigned n) {
    constexpr size_t kFromX = offsetof(RegisterFile, f) - offsetof(RegisterFile, x);
    return *reinterpret_cast<double*>(reinterpret_cast<char*>(r.x) + kFromX + n * sizeof(double));
}
STEP void step(const ops::fload& op, Registers r) { f_at(r, op.to) = to_double(from(r, op.from)); }
STEP void step(const ops::fmove& op, Registers r) { f_at(r, op.to) = f_at(r, op.from); }
STEP void step(const ops::fnegate& op, Registers r) { f_at(r, op.to) = 0.0 - f_at(r, op.a); }
STEP void step(const ops::fstore& op, Registers r) {
    const double d = f_at(r, op.from);
    Term t = Term::try_immediate_float(d);
    if (LINTEL_UNLIKELY(t.is_none())) {
        r.h[0] = make_header(Kind::boxed_float, 1);
        r.h[1] = std::bit_cast<Word>(d);
        t = Term::boxed(r.h);
        r.h += kBoxedFloatWords;
    }
    at(r, op.to) = t;
}
STEP bool fast(const ops::fconv& op, Registers r) {
    const Term t = from(r, op.from);
    if (LINTEL_LIKELY(t.is_immediate_float())) {
        f_at(r, op.to) = t.immediate_float();
        return true;
    }
    if (LINTEL_UNLIKELY(!t.is_small())) return false;
    f_at(r, op.to) = static_cast<double>(t.to_small());
    return true;
}
#define FLOAT_OP(name, symbol)                                \
    STEP bool fast(const ops::name& op, Registers r) {        \
        const double d = f_at(r, op.a) symbol f_at(r, op.b);  \
        if (LINTEL_UNLIKELY(!std::isfinite(d))) return false; \
        f_at(r, op.to) = d;                                   \
        return true;                                          \
    }
FLOAT_OP(fadd, +)
FLOAT_OP(fsub, -)
FLOAT_OP(fmul, *)
FLOAT_OP(fdiv, /)
#undef FLOAT_OP

// ---- bit strings

STEP MatchContext* context_at(Registers r, ops::Reg reg) {
    return reinterpret_cast<MatchContext*>(at(r, reg).boxed_words());
}
/// A context that is matched from its position on; it serves again unless a new one needs places to save positions in.
STEP bool fast(const ops::bs_start_match& op, Registers r) {
    const Term t = from(r, op.from);
    MatchContext* c = as_match_context(t);
    if (c == nullptr || op.slots != 0) return false;
    c->start = c->position;
    at(r, op.to) = t;
    return true;
}
STEP void step(const ops::bs_utf_size& op, Registers r) {
    at(r, op.to) = op.width == 8 ? bs_utf8_size(from(r, op.value)) : bs_utf16_size(from(r, op.value));
}
STEP void step(const ops::bs_get_position& op, Registers r) {
    at(r, op.to) = bs_get_position(context_at(r, op.context));
}
STEP void step(const ops::bs_set_position& op, Registers r) {
    bs_set_position(context_at(r, op.context), from(r, op.position));
}
template <unsigned kBits, typename T>
STEP bool get_unsigned(const T& op, Registers r) {
    const Term value = bs_get_unsigned<kBits>(context_at(r, op.context));
    if (LINTEL_UNLIKELY(value.is_none())) return false;
    at(r, op.to) = value;
    return true;
}
STEP bool test(const ops::bs_get_u8& op, Registers r) { return get_unsigned<8>(op, r); }
STEP bool test(const ops::bs_get_u16& op, Registers r) { return get_unsigned<16>(op, r); }
STEP bool test(const ops::bs_get_u32& op, Registers r) { return get_unsigned<32>(op, r); }
STEP bool test(const ops::bs_skip_fixed& op, Registers r) { return bs_skip(context_at(r, op.context), op.bits); }
STEP bool test(const ops::bs_test_tail& op, Registers r) { return bs_test_tail(context_at(r, op.context), op.bits); }
STEP bool test(const ops::bs_test_unit& op, Registers r) { return bs_test_unit(context_at(r, op.context), op.unit); }
STEP bool test(const ops::bs_ensure_exactly& op, Registers r) {
    return bs_bits_left(context_at(r, op.context)) == op.bits;
}
STEP bool test(const ops::bs_ensure_at_least& op, Registers r) {
    const size_t left = bs_bits_left(context_at(r, op.context));
    return left >= op.bits && (op.unit == 1 || bs_is_multiple(left - op.bits, op.unit));
}

STEP bool test(const ops::bs_match_string& op, Registers r) {
    return bs_match_string(context_at(r, op.context), reinterpret_cast<const uint8_t*>(op.string), op.bits);
}
STEP bool test(const ops::bs_get_utf& op, Registers r) {
    MatchContext* const c = context_at(r, op.context);
    const Term value = op.width == 8    ? bs_get_utf8(c)
                       : op.width == 16 ? bs_get_utf16(c, op.flags)
                                        : bs_get_utf32(c, op.flags);
    if (LINTEL_UNLIKELY(value.is_none())) return false;
    at(r, op.to) = value;
    return true;
}
/// The bits of a field whose size is an operand; false if it does not match.
template <typename T>
STEP bool field_bits(const T& op, Registers r, const MatchContext* c, size_t* bits) {
    return bs_field_bits(from(r, op.size), op.unit, bits) && *bits <= bs_bits_left(c);
}
/// The same where the size may be `all`.
template <typename T>
STEP bool field_or_all_bits(const T& op, Registers r, const MatchContext* c, size_t* bits) {
    if (op.size != am::all().word()) return field_bits(op, r, c, bits);
    *bits = bs_bits_left(c);
    return bs_test_unit(c, op.unit);
}
STEP bool test(const ops::bs_skip_bits& op, Registers r) {
    MatchContext* const c = context_at(r, op.context);
    size_t bits;
    if (!field_or_all_bits(op, r, c, &bits)) return false;
    c->position += bits;
    return true;
}

STEP bool test(const ops::is_function2& op, Registers r) {
    const Term fun = from(r, op.a), arity = from(r, op.arity);
    if (fun.is_kind(Kind::fun)) return arity == Term::small(header_aux(fun.header()));
    if (!fun.is_kind(Kind::export_fun)) return false;
    return arity == Term::small(reinterpret_cast<const ExportEntry*>(fun.boxed_words()[1])->arity);
}

// ---- what builds: between swapping out and in, with room in the heap as far as the operation promises it. The result; the non-value
// if a field does not match, or after raising.

inline Term build(const ops::bs_start_match& op, ExecState& p, Registers r) {
    return bs_start_match(p, from(r, op.from), op.slots);
}
inline Term build(const ops::bs_get_integer_fixed& op, ExecState& p, Registers r) {
    return bs_get_integer(p, context_at(r, op.context), op.bits, op.flags);
}
inline Term build(const ops::bs_get_integer& op, ExecState& p, Registers r) {
    MatchContext* const c = context_at(r, op.context);
    size_t bits;
    return field_bits(op, r, c, &bits) ? bs_get_integer(p, c, bits, op.flags) : Term::none();
}
inline Term build(const ops::bs_get_float& op, ExecState& p, Registers r) {
    MatchContext* const c = context_at(r, op.context);
    size_t bits;
    return field_bits(op, r, c, &bits) ? bs_get_float(p, c, bits, op.flags) : Term::none();
}
inline Term build(const ops::bs_get_binary& op, ExecState& p, Registers r) {
    MatchContext* const c = context_at(r, op.context);
    size_t bits;
    return field_or_all_bits(op, r, c, &bits) ? bs_get_binary(p, c, bits) : Term::none();
}
inline Term build(const ops::bs_get_tail& op, ExecState& p, Registers r) {
    return bs_get_tail(p, context_at(r, op.context));
}

inline Term build(const ops::bs_create_bin& op, ExecState& p, Registers r) { return create_binary(op, p, r.x, r.e); }
inline Term build(const ops::bs_init& op, ExecState& p, Registers r) { return bs_init(p, from(r, op.size), op.unit); }
inline Term build(const ops::bs_append& op, ExecState& p, Registers r) {
    return bs_append(p, from(r, op.size), op.unit, from(r, op.binary));
}
inline Term build(const ops::bs_private_append& op, ExecState& p, Registers r) {
    return bs_private_append(p, from(r, op.size), op.unit, from(r, op.binary));
}
inline Term build(const ops::bs_add& op, ExecState& p, Registers r) {
    return bs_add(p, from(r, op.a), from(r, op.b), op.unit);
}

template <typename T>
Term put_pairs(const T& op, ExecState& p, Registers r, Term (*put)(ExecState&, Term, const Term*, size_t)) {
    const ScratchArray<Term, 32> pairs(2 * op.count);
    if (!pairs) return p.system_limit();
    for (uint32_t k = 0; k < 2 * op.count; ++k) pairs[k] = from(r, ops::rest(op)[k]);
    return put(p, from(r, op.map), pairs.data(), op.count);
}
inline Term build(const ops::put_map_assoc& op, ExecState& p, Registers r) {
    return put_pairs(op, p, r, put_map_assoc);
}
inline Term build(const ops::put_map_exact& op, ExecState& p, Registers r) {
    return put_pairs(op, p, r, put_map_exact);
}

#undef STEP

}  // namespace lintel::steps
