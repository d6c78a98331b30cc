#pragma once
/// Arithmetic on terms: the slow paths that interpreter, JIT and BIFs share. Operands are any terms. Each returns the non-value
/// with an exception pending when it fails:
///
///   badarith      an operand is no number (no integer, where integers are wanted), division by zero, a float result or
///                 a converted operand is not finite
///   system_limit  an integer result has more than kMaxBignumLimbs limbs
///
/// Two small integers are handled here too, so callers may leave out any fast path of their own. Results that are not immediate
/// are built with ExecState::reserve: nothing moves. Work on long integers charges reductions.

#include "vm/exec_state.h"

namespace lintel {

Term arith_add(ExecState& p, Term a, Term b);
Term arith_sub(ExecState& p, Term a, Term b);
Term arith_mul(ExecState& p, Term a, Term b);
/// `/`: always a float.
Term arith_divide(ExecState& p, Term a, Term b);
/// `div` and `rem`: towards zero; the remainder has the sign of `a`.
Term arith_int_div(ExecState& p, Term a, Term b);
Term arith_int_rem(ExecState& p, Term a, Term b);

Term arith_negate(ExecState& p, Term a);
/// Unary `+`: `a` itself if it is a number.
Term arith_plus(ExecState& p, Term a);
/// abs/1. Fails with badarg, not badarith.
Term arith_abs(ExecState& p, Term a);

// ---- vm/runtime_bitwise.cpp: integers as two's complement of unbounded length
Term arith_band(ExecState& p, Term a, Term b);
Term arith_bor(ExecState& p, Term a, Term b);
Term arith_bxor(ExecState& p, Term a, Term b);
Term arith_bnot(ExecState& p, Term a);
/// A negative count shifts the other way. Right shifts round towards minus infinity.
Term arith_bsl(ExecState& p, Term a, Term count);
Term arith_bsr(ExecState& p, Term a, Term count);

}  // namespace lintel
