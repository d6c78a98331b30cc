#include "term/compare.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/patience.h"
#include "base/work_stack.h"
#include "term/compare_leaf_p.h"
#include "term/fun.h"
#include "term/map.h"
#include "term/record.h"

/// The order of terms (reference manual, "Term Comparisons").
///
/// As in equal.cpp, one loop compares a pair and takes the next from a work list of runs; the first pair that differs
/// decides. `exact` is the order of map keys: integers before floats. It holds for everything inside a key.
///
/// Large maps are not stored in key order, so the first difference *in key order* must be found. Of two maps of the
/// same size with different keys, the smaller is the one that has the smallest key which is not in both. With the
/// same keys, the smallest key whose values differ decides, in the way its values do. Either way a smallest key is searched
/// among candidates: a `Search`. It is an entry of the work list that receives the outcome of the comparisons it
/// starts, in place of the caller, so that maps inside keys of maps need no recursion.

namespace lintel {

namespace {

int sign_of(bool less) { return less ? -1 : 1; }

/// Position of a type in the order of types.
enum class Rank : uint8_t { number, atom, reference, fun, port, pid, tuple, record, map, nil, list, bits };

Rank rank_of(Term t) {
    switch (t.tag()) {
        case Tag::cons: return Rank::list;
        case Tag::boxed: break;
        case Tag::immediate:
            if (t.is_atom()) return Rank::atom;
            if (t.is_local_pid()) return Rank::pid;
            if (t.is_local_port()) return Rank::port;
            return t.is_nil() ? Rank::nil : Rank::number;
        default: return Rank::number;
    }
    switch (t.kind()) {
        case Kind::tuple: return Rank::tuple;
        case Kind::record: return Rank::record;
        case Kind::map_flat:
        case Kind::map_hash: return Rank::map;
        case Kind::fun:
        case Kind::export_fun: return Rank::fun;
        case Kind::boxed_float:
        case Kind::bignum: return Rank::number;
        case Kind::ref:
        case Kind::magic_ref:
        case Kind::external_ref: return Rank::reference;
        case Kind::external_pid: return Rank::pid;
        case Kind::external_port: return Rank::port;
        default: return Rank::bits;
    }
}

int compare_doubles(double a, double b, bool exact) {
    if (a == b && kSignedZerosDiffer && exact) return three_way(std::signbit(b), std::signbit(a));
    return three_way(a, b);
}

int compare_atoms(Term a, Term b) {
    if (a == b) return 0;
    const AtomEntry& x = *a.atom_entry();
    const AtomEntry& y = *b.atom_entry();
    return x.prefix != y.prefix ? three_way(x.prefix, y.prefix) : x.name().compare(y.name());
}

int compare_nodes(NodeName a, NodeName b) {
    if (const int c = compare_atoms(a.name, b.name); c != 0) return c;
    return three_way(a.creation, b.creation);
}

int compare_pids(Term a, Term b) {
    if (const int c = three_way(pid_number(a), pid_number(b)); c != 0) return c;
    return compare_nodes(node_of(a), node_of(b));
}

int compare_ports(Term a, Term b) {
    if (const int c = compare_nodes(node_of(a), node_of(b)); c != 0) return c;
    return three_way(port_number(a), port_number(b));
}

int compare_export_funs(ExportFunView a, ExportFunView b) {
    if (const int c = compare_atoms(a.module(), b.module()); c != 0) return c;
    if (const int c = compare_atoms(a.function(), b.function()); c != 0) return c;
    return three_way(a.arity(), b.arity());
}

/// Records without their values: by module, name, whether exported, number of fields, names of fields.
int compare_definitions(RecordView a, RecordView b) {
    if (a.definition() == b.definition()) return 0;
    const auto x = a.definition_atoms();
    const auto y = b.definition_atoms();
    for (size_t i = 0; i < kRecordHeadAtoms; ++i) {
        if (const int c = compare_atoms(x[i], y[i]); c != 0) return c;
    }
    int c = three_way(x.size(), y.size());
    for (size_t i = kRecordHeadAtoms; c == 0 && i < x.size(); ++i) c = compare_atoms(x[i], y[i]);
    return c;
}

/// Funs without their environments: 0 as same_fun_code says.
int compare_fun_code(FunView a, FunView b) {
    if (a.entry() != b.entry()) {
        if (const int c = compare_atoms(a.module(), b.module()); c != 0) return c;
        if (const int c = three_way(a.index(), b.index()); c != 0) return c;
        if (const int c = three_way(a.old_uniq(), b.old_uniq()); c != 0) return c;
    }
    return three_way(a.free_count(), b.free_count());
}

int compare_bignums(BignumView a, BignumView b) {
    if (a.negative() != b.negative()) return sign_of(a.negative());
    const auto x = a.limbs();
    const auto y = b.limbs();
    int magnitude = three_way(x.size(), y.size());
    for (size_t i = x.size(); magnitude == 0 && i-- > 0;) magnitude = three_way(x[i], y[i]);
    return a.negative() ? -magnitude : magnitude;
}

int compare_small_with_double(int64_t i, double d) {
    // Every double of magnitude 2^61 or more is beyond the small integers; the conversion below is then exact.
    constexpr double kBeyond = 2305843009213693952.0;
    if (d >= kBeyond) return -1;
    if (d <= -kBeyond) return 1;
    const auto whole = static_cast<int64_t>(d);
    if (i != whole) return sign_of(i < whole);
    return three_way(static_cast<double>(whole), d);
}

int compare_bignum_with_double(BignumView big, double d) {
    const bool negative = big.negative();
    if ((d < 0) != negative || d == 0) return sign_of(negative);
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(d), &exponent);  // 0.5 to 1
    const auto limbs = big.limbs();
    const size_t n = limbs.size();
    const int leading = std::countl_zero(limbs[n - 1]);
    const auto bits = static_cast<int64_t>(n * 64) - leading;
    int magnitude = three_way(bits, int64_t{exponent});
    if (magnitude == 0) {
        Word top = limbs[n - 1] << leading;
        bool rest = false;
        if (n > 1) {
            if (leading != 0) top |= limbs[n - 2] >> (64 - leading);
            rest = limbs[n - 2] << leading != 0;
            for (size_t i = 0; i + 2 < n && !rest; ++i) rest = limbs[i] != 0;
        }
        magnitude = three_way(top, static_cast<Word>(std::ldexp(fraction, 64)));
        if (magnitude == 0 && rest) magnitude = 1;
    }
    return negative ? -magnitude : magnitude;
}

int compare_numbers_in(Term a, Term b, bool exact) {
    const bool a_float = a.is_float();
    const bool b_float = b.is_float();
    if (a_float && b_float) return compare_doubles(to_double(a), to_double(b), exact);
    if (!a_float && !b_float) return compare_integers(a, b);
    if (exact) return a_float ? 1 : -1;
    return a_float ? -compare_integer_with_double(b, to_double(a)) : compare_integer_with_double(a, to_double(b));
}

/// The search for the smallest key that decides between two hash maps of the same size.
struct Search {
    struct Candidate {
        Term key;
        Term a, b;    ///< the values under it, if both maps have the key
        int outcome;  ///< otherwise: which map has it, -1 the first
    };
    enum class Asked : uint8_t { nothing, values, keys };

