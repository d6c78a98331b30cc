/// Module math. Arguments are converted to floats from the first to the last; one that is no number fails with badarg, an integer
/// beyond the floats' range with badarith. So does a result that is not finite.

#include <dlfcn.h>
#if __has_include(<gnu/lib-names.h>)
#include <gnu/lib-names.h>
#endif

#include <atomic>
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

#ifdef LIBM_SO
constexpr const char* kMathLibrary = LIBM_SO;
#else
constexpr const char* kMathLibrary = nullptr;  // part of what is there anyway
#endif

/// A function of the C library's mathematical part, by its name. That is a shared library of its own, which comes into memory when a
/// program first asks for it: most do without its 300 kB. nullptr: there is no memory for it.
template <typename F>
F library_function(std::atomic<F>& found, const char* name) {
    F f = found.load(std::memory_order_relaxed);
    if (LINTEL_LIKELY(f != nullptr)) return f;
    // It stays: the function is called for as long as the program runs.
    void* library = dlopen(kMathLibrary, RTLD_LAZY | RTLD_LOCAL);
    if (library != nullptr) f = reinterpret_cast<F>(dlsym(library, name));
    found.store(f, std::memory_order_relaxed);
    return f;
}

template <typename F>
Term apply(ExecState& p, Term a, F f) {
    double x = 0;
    if (!to_argument(p, a, &x)) return Term::none();
    return f == nullptr ? p.system_limit() : make_finite_float(p, f(x));
}

template <typename F>
Term apply(ExecState& p, Term a, Term b, F f) {
    double x = 0;
    double y = 0;
    if (!to_argument(p, a, &x) || !to_argument(p, b, &y)) return Term::none();
    return f == nullptr ? p.system_limit() : make_finite_float(p, f(x, y));
}

}  // namespace

#define MATH_1(name)                                           \
    Term math_##name##_1(ExecState& p, Args a) {               \
        static std::atomic<double (*)(double)> found{nullptr}; \
        return apply(p, a[0], library_function(found, #name)); \
    }
#define MATH_2(name)                                                   \
    Term math_##name##_2(ExecState& p, Args a) {                       \
        static std::atomic<double (*)(double, double)> found{nullptr}; \
        return apply(p, a[0], a[1], library_function(found, #name));   \
    }

MATH_1(acos)
MATH_1(acosh)
MATH_1(asin)
MATH_1(asinh)
MATH_1(atan)
MATH_1(atanh)
MATH_1(cos)
MATH_1(cosh)
MATH_1(erf)
MATH_1(erfc)
MATH_1(exp)
MATH_1(log)
MATH_1(log10)
MATH_1(log2)
MATH_1(sin)
MATH_1(sinh)
MATH_1(tan)
MATH_1(tanh)
MATH_2(atan2)
MATH_2(fmod)
MATH_2(pow)

#undef MATH_1
#undef MATH_2

Term math_sqrt_1(ExecState& p, Args a) {
    return apply(
        p, a[0], +[](double x) { return std::sqrt(x); });
}
Term math_ceil_1(ExecState& p, Args a) {
    return apply(
        p, a[0], +[](double x) { return std::ceil(x); });
}
Term math_floor_1(ExecState& p, Args a) {
    return apply(
        p, a[0], +[](double x) { return std::floor(x); });
}

}  // namespace lintel
