#pragma once
/// Which elements '--' removes.

#include "term/term.h"
#include "vm/scratch.h"

namespace lintel {

struct Subtraction {
    size_t count = 0;     ///< elements removed
    size_t end = 0;       ///< index behind the last of them
    bool failed = false;  ///< no memory
};

/// Sets removed[i] to 1 if element i of `left` (n elements) goes, for each element of `right` (m) the first that is
/// =:= to it and still there; to 0 otherwise. Constant C stack; (n + m) log m comparisons at most, unless n or m is
/// small.
Subtraction mark_removed(Term left, size_t n, Term right, size_t m, uint8_t* removed);

}  // namespace lintel
