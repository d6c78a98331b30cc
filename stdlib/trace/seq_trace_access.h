#pragma once
/// The token of sequential tracing as Erlang code sees it.

#include "sched/vm.h"

namespace lintel {

/// {Flags, Label, Serial, From, Previous}, or []; in the heap of `p`.
Term seq_token_term(ExecState& p, Process& of);
/// What erlang:seq_trace/2 does; the non-value: badarg.
Term set_seq_token(Process& p, Term what, Term value);
/// No process has a token any more.
void reset_seq_tokens(Process& p);

}  // namespace lintel
