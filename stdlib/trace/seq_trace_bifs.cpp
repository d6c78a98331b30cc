/// Sequential tracing: the BIFs beneath OTP's module seq_trace.

#include "stdlib/build.h"
#include "stdlib/trace/seq_trace_access.h"
#include "term/compare.h"
#include "term/views.h"

namespace lintel {

namespace {

uint32_t flag_of(Term name) {
    switch (atom_id(name)) {
        case AtomId::send: return SeqToken::kSend;
        case AtomId::receive: return SeqToken::kReceive;
        case AtomId::print: return SeqToken::kPrint;
        case AtomId::timestamp: return SeqToken::kTimestamp;
        case AtomId::strict_monotonic_timestamp: return SeqToken::kStrictMonotonic;
        case AtomId::monotonic_timestamp: return SeqToken::kMonotonic;
        default: return 0;
    }
}

Term serial_term(ExecState& p, const SeqToken& token) {
    return make_tuple2(p, Term::small(token.previous), Term::small(token.serial));
}

}  // namespace

Term seq_token_term(ExecState& p, Process& of) {
    if (!has_token(of)) return Term::nil();
    auto heap = p.reserve(tuple_words(5));
    return token_tuple(heap, of.extra->seq_trace.token);
}

Term set_seq_token(Process& p, Term what, Term value) {
    if (!what.is_atom()) return Term::none();
    if (const uint32_t flag = flag_of(what); flag != 0 && (value == am::true_() || value == am::false_())) {
        uint32_t& flags = need_token(p).flags;
        const Term before = boolean((flags & flag) != 0);
        flags = value == am::true_() ? flags | flag : flags & ~flag;
        return before;
    }
    if (what == am::label()) {
        SeqToken& token = need_token(p);
        return std::exchange(token.label, value);
    }
    if (what == am::serial()) {
        const TupleView pair = as_tuple(value, 2);
        if (!pair || !pair[0].is_small() || !pair[1].is_small()) return Term::none();
        SeqToken& token = need_token(p);
        const Term before = serial_term(p, token);
        SeqTrace& trace = p.extra->seq_trace;
        trace.last = token.previous = pair[0].to_small();
        trace.clock = token.serial = pair[1].to_small();
        return before;
    }
    if (what == am::sequential_trace_token() && value.is_nil()) {
        const Term before = seq_token_term(p, p);
        drop_token(p);
        return before;
    }
    return Term::none();
}

/// On the owner's thread.
static void forget_sequence(Process& p) {
    drop_token(p);
    if (p.extra != nullptr) p.extra->seq_trace.clock = p.extra->seq_trace.last = 0;
    for (Signal* s = p.mailbox.first; s != nullptr; s = s->next) s->has_token = false;
}

void reset_seq_tokens(Process& p) {
    forget_sequence(p);
    Vm& vm = p.machine();
    size_t slot = 0;
    while (Process* target = vm.processes.next(&slot)) {
        if (target == &p) continue;
        // Before whatever the caller sends it afterwards.
        vm.call(*target, p.self, 0, am::ok(), [](Vm&, Process* owner, ControlSignal&) {
            if (owner != nullptr) forget_sequence(*owner);
        });
    }
}

/// erlang:seq_trace/2: sets a part of the token, which the caller gets if it has none; what it was before. Fails: badarg.
Term seq_trace_2(ExecState& p, Args a) {
    const Term before = set_seq_token(as_process(p), a[0], a[1]);
    return before.is_value() ? before : p.badarg();
}

/// erlang:seq_trace_info/1. Fails: badarg.
Term seq_trace_info_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    const uint32_t flag = flag_of(a[0]);
    const bool is_there = has_token(p);
    if (a[0] == am::label() || a[0] == am::serial()) {
        if (!is_there) return Term::nil();
        const SeqToken& token = p.extra->seq_trace.token;
        return make_tuple2(p, a[0], a[0] == am::label() ? token.label : serial_term(p, token));
    }
    if (flag == 0 && (is_there || a[0] != am::spawn())) return p.badarg();
    return make_tuple2(p, a[0], boolean(is_there && (p.extra->seq_trace.token.flags & flag) != 0));
}

namespace {

Term print(Process& p, Term what) {
    advance_token(p);
    tell_system_tracer(p.machine(), &p, p.extra->seq_trace.token, SeqToken::kPrint, Term::nil(), what);
    return am::true_();
}

}  // namespace

/// erlang:seq_trace_print/1: tells the system tracer; false: the caller has no token.
Term seq_trace_print_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    return has_token(p) ? print(p, a[0]) : am::false_();
}

/// erlang:seq_trace_print/2: the same, if the token has that label.
Term seq_trace_print_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    return has_token(p) && exactly_equal(p.extra->seq_trace.token.label, a[0]) ? print(p, a[1]) : am::false_();
}

}  // namespace lintel
