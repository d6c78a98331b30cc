#include "stdlib/trace/trace_calls.h"

#include <utility>
#include <vector>

#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/trace_match.h"
#include "term/bits.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr uint32_t kMetaFlags = kTraceCall | kTraceTimestamp;
constexpr unsigned kMaxArity = 255;

bool is_return_address(Word w) { return (w & kTagMask) == static_cast<Word>(Tag::code); }
const void* address_of(Word w) { return reinterpret_cast<const void*>(w & ~kTagMask); }

/// The return address on top of the stack, marks left out; f(TraceMark, words) is called for these.
template <typename F>
const void* return_address(Process& p, const Word* top, F f) {
    for (const Word* w = top; w < p.heap.end && is_return_address(*w);) {
        const void* const address = address_of(*w);
        const int mark = mark_of(*p.vm, address);
        if (mark < 0) return address;
        f(static_cast<TraceMark>(mark), w + 1);
        w += mark_words(static_cast<TraceMark>(mark));
    }
    return nullptr;
}

/// Whose a mark is: a session's number, or the tracer of a meta trace.
Term owner_of(TraceMark mark, const Word* words) {
    const bool is_second = mark == TraceMark::return_trace || mark == TraceMark::exception_trace;
    return Term(words[is_second ? 1 : 0]);
}

/// Arguments as Erlang code may see them: a match context is what is left of its bit string.
class Arguments {
public:
    Arguments(Process& p, unsigned arity) : count_(arity) {
        for (unsigned i = 0; i < arity; ++i) {
            Term t = p.registers->x[i];
            if (t.is_kind(Kind::match_context)) {
                const auto* context = reinterpret_cast<const MatchContext*>(t.boxed_words());
                auto heap = p.reserve(kSubBinaryWords);
                t = heap.sub_binary(context->of, context->position, context->end - context->position);
            }
            terms_[i] = t;
        }
    }
    std::span<const Term> span() const { return {terms_, count_}; }

private:
    Term terms_[kMaxArity];
    unsigned count_;
};

/// Marks to leave on the stack.
struct Marks {
    struct Mark {
        TraceMark kind;
        Term words[kMaxMarkWords - 1];
    };
    std::vector<Mark> marks;
    size_t words = 0;

    void add(TraceMark kind, Term first, Term second = Term::none(), Term third = Term::none()) {
        marks.push_back({kind, {first, second, third}});
        words += mark_words(kind);
    }
    /// False: the process must end.
    bool push(Process& p, unsigned arity) const {
        if (marks.empty()) return true;
        const size_t need = words + kStackSlackWords;
        const bool is_full = p.heap.htop + need > p.heap.stack_top;
        if ((is_full || (kStressBuild && p.stress.collect_here())) && !p.vm->host->collect(p, need, arity))
            return false;
        for (const Mark& mark : marks) {
            const size_t n = mark_words(mark.kind);
            p.heap.stack_top -= n;
            for (size_t k = 1; k < n; ++k) p.heap.stack_top[k] = mark.words[k - 1].word();
            p.heap.stack_top[0] = reinterpret_cast<Word>(p.vm->trace_marks[static_cast<size_t>(mark.kind)]) |
                                  static_cast<Word>(Tag::code);
        }
        p.has_marks = true;
        return true;
    }
};

/// What a match specification runs for: a session's tracing of the process, or a meta trace (`by` is nullptr).
struct CallTrace {
    TracePart& part;
    SessionTracee* by;
    const TraceSpec* spec;
    bool is_local;
    Term tracer;

    /// There is a tracer that wants to know of the call.
    bool has_tracer(Process& p) {
        if (tracer.is_none()) return false;
        Tracing& tracing = p.machine().tracing;
        if (tracing.is_alive(tracer, p.self)) {
            const TracerAnswer answer = tracing.ask(tracer, am::call(), p.self);
            if (answer != TracerAnswer::remove || by == nullptr) return answer == TracerAnswer::trace;
        }
        Word expected = tracer.word();
        if (by != nullptr) {
            tracing.forget(p.tracee, *by, tracer);
        } else {
            part.meta_tracer.compare_exchange_strong(expected, 0);
        }
        return false;
    }
    uint32_t flags() const { return by == nullptr ? kMetaFlags : by->flags.load(std::memory_order_relaxed); }
    Term owner() const { return by == nullptr ? tracer : by->session.id; }
};

