#include "sched/port.h"

#include <algorithm>
#include <cerrno>

#include "gc/copy.h"
#include "sched/exit_signals.h"
#include "sched/vm.h"
#include "term/views.h"
#include "vm/iolist.h"

namespace lintel {

bool PortDriver::command(Port& port, Process& from, Term data) {
    std::string bytes;
    if (!append_iolist(data, &bytes)) return false;
    port.count_output(from, bytes.size());
    output(port, bytes);
    return true;
}

bool PortDriver::control(Port&, Term, uint32_t, std::string_view, std::string*) { return false; }
Term PortDriver::call(Port&, Process&, uint32_t, Term) { return Term::none(); }
void PortDriver::ready(Port&, unsigned) {}
void PortDriver::program_exited(Port&, int64_t, int) {}

Port::Port(Tenant& of, Term id, Term owner_pid, std::unique_ptr<PortDriver> with)
    : vm(of.vm), self(id), tenant(of.shared_from_this()), owner(owner_pid), driver_(std::move(with)) {}

Port::~Port() {
    if (data_fragment != nullptr) HeapFragment::destroy(data_fragment);
    tenant->leave(Limit::ports);
}

void Port::link(Process& p) {
    ProcessExtra& extra = p.need_extra();
    if (extra.links.find(self.word()) != nullptr) return;
    const Word number = extra.next_link_number++;
    extra.links.insert(self.word()).mine = number;
    links.insert(p.self.word()).theirs = number;
    trace(am::getting_linked(), p.self);
}

bool Port::send_link(Term pid) {
    if (links.find(pid.word()) != nullptr) return true;
    const Word number = next_link_number++;
    links.insert(pid.word()).mine = number;
    if (vm.deliver(pid, make_control_signal(SignalKind::link, self, number))) {
        trace(am::getting_linked(), pid);
        return true;
    }
    links.erase(pid.word());
    return false;
}

void Port::send_unlink(Term pid) {
    const Link* link = links.find(pid.word());
    if (link == nullptr) return;
    auto* s = make_control_signal(SignalKind::unlink, self, link->theirs, link->mine);  // as the peer names them
    links.erase(pid.word());
    vm.deliver(pid, s);
}

// ---- signals

void Port::handle(Signal* plain) {
    auto* s = static_cast<ControlSignal*>(plain);
    switch (s->kind) {
        case SignalKind::link: {
            const Running running(*this, am::link());
            links.insert(s->from.word()).theirs = s->a;
            trace(am::getting_linked(), s->from);
            break;
        }
        case SignalKind::unlink: handle_unlink(*s); break;
        case SignalKind::monitor: {
            const Running running(*this, am::monitor());
            watchers.insert(s->a) = {s->b, s->from, s->term, s->c != 0};
            break;
        }
        case SignalKind::demonitor: {
            const Running running(*this, am::demonitor());
            watchers.erase(s->a);
            break;
        }
        case SignalKind::exit: handle_exit(s, false); break;
        case SignalKind::link_exit: handle_exit(s, true); break;
        case SignalKind::down: {
            const Running running(*this, am::proc_sig());
            driver_->process_down(*this, s->a);
            break;
        }
        case SignalKind::call: s->run(vm, nullptr, *s); break;
        default: break;
    }
    free_signal(s);
}

bool Port::monitor(Term pid, Word number) {
    return vm.deliver(pid, make_control_signal(SignalKind::monitor, self, number));
}

void Port::demonitor(Term pid, Word number) {
    vm.deliver(pid, make_control_signal(SignalKind::demonitor, self, number));
}

void Port::handle_unlink(const ControlSignal& s) {
    const Running running(*this, am::unlink());
    Link* const link = links.find(s.from.word());
    if (link == nullptr) return;
    if (link->mine == s.a) link->mine = 0;
    if (link->theirs == s.b) link->theirs = 0;
    if (link->mine != 0 || link->theirs != 0) return;
    links.erase(s.from.word());
    trace(am::getting_unlinked(), s.from);
}

void Port::handle_exit(ControlSignal* s, bool by_link) {
    const Running running(*this, am::close());
    if (by_link) {
        const Link* link = links.find(s->from.word());
        if (link == nullptr) return;
        const bool stands = (link->mine != 0 && link->mine == s->a) || (link->theirs != 0 && link->theirs == s->b);
        if (!stands) return;
        links.erase(s->from.word());
    }
    const Term reason = as_tuple(s->term)[2];
    trace_received(s->from, am::close());
    if (reason == am::normal() && s->from != owner) return;
    const bool kills = reason == am::kill() && !by_link;
    exit(kills ? am::killed() : reason, kills);
}

// ---- the end

void Port::exit(Term reason, bool at_once) {
    if (state != State::open) return;
    state = State::closing;
    trace(am::closed(), reason);
    vm.ports.remove(self);
    if (name.is_value()) {
        const Term former = std::exchange(name, Term::none());
        {
            const std::lock_guard lock(vm.names.mutex());
            vm.names.set_locked(former, Term::none());
        }
        trace(am::unregister(), former);
    }
    links.for_each([&](Word peer, Link& link) { send_link_exit(vm, Term(peer), link, self, reason); });
    links.clear();
    if (!watchers.empty()) send_all_down(vm, watchers, self, reason);
    watchers.clear();
    not_busy();
    if (distribution) {
        vm.distribution.lost(*distribution, reason);
        distribution = ConnectionRef();
    }
    if (at_once || driver_->flush(*this)) end();
}

void Port::close(bool tell) {
    if (state != State::open) return;
    if (tell) {
        trace_sent(owner, am::closed());  // told as in OTP: without the port
        vm.deliver(owner, build_message(
                              tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(self, am::closed()); },
                              noted_sender()));
    }
    exit(am::normal());
}

