/// Module math. Arguments are converted to floats from the first to the last; one that is no number fails with badarg, an integer
/// beyond the floats' range with badarith. So does a result that is not finite.

#include <cmath>

#include "stdlib/bif.h"
#include "vm/runtime_number.h"

namespace lintel {

namespace {

bool to_argument(ExecState& p, Term t, double* d) {
    if (LINTEL_LIKELY(number_to_double(t, d))) return true;
    t.is_number() ? p.badarith() : p.badarg();
    return false;
}

template <typename F>
Term apply(ExecState& p, Term a, F f) {
    double x = 0;
    if (!to_argument(p, a, &x)) return Term::none();
    return make_finite_float(p, f(x));
}

template <typename F>
Term apply(ExecState& p, Term a, Term b, F f) {
    double x = 0;
    double y = 0;
    if (!to_argument(p, a, &x) || !to_argument(p, b, &y)) return Term::none();
    return make_finite_float(p, f(x, y));
}

}  // namespace

#define MATH_1(name)                                                  \
    Term math_##name##_1(ExecState& p, Args a) {                      \
        return apply(p, a[0], [](double x) { return std::name(x); }); \
    }

MATH_1(acos)
MATH_1(acosh)
MATH_1(asin)
MATH_1(asinh)
MATH_1(atan)
MATH_1(atanh)
MATH_1(ceil)
MATH_1(cos)
MATH_1(cosh)
MATH_1(erf)
MATH_1(erfc)
MATH_1(exp)
MATH_1(floor)
MATH_1(log)
MATH_1(log10)
MATH_1(log2)
MATH_1(sin)
MATH_1(sinh)
MATH_1(sqrt)
MATH_1(tan)
MATH_1(tanh)

#undef MATH_1

Term math_atan2_2(ExecState& p, Args a) {
    return apply(p, a[0], a[1], [](double y, double x) { return std::atan2(y, x); });
}
Term math_fmod_2(ExecState& p, Args a) {
    return apply(p, a[0], a[1], [](double x, double y) { return std::fmod(x, y); });
}
Term math_pow_2(ExecState& p, Args a) {
    return apply(p, a[0], a[1], [](double x, double y) { return std::pow(x, y); });
}

}  // namespace lintel
