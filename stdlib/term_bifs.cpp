#include "stdlib/bif.h"
#include "term/bits.h"
#include "term/compare.h"
#include "term/fun.h"
#include "term/hash.h"
#include "term/views.h"

namespace lintel {

// ---- comparison operators, as functions of the module erlang ---------------------------------------------------------

Term equal_2(ExecState&, Args a) { return boolean(equal(a[0], a[1])); }
Term not_equal_2(ExecState&, Args a) { return boolean(!equal(a[0], a[1])); }
Term exactly_equal_2(ExecState&, Args a) { return boolean(exactly_equal(a[0], a[1])); }
Term exactly_not_equal_2(ExecState&, Args a) { return boolean(!exactly_equal(a[0], a[1])); }
Term less_2(ExecState&, Args a) { return boolean(compare(a[0], a[1]) < 0); }
Term greater_2(ExecState&, Args a) { return boolean(compare(a[0], a[1]) > 0); }
Term less_equal_2(ExecState&, Args a) { return boolean(compare(a[0], a[1]) <= 0); }
Term greater_equal_2(ExecState&, Args a) { return boolean(compare(a[0], a[1]) >= 0); }

/// erts_internal:cmp_term/2: -1, 0 or 1 by the order of map keys.
Term erts_internal_cmp_term_2(ExecState&, Args a) {
    const int order = compare_keys(a[0], a[1]);
    return Term::small(order == 0 ? 0 : order < 0 ? -1 : 1);
}

// ---- type tests ------------------------------------------------------------------------------------------------------

Term is_atom_1(ExecState&, Args a) { return boolean(a[0].is_atom()); }
Term is_binary_1(ExecState&, Args a) { return boolean(static_cast<bool>(as_binary(a[0]))); }
Term is_bitstring_1(ExecState&, Args a) { return boolean(a[0].is_bitstring()); }
Term is_boolean_1(ExecState&, Args a) { return boolean(a[0] == am::true_() || a[0] == am::false_()); }
Term is_float_1(ExecState&, Args a) { return boolean(a[0].is_float()); }
Term is_function_1(ExecState&, Args a) { return boolean(a[0].is_fun()); }
Term is_integer_1(ExecState&, Args a) { return boolean(a[0].is_integer()); }
/// erlang:is_integer/3: an integer from Lower to Upper. Fails: badarg unless both are integers, whatever the first is.
Term is_integer_3(ExecState& p, Args a) {
    if (!a[1].is_integer() || !a[2].is_integer()) return p.badarg();
    return boolean(a[0].is_integer() && compare(a[1], a[0]) <= 0 && compare(a[0], a[2]) <= 0);
}
Term is_list_1(ExecState&, Args a) { return boolean(a[0].is_list()); }
Term is_map_1(ExecState&, Args a) { return boolean(a[0].is_map()); }
Term is_number_1(ExecState&, Args a) { return boolean(a[0].is_number()); }
Term is_pid_1(ExecState&, Args a) { return boolean(a[0].is_pid()); }
Term is_port_1(ExecState&, Args a) { return boolean(a[0].is_port()); }
Term is_reference_1(ExecState&, Args a) { return boolean(a[0].is_reference()); }
Term is_tuple_1(ExecState&, Args a) { return boolean(a[0].is_tuple()); }

/// erlang:is_function/2. Fails: badarg unless Arity is a non-negative integer of any size.
Term is_function_2(ExecState& p, Args a) {
    const Term arity = a[1];
    if (const BignumView big = as_bignum(arity)) return big.negative() ? p.badarg() : am::false_();
    if (!arity.is_small() || arity.to_small() < 0) return p.badarg();
    if (const FunView f = as_fun(a[0])) return boolean(f.arity() == arity.to_small());
    if (const ExportFunView f = as_export_fun(a[0])) return boolean(f.arity() == arity.to_small());
    return am::false_();
}

// ---- hashes ----------------------------------------------------------------------------------------------------------

namespace {

constexpr int64_t kHashValues = int64_t{1} << 32;
constexpr size_t kHashStepsPerReduction = 64;

/// A range for phash and phash2: 1 to 2^32. 0: not one.
Word hash_range(Term t) {
    return t.is_small() && t.to_small() >= 1 && t.to_small() <= kHashValues ? static_cast<Word>(t.to_small()) : 0;
}

uint32_t charged_hash2(ExecState& p, Term t) {
    size_t steps = 0;
    const uint32_t hash = portable_hash2(t, &steps);
    p.charge(steps / kHashStepsPerReduction);
    return hash;
}

}  // namespace

Term phash2_1(ExecState& p, Args a) { return Term::small(charged_hash2(p, a[0]) & ((1u << 27) - 1)); }

/// erlang:phash2/2. Fails: badarg unless Range is 1 to 2^32.
Term phash2_2(ExecState& p, Args a) {
    const Word range = hash_range(a[1]);
    if (range == 0) return p.badarg();
    return Term::small(static_cast<int64_t>(charged_hash2(p, a[0]) % range));
}

/// erlang:phash/2. Fails: badarg unless Range is 1 to 2^32.
Term phash_2(ExecState& p, Args a) {
    const Word range = hash_range(a[1]);
    if (range == 0) return p.badarg();
    return Term::small(1 + static_cast<int64_t>(portable_hash(a[0]) % range));
}

}  // namespace lintel
