/// Operators as functions, and conversions between integers and floats.

#include <cmath>

#include "stdlib/bif.h"
#include "term/atom.h"
#include "term/compare.h"
#include "vm/code_comparison.h"
#include "vm/runtime_arith.h"
#include "vm/runtime_number.h"

namespace lintel {

Term plus_1(ExecState& p, Args a) { return arith_plus(p, a[0]); }
Term add_2(ExecState& p, Args a) { return arith_add(p, a[0], a[1]); }
Term negate_1(ExecState& p, Args a) { return arith_negate(p, a[0]); }
Term subtract_2(ExecState& p, Args a) { return arith_sub(p, a[0], a[1]); }
Term multiply_2(ExecState& p, Args a) { return arith_mul(p, a[0], a[1]); }
Term divide_2(ExecState& p, Args a) { return arith_divide(p, a[0], a[1]); }
Term div_2(ExecState& p, Args a) { return arith_int_div(p, a[0], a[1]); }
Term rem_2(ExecState& p, Args a) { return arith_int_rem(p, a[0], a[1]); }
Term band_2(ExecState& p, Args a) { return arith_band(p, a[0], a[1]); }
Term bor_2(ExecState& p, Args a) { return arith_bor(p, a[0], a[1]); }
Term bxor_2(ExecState& p, Args a) { return arith_bxor(p, a[0], a[1]); }
Term bnot_1(ExecState& p, Args a) { return arith_bnot(p, a[0]); }
Term bsl_2(ExecState& p, Args a) { return arith_bsl(p, a[0], a[1]); }
Term bsr_2(ExecState& p, Args a) { return arith_bsr(p, a[0], a[1]); }
Term abs_1(ExecState& p, Args a) { return arith_abs(p, a[0]); }

namespace {

template <typename F>
Term logical(ExecState& p, Args a, F f) {
    if (!is_boolean(a[0]) || !is_boolean(a[1])) return p.badarg();
    return boolean(f(a[0] == am::true_(), a[1] == am::true_()));
}

/// A float to an integer by way of `f`, which cuts the fraction; integers stay.
template <typename F>
Term to_integer(ExecState& p, Term t, F f) {
    if (t.is_float()) return integer_from_double(p, f(to_double(t)));
    return t.is_integer() ? t : p.badarg();
}

}  // namespace

Term and_2(ExecState& p, Args a) {
    return logical(p, a, [](bool x, bool y) { return x && y; });
}
Term or_2(ExecState& p, Args a) {
    return logical(p, a, [](bool x, bool y) { return x || y; });
}
Term xor_2(ExecState& p, Args a) {
    return logical(p, a, [](bool x, bool y) { return x != y; });
}
Term not_1(ExecState& p, Args a) { return is_boolean(a[0]) ? boolean(a[0] == am::false_()) : p.badarg(); }

/// erlang:float/1. Fails: badarg if no number, or an integer beyond the range of floats.
Term float_1(ExecState& p, Args a) {
    if (a[0].is_float()) return a[0];
    double d = 0;
    if (!number_to_double(a[0], &d)) return p.badarg();
    return make_finite_float(p, d);
}

Term round_1(ExecState& p, Args a) {
    return to_integer(p, a[0], [](double d) {
        const double whole = std::trunc(d);
        return std::fabs(d - whole) < 0.5 ? whole : whole + std::copysign(1.0, d);
    });
}
Term trunc_1(ExecState& p, Args a) {
    return to_integer(p, a[0], [](double d) { return std::trunc(d); });
}
Term floor_1(ExecState& p, Args a) {
    return to_integer(p, a[0], [](double d) { return std::floor(d); });
}
Term ceil_1(ExecState& p, Args a) {
    return to_integer(p, a[0], [](double d) { return std::ceil(d); });
}

/// erlang:max/2, min/2: of equal terms the first.
Term max_2(ExecState&, Args a) { return compare_in_code(a[0], a[1]) < 0 ? a[1] : a[0]; }
Term min_2(ExecState&, Args a) { return compare_in_code(a[0], a[1]) > 0 ? a[1] : a[0]; }

}  // namespace lintel
