/// What tracers are told of ports. All of it under the port's lock.

#include "sched/vm.h"
#include "vm/iolist.h"

namespace lintel {

/// A port gets events under its lock. So that two of them never wait for each other, a port that traces tells no other port of itself: of two that
/// would, at least one finds that it is_tracer.
bool Port::may_tell(const SessionTracee& by) {
    if (!by.tracer_term().is_local_port()) return true;
    const std::shared_ptr<Port> tracer = vm.ports.find(by.tracer_term());
    if (tracer == nullptr || tracer.get() == this) return true;
    tracer->is_tracer.store(true, std::memory_order_seq_cst);
    return !is_tracer.load(std::memory_order_seq_cst);
}

void Port::tell_tracers(uint32_t flags, const TraceEvent& event) {
    const ForeignReader reader(vm.epochs);
    tracee.for_each(flags, [&](SessionTracee& by) {
        if (may_tell(by)) vm.tracing.tell(tracee, by, self, event, nullptr);
    });
}

void Port::Running::tell(bool begins) {
    if (LINTEL_UNLIKELY(port_.tracee.is_on(kTraceRunningPorts)) && (begins || port_.state == State::open))
        port_.tell_tracers(kTraceRunningPorts, {begins ? am::in() : am::out(), what_});
    SystemProfile& profile = port_.vm.system_profile;
    if (LINTEL_UNLIKELY(profile.runnable_ports.load(std::memory_order_relaxed))) profile.port(port_, begins);
}

Port::Told::Told(Port& port, Term operation)
    : running_(port, Term::small(0)), port_(port), operation_(operation),
      since_(port.vm.system_monitor.watches_slices() ? port.vm.raw_monotonic_ns() : 0) {}

Port::Told::~Told() {
    if (since_ != 0) port_.vm.system_monitor.ran(port_, operation_, port_.vm.raw_monotonic_ns() - since_);
}

void Port::trace_received(Term from, Term what, Term argument) {
    if (LINTEL_LIKELY(!tracee.is_on(kTraceReceive))) return;
    Word words[2 * tuple_words(2)];
    Word* top = words;
    HeapBuilder heap(&top, std::size(words), nullptr);
    const Term request = argument.is_none() ? what : heap.tuple(what, argument);
    tell_tracers(kTraceReceive, {am::receive(), heap.tuple(from, request)});
}

void Port::trace_received(Term from, Term what, std::string_view bytes, std::optional<uint32_t> operation) {
    if (LINTEL_LIKELY(!tracee.is_on(kTraceReceive))) return;
    HeapFragment* const fragment = HeapFragment::create(binary_words(bytes.size()) + 3 * tuple_words(2));
    if (fragment == nullptr) return;  // there is no memory for it
    {
        HeapBuilder heap(fragment);
        Term argument = heap.binary(bytes.data(), bytes.size());
        if (argument.is_value()) {
            if (operation) argument = heap.tuple(Term::small(*operation), argument);
            tell_tracers(kTraceReceive, {am::receive(), heap.tuple(from, heap.tuple(what, argument))});
        }
    }
    HeapFragment::destroy(fragment);
}

void Port::trace_answered(Term pid, Term what, std::string_view bytes) {
    if (LINTEL_LIKELY(!tracee.is_on(kTraceSend))) return;
    HeapFragment* const fragment = HeapFragment::create(binary_words(bytes.size()) + 2 * tuple_words(2));
    if (fragment == nullptr) return;  // there is no memory for it
    {
        HeapBuilder heap(fragment);
        const Term answer = heap.binary(bytes.data(), bytes.size());
        if (answer.is_value()) trace_sent(pid, heap.tuple(self, heap.tuple(what, answer)));
    }
    HeapFragment::destroy(fragment);
}

bool Port::command(Process& from, Term iolist) {
    const Running running(*this, am::command());
    if (std::string bytes; LINTEL_UNLIKELY(tracee.is_on(kTraceReceive)) && append_iolist(iolist, &bytes))
        trace_received(from.self, am::command(), bytes);
    if (driver_->command(*this, from, iolist)) return true;
    const std::string driver_name = driver_->name();
    if (HeapFragment* const fragment = HeapFragment::create(list_words(driver_name.size()))) {
        {
            HeapBuilder heap(fragment);
            vm.log_event(from, am::error(), "Bad value on output port '~s'~n", {heap.string(driver_name)});
        }
        HeapFragment::destroy(fragment);
    }
    return false;
}

Term Port::noted_sender() const { return LINTEL_UNLIKELY(vm.tracing.notes_senders()) ? self : Term::none(); }

void Port::trace_sent(Term pid, Term message) {
    if (LINTEL_LIKELY(!tracee.is_on(kTraceSend))) return;
    const ForeignReader reader(vm.epochs);
    const Term tag = vm.processes.find(pid) != nullptr ? am::send() : am::send_to_non_existing_process();
    const TraceEvent event{tag, message, pid};
    tracee.for_each(kTraceSend, [&](SessionTracee& by) {
        if (vm.tracing.hooks.tells_sends != nullptr && !vm.tracing.hooks.tells_sends(by.session)) return;
        if (may_tell(by)) vm.tracing.tell(tracee, by, self, event, nullptr);
    });
}

void Port::send(Term pid, Signal* message) {
    trace_sent(pid, message->term);
    vm.deliver(pid, message);
}

}  // namespace lintel