    std::vector<Candidate> candidates;
    size_t at = 0;
    Term best;
    int best_outcome = 0;
    int outcome = 0;  ///< of the candidate at `at`
    Asked asked = Asked::nothing;
    bool exact = false;

    Search(Term a, Term b, bool exact_order) : exact(exact_order) {
        Term key, value;
        MapIterator in_a(a);
        while (in_a.next(&key, &value)) {
            if (map_find(b, key) == nullptr) candidates.push_back({key, Term(), Term(), -1});
        }
        MapIterator in_b(b);
        const bool same_keys = candidates.empty();
        while (!same_keys && in_b.next(&key, &value)) {
            if (map_find(a, key) == nullptr) candidates.push_back({key, Term(), Term(), 1});
        }
        if (!same_keys) return;
        MapIterator again(a);
        while (again.next(&key, &value)) {
            const Term other = *map_find(b, key);
            if (!exactly_equal(value, other)) candidates.push_back({key, value, other, 0});
        }
    }

    /// Goes on with the outcome of what was asked. True: compare *a and *b (by *exact_order) and come back; false:
    /// best_outcome is the result.
    bool step(int answer, Term* a, Term* b, bool* exact_order) {
        for (; at < candidates.size(); ++at, asked = Asked::nothing) {
            const Candidate& c = candidates[at];
            if (asked == Asked::nothing) {
                outcome = c.outcome;
                if (outcome == 0) {
                    asked = Asked::values;
                    *a = c.a;
                    *b = c.b;
                    *exact_order = exact;
                    return true;
                }
            }
            if (asked == Asked::values) {
                outcome = answer;
                if (outcome == 0) continue;
            }
            if (asked != Asked::keys && best.is_value()) {
                asked = Asked::keys;
                *a = c.key;
                *b = best;
                *exact_order = true;
                return true;
            }
            if (asked != Asked::keys || answer < 0) {
                best = c.key;
                best_outcome = outcome;
            }
        }
        return false;
    }
};

struct Frame {
    const Term* a;
    const Term* b;
    size_t left;
    Search* search;  ///< nullptr: a run
    bool exact;
};

class Ordering {
public:
    int run(Term a, Term b, bool exact, Walks walks) {
        Walk walk(walks);
        for (;;) {
            int result = pair(a, b, exact);
            for (;;) {
                if (work_.empty()) return result;
                if (!walk.may_go_on()) return give_up();
                Frame& f = work_.top();
                if (f.search == nullptr) {
                    if (result != 0) {
                        work_.pop();
                        continue;
                    }
                    a = *f.a++;
                    b = *f.b++;
                    exact = f.exact;
                    if (--f.left == 0) work_.pop();
                    break;
                }
                if (f.search->step(result, &a, &b, &exact)) break;
                result = f.search->best_outcome;
                destroy(f.search);
                work_.pop();
            }
        }
    }

private:
    int give_up() {
        for (; !work_.empty(); work_.pop()) {
            if (work_.top().search != nullptr) destroy(work_.top().search);
        }
        return 0;
    }
    void push_run(const Term* a, const Term* b, size_t count, bool exact) {
        if (count != 0) work_.push({a, b, count, nullptr, exact});
    }
    static const Term* terms(const Word* words) { return reinterpret_cast<const Term*>(words); }

