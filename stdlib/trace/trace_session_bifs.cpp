/// Sessions of tracing: they begin, they end.
///
/// A session lives as long as its handle, a magic reference, is in somebody's hands. The handle may be dropped on any thread, wherever memory is
/// freed, so its destructor only notes the session and tells OTP's process erts_trace_cleaner. That comes to erts_trace_cleaner:check/0, which
/// ends what has been noted. Unlike in OTP that is done at once, so nothing is left over for signals to the processes.

#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/trace_flags.h"
#include "stdlib/trace/trace_sessions.h"
#include "term/views.h"

namespace lintel {

namespace {

class SessionHandle final : public Magic {
public:
    static inline const char kMagicType = 0;

    SessionHandle(Vm& vm, std::shared_ptr<PatternSession> of)
        : Magic(&kMagicType), session(std::move(of)), vm_(vm), dropped_(stdlib_state(vm).traces.dropped) {}
    ~SessionHandle() override {
        if (session->is_alive.load(std::memory_order_acquire)) dropped_->add(vm_, std::move(session));
    }

    std::shared_ptr<PatternSession> session;

private:
    Vm& vm_;
    const std::shared_ptr<DroppedSessions> dropped_;
};

/// Whether it has been alive until now.
bool end_session(Vm& vm, const std::shared_ptr<PatternSession>& session) {
    {
        const std::lock_guard lock(vm.tracing.mutex);
        if (!session->is_alive.load(std::memory_order_relaxed)) return false;
        vm.tracing.end(*session);
    }
    stdlib_state(vm).traces.clear(session);
    return true;
}

void end_dropped(Vm& vm) {
    for (const auto& session : stdlib_state(vm).traces.dropped->take()) end_session(vm, session);
}

/// As trace_session; it may have come to its end.
std::shared_ptr<PatternSession> find_session(ExecState& p, Term handle) {
    const TupleView pair = as_tuple(handle, 2);
    if (!pair) return nullptr;
    if (const auto* magic = as_magic<SessionHandle>(pair[0])) {
        const TupleView names = as_tuple(pair[1], 2);
        const bool fits = names && names[0] == magic->session->name && names[1] == magic->session->id;
        return fits ? magic->session : nullptr;
    }
    Tracing& tracing = as_process(p).machine().tracing;
    const std::lock_guard lock(tracing.mutex);
    for (const auto& session : tracing.sessions()) {
        if (!session->is_legacy() && session->name == pair[0] && session->id == pair[1])
            return std::static_pointer_cast<PatternSession>(session);
    }
    return nullptr;
}

}  // namespace

void DroppedSessions::add(Vm& vm, std::shared_ptr<PatternSession> session) {
    {
        const std::lock_guard lock(mutex_);
        sessions_.push_back(std::move(session));
    }
    const Term pid(cleaner.load(std::memory_order_acquire));
    if (pid.is_value()) tell_process(vm, pid, 1, [](HeapBuilder&) { return am::notify(); });
}

std::vector<std::shared_ptr<PatternSession>> DroppedSessions::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sessions_, {});
}

std::shared_ptr<PatternSession> trace_session(ExecState& p, Term handle) {
    auto session = find_session(p, handle);
    return session != nullptr && session->is_alive.load(std::memory_order_acquire) ? session : nullptr;
}

/// erts_internal:trace_session_create/3: {Ref, {Name, Number}}. Fails: badarg.
Term erts_internal_trace_session_create_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    const Term tracer = parse_tracer(vm, a[1]);
    if (!a[0].is_atom() || !a[2].is_nil() || (tracer.is_none() && a[1] != am::undefined())) return p.badarg();
    end_dropped(vm);
    const Term id = Term::small(stdlib_state(vm).traces.next_session++);
    auto session = std::make_shared<PatternSession>(a[0], id, tracer);
    {
        const std::lock_guard lock(vm.tracing.mutex);
        vm.tracing.add(session);
    }
    auto heap = p.reserve(kMagicRefWords + 2 * tuple_words(2));
    const Term names = heap.tuple(a[0], id);
    auto* handle = new SessionHandle(vm, std::move(session));
    return heap.tuple(heap.magic_ref(handle, vm.next_reference_number(), 0), names);
}

/// erts_internal:trace_session_destroy/1: whether it was still there. Fails: badarg (cause: badopt).
Term erts_internal_trace_session_destroy_1(ExecState& p, Args a) {
    const auto session = find_session(p, a[0]);
    if (session == nullptr) return p.badarg_because(am::badopt());
    return boolean(end_session(as_process(p).machine(), session));
}

/// erts_trace_cleaner:check/0: ends sessions whose handles have been dropped. false: no process has anything to do for it.
Term erts_trace_cleaner_check_0(ExecState& p, Args) {
    end_dropped(as_process(p).machine());
    return am::false_();
}

/// erts_trace_cleaner:send_trace_clean_signal/1: false: there is nothing to wait for. Fails: notsup, for any but the process of that name; badarg.
Term erts_trace_cleaner_send_trace_clean_signal_1(ExecState& p, Args a) {
    const Term cleaner(stdlib_state(p).traces.dropped->cleaner.load(std::memory_order_acquire));
    if (as_process(p).self != cleaner) return p.notsup();
    return a[0].is_local_pid() || a[0].is_local_port() ? am::false_() : p.badarg();
}

}  // namespace lintel