/// One pattern's part in a call.
void trace_call(Process& p, TracePoint& at, CallTrace trace, Marks* marks) {
    Vm& vm = p.machine();
    if (p.tracee.is_any_on(kTraceSensitive) || !trace.has_tracer(p)) return;
    const ExportEntry& function = *at.function;
    const Arguments arguments(p, function.arity);
    const Term owner = trace.owner();
    bool has_return_to = false;
    const void* const caller = return_address(p, p.heap.stack_top, [&](TraceMark mark, const Word* words) {
        has_return_to |= mark == TraceMark::return_to && owner_of(mark, words) == owner;
    });
    TraceMatch match{am::true_()};
    if (trace.spec != nullptr) match = run_trace_spec(p, trace.part.session, *trace.spec, arguments.span(), caller);
    const uint32_t flags = trace.flags();
    if (trace.by != nullptr && (flags & kTraceSilent) != 0) return;
    if (match.message != am::false_()) {
        Word words[tuple_words(3) + list_words(kMaxArity)];
        Word* top = words;
        HeapBuilder heap(&top, std::size(words), nullptr);
        const Term last = (flags & kTraceArity) != 0 ? Term::small(function.arity) : heap.list(arguments.span());
        const Term mfa = heap.tuple(function.module, function.function, last);
        vm.tracing.tell(trace.tracer, flags, p.self, {am::call(), mfa, Term::none(), match.message}, p.scheduler);
        if (trace.by != nullptr && trace.is_local && (flags & kTraceReturnTo) != 0 && !has_return_to)
            marks->add(TraceMark::return_to, owner);
    }
    if (match.return_trace || match.exception_trace) {
        const TraceMark kind = match.exception_trace ? TraceMark::exception_trace : TraceMark::return_trace;
        marks->add(kind, breakpoint_word(&at), owner);
    }
}

// ---- time and memory

int64_t amount_now(Process& p, CallMeasure what) {
    return what == CallMeasure::time ? p.machine().raw_monotonic_ns() : p.words_made();
}

void add_measured(Process& p, const MeasuredFunction& measured, uint64_t calls, int64_t amount) {
    TracePart* const part = static_cast<TracePoint*>(measured.function)->parts.of(measured.session_id);
    if (part == nullptr) return;  // the session has ended
    const std::lock_guard lock(part->measured_mutex);
    if ((part->kinds.load(std::memory_order_acquire) & TracePart::kind_of(measured.what)) == 0) return;
    TracePart::Measured& sum = part->measured[static_cast<size_t>(measured.what)].insert(p.self.word());
    sum.calls += calls;
    sum.sum += amount;
}

/// What has come since the process was last looked at belongs to the function that it is in.
void settle(Process& p, MeasuredFunction& measured, int64_t now) {
    if (measured.function != nullptr) add_measured(p, measured, 0, now - measured.since);
    measured.since = now;
}

MeasuredFunction* find_measured(Process& p, Term session_id, CallMeasure what) {
    if (p.extra == nullptr) return nullptr;
    for (MeasuredFunction& measured : p.extra->measured) {
        if (measured.session_id == session_id && measured.what == what) return &measured;
    }
    return nullptr;
}

/// `p` comes to the function; the one that it was in, or nullptr.
const Breakpoint* enter_measured(Process& p, TracePoint& at, Term session_id, CallMeasure what) {
    const int64_t now = amount_now(p, what);
    MeasuredFunction* measured = find_measured(p, session_id, what);
    if (measured == nullptr) {
        p.need_extra().measured.push_back({session_id, what, nullptr, now});
        measured = &p.extra->measured.back();
        // As in OTP the arguments that a process begins with are its first function's.
        if (what == CallMeasure::memory && p.initial_call == at.function) measured->since = p.extra->collected_words;
    } else {
        settle(p, *measured, now);
    }
    const Breakpoint* const before = std::exchange(measured->function, &at);
    add_measured(p, *measured, 1, 0);
    return before;
}

void measure_call(Process& p, TracePoint& at, TracePart& part, uint32_t kinds, Marks* marks) {
    const Term session_id = part.session.id;
    const Breakpoint* before = nullptr;
    int64_t measures = 0;
    const auto measure = [&](CallMeasure what) {
        before = enter_measured(p, at, session_id, what);
        measures |= int64_t{1} << static_cast<unsigned>(what);
    };
    if ((kinds & TracePart::kTimeActive) != 0) measure(CallMeasure::time);
    if ((kinds & TracePart::kMemoryActive) != 0) measure(CallMeasure::memory);
    // Under a mark of the session the return is noticed already.
    bool on_mark = false;
    const auto look = [&](TraceMark mark, const Word* words) {
        const Term owner = owner_of(mark, words);
        on_mark |= owner == session_id || is_tracer(owner);
    };
    return_address(p, p.heap.stack_top, look);
    for (const Marks::Mark& mark : marks->marks) {
        const Word words[] = {mark.words[0].word(), mark.words[1].word()};
        look(mark.kind, words);
    }
    if (!on_mark)
        marks->add(TraceMark::call_measure, session_id, before != nullptr ? breakpoint_word(before) : Term::nil(),
                   Term::small(measures));
}

