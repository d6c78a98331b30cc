#include "sched/dist_connection.h"

#include "gc/copy.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr size_t kMostControlWords = 64;

/// Room for the terms of a control tuple.
struct ControlHeap {
    Word words[kMostControlWords];
    Word* top = words;
    OffHeapList off_heap;
    HeapBuilder builder() { return HeapBuilder(&top, kMostControlWords, &off_heap); }
};

DistOp op_of(Term control) { return static_cast<DistOp>(as_tuple(control)[0].to_small()); }
Term op_term(DistOp op) { return Term::small(static_cast<int64_t>(op)); }

}  // namespace

DistConnection::DistConnection(Vm& machine, Term to, uint32_t number)
    : Magic(&kMagicType), vm(machine), node(to), id(number), reference(machine.next_reference_number()) {}

DistConnection::~DistConnection() {
    for (const Kept& k : kept_) HeapFragment::destroy(k.fragment);
    for (const auto& [request, k] : orphans_) {
        if (k.fragment != nullptr) HeapFragment::destroy(k.fragment);
    }
}

DistConnection::State DistConnection::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}
uint64_t DistConnection::flags() const {
    const std::lock_guard lock(mutex_);
    return flags_;
}
uint32_t DistConnection::creation() const {
    const std::lock_guard lock(mutex_);
    return creation_;
}
Term DistConnection::controller() const {
    const std::lock_guard lock(mutex_);
    return controller_;
}
size_t DistConnection::queued_bytes() const {
    const std::lock_guard lock(mutex_);
    return queued_bytes_;
}

// ---- sending

DistConnection::Sent DistConnection::send(Term control, Term message) {
    uint64_t flags = 0;
    bool names_atoms = false;
    {
        const std::lock_guard lock(mutex_);
        if (state_ == State::pending) return keep(control, message) ? Sent::done : Sent::no_memory;
        if (state_ != State::connected) return Sent::not_connected;
        flags = flags_;
        names_atoms = writer_->names_atoms();
    }
    // Encoded while others send; what depends on the order is done behind it.
    Encoded signal;
    if (!encode(flags, names_atoms, control, message, &signal)) return Sent::done;
    Term notified;
    std::shared_ptr<Port> port;
    {
        const std::lock_guard lock(mutex_);
        if (state_ != State::connected) return Sent::not_connected;
        put_locked(signal);
        if (wants_notification_) {
            wants_notification_ = false;
            notified = controller_;
        }
        // Who brings a packet holds the port's lock.
        if (input_thread_.load(std::memory_order_relaxed) != std::this_thread::get_id()) port = port_.lock();
    }
    if (notified.is_value()) {
        auto* s = make_signal<Signal>(SignalKind::message, 0);
        if (s == nullptr) stop_without_memory(sizeof(Signal));
        s->term = am::dist_data();
        vm.deliver(notified, s);
    }
    if (port != nullptr) {
        const std::lock_guard lock(port->mutex);
        write_to(*port);
    }
    return Sent::done;
}

/// Under the mutex.
bool DistConnection::keep(Term control, Term message) {
    // Literals, too: nobody would find them here when their module goes.
    const size_t words = flat_size(control, nullptr, Walks::endable) +
                         (message.is_value() ? flat_size(message, nullptr, Walks::endable) : 0);
    HeapFragment* fragment = HeapFragment::create(words);
    if (fragment == nullptr) return false;
    Kept kept{fragment, Term::none(), Term::none()};
    {
        HeapBuilder heap(fragment);
        kept.control = copy_term(control, heap, nullptr);
        if (message.is_value()) kept.message = copy_term(message, heap, nullptr);
    }
    kept_.push_back(kept);
    queued_bytes_ += words * kWordBytes;
    return true;
}

/// Under the mutex.
void DistConnection::put_locked(const Encoded& signal) {
    writer_->write(signal.terms, signal.control_bytes, signal.has_message, signal.atoms, [this](std::string packet) {
        queued_bytes_ += packet.size();
        packets_.push_back(std::move(packet));
    });
}

/// Its message is the reason for which a process ends.
static bool has_reason(DistOp op) {
    return op == DistOp::payload_exit || op == DistOp::payload_exit2 || op == DistOp::payload_monitor_p_exit;
}

