#pragma once
/// Raising: stack traces and the way to a handler.
///
/// When something raises, the engine captures a raw trace at once (addresses only, cheap) and looks for a catch mark on the
/// stack. Code that asks for the trace (try … catch C:R:Stacktrace, an old catch, the end of the process) has it built then.
///
/// A raw trace is a tuple {Start, Extra, Addresses, Class}: Start is {M, F, Args or Arity}, a pair of such tuples, or the caller's arguments; Extra the location list's error_info
/// entry or []; Addresses a big integer whose limbs are code addresses, innermost first, or []; Class error, exit or throw. A trace
/// that was given (erlang:raise/3) is {raise, Trace, [], Class}.

#include "vm/engine.h"

namespace lintel {

/// Addresses in a trace; erlang:system_flag(backtrace_depth, _), default 8.
inline constexpr size_t kTraceDepth = 8;  ///< until erlang:system_flag(backtrace_depth, …)
inline constexpr size_t kMaxTraceDepth = 64;

/// Entries that a stack trace has at most: what is running is shown whatever erlang:system_flag(backtrace_depth, …) says.
size_t most_trace_entries(const ExecState& p);

/// Captures the raw trace of the exception in `p` (sets p.trace), which was raised at `where` (an address inside the
/// operation, or nullptr to leave the running function out). `bif`/`args`: the BIF that raised, if one did.
void capture_trace(ExecState& p, const void* where, const BifEntry* bif, const Term* args);

/// As capture_trace for function_clause: the first entry is `function` with its arguments.
void capture_function_clause(ExecState& p, const FunctionEntry& function, const Term* args);
/// As capture_trace for undef: the first entry is M:F with its arguments.
void capture_undefined(ExecState& p, Term module, Term function, const Term* args, unsigned arity);
/// The same with the arguments as a list; `where` as in capture_trace.
void capture_undefined_list(ExecState& p, Term module, Term function, Term args, const void* where);
/// As capture_trace for what erlang:apply/2 raises when it was itself called through its name (spawn, a fun, apply): it is a function
/// of its own then. `args`: it finds that it cannot apply these, or nullptr.
void capture_in_apply_fun(ExecState& p, const Term* args);

/// Unwinds the stack to the innermost catch mark and returns its handler, with X0 = non-value, X1 = class, X2 = reason,
/// X3 = trace; or nullptr if there is none (stack left as it was).
const void* find_handler(ExecState& p);

/// The stack trace as erlang programs see it. `raw` may be a list already (erlang:raise/3). Builds on the heap.
Term build_stacktrace(ExecState& p, Engine& engine, Term raw);

/// Reason with which a process exits that does not catch its exception: {Reason, Trace}, {{nocatch, V}, Trace} or Reason.
Term uncaught_reason(ExecState& p, Engine& engine);

Term class_atom(ExceptionClass c);
/// raw_raise: an exception with the raw trace of another, which is of this class from now on. Where it began with the head of a function,
/// that has no place in the source any more, as in OTP.
void raise_again(ExecState& p, ExceptionClass c, Term value, Term raw);
/// Class of the exception that a raw trace belongs to.
ExceptionClass class_of_trace(Term raw);

}  // namespace lintel
