#include "vm/code_comparison.h"

namespace lintel {

bool same_in_code(Term a, Term b) {
    const bool is_same = exactly_equal(a, b);
    leave_ended_slice();
    return is_same;
}

bool equal_in_code(Term a, Term b) {
    const bool are_equal = equal(a, b);
    leave_ended_slice();
    return are_equal;
}

int compare_in_code(Term a, Term b) {
    const int order = compare(a, b);
    leave_ended_slice();
    return order;
}

}  // namespace lintel
