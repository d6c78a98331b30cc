#pragma once
/// Comparisons as instructions make them: what follows from one that was given up (base/patience.h) never happens, the slice ends there.

#include "term/compare.h"

namespace lintel {

bool same_in_code(Term a, Term b);   ///< =:=
bool equal_in_code(Term a, Term b);  ///< ==
int compare_in_code(Term a, Term b);

}  // namespace lintel