void Port::close_silently() {
    if (state != State::open) return;
    state = State::closing;
    vm.ports.remove(self);
    if (driver_->flush(*this)) end();
}

void Port::flushed() {
    if (state == State::closing) end();
}

void Port::end() {
    if (state == State::closed) return;  // in the middle of a callback already
    stop();
    vm.ports.forget(self);  // whoever has called holds the port
}

void Port::stop() {
    state = State::closed;
    driver_->stop(*this);
    if (has_timer_) timer_scheduler().cancel_timer(timer_);
}

void Port::not_busy() {
    is_busy = false;
    for (const auto& [pid, request] : waiting) vm.reply(pid, request, am::true_());
    waiting.clear();
    // Writing may find that the connection is gone.
    if (const ConnectionRef c = distribution; c && state == State::open) c->write_to(*this);
}

void Port::await_not_busy(Process& p) {
    const Word number = p.begin_request(true);
    waiting.emplace_back(p.self, number);
    vm.system_monitor.suspended_by(p, self, false);
    p.pending = Pending::wait;
}

bool Port::take_packet(std::string_view bytes) {
    const ConnectionRef connection = distribution;
    if (!connection) return true;
    connection->packets_in.fetch_add(1, std::memory_order_relaxed);
    const bool makes_sense = connection->input({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    connection->write_to(*this);  // what it has been answered
    return makes_sense;
}

// ---- time

void Port::call_at(int64_t deadline) {
    if (state == State::closed || deadline >= due_) return;
    if (has_timer_) {
        timer_scheduler().cancel_timer(timer_);
    } else {
        has_timer_ = true;
        timer_.data = this;
        timer_.fire = Scheduler::fire_port_timer;
    }
    due_ = deadline;
    const int64_t now = vm.monotonic_ms();
    timer_scheduler().start_timer(timer_, deadline <= now ? 0 : static_cast<uint64_t>(deadline - now));
}

Scheduler& Port::timer_scheduler() const { return vm.scheduler(self.imm_data() % vm.scheduler_count()); }

void Port::timeout() {
    const std::lock_guard lock(mutex);
    if (state == State::closed) return;
    due_ = INT64_MAX;
    const Told told(*this, am::timeout());
    driver_->timeout(*this);
}

// ---- what the event loop tells

void Port::ready(unsigned events) {
    const std::lock_guard lock(mutex);
    if (state == State::closed) return;
    const Told told(*this, operation_of(events));
    driver_->ready(*this, events);
}

void Port::program_exited(int64_t status, int signal) {
    const std::lock_guard lock(mutex);
    if (state == State::closed) return;
    const Running running(*this, Term::small(0));
    driver_->program_exited(*this, status, signal);
}

// ---- the table

PortTable::~PortTable() { LINTEL_ASSERT(ports_.empty() && closing_.empty()); }

size_t PortTable::count() const {
    const std::lock_guard lock(mutex_);
    return ports_.size();
}

std::shared_ptr<Port> PortTable::find(Term port) const {
    const std::lock_guard lock(mutex_);
    const auto at = ports_.find(port.word());
    return at == ports_.end() ? nullptr : at->second;
}

std::vector<Term> PortTable::all() const {
    std::vector<Term> list;
    const std::lock_guard lock(mutex_);
    list.reserve(ports_.size());
    for (const auto& entry : ports_) list.emplace_back(entry.first);
    std::sort(list.begin(), list.end(), [](Term x, Term y) { return x.imm_data() < y.imm_data(); });
    return list;
}

template <typename F>
std::shared_ptr<Port> PortTable::start(Tenant& tenant, Term owner, std::unique_ptr<PortDriver> driver, int* error,
                                       F link) {
    *error = 0;
    std::shared_ptr<Port> port;
    {
        const std::lock_guard lock(mutex_);
        if (ports_.size() >= limit_ || !tenant.enter(Limit::ports)) return nullptr;
        port = std::make_shared<Port>(tenant, Term::local_port(next_++), owner, std::move(driver));
        ports_[port->self.word()] = port;
    }
    vm_.tracing.opened(*port);
    const std::lock_guard lock(port->mutex);
    if (LINTEL_UNLIKELY(port->tracee.is_on(kTracePorts)))
        port->trace(am::open(), owner, vm_.atoms.intern(port->driver().name()));
    {
        const Port::Running running(*port, am::open());
        *error = port->driver().start(*port);
    }
    if (*error == 0 && port->state != Port::State::open) *error = EINVAL;  // it has failed meanwhile
    if (*error == 0 && !link(*port)) *error = ESRCH;
    if (*error == 0) return port;
    remove(port->self);
    if (port->state != Port::State::closed) port->stop();
    forget(port->self);
    return nullptr;
}

std::shared_ptr<Port> PortTable::open(Process& owner, std::unique_ptr<PortDriver> driver, int* error) {
    return start(owner.acting_tenant(), owner.self, std::move(driver), error, [&owner](Port& port) {
        port.link(owner);
        return true;
    });
}

std::shared_ptr<Port> PortTable::open_for(Tenant& tenant, Term owner, std::unique_ptr<PortDriver> driver, int* error) {
    return start(tenant, owner, std::move(driver), error, [owner](Port& port) { return port.send_link(owner); });
}

void PortTable::remove(Term port) {
    const std::lock_guard lock(mutex_);
    if (auto node = ports_.extract(port.word())) closing_.insert(std::move(node));
}

void PortTable::forget(Term port) {
    const std::lock_guard lock(mutex_);
    closing_.erase(port.word());
    if (halts_with_ && closing_.empty()) vm_.halt(*halts_with_);
}

void PortTable::halt_when_written(int status) {
    for (const Term id : all()) {
        const std::shared_ptr<Port> port = find(id);
        if (port == nullptr) continue;
        const std::lock_guard lock(port->mutex);
        port->close_silently();
    }
    const std::lock_guard lock(mutex_);
    if (halts_with_) return;
    halts_with_ = status;
    if (closing_.empty()) vm_.halt(status);
}

bool PortTable::deliver(Term to, Signal* s) {
    const std::shared_ptr<Port> port = find(to);
    if (port == nullptr) {
        free_signal(s);
        return false;
    }
    const std::lock_guard lock(port->mutex);
    if (port->state != Port::State::open) {
        free_signal(s);
        return false;
    }
    port->handle(s);
    return true;
}

void PortTable::host_continued() {
    for (const Term id : all()) {
        const std::shared_ptr<Port> port = find(id);
        if (port == nullptr) continue;
        const std::lock_guard lock(port->mutex);
        if (port->state == Port::State::open) port->driver().host_continued(*port);
    }
}

void PortTable::emergency_close() {
    for (const Term id : all()) {
        const std::shared_ptr<Port> port = find(id);
        if (port == nullptr) continue;
        const std::unique_lock lock(port->mutex, std::try_to_lock);
        if (lock && port->state == Port::State::open) port->driver().emergency_close(*port);
    }
}

void PortTable::close_all() {
    for (const Term id : all()) remove(id);
    for (;;) {
        std::shared_ptr<Port> port;
        {
            const std::lock_guard lock(mutex_);
            if (closing_.empty()) return;
            port = closing_.begin()->second;
        }
        const std::lock_guard lock(port->mutex);
        if (port->state != Port::State::closed) port->stop();
        forget(port->self);
    }
}

// ---- messages

namespace {

/// Data of {Owner, {command, Data}}; the non-value: it is something else.
Term command_data(Term message) {
    const auto pair = as_tuple(message, 2);
    const TupleView request = pair ? as_tuple(pair[1], 2) : TupleView();
    return request && request[0] == am::command() ? request[1] : Term::none();
}

}  // namespace

bool port_send_waits(Vm& vm, Term to, Term message) {
    if (to.is_atom()) to = vm.names.find(to);
    if (to.is_none() || !to.is_local_port() || command_data(message).is_none()) return false;
    const std::shared_ptr<Port> port = vm.ports.find(to);
    if (port == nullptr) return false;
    const std::lock_guard lock(port->mutex);
    return port->is_busy && port->state == Port::State::open;
}

Term send_to_port(Process& p, Term to, Term message) {
    if (p.has_request()) p.cancel_request();
    const std::shared_ptr<Port> port = p.machine().ports.find(to);
    if (port == nullptr) return message;  // as to a process that has gone
    const auto pair = as_tuple(message, 2);
    const TupleView request = pair ? as_tuple(pair[1], 2) : TupleView();
    const std::lock_guard lock(port->mutex);
    if (port->state != Port::State::open) return message;
    // What it does not understand, or not from this process, is told to its owner.
    const auto bad_signal = [&] {
        send_exit(p.machine(), port->owner, to, am::badsig());
        return message;
    };
    if (!pair || pair[0] != port->owner) return bad_signal();
    if (pair[1] == am::close()) {
        const Port::Running running(*port, am::close());
        port->trace_received(p.self, am::close());
        port->close(true);
    } else if (const Term data = command_data(message); data.is_value()) {
        if (port->is_busy) {
            port->await_not_busy(p);
            return Term::none();
        }
        if (!port->command(p, data)) return bad_signal();
    } else if (request && request[0] == am::connect() && request[1].is_local_pid()) {
        const Port::Running running(*port, am::connect());
        port->trace_received(port->owner, am::connect(), request[1]);
        const Term old = port->owner;
        port->owner = request[1];
        port->tell(old, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(to, am::connected()); });
    } else {
        return bad_signal();
    }
    return message;
}

}  // namespace lintel
