#pragma once
/// erlang:apply/2,3: from a list of arguments to X registers, and what is raised when that cannot be.

#include "vm/exceptions.h"

namespace lintel {

/// What spread_arguments says instead of a number of arguments.
enum class BadArguments : int {
    improper = -1,  ///< no proper list
    many = -2,      ///< more than a function can have, though as many as OTP passes on
    too_many = -3,  ///< more than that
};

/// The arguments in `list` to x[0] onwards; how many there are, or a BadArguments (then x is spoilt).
/// `limit`: the most that OTP passes on.
int spread_arguments(Term list, Term* x, unsigned limit);

/// Limits of apply/3 and apply/2: arguments, and with them the fun, in OTP's registers.
inline constexpr unsigned kApplyLimit = 1023;
inline constexpr unsigned kApplyFunLimit = 1022;

/// Raises what erlang:apply/3 does when it was called with `args` and spreading them ended with `bad`, or when module or function is no
/// atom (BadArguments::improper). `where` as in capture_trace: the operation that makes the call.
void raise_bad_apply(ExecState& p, const Term* args, BadArguments bad, const void* where);

/// The same for erlang:apply/2.
void raise_bad_apply_fun(ExecState& p, const Term* args, BadArguments bad, const void* where);

/// Whether Module:Function with the arguments at `x` does nothing but raise: is_exit_function, or erlang:apply/3 of such a call or with wrong
/// arguments.
bool never_returns(Term module, Term function, const Term* x, uint32_t arity);

}  // namespace lintel
