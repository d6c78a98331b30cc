#pragma once
/// What equality and order share: terms without terms inside them.

#include "term/bits.h"
#include "term/identifier.h"
#include "term/views.h"

namespace lintel {

/// -1, 0, 1 for two words or numbers.
template <typename T>
int three_way(T a, T b) {
    return a == b ? 0 : a < b ? -1 : 1;
}

int compare_integers(Term a, Term b);
/// Any two numbers by value.
int compare_numbers(Term a, Term b);
int compare_references(Term a, Term b);

}  // namespace lintel