void time_slice(Process& p, bool begins) {
    const int64_t now = amount_now(p, CallMeasure::time);
    for (MeasuredFunction& measured : p.extra->measured) {
        if (measured.what != CallMeasure::time) continue;
        if (begins) {
            measured.since = now;
        } else {
            settle(p, measured, now);
        }
    }
}

/// Words of a mark call_measure.
void leave_measured(Process& p, const Word* words) {
    for (const CallMeasure what : {CallMeasure::time, CallMeasure::memory}) {
        if ((Term(words[2]).to_small() >> static_cast<unsigned>(what) & 1) == 0) continue;
        MeasuredFunction* const measured = find_measured(p, Term(words[0]), what);
        if (measured == nullptr || measured->function == nullptr) continue;
        settle(p, *measured, amount_now(p, what));
        const Term before(words[1]);
        measured->function = before.is_nil() ? nullptr : breakpoint_of_word(before);
        if (measured->function != nullptr) continue;
        *measured = p.extra->measured.back();
        p.extra->measured.pop_back();
    }
}

// ---- the hooks

/// `tracer` was a process or a port.
bool is_without_tracer(const Process& p, Term tracer) {
    return (tracer.is_local_pid() || tracer.is_local_port()) && !p.machine().tracing.is_alive(tracer, p.self);
}

/// What the session of `part` has to do with a call that has come to `at`.
void called_in(Process& p, TracePoint& at, TracePart& part, bool through_export, Marks* marks) {
    uint32_t kinds = part.kinds.load(std::memory_order_acquire);
    if (!through_export) {
        kinds &= ~uint32_t{TracePart::kGlobal};
    } else if (at.function->bif == nullptr) {
        kinds &= TracePart::kGlobal;
    }
    SessionTracee* const by = p.tracee.is_any_on(kTraceCall) ? p.tracee.sessions.of(part.session) : nullptr;
    if (by == nullptr || !by->is_any_on(kTraceCall))
        kinds &= ~uint32_t{TracePart::kGlobal | TracePart::kLocal | TracePart::kTimeActive | TracePart::kMemoryActive};
    if (kinds == 0) return;
    constexpr uint32_t kMeasures = TracePart::kTimeActive | TracePart::kMemoryActive;
    // Whose tracer has gone is not traced any more, though it may not have been told yet.
    if ((kinds & kMeasures) != 0 && is_without_tracer(p, by->tracer_term())) kinds &= ~kMeasures;
    if ((kinds & (TracePart::kGlobal | TracePart::kLocal)) != 0) {
        const bool is_local = (kinds & TracePart::kLocal) != 0;
        trace_call(p, at, {part, by, part.spec.load(std::memory_order_acquire), is_local, by->tracer_term()}, marks);
    }
    if ((kinds & TracePart::kMeta) != 0) {
        const Term tracer(part.meta_tracer.load(std::memory_order_acquire));
        trace_call(p, at, {part, nullptr, part.meta_spec.load(std::memory_order_acquire), true, tracer}, marks);
    }
    if ((kinds & TracePart::kCountActive) != 0) part.count.fetch_add(1, std::memory_order_relaxed);
    if ((kinds & kMeasures) != 0) measure_call(p, at, part, kinds, marks);
}

/// The call becomes one of Handler:breakpoint(Module, Function, Arguments).
const ExportEntry* call_error_handler(Process& p, const ExportEntry& function) {
    const Arguments arguments(p, function.arity);
    auto heap = p.reserve(list_words(function.arity));
    p.registers->x[2] = heap.list(arguments.span());
    p.registers->x[1] = function.function;
    p.registers->x[0] = function.module;
    return p.vm->code.export_entry(p.error_handler(), am::breakpoint(), 3);
}

bool called(Process& p, Breakpoint& breakpoint, bool through_export, const ExportEntry** instead) {
    auto& at = static_cast<TracePoint&>(breakpoint);
    Marks marks;
    at.parts.for_each([&](TracePart& part) { called_in(p, at, part, through_export, &marks); });
    if (!marks.push(p, at.function->arity)) return false;
    if (!through_export && at.is_debugged.load(std::memory_order_acquire))
        *instead = call_error_handler(p, *at.function);
    return true;
}

