#include "stdlib/trace/trace_calls.h"

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

/// The return address on top of the stack, marks left out. *returns_to: one of them tells of the return.
const void* return_address(Process& p, const Word* top, bool* returns_to = nullptr) {
    for (const Word* w = top; w < p.heap.end && is_return_address(*w);) {
        const void* const address = address_of(*w);
        const int mark = mark_of(*p.vm, address);
        if (mark < 0) return address;
        if (returns_to != nullptr && static_cast<TraceMark>(mark) == TraceMark::return_to) *returns_to = true;
        w += mark_words(static_cast<TraceMark>(mark));
    }
    return nullptr;
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
        Term words[2];
    };
    Mark marks[4];
    size_t count = 0;
    size_t words = 0;

    void add(TraceMark kind, Term first = Term::none(), Term second = Term::none()) {
        marks[count++] = {kind, {first, second}};
        words += mark_words(kind);
    }
    /// False: the process must end.
    bool push(Process& p, unsigned arity) const {
        if (count == 0) return true;
        const size_t need = words + kStackSlackWords;
        const bool is_full = p.heap.htop + need > p.heap.stack_top;
        if ((is_full || (kStressBuild && p.stress.collect_here())) && !p.vm->host->collect(p, need, arity))
            return false;
        for (size_t i = 0; i < count; ++i) {
            const Mark& mark = marks[i];
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

/// One pattern's part in a call. `tracer`: of a meta pattern; none: the process's own.
void trace_call(Process& p, TracePoint& at, const TraceSpec* spec, bool local, Term tracer, Marks* marks) {
    Vm& vm = p.machine();
    const bool is_meta = tracer.is_value();
    if (p.tracee.is_any_on(kTraceSensitive)) return;
    if (!is_meta) tracer = p.tracee.tracer_term();
    if (tracer.is_none()) return;
    if (!vm.tracing.is_alive(tracer)) {
        if (!is_meta) return vm.tracing.forget(p.tracee, tracer);
        Word expected = tracer.word();
        at.meta_tracer.compare_exchange_strong(expected, 0);
        return;
    }
    const ExportEntry& function = *at.function;
    const Arguments arguments(p, function.arity);
    bool has_return_to = false;
    const void* const caller = return_address(p, p.heap.stack_top, &has_return_to);
    TraceMatch match{am::true_()};
    if (spec != nullptr) match = run_trace_spec(p, *spec, arguments.span(), caller);
    const uint32_t flags = is_meta ? kMetaFlags : p.tracee.flags.load(std::memory_order_relaxed);
    if (!is_meta && (flags & kTraceSilent) != 0) return;
    if (match.message != am::false_()) {
        Word words[tuple_words(3) + list_words(kMaxArity)];
        Word* top = words;
        HeapBuilder heap(&top, std::size(words), nullptr);
        const Term last = (flags & kTraceArity) != 0 ? Term::small(function.arity) : heap.list(arguments.span());
        const Term mfa = heap.tuple(function.module, function.function, last);
        vm.tracing.tell(tracer, flags, p.self, {am::call(), mfa, Term::none(), match.message}, p.scheduler);
        if (!is_meta && local && (flags & kTraceReturnTo) != 0 && !has_return_to) marks->add(TraceMark::return_to);
    }
    if (match.return_trace || match.exception_trace) {
        const TraceMark kind = match.exception_trace ? TraceMark::exception_trace : TraceMark::return_trace;
        marks->add(kind, breakpoint_word(&at), is_meta ? tracer : am::true_());
    }
}

// ---- times

void add_time(Process& p, Breakpoint* function, uint64_t calls, int64_t ns) {
    auto& point = static_cast<TracePoint&>(*function);
    const std::lock_guard lock(point.times_mutex);
    if ((point.kinds.load(std::memory_order_acquire) & TracePoint::kTime) == 0) return;
    TracePoint::Times& times = point.times.insert(p.self.word());
    times.calls += calls;
    times.ns += ns;
}

/// The time since the process was last looked at belongs to the function that it is in.
void settle_time(Process& p, int64_t now) {
    ProcessExtra& e = p.need_extra();
    if (e.timed_function != nullptr) add_time(p, e.timed_function, 0, now - e.timed_since);
    e.timed_since = now;
}

void time_call(Process& p, TracePoint& at, Marks* marks) {
    const int64_t now = p.machine().raw_monotonic_ns();
    settle_time(p, now);
    add_time(p, &at, 1, 0);
    ProcessExtra& e = *p.extra;
    const bool on_mark = marks->count != 0 ||
                         (is_return_address(*p.heap.stack_top) && mark_of(*p.vm, address_of(*p.heap.stack_top)) >= 0);
    if (!on_mark)
        marks->add(TraceMark::call_time, e.timed_function != nullptr ? breakpoint_word(e.timed_function) : Term::nil());
    e.timed_function = &at;
}

void time_slice(Process& p, bool begins) {
    const int64_t now = p.machine().raw_monotonic_ns();
    if (begins) {
        p.extra->timed_since = now;
    } else {
        settle_time(p, now);
    }
}

void time_return(Process& p, Term before) {
    if (p.extra == nullptr || p.extra->timed_function == nullptr) return;
    settle_time(p, p.machine().raw_monotonic_ns());
    p.extra->timed_function = before.is_nil() ? nullptr : breakpoint_of_word(before);
}

// ---- the hooks

bool called(Process& p, Breakpoint& breakpoint, bool through_export) {
    auto& at = static_cast<TracePoint&>(breakpoint);
    uint32_t kinds = at.kinds.load(std::memory_order_acquire);
    if (!through_export) {
        kinds &= ~uint32_t{TracePoint::kGlobal};
    } else if (at.function->bif == nullptr) {
        kinds &= TracePoint::kGlobal;
    }
    if (!p.tracee.is_any_on(kTraceCall))
        kinds &= ~uint32_t{TracePoint::kGlobal | TracePoint::kLocal | TracePoint::kTimeActive};
    if (kinds == 0) return true;
    Marks marks;
    if ((kinds & (TracePoint::kGlobal | TracePoint::kLocal)) != 0) {
        trace_call(p, at, at.spec.load(std::memory_order_acquire), (kinds & TracePoint::kLocal) != 0, Term::none(),
                   &marks);
    }
    if ((kinds & TracePoint::kMeta) != 0) {
        const Term tracer(at.meta_tracer.load(std::memory_order_acquire));
        if (tracer.is_value()) trace_call(p, at, at.meta_spec.load(std::memory_order_acquire), true, tracer, &marks);
    }
    if ((kinds & TracePoint::kCountActive) != 0) at.count.fetch_add(1, std::memory_order_relaxed);
    if ((kinds & TracePoint::kTimeActive) != 0) time_call(p, at, &marks);
    return marks.push(p, at.function->arity);
}

/// {M, F, Arity} of a mark, and whose it is: false: nobody's any more.
bool mark_event(Process& p, const Word* words, Term* tracer, uint32_t* flags) {
    *tracer = Term(words[1]);
    if (p.tracee.is_any_on(kTraceSensitive)) return false;
    if (*tracer != am::true_()) {
        *flags = kMetaFlags;
        return true;
    }
    *tracer = p.tracee.tracer_term();
    *flags = p.tracee.flags.load(std::memory_order_relaxed);
    return tracer->is_value() && (*flags & kTraceCall) != 0;
}

void tell_of_mark(Process& p, const Word* words, Term tag, Term value) {
    Term tracer;
    uint32_t flags;
    if (!mark_event(p, words, &tracer, &flags)) return;
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
        case TraceMark::return_to: return p.machine().tracing.returned_to(p, return_address(p, words));
        case TraceMark::call_time: return time_return(p, Term(words[0]));
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
        case TraceMark::call_time: return time_return(p, Term(words[0]));
        case TraceMark::return_trace:
        case TraceMark::return_to: return;
    }
}

Term matches(Process& p, TraceMessagePattern& pattern, std::span<const Term> arguments) {
    if (!pattern.on.load(std::memory_order_acquire)) return am::false_();
    const TraceSpec* const spec = pattern.spec.load(std::memory_order_acquire);
    if (spec == nullptr) return am::true_();
    const Term result = run_trace_spec(p, *spec, arguments, nullptr).message;
    return p.tracee.is_any_on(kTraceSilent) ? am::false_() : result;
}

Term matches_send(Process& p, Term to, Term message) {
    const Term arguments[] = {to, message};
    return matches(p, stdlib_state(p).traces.send, arguments);
}

Term matches_receive(Process& p, Term node, Term from, Term message) {
    const Term arguments[] = {node, from, message};
    return matches(p, stdlib_state(p).traces.receive, arguments);
}

}  // namespace

void install_trace_hooks(Vm& vm) {
    vm.tracing.hooks = {called, returned, passed, matches_send, matches_receive, time_slice};
}

Term call_times(ExecState& p, TracePoint& point) {
    ListMaker list(p);
    const std::lock_guard lock(point.times_mutex);
    point.times.for_each([&](Word pid, TracePoint::Times& t) {
        const int64_t us = t.ns / 1000;
        const Term calls = make_unsigned(p, t.calls);
        list.add(
            p.reserve(tuple_words(4)).tuple(Term(pid), calls, Term::small(us / 1000000), Term::small(us % 1000000)));
    });
    return list.list();
}

}  // namespace lintel
