#include <cstring>

#include "base/patience.h"
#include "base/work_stack.h"
#include "term/compare.h"
#include "term/compare_leaf_p.h"
#include "term/fun.h"
#include "term/map.h"
#include "term/record.h"

/// =:= and ==.
///
/// One loop compares the pair (a, b) and then takes the next pair from a work list, whose entries are runs: two arrays of
/// terms of the same length still to be compared. Elements of tuples, pairs of maps, environments of funs and the tails of
/// lists are all runs. Two equal hash maps have the same shape (invariant in term/map.h), so their nodes are compared like
/// tuples; only the keys are always compared by =:=.
///
/// The one thing without order is map_collision: each key of one node must be looked for among the keys of the other. This is
/// a `Trial`: an entry of the work list that is told, rather than the caller, when the pair above it differs. Keys
/// with the same 64-bit hash that are not equal are made by an adversary only, but that one may nest them deeply: hence no
/// recursion here either.

namespace lintel {

namespace {

/// Of two heap binaries: whole words, then what is left in the last one. What is behind that may differ, and so may the room there.
bool same_bytes(const Word* x, const Word* y) {
    const uint32_t bytes = header_aux(*x);
    if (bytes != header_aux(*y)) return false;
    size_t at = 1;
    for (; at <= bytes / kWordBytes; ++at) {
        if (x[at] != y[at]) return false;
    }
    const unsigned left = bytes % kWordBytes;
    return left == 0 || (x[at] ^ y[at]) << (8 * (kWordBytes - left)) == 0;
}

struct Frame {
    const Term* a;
    const Term* b;
    uint32_t left;    ///< run: pairs left.  trial: index of the key of `a` being looked for
    uint32_t index;   ///< trial: index of the key of `b` being tried
    uint32_t pairs;   ///< trial: number of pairs; 0: this is a run
    uint16_t stride;  ///< run
    bool exact;
    bool testing_key;  ///< trial: the pair above is two keys, not two values
};

class Comparison {
public:
    bool run(Term a, Term b, bool exact, Walks walks) {
        Walk walk(walks);
        for (;;) {
            if (!walk.may_go_on() || (!pair(a, b, exact) && !retry())) return false;
            if (!next(&a, &b, &exact)) return true;
        }
    }

private:
    static bool exactly_equal_immediate(Term a, Term b) {
        return a == b || (!kSignedZerosDiffer && a.is_zero_float() && b.is_zero_float());
    }

    void push_run(const Term* a, const Term* b, size_t count, bool exact, uint16_t stride = 1) {
        // Mostly all are the same words.
        while (count != 0 && *a == *b) {
            a += stride;
            b += stride;
            --count;
        }
        // A map or tuple of 2^24 words at most, so the count fits.
        if (count != 0) work_.push({a, b, static_cast<uint32_t>(count), 0, 0, stride, exact, false});
    }

    /// False if a and b differ; what is inside them goes to the work list.
    bool pair(Term a, Term b, bool exact) {
        for (;;) {
            if (a == b) return true;
            if (!a.is_cons() || !b.is_cons()) break;
            const Term* x = reinterpret_cast<const Term*>(a.cons_cell());
            const Term* y = reinterpret_cast<const Term*>(b.cons_cell());
            if (x[0] == y[0]) {
                a = x[1];
                b = y[1];
                continue;
            }
            if (x[0].is_immediate() && y[0].is_immediate()) {
                if (!leaf(x[0], y[0], exact)) return false;
                a = x[1];
                b = y[1];
                continue;
            }
            push_run(x + 1, y + 1, 1, exact);
            a = x[0];
            b = y[0];
        }
        if (a.is_boxed() && b.is_boxed()) return boxed(a, b, exact);
        return leaf(a, b, exact);
    }

    /// At most one of a and b is boxed.
    static bool leaf(Term a, Term b, bool exact) {
        if (exact) return exactly_equal_immediate(a, b);
        if (a == b) return true;
        return a.is_number() && b.is_number() && compare_numbers(a, b) == 0;
    }