    /// The order of a and b as far as it can be told now; 0 if what is in the work list decides.
    int pair(Term a, Term b, bool exact) {
        for (;;) {
            if (a == b) return 0;
            const Rank rank = rank_of(a);
            if (const Rank other = rank_of(b); rank != other) return sign_of(rank < other);
            switch (rank) {
                case Rank::number: return compare_numbers_in(a, b, exact);
                case Rank::atom: return compare_atoms(a, b);
                case Rank::reference: return compare_references(a, b);
                case Rank::fun: return funs(a, b, exact);
                case Rank::port: return compare_ports(a, b);
                case Rank::pid: return compare_pids(a, b);
                case Rank::tuple: {
                    const TupleView x = as_tuple(a);
                    const TupleView y = as_tuple(b);
                    if (x.arity() != y.arity()) return sign_of(x.arity() < y.arity());
                    push_run(x.elements().data(), y.elements().data(), x.arity(), exact);
                    return 0;
                }
                case Rank::record: {
                    const RecordView x = as_record(a);
                    const RecordView y = as_record(b);
                    if (const int c = compare_definitions(x, y); c != 0) return c;
                    push_run(x.values().data(), y.values().data(), x.field_count(), exact);
                    return 0;
                }
                case Rank::map: return maps(a, b, exact);
                case Rank::nil: return 0;
                case Rank::list: {
                    const Term* x = terms(a.cons_cell());
                    const Term* y = terms(b.cons_cell());
                    if (x[0] == y[0]) {
                        a = x[1];
                        b = y[1];
                    } else if (Term::both_small(x[0], y[0])) {
                        return compare_integers(x[0], y[0]);
                    } else {
                        push_run(x + 1, y + 1, 1, exact);
                        a = x[0];
                        b = y[0];
                    }
                    break;
                }
                case Rank::bits: return compare_bits(as_bits(a), as_bits(b));
            }
        }
    }