bool DistConnection::encode(uint64_t flags, bool names_atoms, Term control, Term message, Encoded* out) {
    ControlHeap room;
    HeapBuilder heap = room.builder();
    if (!adapt(flags, heap, &control, &message)) return false;
    const EtfContext context = vm.etf_context();
    EtfOptions options;
    options.minor_version = 2;
    options.packet_atoms = names_atoms ? &out->atoms : nullptr;
    if (!encode_etf_payload(context, control, options, out->terms)) return false;
    out->control_bytes = out->terms.size();
    out->has_message = message.is_value();
    if (!out->has_message || encode_etf_payload(context, message, options, out->terms)) return true;
    // Who waits for a reason gets one, though it be another.
    if (!has_reason(op_of(control))) return false;
    out->terms.resize(out->control_bytes);
    return encode_etf_payload(context, am::killed(), options, out->terms);
}

/// Brings a control tuple into the form that a peer with `flags` knows. False: it knows none.
bool DistConnection::adapt(uint64_t flags, HeapBuilder& heap, Term* control, Term* message) {
    using namespace dist_flag;
    const TupleView c = as_tuple(*control);
    // The reason as a part of the control tuple.
    const auto with_reason = [&](DistOp op) {
        if ((flags & kExitPayload) != 0) return;
        *control = c.arity() == 3 ? heap.tuple(op_term(op), c[1], c[2], *message)
                                  : heap.tuple(op_term(op), c[1], c[2], c[3], *message);
        *message = Term::none();
    };
    switch (op_of(*control)) {
        case DistOp::send_sender:
            if ((flags & kSendSender) == 0) *control = heap.tuple(op_term(DistOp::send), am::empty(), c[2]);
            return true;
        case DistOp::payload_exit: with_reason(DistOp::exit); return true;
        case DistOp::payload_exit2: with_reason(DistOp::exit2); return true;
        case DistOp::payload_monitor_p_exit:
            with_reason(DistOp::monitor_p_exit);
            return (flags & kMonitor) != 0 && (flags & kMonitorName) != 0;
        case DistOp::monitor_p:
        case DistOp::demonitor_p: return (flags & kMonitor) != 0 && (flags & kMonitorName) != 0;
        case DistOp::unlink_id:
            if ((flags & kUnlinkId) == 0) *control = heap.tuple(op_term(DistOp::unlink), c[2], c[3]);
            return true;
        case DistOp::unlink_id_ack: return (flags & kUnlinkId) != 0;
        case DistOp::alias_send: return (flags & kAlias) != 0;
        case DistOp::spawn_request:
            if ((flags & kSpawn) != 0) return true;
            refuse_spawn(vm, c[2], c[1], am::notsup());
            return false;
        default: return true;
    }
}

bool DistConnection::is_busy() const {
    const std::lock_guard lock(mutex_);
    return (state_ == State::connected || state_ == State::pending) && queued_bytes_ >= vm.distribution.busy_limit;
}

bool DistConnection::wait_if_busy(Term pid, Word number) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::connected && state_ != State::pending) return false;
    if (queued_bytes_ < vm.distribution.busy_limit) return false;
    waiting_.emplace_back(pid, number);
    return true;
}

void DistConnection::wake_waiting(std::vector<std::pair<Term, Word>>& waiting) {
    for (const auto& [pid, number] : waiting) vm.reply(pid, number, am::true_());
}

// ---- the controller

bool DistConnection::connect(Term controller, uint64_t flags, uint32_t creation, const std::shared_ptr<Port>& port) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::pending) return false;
    state_ = State::connected;
    controller_ = controller;
    flags_ = flags;
    creation_ = creation;
    port_ = port;
    writer_ = std::make_unique<PacketWriter>(flags);
    reader_ = std::make_unique<PacketReader>(flags);
    queued_bytes_ = 0;
    for (const Kept& k : kept_) {
        Encoded signal;
        if (encode(flags, writer_->names_atoms(), k.control, k.message, &signal)) put_locked(signal);
        HeapFragment::destroy(k.fragment);
    }
    kept_.clear();
    return true;
}

bool DistConnection::take_packet(std::string* packet) {
    std::vector<std::pair<Term, Word>> waiting;
    {
        const std::lock_guard lock(mutex_);
        if (state_ != State::connected || packets_.empty()) return false;
        *packet = std::move(packets_.front());
        packets_.pop_front();
        queued_bytes_ -= packet->size();
        if (queued_bytes_ < vm.distribution.busy_limit / 2) waiting.swap(waiting_);
    }
    packets_out.fetch_add(1, std::memory_order_relaxed);
    wake_waiting(waiting);
    return true;
}