    bool boxed(Term a, Term b, bool exact) {
        const Word* x = a.boxed_words();
        const Word* y = b.boxed_words();
        switch (header_kind(*x)) {
            case Kind::tuple:
            case Kind::map_flat:
                if (*x != *y) return false;
                if (header_kind(*x) == Kind::map_flat) {
                    push_run(terms(x + 2), terms(y + 2), header_size(*x) - 1, exact);
                    if (x[1] != y[1]) push_run(terms(x + 1), terms(y + 1), 1, true);
                    return true;
                }
                push_run(terms(x + 1), terms(y + 1), header_size(*x), exact);
                return true;
            case Kind::record:
                if (*x != *y || !same_definition(Term(x[1]), Term(y[1]))) return false;
                push_run(terms(x + 2), terms(y + 2), header_size(*x) - 1, exact);
                return true;
            case Kind::map_hash:
                if (*x != *y || x[1] != y[1]) return false;
                push_run(terms(x + 2), terms(y + 2), 1, exact);
                return true;
            case Kind::map_node: {
                if (*x != *y) return false;
                const auto pairs = size_t{map_bit_count(map_data_bits(*x))};
                const size_t pair_words = 2 * pairs;
                push_run(terms(x + 1 + pair_words), terms(y + 1 + pair_words), header_size(*x) - pair_words, exact);
                if (exact) {
                    push_run(terms(x + 1), terms(y + 1), pair_words, true);
                } else {
                    push_run(terms(x + 2), terms(y + 2), pairs, false, 2);
                    push_run(terms(x + 1), terms(y + 1), pairs, true, 2);
                }
                return true;
            }
            case Kind::map_collision:
                if (*x != *y) return false;
                work_.push(
                    {terms(x + 1), terms(y + 1), 0, 0, static_cast<uint32_t>(header_size(*x) / 2), 0, exact, false});
                return true;
            case Kind::fun: {
                const FunView f(x);
                const FunView g(y);
                if (header_kind(*y) != Kind::fun || !same_fun_code(f, g)) return false;
                push_run(f.environment(), g.environment(), f.free_count(), exact);
                return true;
            }
            case Kind::export_fun: return *x == *y && x[1] == y[1];
            case Kind::boxed_float:
                if (*x == *y) return x[1] == y[1];
                return !exact && b.is_bignum() && compare_numbers(a, b) == 0;
            case Kind::bignum:
                if (*x == *y) return std::memcmp(x + 1, y + 1, header_size(*x) * kWordBytes) == 0;
                return !exact && b.is_kind(Kind::boxed_float) && compare_numbers(a, b) == 0;
            case Kind::heap_binary:
                // The headers may differ by the room behind the bytes.
                if (header_kind(*y) == Kind::heap_binary) {
                    return same_bytes(x, y);
                }
                [[fallthrough]];
            case Kind::refc_binary:
            case Kind::sub_binary: {
                const BitsView v = as_bits(a);
                const BitsView w = as_bits(b);
                return w && equal_bits(v, w);
            }
            case Kind::ref:
            case Kind::magic_ref:
            case Kind::external_ref: return b.is_reference() && compare_references(a, b) == 0;
            case Kind::external_pid:
            case Kind::external_port: return *x == *y && std::memcmp(x + 1, y + 1, header_size(*x) * kWordBytes) == 0;
            case Kind::match_context: return false;
        }
        return false;
    }

    /// The next pair; false when there is none left, so all were equal.
    bool next(Term* a, Term* b, bool* exact) {
        while (!work_.empty()) {
            Frame& f = work_.top();
            if (f.pairs == 0) {
                *a = *f.a;
                *b = *f.b;
                *exact = f.exact;
                f.a += f.stride;
                f.b += f.stride;
                if (--f.left == 0) work_.pop();
                return true;
            }
            if (f.testing_key) {  // found: now the values
                f.testing_key = false;
                *a = f.a[2 * f.left + 1];
                *b = f.b[2 * f.index + 1];
                *exact = f.exact;
                ++f.left;
                f.index = 0;
                return true;
            }
            if (f.left == f.pairs) {
                work_.pop();
                continue;
            }
            f.testing_key = true;
            *a = f.a[2 * f.left];
            *b = f.b[2 * f.index];
            *exact = true;
            return true;
        }
        return false;
    }

    /// After a difference: gives up what is above the innermost trial of a key and moves that on. False: none left.
    bool retry() {
        while (!work_.empty()) {
            Frame& f = work_.top();
            if (f.pairs != 0 && f.testing_key && ++f.index < f.pairs) {
                f.testing_key = false;
                return true;
            }
            work_.pop();
        }
        return false;
    }

    static const Term* terms(const Word* words) { return reinterpret_cast<const Term*>(words); }

    WorkStack<Frame, 16> work_;
};

}  // namespace

namespace {

enum class Shallow : uint8_t { differ, same, unknown };

/// Tuples of small integers, atoms, short binaries and such tuples, `depth` deep: what most keys and tags are.
Shallow shallow_equal(Term a, Term b, unsigned depth) {
    if (a.is_small() || b.is_small() || a.is_atom() || b.is_atom()) return Shallow::differ;
    if (!a.is_boxed() || !b.is_boxed()) return Shallow::unknown;
    const Word* x = a.boxed_words();
    const Word* y = b.boxed_words();
    if (header_kind(*x) != header_kind(*y)) return Shallow::unknown;
    if (header_kind(*x) == Kind::heap_binary) {
        return same_bytes(x, y) ? Shallow::same : Shallow::differ;
    }
    if (header_kind(*x) != Kind::tuple) return Shallow::unknown;
    if (*x != *y) return Shallow::differ;
    constexpr size_t kMostElements = 8;
    const size_t size = header_size(*x);
    if (size > kMostElements || depth == 0) return Shallow::unknown;
    for (size_t i = 1; i <= size; ++i) {
        if (x[i] == y[i]) continue;
        const Shallow of_element = shallow_equal(Term(x[i]), Term(y[i]), depth - 1);
        if (of_element != Shallow::same) return of_element;
    }
    return Shallow::same;
}

constexpr unsigned kShallow = 3;

}  // namespace

bool exactly_equal_slow(Term a, Term b, Walks walks) {
    const Shallow known = shallow_equal(a, b, kShallow);
    return known != Shallow::unknown ? known == Shallow::same : Comparison().run(a, b, true, walks);
}

bool equal_slow(Term a, Term b) {
    if (a.is_atom() || b.is_atom() || a.is_nil() || b.is_nil()) return a == b;
    return Comparison().run(a, b, false, Walks::endable);
}

}  // namespace lintel