void tell_of_mark(Process& p, const Word* words, Term tag, Term value) {
    if (p.tracee.is_any_on(kTraceSensitive)) return;
    Term tracer(words[1]);
    uint32_t flags = kMetaFlags;
    if (!is_tracer(tracer)) {
        const SessionTracee* const by = p.tracee.sessions.of(tracer);
        if (by == nullptr || !by->is_any_on(kTraceCall)) return;
        tracer = by->tracer_term();
        flags = by->flags.load(std::memory_order_relaxed);
        if (tracer.is_none()) return;
    }
    const ExportEntry& function = *breakpoint_of_word(Term(words[0]))->function;
    Word buffer[tuple_words(3)];
    Word* top = buffer;
    HeapBuilder heap(&top, std::size(buffer), nullptr);
    const Term mfa = heap.tuple(function.module, function.function, Term::small(function.arity));
    p.machine().tracing.tell(tracer, flags, p.self, {tag, mfa, value}, p.scheduler);
}

void returned(Process& p, TraceMark mark, const Word* words) {
    switch (mark) {
        case TraceMark::return_trace:
        case TraceMark::exception_trace: return tell_of_mark(p, words, am::return_from(), p.registers->x[0]);
        case TraceMark::return_to: {
            const void* const address = return_address(p, words + 1, [](TraceMark, const Word*) {});
            return p.machine().tracing.returned_to(p, Term(words[0]), address);
        }
        case TraceMark::call_measure: return leave_measured(p, words);
    }
}

void passed(Process& p, TraceMark mark, const Word* words) {
    switch (mark) {
        case TraceMark::exception_trace: {
            Word buffer[tuple_words(2)];
            Word* top = buffer;
            HeapBuilder heap(&top, std::size(buffer), nullptr);
            const Term what = heap.tuple(p.registers->x[1], p.registers->x[2]);
            return tell_of_mark(p, words, am::exception_from(), what);
        }
        case TraceMark::call_measure: return leave_measured(p, words);
        case TraceMark::return_trace:
        case TraceMark::return_to: return;
    }
}

PatternSession& patterns_of(SessionTracee& by) { return static_cast<PatternSession&>(by.session); }

Term matches(Process& p, SessionTracee& by, TraceMessagePattern& pattern, std::span<const Term> arguments) {
    if (!pattern.on.load(std::memory_order_acquire)) return am::false_();
    const TraceSpec* const spec = pattern.spec.load(std::memory_order_acquire);
    if (spec == nullptr) return am::true_();
    const Term result = run_trace_spec(p, patterns_of(by), *spec, arguments, nullptr).message;
    return by.is_any_on(kTraceSilent) ? am::false_() : result;
}

Term matches_send(Process& p, SessionTracee& by, Term to, Term message) {
    const Term arguments[] = {to, message};
    return matches(p, by, patterns_of(by).send, arguments);
}

Term matches_receive(Process& p, SessionTracee& by, Term node, Term from, Term message) {
    const Term arguments[] = {node, from, message};
    return matches(p, by, patterns_of(by).receive, arguments);
}

TracerAnswer module_wants(Vm& vm, const ModuleTracer& tracer, Term tag, Term tracee) {
    return tracer_wants(*stdlib_state(vm).nifs, tracer, tag, tracee);
}

void module_told(Vm& vm, const ModuleTracer& tracer, uint32_t flags, Term who, const TraceEvent& event,
                 const Scheduler* scheduler) {
    tell_tracer(*stdlib_state(vm).nifs, tracer, flags, who, event, scheduler);
}

void tracers_of_patterns(Vm& vm, const std::function<void(Term)>& f) { stdlib_state(vm).traces.for_each_tracer(f); }

bool tells_sends(const TraceSession& session) {
    return static_cast<const PatternSession&>(session).send.on.load(std::memory_order_acquire);
}

}  // namespace

void install_trace_hooks(Vm& vm) {
    vm.tracing.hooks = {called,      returned,   passed,       matches_send, matches_receive,
                        tells_sends, time_slice, module_wants, module_told,  tracers_of_patterns};
}

Term call_measures(ExecState& p, TracePart& part, CallMeasure what) {
    ListMaker list(p);
    const std::lock_guard lock(part.measured_mutex);
    part.measured[static_cast<size_t>(what)].for_each([&](Word pid, TracePart::Measured& m) {
        const Term calls = make_unsigned(p, m.calls);
        if (what == CallMeasure::memory) return list.add(make_tuple3(p, Term(pid), calls, make_integer(p, m.sum)));
        const int64_t us = m.sum / 1000;
        list.add(
            p.reserve(tuple_words(4)).tuple(Term(pid), calls, Term::small(us / 1000000), Term::small(us % 1000000)));
    });
    return list.list();
}

}  // namespace lintel
