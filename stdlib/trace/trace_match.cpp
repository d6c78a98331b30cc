#include "stdlib/trace/trace_match.h"

#include "stdlib/backtrace.h"
#include "stdlib/build.h"
#include "stdlib/trace/seq_trace_access.h"
#include "stdlib/trace/trace_flags.h"
#include "term/print.h"
#include "vm/exceptions.h"

namespace lintel {

namespace {

class Actions : public MatchActions {
public:
    Actions(Process& p, PatternSession& session, const void* caller)
        : p_(p), session_(session), tracing_(p.machine().tracing), caller_(caller) {}

    TraceMatch result{am::true_()};

    Term act(ExecState&, MatchAction action, std::span<const Term> a) override {
        switch (action) {
            case MatchAction::message: result.message = a[0]; return am::true_();
            case MatchAction::return_trace: result.return_trace = true; return am::true_();
            case MatchAction::exception_trace: result.exception_trace = true; return am::true_();
            case MatchAction::caller: return caller(false);
            case MatchAction::caller_line: return caller(true);
            case MatchAction::current_stacktrace: return stacktrace(a.empty() ? Term::none() : a[0]);
            case MatchAction::process_dump: return make_binary(p_, backtrace_text(p_));
            case MatchAction::display: p_.machine().write(1, term_text(a[0]) + "\n"); return am::true_();
            case MatchAction::get_tcw: return Term::small(session_.control_word.load(std::memory_order_relaxed));
            case MatchAction::set_tcw:
                if (!a[0].is_small() || a[0].to_small() < 0 || a[0].to_small() > UINT32_MAX) return Term::none();
                return Term::small(session_.control_word.exchange(static_cast<uint32_t>(a[0].to_small())));
            case MatchAction::silent:
                if (SessionTracee* by = p_.tracee.sessions.of(session_); by != nullptr && is_boolean(a[0]))
                    Tracing::silence(p_.tracee, *by, a[0] == am::true_());
                return am::true_();
            case MatchAction::enable_trace: return switch_flag(a, true);
            case MatchAction::disable_trace: return switch_flag(a, false);
            case MatchAction::trace: return trace(a);
            case MatchAction::is_seq_trace: return boolean(has_token(p_));
            case MatchAction::get_seq_token: return seq_token_term(p_, p_);
            case MatchAction::set_seq_token: return set_seq_token(p_, a[0], a[1]);
        }
        return Term::none();
    }

private:
    /// Who traces `p` in this session, or none.
    Term tracer_of(Process& p) const {
        const SessionTracee* const by = p.tracee.sessions.of(session_);
        return by == nullptr ? Term::none() : by->tracer_term();
    }

    Term caller(bool with_line) {
        const CodeLocation at = caller_ != nullptr ? p_.machine().engine.locate(caller_) : CodeLocation();
        if (at.loaded == nullptr) return am::undefined();
        const Module& m = *at.loaded->module;
        const Module::Function& f = m.functions[at.function];
        if (!with_line) return make_tuple3(p_, m.name, f.name, Term::small(f.arity));
        Term line = am::undefined();
        if (const Module::Line* l = m.line_at(at.line)) line = make_tuple2(p_, m.files[l->file], Term::small(l->line));
        return p_.reserve(tuple_words(4)).tuple(m.name, f.name, Term::small(f.arity), line);
    }

    /// The callers of the function, innermost first; `depth`: at most so many.
    Term stacktrace(Term depth) {
        if (depth.is_value() && (!depth.is_small() || depth.to_small() < 0)) return Term::none();
        p_.trace_start = TraceStart::bif;
        capture_trace(p_, nullptr, nullptr, nullptr);
        const Term list = build_stacktrace(p_, p_.machine().engine, p_.trace);
        p_.trace = Term::none();
        if (depth.is_none()) return list;
        ListMaker first(p_);
        int64_t n = depth.to_small();
        for (Term rest = list; rest.is_cons() && n-- > 0; rest = rest.tail()) first.add(rest.head());
        return first.list();
    }

    /// The process of that pid or name, or nullptr.
    Process* process(Term who) {
        Vm& vm = p_.machine();
        if (who.is_atom()) who = vm.names.find(who);
        return who.is_value() && who.is_local_pid() ? vm.processes.find(who) : nullptr;
    }

    /// Whether something has changed.
    Term set_flags(Process& p, Term tracer, uint32_t off, uint32_t on) {
        const std::lock_guard lock(tracing_.mutex);
        if (!session_.is_alive.load(std::memory_order_relaxed)) return am::false_();
        const SessionTracee* const by = p.tracee.sessions.of(session_);
        const uint32_t before = by == nullptr ? 0 : by->flags.load(std::memory_order_relaxed);
        const uint32_t after = tracer.is_none() ? 0 : (before & ~off) | on;
        if (after == 0) tracer = Term::none();
        const bool changes = before != after || tracer_of(p) != tracer;
        if (changes) tracing_.set(session_, p.tracee, after, tracer);
        return boolean(changes);
    }

    Term switch_flag(std::span<const Term> a, bool on) {
        const uint32_t flag = trace_flag(a.back());
        Process* const who = a.size() == 1 ? &p_ : process(a[0]);
        if (flag == 0 || who == nullptr) return Term::none();
        set_flags(*who, tracer_of(p_), on ? 0 : flag, on ? flag : 0);
        return am::true_();
    }

    Term trace(std::span<const Term> a) {
        Process* const who = a.size() == 2 ? &p_ : process(a[0]);
        TraceFlags off, on;
        off.tracer = on.tracer = tracer_of(p_);
        if (who == nullptr || !parse_trace_flags(p_.machine(), session_, a[a.size() - 2], &off)) return Term::none();
        if (off.tracer.is_value()) on.tracer = off.tracer;
        if (!parse_trace_flags(p_.machine(), session_, a[a.size() - 1], &on) || off.cpu_timestamp || on.cpu_timestamp)
            return Term::none();
        if (on.tracer.is_value() && !tracing_.is_alive(on.tracer, who->self)) return Term::none();
        return set_flags(*who, on.tracer, off.mask, on.mask);
    }

    Process& p_;
    PatternSession& session_;
    Tracing& tracing_;
    const void* caller_;
};

}  // namespace

TraceMatch run_trace_spec(Process& p, PatternSession& session, const TraceSpec& spec, std::span<const Term> arguments,
                          const void* caller) {
    Actions actions(p, session, caller);
    ResultHeap heap(p);
    MatchRunner runner(p, spec.program(), heap, &actions);
    if (!runner || !runner.run(arguments, Term::none())) actions.result.message = am::false_();
    return actions.result;
}

}  // namespace lintel
