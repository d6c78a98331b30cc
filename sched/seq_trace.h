#pragma once
/// Sequential tracing: a token that goes with messages from process to process. docs/design/tracing.md.

#include "sched/signal.h"

namespace lintel {

class LiteralSpace;
class Process;
class Vm;
struct SpawnOptions;

/// What one process or message knows of the sequence.
struct SeqToken {
    enum Flag : uint32_t {
        kSend = 1,
        kReceive = 2,
        kPrint = 4,
        kTimestamp = 8,
        kStrictMonotonic = 16,
        kMonotonic = 32
    };
    uint32_t flags = 0;
    int64_t serial = 0, previous = 0;
    /// Roots of a process, one behind the other.
    Term label = Term::small(0);
    Term from;  ///< pid, perhaps of another node
};

/// What copy_token_terms needs.
size_t token_words(const SeqToken& token, const LiteralSpace* shared);
/// The terms of `token` move to `heap`.
void copy_token_terms(SeqToken& token, HeapBuilder& heap, const LiteralSpace* shared);
/// As Erlang code and other nodes have it: {Flags, Label, Serial, From, Previous}; tuple_words(5).
Term token_tuple(HeapBuilder& heap, const SeqToken& token);

/// A process's part; in its ProcessExtra. It has a token if Tracee has kTraceToken.
struct SeqTrace {
    SeqToken token;
    int64_t clock = 0, last = 0;
};

/// A signal with a token (Signal::has_token): a message, or what becomes one. The terms of the token are in its fragment.
struct TokenSignal : ControlSignal {
    SeqToken token;
};

/// The token of `p`, which gets one if it has none.
SeqToken& need_token(Process& p);
bool has_token(const Process& p);
void drop_token(Process& p);
/// `p` has a token and is about to send: the token is that of a new event.
void advance_token(Process& p);
/// A signal of `p` with room for `words` of terms and a copy of p's token; nullptr: no memory.
TokenSignal* make_token_signal(Process& p, SignalKind kind, size_t words);
/// `p`, which has a token, is about to send `message`: the token is that of a new event, of which the system tracer is told.
void token_sent(Process& p, Term to, Term message);
/// The signal for `message` with a copy of p's token, advanced, of which the system tracer has been told; nullptr: no memory.
TokenSignal* make_token_message(Process& p, SignalKind kind, Term to, Term message);
/// `parent`, which has a token, has made `child`, which does not run yet: the child gets a copy. Told as a request that the child gets.
void inherit_token(Process& parent, Process& child, const SpawnOptions& options);
/// `p` takes the message out of its mailbox.
void receive_token(Process& p, const Signal& message);
/// Tells the system tracer: {seq_trace, Label, {Type, {Previous, Serial}, From, To, What}}, if the token has `flag`.
void tell_system_tracer(Vm& vm, const Process* p, const SeqToken& token, SeqToken::Flag flag, Term to, Term what);

}  // namespace lintel
