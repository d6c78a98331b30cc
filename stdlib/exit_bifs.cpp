/// BIFs that raise, and exit signals.

#include "gc/copy.h"
#include "sched/exit_signals.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "term/map.h"
#include "term/views.h"
#include "vm/exceptions.h"

namespace lintel {

namespace {

/// Raises in the name of the function that called the BIF.
Term raise_for_caller(ExecState& p, ExceptionClass c, Term reason) {
    p.raise(c, reason);
    p.trace_start = TraceStart::caller;
    return Term::none();
}

/// erlang:error/2: a second argument that is no list counts as none.
Term error_with_args(ExecState& p, Term reason, Term args) {
    raise_for_caller(p, ExceptionClass::error, reason);
    if (args.is_list()) p.trace_args = args;
    return Term::none();
}

/// {Module, Function, Arity or Arguments, Location}, or {Fun, Arity or Arguments, Location}; either without Location. What the third is,
/// nobody looks at.
bool is_stack_entry(Term t) {
    if (!t.is_kind(Kind::tuple)) return false;
    const auto entry = as_tuple(t);
    const bool of_fun = entry.arity() > 0 && entry[0].is_fun();
    const size_t parts = of_fun ? 2 : 3;
    if (entry.arity() != parts && entry.arity() != parts + 1) return false;
    if (!of_fun && !(entry[0].is_atom() && entry[1].is_atom())) return false;
    return entry.arity() == parts || entry[parts].is_list();
}

bool is_stacktrace(Term list) {
    for (; list.is_cons(); list = list.tail()) {
        if (!is_stack_entry(list.head())) return false;
    }
    return list.is_nil();
}

/// The first entries of the trace, each with a location: as many as the VM shows.
Term normal_trace(ExecState& p, Term list) {
    ListMaker out(p);
    for (size_t most = most_trace_entries(p); most > 0 && list.is_cons(); list = list.tail(), --most) {
        const auto entry = as_tuple(list.head());
        if (entry.arity() == 2) {
            out.add(p.reserve(tuple_words(3)).tuple(entry[0], entry[1], Term::nil()));
        } else if (entry.arity() == 3 && entry[0].is_atom()) {
            out.add(p.reserve(tuple_words(4)).tuple(entry[0], entry[1], entry[2], Term::nil()));
        } else {
            out.add(list.head());
        }
    }
    return out.list();
}

}  // namespace

/// erlang:error/1.
Term error_1(ExecState& p, Args a) { return raise_for_caller(p, ExceptionClass::error, a[0]); }
/// erlang:error/2: Args are shown in place of the caller's arity.
Term error_2(ExecState& p, Args a) { return error_with_args(p, a[0], a[1]); }
/// erlang:error/3: as error/2; option {error_info, Map}.
Term error_3(ExecState& p, Args a) {
    error_with_args(p, a[0], a[1]);
    if (list_length(a[2]) < 0) return Term::none();
    for (Term list = a[2]; list.is_cons(); list = list.tail()) {
        const auto pair = as_tuple(list.head(), 2);
        if (pair && pair[0] == am::error_info() && pair[1].is_map()) p.error_info = pair[1];
    }
    return Term::none();
}
Term nif_error_1(ExecState& p, Args a) { return p.error(a[0]); }
Term nif_error_2(ExecState& p, Args a) { return p.error(a[0]); }

/// erlang:exit/1.
Term exit_1(ExecState& p, Args a) { return raise_for_caller(p, ExceptionClass::exit, a[0]); }
/// erlang:throw/1.
Term throw_1(ExecState& p, Args a) { return raise_for_caller(p, ExceptionClass::throw_, a[0]); }

/// erlang:raise/3. Returns badarg if Class or Stacktrace is bad.
Term raise_3(ExecState& p, Args a) {
    ExceptionClass c;
    if (a[0] == am::error()) {
        c = ExceptionClass::error;
    } else if (a[0] == am::exit()) {
        c = ExceptionClass::exit;
    } else if (a[0] == am::throw_()) {
        c = ExceptionClass::throw_;
    } else {
        return am::badarg();
    }
    if (!is_stacktrace(a[2])) return am::badarg();
    const Term trace = normal_trace(p, a[2]);
    p.raise(c, a[1]);
    p.trace = trace;
    p.trace_start = TraceStart::given;
    return Term::none();
}

/// erlang:exit/2: sends an exit signal.
Term exit_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    if (a[0].is_local_port()) {
        const auto port = vm.ports.find(a[0]);
        if (port == nullptr || may_end(p, *port)) send_exit(vm, a[0], p.self, a[1]);
        return am::true_();
    }
    if (is_external_pid(a[0])) {
        exit_remote(p, a[0], a[1]);
        return am::true_();
    }
    if (!a[0].is_local_pid()) return a[0].is_pid() || a[0].is_port() ? am::true_() : state.badarg();
    Process* target = vm.processes.find(a[0]);
    if (target == nullptr || !may_end(p, *target)) return am::true_();
    auto* s =
        make_signal<ControlSignal>(SignalKind::exit, tuple_words(3) + flat_size(a[1], &vm.literals, Walks::endable));
    if (s == nullptr) return state.system_limit();
    s->from = p.self;
    s->is_sent = true;
    {
        HeapBuilder heap(s->fragment);
        const Term reason = copy_term(a[1], heap, &vm.literals);
        s->term = heap.tuple(am::EXIT(), p.self, reason);
    }
    if (target != &p) {
        if (!vm.deliver(*target, s)) free_signal(s);
        return am::true_();
    }
    // To oneself: it has taken effect when the BIF returns.
    p.signals.push(s);
    p.fetch_signals(false);
    if (!p.exiting) return am::true_();
    p.pending = Pending::exited;
    return Term::none();
}

/// erlang:exit/3 (OTP 28): the options choose the priority of the signal, which is as any other here.
Term exit_3(ExecState& state, Args a) {
    for (Term list = a[2]; !list.is_nil(); list = list.tail()) {
        if (!list.is_cons() || list.head() != am::priority()) return state.badarg_because(am::badopt());
    }
    return exit_2(state, a);
}

}  // namespace lintel
