#include "sched/seq_trace.h"

#include <algorithm>

#include "gc/copy.h"
#include "sched/vm.h"

namespace lintel {

bool has_token(const Process& p) { return p.tracee.is_any_on(kTraceToken); }

SeqToken& need_token(Process& p) {
    SeqTrace& trace = p.need_extra().seq_trace;
    if (!has_token(p)) {
        trace.token = SeqToken();
        trace.token.from = p.self;
        trace.token.previous = trace.last;
        p.tracee.flags.fetch_or(kTraceToken, std::memory_order_relaxed);
    }
    return trace.token;
}

void drop_token(Process& p) {
    if (!has_token(p)) return;
    p.tracee.flags.fetch_and(~uint32_t{kTraceToken}, std::memory_order_relaxed);
    p.extra->seq_trace.token.label = Term::nil();
}

size_t token_words(const SeqToken& token, const LiteralSpace* shared) {
    return flat_size(token.label, shared, Walks::endable) + flat_size(token.from, shared);
}

void copy_token_terms(SeqToken& token, HeapBuilder& heap, const LiteralSpace* shared) {
    token.label = copy_term(token.label, heap, shared);
    token.from = copy_term(token.from, heap, shared);
}

Term token_tuple(HeapBuilder& heap, const SeqToken& token) {
    return heap.tuple(Term::small(token.flags), token.label, Term::small(token.serial), token.from,
                      Term::small(token.previous));
}

/// Whether the tracer wants to hear of what `p` does (nullptr: the system); a module may refuse.
static bool is_wanted(Vm& vm, Term tracer, const Process* p) {
    return vm.tracing.ask(tracer, am::seq_trace(), p != nullptr ? p->self : am::undefined()) == TracerAnswer::trace;
}

void advance_token(Process& p) {
    Vm& vm = p.machine();
    if (const Term tracer = vm.tracing.seq_tracer(); tracer.is_value() && !is_wanted(vm, tracer, &p)) return;
    SeqTrace& trace = p.extra->seq_trace;
    trace.token.from = p.self;
    trace.token.serial = ++trace.clock;
    trace.token.previous = trace.last;
}

void tell_system_tracer(Vm& vm, const Process* p, const SeqToken& token, SeqToken::Flag flag, Term to, Term what) {
    if ((token.flags & flag) == 0) return;
    const Term tracer = vm.tracing.seq_tracer();
    if (tracer.is_none()) return;
    if ((p != nullptr && p->tracee.is_any_on(kTraceSensitive)) || !is_wanted(vm, tracer, p)) return;
    const Term type = flag == SeqToken::kSend ? am::send() : flag == SeqToken::kPrint ? am::print() : am::receive();
    Word words[tuple_words(2) + tuple_words(5)];
    Word* top = words;
    HeapBuilder heap(&top, std::size(words), nullptr);
    const Term serials = heap.tuple(Term::small(token.previous), Term::small(token.serial));
    const Term event = heap.tuple(type, serials, token.from, to, what);
    uint32_t flags = 0;
    if ((token.flags & SeqToken::kTimestamp) != 0) {
        flags = kTraceTimestamp;
    } else if ((token.flags & SeqToken::kStrictMonotonic) != 0) {
        flags = kTraceStrictMonotonic;
    } else if ((token.flags & SeqToken::kMonotonic) != 0) {
        flags = kTraceMonotonic;
    }
    vm.tracing.tell(tracer, flags, token.label, {am::seq_trace(), event}, nullptr);
}

TokenSignal* make_token_signal(Process& p, SignalKind kind, size_t words) {
    const LiteralSpace* const shared = &p.machine().literals;
    const SeqToken& token = p.extra->seq_trace.token;
    auto* s = make_signal<TokenSignal>(kind, words + token_words(token, shared));
    if (s == nullptr) return nullptr;
    s->has_token = true;
    s->is_sent = true;
    s->origin = MessageOrigin::sender;
    s->from = p.self;
    s->token = token;
    if (s->fragment != nullptr) {
        HeapBuilder heap(s->fragment);
        copy_token_terms(s->token, heap, shared);
    }
    return s;
}

void token_sent(Process& p, Term to, Term message) {
    advance_token(p);
    tell_system_tracer(p.machine(), &p, p.extra->seq_trace.token, SeqToken::kSend, to, message);
}

TokenSignal* make_token_message(Process& p, SignalKind kind, Term to, Term message) {
    Vm& vm = p.machine();
    token_sent(p, to, message);
    auto* s = make_token_signal(p, kind, flat_size(message, &vm.literals, Walks::endable));
    if (s == nullptr) return nullptr;
    s->term = message;
    if (s->fragment != nullptr) {
        HeapBuilder heap(s->fragment);
        s->term = copy_term(message, heap, &vm.literals);
    }
    return s;
}

void inherit_token(Process& parent, Process& child, const SpawnOptions& options) {
    Vm& vm = parent.machine();
    advance_token(parent);
    const SeqToken token = parent.extra->seq_trace.token;
    constexpr size_t kWords = kRefWords + tuple_words(3) + list_words(2) + tuple_words(8);
    Word words[kWords];
    Word* top = words;
    HeapBuilder heap(&top, kWords, nullptr);
    Word reply_words[tuple_words(4)];
    Word* reply_top = reply_words;
    HeapBuilder reply_heap(&reply_top, std::size(reply_words), nullptr);
    const bool has_number = options.monitor;
    const Term ref = has_number ? heap.ref(options.monitor_numbers[0], options.monitor_numbers[1])
                                : heap.ref(vm.next_reference_number(), 0);
    int64_t arity = 0;
    for (Term list = options.arguments; list.is_cons(); list = list.tail()) ++arity;
    const Term mfa = heap.tuple(options.module, options.function, Term::small(arity));
    Term flags = Term::nil();
    if (options.monitor) flags = heap.cons(am::monitor(), flags);
    if (options.link) flags = heap.cons(am::link(), flags);
    const Term request = heap.tuple(am::spawn_request(), ref, parent.self, child.group_leader, mfa, flags,
                                    am::spawn_reply(), options.arguments);
    tell_system_tracer(vm, &parent, token, SeqToken::kSend, child.self, request);
    tell_system_tracer(vm, &parent, token, SeqToken::kReceive, child.self, request);
    SeqTrace& trace = child.need_extra().seq_trace;
    trace.token = token;
    trace.clock = trace.last = token.serial;
    // Its answer.
    trace.token.from = child.self;
    trace.token.serial = ++trace.clock;
    trace.token.previous = trace.last;
    const Term reply = reply_heap.tuple(am::spawn_reply(), ref, am::ok(), child.self);
    tell_system_tracer(vm, &child, trace.token, SeqToken::kSend, parent.self, reply);
    tell_system_tracer(vm, &parent, trace.token, SeqToken::kReceive, parent.self, reply);
    if (const size_t label_words = flat_size(token.label, &vm.literals, Walks::endable); label_words != 0) {
        // Not on its heap: behind htop are its arguments.
        HeapFragment* const fragment = HeapFragment::create(label_words);
        if (fragment == nullptr) return;
        {
            HeapBuilder builder(fragment);
            trace.token.label = copy_term(token.label, builder, &vm.literals);
        }
        child.adopt_fragment(fragment);
    }
    child.tracee.flags.fetch_or(kTraceToken, std::memory_order_relaxed);
}

void receive_token(Process& p, const Signal& message) {
    if (!message.has_token) {
        // Messages of the system (timers, 'DOWN') are no part of any sequence.
        if (message.is_sent) drop_token(p);
        return;
    }
    need_token(p);
    SeqTrace& trace = p.extra->seq_trace;
    trace.token = static_cast<const TokenSignal&>(message).token;
    trace.last = trace.token.serial;
    trace.clock = std::max(trace.clock, trace.token.serial);
    tell_system_tracer(p.machine(), &p, trace.token, SeqToken::kReceive, p.self, message.term);
}

}  // namespace lintel
