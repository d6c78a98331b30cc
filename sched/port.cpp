#include "sched/port.h"

#include "gc/copy.h"
#include "sched/exit_signals.h"
#include "sched/vm.h"
#include "term/views.h"
#include "vm/iolist.h"

namespace lintel {

namespace {

bool iolist_to_string(Term t, std::string* out) {
    return iolist_pieces(
        t, [out](const uint8_t* bytes, size_t n) { out->append(reinterpret_cast<const char*>(bytes), n); });
}

}  // namespace

bool PortDriver::control(Port&, Term, uint32_t, std::string_view, std::string*) { return false; }
Term PortDriver::call(Port&, Process&, uint32_t, Term) { return Term::none(); }
void PortDriver::ready(Port&, unsigned) {}
void PortDriver::program_exited(Port&, int64_t, int) {}

Port::Port(Vm& machine, Term id, Term owner_pid, std::unique_ptr<PortDriver> with)
    : vm(machine), self(id), owner(owner_pid), driver_(std::move(with)) {}

Port::~Port() {
    if (data_fragment != nullptr) HeapFragment::destroy(data_fragment);
}

void Port::send(Term pid, Signal* s) { vm.deliver(pid, s); }

// ---- signals

void Port::handle(Signal* plain) {
    auto* s = static_cast<ControlSignal*>(plain);
    switch (s->kind) {
        case SignalKind::link: links.insert(s->from.word()).theirs = s->a; break;
        case SignalKind::unlink:
            if (Link* link = links.find(s->from.word())) {
                if (link->mine == s->a) link->mine = 0;
                if (link->theirs == s->b) link->theirs = 0;
                if (link->mine == 0 && link->theirs == 0) links.erase(s->from.word());
            }
            break;
        case SignalKind::monitor: watchers.insert(s->a) = {s->b, s->from, s->term, s->c != 0}; break;
        case SignalKind::demonitor: watchers.erase(s->a); break;
        case SignalKind::exit: handle_exit(s, false); break;
        case SignalKind::link_exit: handle_exit(s, true); break;
        case SignalKind::call: s->run(vm, nullptr, *s); break;
        default: break;
    }
    free_signal(s);
}

void Port::handle_exit(ControlSignal* s, bool by_link) {
    if (by_link) {
        const Link* link = links.find(s->from.word());
        if (link == nullptr) return;
        const bool stands = (link->mine != 0 && link->mine == s->a) || (link->theirs != 0 && link->theirs == s->b);
        if (!stands) return;
        links.erase(s->from.word());
    }
    const Term reason = as_tuple(s->term)[2];
    if (reason == am::normal() && s->from != owner) return;
    exit(reason == am::kill() && !by_link ? am::killed() : reason);
}

// ---- the end

void Port::exit(Term reason) {
    if (state != State::open) return;
    state = State::closing;
    until_flushed_ = shared_from_this();
    vm.ports.remove(self);
    if (name.is_value()) {
        const std::lock_guard lock(vm.names.mutex());
        vm.names.set_locked(name, Term::none());
        name = Term::none();
    }
    links.for_each([&](Word peer, Link& link) { send_link_exit(vm, Term(peer), link, self, reason); });
    links.clear();
    if (!watchers.empty()) send_all_down(vm, watchers, self, reason);
    watchers.clear();
    not_busy();
    if (driver_->flush(*this)) end();
}

void Port::close(bool tell) {
    if (state != State::open) return;
    if (tell) tell_owner(0, [](HeapBuilder&) { return am::closed(); });
    exit(am::normal());
}

void Port::flushed() {
    if (state == State::closing) end();
}

void Port::end() {
    state = State::closed;
    driver_->stop(*this);
    until_flushed_.reset();  // whoever has called holds the port
}

void Port::not_busy() {
    is_busy = false;
    for (const auto& [pid, request] : waiting) vm.reply(pid, request, am::true_());
    waiting.clear();
}

// ---- what the event loop tells

void Port::ready(unsigned events) {
    const std::lock_guard lock(mutex);
    if (state != State::closed) driver_->ready(*this, events);
}

void Port::program_exited(int64_t status, int signal) {
    const std::lock_guard lock(mutex);
    if (state != State::closed) driver_->program_exited(*this, status, signal);
}

// ---- the table

PortTable::~PortTable() { LINTEL_ASSERT(ports_.empty()); }

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
    return list;
}

std::shared_ptr<Port> PortTable::open(Process& owner, std::unique_ptr<PortDriver> driver, int* error) {
    *error = 0;
    std::shared_ptr<Port> port;
    {
        const std::lock_guard lock(mutex_);
        if (ports_.size() >= limit_) return nullptr;
        port = std::make_shared<Port>(vm_, Term::local_port(next_++), owner.self, std::move(driver));
        ports_[port->self.word()] = port;
    }
    const std::lock_guard lock(port->mutex);
    if (const int refused = port->driver().start(*port); refused != 0) {
        *error = refused;
        remove(port->self);
        port->state = Port::State::closed;
        port->driver().stop(*port);
        return nullptr;
    }
    ProcessExtra& extra = owner.need_extra();
    const Word number = extra.next_link_number++;
    extra.links.insert(port->self.word()).mine = number;
    port->links.insert(owner.self.word()).theirs = number;
    return port;
}

void PortTable::remove(Term port) {
    const std::lock_guard lock(mutex_);
    ports_.erase(port.word());
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

void PortTable::close_all() {
    for (const Term id : all()) {
        const std::shared_ptr<Port> port = find(id);
        if (port == nullptr) continue;
        const std::lock_guard lock(port->mutex);
        remove(id);
        port->state = Port::State::closed;
        port->driver().stop(*port);
    }
}

// ---- messages

Term send_to_port(Process& p, Term to, Term message) {
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
        port->close(true);
    } else if (request && request[0] == am::command()) {
        std::string bytes;
        if (!iolist_to_string(request[1], &bytes)) {
            HeapFragment* fragment = HeapFragment::create(list_words(port->driver().name().size()));
            if (fragment == nullptr) return p.system_limit();
            {
                HeapBuilder heap(fragment);
                p.machine().log_event(p, am::error(), "Bad value on output port '~s'~n",
                                      {heap.string(port->driver().name())});
            }
            HeapFragment::destroy(fragment);
            return bad_signal();
        }
        p.charge(bytes.size() / 64);
        port->bytes_out += bytes.size();
        port->driver().command(*port, p.self, bytes);
    } else if (request && request[0] == am::connect() && request[1].is_local_pid()) {
        const Term old = port->owner;
        port->owner = request[1];
        port->tell(old, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(to, am::connected()); });
    } else {
        return bad_signal();
    }
    return message;
}

}  // namespace lintel