void DistConnection::request_notification() {
    Term notified;
    {
        const std::lock_guard lock(mutex_);
        if (packets_.empty()) {
            wants_notification_ = true;
        } else {
            notified = controller_;
        }
    }
    if (notified.is_none()) return;
    auto* s = make_signal<Signal>(SignalKind::message, 0);
    if (s == nullptr) stop_without_memory(sizeof(Signal));
    s->term = am::dist_data();
    vm.deliver(notified, s);
}

bool DistConnection::input(std::span<const uint8_t> packet) {
    const std::lock_guard input_lock(input_mutex_);
    if (state() != State::connected) return true;  // what comes late is lost
    PacketReader::Signal signal;
    const PacketReader::Result result = reader_->read(vm.atoms, packet, &signal);
    if (result == PacketReader::Result::nothing) return true;
    input_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    const bool makes_sense = result == PacketReader::Result::signal && take_signal(*this, signal);
    input_thread_.store({}, std::memory_order_relaxed);
    if (makes_sense) return true;
    vm.distribution.kill(*this);
    return false;
}

void DistConnection::write_to(Port& port) {
    std::string packet;
    while (!port.is_busy && port.state == Port::State::open && take_packet(&packet)) {
        port.bytes_out += packet.size();
        port.driver().write_packet(port, std::move(packet));
    }
}

// ---- who is tied to it

bool DistConnection::tie(Term pid) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::connected && state_ != State::pending) return false;
    tied_.insert(pid.word());
    return true;
}

void DistConnection::untie(Term pid) {
    const std::lock_guard lock(mutex_);
    tied_.erase(pid.word());
}

void DistConnection::note_name_monitor(const RemoteRef& ref, Term pid) {
    const std::lock_guard lock(mutex_);
    name_monitors_[ref] = pid;
}

Term DistConnection::take_name_monitor(const RemoteRef& ref) {
    const std::lock_guard lock(mutex_);
    const auto at = name_monitors_.find(ref);
    if (at == name_monitors_.end()) return Term::none();
    const Term pid = at->second;
    name_monitors_.erase(at);
    return pid;
}

void DistConnection::note_orphan(Word request, Term reason) {
    Term copy;
    HeapFragment* fragment = copy_to_fragment(reason, &copy, nullptr);
    const std::lock_guard lock(mutex_);
    orphans_[request] = {fragment, Term::none(), copy.is_value() ? copy : am::killed()};
}

void DistConnection::end_orphan(Word request, Term parent, Term child) {
    Kept kept{nullptr, Term::none(), am::noproc()};
    {
        const std::lock_guard lock(mutex_);
        if (const auto at = orphans_.find(request); at != orphans_.end()) {
            kept = at->second;
            orphans_.erase(at);
        }
    }
    if (is_external_pid(child)) {
        ControlHeap room;
        HeapBuilder heap = room.builder();
        send(heap.tuple(op_term(DistOp::payload_exit), parent, child), kept.message);
    }
    if (kept.fragment != nullptr) HeapFragment::destroy(kept.fragment);
}

// ---- the end

bool DistConnection::stop_traffic() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::connected) return false;
    state_ = State::exiting;
    return true;
}

bool DistConnection::begin_end(bool only_pending) {
    const std::lock_guard lock(mutex_);
    if (state_ == State::gone || (only_pending && state_ != State::pending)) return false;
    state_ = only_pending ? State::gone : State::exiting;
    return true;
}

std::vector<Term> DistConnection::clear() {
    std::vector<Term> tied;
    std::vector<std::pair<Term, Word>> waiting;
    {
        const std::lock_guard lock(mutex_);
        state_ = State::gone;
        tied.reserve(tied_.size());
        for (const Word pid : tied_) tied.emplace_back(pid);
        tied_.clear();
        waiting.swap(waiting_);
        packets_.clear();
        for (const Kept& k : kept_) HeapFragment::destroy(k.fragment);
        kept_.clear();
        name_monitors_.clear();
        queued_bytes_ = 0;
    }
    wake_waiting(waiting);
    return tied;
}

}  // namespace lintel
