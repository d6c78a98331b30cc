#pragma once
/// Equality and order of terms, as Erlang defines them (reference manual, "Term Comparisons").
///
/// All of them take any two terms, need no VM, allocate only for deep terms, and use constant C stack. Work grows with the
/// size of the terms, counting what is shared as often as it is reached: a walk may be given up (base/patience.h), and then a and b are neither
/// equal, nor is one less than the other. So each of these gives the same answer twice only if the caller's process is to go on.

#include "base/patience.h"
#include "term/release.h"
#include "term/term.h"

namespace lintel {

/// The general cases. Use the functions below.
bool exactly_equal_slow(Term a, Term b, Walks walks);
bool equal_slow(Term a, Term b);
int compare_slow(Term a, Term b, Walks walks);
int compare_keys_slow(Term a, Term b);

/// a =:= b
inline bool exactly_equal(Term a, Term b, Walks walks = Walks::endable) {
    if (a == b) return true;
    if (a.is_immediate() || b.is_immediate()) {
        return !kSignedZerosDiffer && a.is_zero_float() && b.is_zero_float();
    }
    return exactly_equal_slow(a, b, walks);
}

/// a == b: as =:=, but numbers are compared by value (keys of maps are not).
inline bool equal(Term a, Term b) {
    if (a == b) return true;
    if (Term::both_small(a, b)) return false;
    return equal_slow(a, b);
}

/// <0, 0, >0: Erlang's order of terms, number < atom < reference < fun < port < pid < tuple < record < map < [] < list < bitstring.
/// Integers and floats are compared by exact value. 0 if and only if a == b, or if the walk was given up, which a whole one never is.
inline int compare(Term a, Term b, Walks walks = Walks::endable) {
    if (a == b) return 0;
    // The tag bits are the same, so words order as the integers do.
    if (Term::both_small(a, b)) return static_cast<int64_t>(a.word()) < static_cast<int64_t>(b.word()) ? -1 : 1;
    return compare_slow(a, b, walks);
}

/// The order of keys in a map: as compare, but, at any depth, every integer is less than every float. 0 if and only if
/// a =:= b.
inline int compare_keys(Term a, Term b) {
    if (a == b) return 0;
    if (Term::both_small(a, b)) return static_cast<int64_t>(a.word()) < static_cast<int64_t>(b.word()) ? -1 : 1;
    return compare_keys_slow(a, b);
}

/// A small integer or big integer against a float, by exact value. `d` is finite.
int compare_integer_with_double(Term integer, double d);

}  // namespace lintel