    int funs(Term a, Term b, bool exact) {
        const FunView f = as_fun(a);
        const FunView g = as_fun(b);
        if (f && g) {
            if (const int c = compare_fun_code(f, g); c != 0) return c;
            push_run(f.environment(), g.environment(), f.free_count(), exact);
            return 0;
        }
        if (f || g) return sign_of(static_cast<bool>(f));
        return compare_export_funs(as_export_fun(a), as_export_fun(b));
    }

    int maps(Term a, Term b, bool exact) {
        const size_t n = map_size(a);
        if (n != map_size(b)) return sign_of(n < map_size(b));
        if (a.is_flat_map() && b.is_flat_map()) {
            push_run(flat_map_values(a), flat_map_values(b), n, exact);
            if (flat_map_keys_tuple(a) != flat_map_keys_tuple(b)) {
                push_run(flat_map_keys(a), flat_map_keys(b), n, true);
            }
            return 0;
        }
        auto* search = make<Search>(a, b, exact);
        work_.push({nullptr, nullptr, 0, search, exact});
        return 0;
    }

    WorkStack<Frame, 16> work_;
};

}  // namespace

int compare_integer_with_double(Term integer, double d) {
    return integer.is_small() ? compare_small_with_double(integer.to_small(), d)
                              : compare_bignum_with_double(as_bignum(integer), d);
}

int compare_integers(Term a, Term b) {
    if (Term::both_small(a, b)) return three_way(a.to_small(), b.to_small());
    if (a.is_small()) return sign_of(!as_bignum(b).negative());
    if (b.is_small()) return sign_of(as_bignum(a).negative());
    return compare_bignums(as_bignum(a), as_bignum(b));
}

int compare_numbers(Term a, Term b) { return compare_numbers_in(a, b, false); }

int compare_references(Term a, Term b) {
    if (const int c = compare_nodes(node_of(a), node_of(b)); c != 0) return c;
    const RefNumbers x = ref_numbers(a);
    const RefNumbers y = ref_numbers(b);
    int result = three_way(x.count, y.count);
    for (size_t i = x.count; result == 0 && i-- > 0;) result = three_way(x.at[i], y.at[i]);
    return result;
}

namespace {

constexpr int kUnknown = 2;

/// The order of tuples as far as small integers and such tuples decide, `depth` deep.
int shallow_order(Term a, Term b, unsigned depth) {
    if (!a.is_tuple() || !b.is_tuple() || depth == 0) return kUnknown;
    const Word* x = a.boxed_words();
    const Word* y = b.boxed_words();
    const size_t size = header_size(*x);
    constexpr size_t kMostElements = 8;
    if (*x != *y || size > kMostElements) return kUnknown;
    for (size_t i = 1; i <= size; ++i) {
        const Term s(x[i]), t(y[i]);
        if (s == t) continue;
        if (Term::both_small(s, t)) return static_cast<int64_t>(s.word()) < static_cast<int64_t>(t.word()) ? -1 : 1;
        if (const int order = shallow_order(s, t, depth - 1); order != 0) return order;
    }
    return 0;
}

constexpr unsigned kShallow = 3;

}  // namespace

int compare_slow(Term a, Term b, Walks walks) {
    if (a.is_atom() && b.is_atom()) return compare_atoms(a, b);
    if (const int order = shallow_order(a, b, kShallow); order != kUnknown) return order;
    if (const BitsView x = as_bits(a)) {
        if (const BitsView y = as_bits(b)) return compare_bits(x, y);
    }
    return Ordering().run(a, b, false, walks);
}

int compare_keys_slow(Term a, Term b) {
    if (a.is_atom() && b.is_atom()) return compare_atoms(a, b);
    return Ordering().run(a, b, true, Walks::endable);
}

}  // namespace lintel
