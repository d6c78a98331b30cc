#include "sched/vm.h"

#include <poll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/misuse.h"
#include "gc/copy.h"
#include "loader/etf.h"
#include "term/print.h"
#include "term/views.h"

namespace lintel {

// ---- making and unmaking

Vm::Vm(const VmConfig& c, Engine& e)
    : VmCore(e.hooks(), &kHost, c.image), config(c),
      simulation(c.seed || c.virtual_clock ? std::make_unique<Simulation>(c) : nullptr), engine(e),
      memory((own_tenant = std::make_shared<Tenant>(*this, 0, c.limits, c.rights, nullptr))->memory),
      epochs(c.schedulers == 0 ? 1 : c.schedulers + c.dirty_cpu_schedulers + c.dirty_io_schedulers),
      processes(c.process_limit), ports(*this, c.port_limit), distribution(*this, c.dist_buffer_bytes),
      multi_scheduling(c.schedulers == 0          ? 1
                       : c.schedulers_online == 0 ? c.schedulers
                                                  : std::min(c.schedulers_online, c.schedulers)),
      process_defaults(c), outstanding_requests_limit(c.outstanding_requests_limit),
      // Without threads of our own everything runs on the host's.
      dirty_cpu_(*this, ThreadKind::dirty_cpu, c.schedulers, c.schedulers == 0 ? 0 : c.dirty_cpu_schedulers,
                 std::chrono::microseconds(0)),
      dirty_io_(*this, ThreadKind::dirty_io, c.schedulers + c.dirty_cpu_schedulers,
                c.schedulers == 0 ? 0 : c.dirty_io_schedulers, std::chrono::microseconds(2000)) {
    LINTEL_CHECK(simulation == nullptr ||
                 (c.schedulers <= 1 && c.dirty_cpu_schedulers == 0 && c.dirty_io_schedulers == 0));
    if (is_recorded()) tenants.record_signals();
    atoms.set_limit(config.atom_limit);
    raw_start_ns_ = raw_monotonic_ns();
    time_offset_ns_ = os_system_ns() - monotonic_ns();
    const unsigned n = config.schedulers == 0 ? 1 : config.schedulers;
    for (unsigned i = 0; i < n; ++i) schedulers_.push_back(std::make_unique<Scheduler>(*this, i));
}

Vm::~Vm() {
    stop();
    const MemoryScope scope(memory);
    ports.close_all();
    // Nothing runs any more: processes go without exit signals.
    size_t slot = 0;
    while (Process* p = processes.next(&slot)) {
        if (p->extra != nullptr) p->scheduler = nullptr;
        if (p->receive_timer_active) {
            schedulers_[p->extra->receive_timer.wheel]->cancel_timer(p->extra->receive_timer);
        }
        processes.remove(p);
        destroy(p);
    }
    own_tenant->stop_timers();
    tenants.stop_timers();
    for (auto& s : schedulers_) s->reclaim(true);
    while (leftovers.any()) leftovers.free_some();
}

// ---- running

int Vm::start(unsigned first) {
    LINTEL_CHECK(!started_);
    started_ = true;
    own_tenant->start_time_limit();
    if (config.schedulers == 0) return 0;
    for (size_t i = 1; i < schedulers_.size(); ++i) {
        schedulers_[i]->lie_dormant();
        sleepers_.fetch_add(1, std::memory_order_seq_cst);
    }
    return first == 0 ? schedulers_[0]->start_thread() : 0;
}

void Vm::rouse(Scheduler& s) {
    if (!s.is_dormant()) return s.notify();
    int error = 0;
    {
        const std::lock_guard lock(start_mutex_);
        if (!s.is_dormant()) return s.notify();
        if (stopping_.load(std::memory_order_relaxed)) return;
        sleepers_.fetch_sub(1, std::memory_order_seq_cst);
        error = s.start_thread();
    }
    if (error != 0) halt_without_thread(error);
}

void Vm::stop() {
    {
        // Whoever is starting a thread has done so before this.
        const std::lock_guard lock(start_mutex_);
        stopping_.store(true, std::memory_order_seq_cst);
    }
    for (auto* hook : stop_hooks) hook(*this);
    for (auto& s : schedulers_) s->notify();
    for (auto& s : schedulers_) {
        if (s->thread_.joinable()) s->thread_.join();
    }
    dirty_cpu_.stop();
    dirty_io_.stop();
}

/// Something has become ready: the host that drives is told, unless its own thread has made it so, or it knows.
void Vm::poll_is_due() {
    if (this_thread.vm == this && this_thread.kind == ThreadKind::scheduler) return;
    if (poll_is_due_.exchange(true, std::memory_order_seq_cst)) return;
    events.wake();
    if (config.platform.wake != nullptr) config.platform.wake(config.platform.context);
}

void Vm::sleep_between_polls(int64_t ns) {
    // Rounded up to the loop's milliseconds: a timer is due then.
    const int64_t ms = ns < 0 ? -1 : (ns + 999999) / 1000000;
    if (events.descriptor() >= 0 && (poll_is_due_.load(std::memory_order_seq_cst) || events.run(ms, [] {}))) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// With a virtual clock: no process is ready. True: time has passed; false: it stands still, or goes as it does outside.
bool Vm::skip_idle_time(int64_t most) {
    const MemoryScope scope(memory);
    const VmThreadScope thread(*this, ThreadKind::scheduler);
    Scheduler& s = *schedulers_[0];
    simulation->follow_world(s.serve_timers());
    if (s.skip_idle_time(most)) return true;
    // Read first: what has been answered since is ready.
    const bool awaits = awaits_outside();
    if (!s.is_idle()) return true;
    if (awaits) simulation->rest_begins();
    if (awaits || !is_deadlocked()) return false;
    halt_because(deadlock_text());
    return true;
}

Vm::PollResult Vm::poll(int64_t reductions, int64_t ns) {
    const PollScope polling(*this);
    if (!polling) return {.refused = true};
    if (LINTEL_UNLIKELY(simulation != nullptr) && schedulers_[0]->is_idle()) skip_idle_time(-1);
    PollResult result = poll_for(reductions, ns);
    // The host need not wait for what this clock does not.
    if (LINTEL_UNLIKELY(simulation != nullptr) && result.next_timer_ns > 0 && !awaits_outside())
        result.next_timer_ns = 0;
    return result;
}

Vm::PollResult Vm::poll_for(int64_t reductions, int64_t ns) {
    if (ns < 0) return poll_once(reductions);
    const int64_t begun = raw_monotonic_ns();
    int64_t spent = 0;
    for (;;) {
        PollResult result = poll_once(std::min(reductions - spent, kPollReductions));
        spent += result.reductions;
        if (result.halted || result.idle || spent >= reductions || raw_monotonic_ns() - begun >= ns) {
            result.reductions = spent;
            return result;
        }
    }
}

Vm::PollResult Vm::poll_once(int64_t reductions) {
    LINTEL_CHECK(config.schedulers == 0 && is_polled_.load(std::memory_order_relaxed));
    const MemoryScope scope(memory);
    const VmThreadScope thread(*this, ThreadKind::scheduler);
    Scheduler& s = *schedulers_[0];
    epochs.announce(0);
    PollResult result;
    poll_is_due_.store(false, std::memory_order_seq_cst);
    if (events.is_open()) events.run(0, [] {});
    const int64_t next = s.serve_timers();
    if (LINTEL_UNLIKELY(simulation != nullptr)) simulation->follow_world(next);
    result.reductions = s.run(reductions);
    epochs.announce(0);
    result.next_timer_ns = s.serve_timers();
    // The system must know of descriptors that are wanted now.
    if (events.is_used()) events.run(0, [] {});
    s.reclaim(false);
    epochs.go_offline(0);
    result.halted = is_halted();
    result.idle = s.is_idle();
    return result;
}

int64_t Vm::poll_and_skip(int64_t left) {
    constexpr int64_t kOthersTurnNs = 1000000;
    const PollScope polling(*this);
    if (!polling) return kOthersTurnNs;
    const PollResult r = poll_once(kPollReductions);
    if (!r.idle || (simulation != nullptr && skip_idle_time(left))) return 0;
    return r.next_timer_ns;
}

void Vm::outside_answered() {
    outside_waits_.fetch_sub(1, std::memory_order_seq_cst);
    // Who found nothing ready, but this awaited, looks again.
    if (simulation == nullptr) return;
    if (config.schedulers == 0) return poll_is_due();
    schedulers_[0]->notify();
}

std::string Vm::deadlock_text() {
    std::string out = "deadlock: no process is ready, no timer is set, nothing outside is awaited";
    const ForeignReader reader(epochs);
    size_t slot = 0;
    while (const Process* p = processes.next(&slot)) {
        const bool is_own = atom_name(p->initial_call->module).starts_with("lintel_");
        if (is_own || p->is_system) continue;
        const CodeLocation at = locate_process(*p);
        out += "\n  " + term_text(p->self);
        if (const Term name(p->name.load(std::memory_order_relaxed)); name.is_value()) out += " " + term_text(name);
        if (at.loaded != nullptr) {
            const Module& module = *at.loaded->module;
            const Module::Function& f = module.functions[at.function];
            out += " waits in " + term_text(module.name) + ":" + term_text(f.name) + "/" + std::to_string(f.arity);
        }
        if (p->mailbox.count != 0) out += ", messages in its queue: " + std::to_string(p->mailbox.count);
    }
    return out;
}

int Vm::run_until_halt() {
    runs_to_end_ = true;
    if (config.schedulers == 0) {
        wait_outside([] { return false; }, -1);
        return exit_code_;
    }
    if (!started_) {
        if (const int error = start(1); error != 0) halt_without_thread(error);
    }
    if (!schedulers_[0]->thread_.joinable()) {
        schedulers_[0]->run_forever();
        return exit_code_;
    }
    std::unique_lock lock(halt_mutex_);
    halt_cv_.wait(lock, [this] { return is_halted(); });
    return exit_code_;
}

void Vm::halt(int status) {
    if (is_halting_.exchange(true, std::memory_order_acq_rel)) return;
    if (const VmPlatform& platform = config.platform; platform.halted != nullptr)
        platform.halted(platform.context, status);
    {
        std::lock_guard lock(halt_mutex_);
        exit_code_ = status;
        halted_.store(true, std::memory_order_release);
    }
    halt_cv_.notify_all();
    for (auto& s : schedulers_) s->notify();
    if (config.schedulers == 0) poll_is_due();
}

void Vm::halt_when_written(int status) {
    multi_scheduling.stop();
    ports.halt_when_written(status);
    notify_all();
}

bool Vm::interrupt(void (*run)(Vm&)) {
    void (*none)(Vm&) = nullptr;
    if (!interrupt_.compare_exchange_strong(none, run, std::memory_order_seq_cst)) return false;
    multi_scheduling.block(Term::none(), MultiScheduling::Block::normal);
    notify_all();
    return true;
}

void Vm::halt_because(std::string_view why) {
    if (is_halted() || has_said_why_.exchange(true, std::memory_order_relaxed)) return;
    if (config.platform.fatal.tell != nullptr) {
        abort_with(why, {});
    } else {
        abort_with("lintel: " + std::string(why), "\n");
    }
    halt(1);
}

void Vm::halt_without_thread(int error) { halt_because(std::string("no thread can be made: ") + std::strerror(error)); }

void Vm::abort_with(std::string_view slogan, std::string_view ending) {
    if (const FatalHandler& fatal = config.platform.fatal; fatal.tell != nullptr)
        return fatal.tell(fatal.context, std::string(slogan).c_str());
    write(2, slogan);
    write(2, ending);
}

void Vm::wake(Process& p) {
    uint32_t s = p.state.load(std::memory_order_seq_cst);
    for (;;) {
        if ((s & (Process::kQueued | Process::kPoked | Process::kGone)) != 0) return;
        const bool running = (s & Process::kRunning) != 0;
        const uint32_t wanted = running ? Process::kRunning | Process::kPoked : Process::kQueued;
        if (!p.state.compare_exchange_weak(s, wanted, std::memory_order_seq_cst)) continue;
        if (running) return;
        // Nobody else can run it before it is pushed.
        if (LINTEL_UNLIKELY(system_profile.runnable_procs.load(std::memory_order_relaxed)))
            system_profile.process(p, true);
        push_ready(p, p.priority);
        return;
    }
}

void Vm::push_ready(Process& p, Priority priority) {
    const unsigned bound_to = p.bound_to.load(std::memory_order_relaxed);
    unsigned i = bound_to != 0 ? bound_to - 1 : p.home.load(std::memory_order_relaxed);
    const unsigned active = multi_scheduling.active();
    if (i >= active) i = active != 0 ? i % active : 0;
    Scheduler& target = *schedulers_[i];
    target.run_queue.push(p, priority);
    if (target.sleeping_.load(std::memory_order_seq_cst)) {
        rouse(target);
    } else if (config.schedulers == 0) {
        poll_is_due();
    }
}

unsigned Vm::set_schedulers_online(unsigned count) {
    const unsigned before = multi_scheduling.set_online(count);
    if (dirty_cpu_.limit() != 0)
        dirty_cpu_.set_online(std::clamp(dirty_cpu_.online() * count / before, 1u, dirty_cpu_.limit()));
    notify_all();
    return before;
}

void Vm::notify_all() {
    for (auto& s : schedulers_) s->notify();
}

bool Vm::runs_alone(const Scheduler& s) const {
    if (s.index != 0) return false;
    for (size_t i = 1; i < schedulers_.size(); ++i) {
        if (!schedulers_[i]->is_asleep()) return false;
    }
    const auto rests = [](const DirtyPool& pool) { return pool.busy() == 0 && pool.queue_length() == 0; };
    return !multi_scheduling.is_blocked(MultiScheduling::Block::all) || (rests(dirty_cpu_) && rests(dirty_io_));
}

void Vm::wake_sleeper() {
    if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
    for (unsigned i = 0; i < multi_scheduling.active(); ++i) {
        // Each call wakes another one: who has been woken does not count as asleep any more.
        auto& sleeping = schedulers_[i]->sleeping_;
        if (sleeping.load(std::memory_order_seq_cst) && sleeping.exchange(false, std::memory_order_seq_cst)) {
            return rouse(*schedulers_[i]);
        }
    }
}

// ---- signals

bool Vm::deliver(Process& to, Signal* s) {
    if (LINTEL_UNLIKELY(tenants.watches_signals())) {
        if (is_recorded()) simulation->sent(to, *s);
        if (tenants.any()) return deliver_charged(to, s);
    }
    if (!to.signals.push(s)) return false;
    wake(to);
    return true;
}

/// Who debugs or changes a process by a system message (module sys) does with it what he wants, and who says that its parent has ended, ends it.
bool Vm::may_be_told(const Process& to, const Signal& s) {
    if (s.kind != SignalKind::message && s.kind != SignalKind::alias_message) return true;
    const TupleView message = as_tuple(s.term);
    if (!message || message.arity() == 0 || (message[0] != am::system() && message[0] != am::EXIT())) return true;
    const auto sender = tenants.find(s.tenant);
    return sender != nullptr && sender->rights.has(Right::control);
}

/// What is sent between tenants is paid for by who gets it.
bool Vm::deliver_charged(Process& to, Signal* s) {
    MemoryAccount* const sender = thread_account();
    MemoryAccount* const receiver = &to.account();
    if (s->tenant == 0) s->tenant = this_thread.tenant;
    if (s->tenant != 0 && s->tenant != to.tenant->number && !may_be_told(to, *s)) {
        free_signal(s);
        return true;
    }
    const size_t bytes = sender != receiver ? signal_bytes(*s) : 0;
    if (bytes != 0) transfer_memory(sender, receiver, bytes);
    if (to.signals.push(s)) {
        wake(to);
        return true;
    }
    if (bytes != 0) transfer_memory(receiver, sender, bytes);
    return false;
}

bool Vm::deliver(Term pid, Signal* s) {
    if (pid.is_local_port()) return ports.deliver(pid, s);
    const ForeignReader reader(epochs);
    Process* p = pid.is_local_pid() ? processes.find(pid) : nullptr;
    if (p != nullptr && deliver(*p, s)) return true;
    free_signal(s);
    return false;
}

bool Vm::send_message(Process& to, Term message, bool* no_memory, bool is_sent, Term from) {
    const size_t words = flat_size(message, &literals, Walks::endable);
    Signal* s = make_message(from, words);
    if (s == nullptr) {
        *no_memory = true;
        return true;
    }
    s->is_sent = is_sent;
    if (words == 0) {
        s->term = message;
    } else {
        HeapBuilder heap(s->fragment);
        s->term = copy_term(message, heap, &literals);
    }
    if (deliver(to, s)) return true;
    free_signal(s);
    return false;
}

CodeLocation Vm::locate_process(const Process& p) {
    const auto inside = reinterpret_cast<const void*>(reinterpret_cast<Word>(p.ip) | 1);
    if (const CodeLocation at = engine.locate(inside); at.loaded != nullptr) return at;
    for (const Word* w = p.heap.stack_top; w < p.heap.end; ++w) {
        if ((*w & kTagMask) != static_cast<Word>(Tag::code)) continue;
        const CodeLocation at = engine.locate(reinterpret_cast<const void*>(*w & ~kTagMask));
        if (at.loaded != nullptr) return at;
    }
    return {};
}

int64_t Vm::unique_now_us() {
    const int64_t now = system_ns() / 1000;
    int64_t last = last_now_us.load(std::memory_order_relaxed);
    int64_t mine;
    do {
        mine = now > last ? now : last + 1;
    } while (!last_now_us.compare_exchange_weak(last, mine, std::memory_order_relaxed));
    return mine;
}

void Vm::reply(Term pid, Word number, Term answer) {
    const size_t words = flat_size(answer, &literals, Walks::endable);
    auto* s = make_signal<ControlSignal>(SignalKind::reply, words);
    if (s == nullptr) {
        // The asker must not wait for ever: any immediate will do.
        const MemoryReserve reserve;
        s = make_signal<ControlSignal>(SignalKind::reply, 0);
        if (s == nullptr) return;
        s->term = am::system_limit();
    } else if (words == 0) {
        s->term = answer;
    } else {
        HeapBuilder heap(s->fragment);
        s->term = copy_term(answer, heap, &literals);
    }
    s->a = number;
    deliver(pid, s);
}

bool Vm::call(Process& to, Term from, Word number, Term argument, void (*run)(Vm&, Process*, ControlSignal&), Word b,
              Word c) {
    const size_t words = flat_size(argument, &literals, Walks::endable);
    auto* s = make_signal<ControlSignal>(SignalKind::call, words);
    if (s == nullptr) return false;
    if (words == 0) {
        s->term = argument;
    } else {
        HeapBuilder heap(s->fragment);
        s->term = copy_term(argument, heap, &literals);
    }
    s->from = from;
    s->a = number;
    s->b = b;
    s->c = c;
    s->run = run;
    if (deliver(to, s)) return true;
    free_signal(s);
    return false;
}

void Vm::lend_priority(Process& to, Priority priority) {
    if (priority <= Priority::normal || to.lent_priority.load(std::memory_order_relaxed) >= priority) return;
    // Who pushes it into a queue after the look at that one sees this.
    to.lent_priority.store(priority, std::memory_order_seq_cst);
    for (const auto& scheduler : schedulers_) {
        if ((to.state.load(std::memory_order_seq_cst) & Process::kQueued) == 0) return;
        if (scheduler->run_queue.raise(to, priority)) return;
    }
}

// ---- names

Vm::RegisterResult Vm::register_name(Term name, Term pid) {
    if (!name.is_atom() || name == am::undefined()) return RegisterResult::bad_name;
    if (pid.is_local_port()) return register_port(name, pid);
    const ForeignReader reader(epochs);
    std::unique_lock lock(names.mutex());
    Process* p = pid.is_local_pid() ? processes.find(pid) : nullptr;
    if (p == nullptr || p->is_exiting.load(std::memory_order_relaxed)) return RegisterResult::no_process;
    if (p->name.load(std::memory_order_relaxed) != 0) return RegisterResult::process_has_name;
    if (names.find(name).is_value()) return RegisterResult::name_taken;
    p->name.store(name.word(), std::memory_order_relaxed);
    names.set_locked(name, pid);
    // Where Erlang code alone loads modules, it does so for tenants that call them for the first time.
    if (name == am::code_server() && autoload == nullptr) p->acts_for_itself = true;
    lock.unlock();
    if (p->tracee.is_on(kTraceProcs)) tracing.tell(p->tracee, kTraceProcs, pid, {am::register_(), name}, nullptr);
    return RegisterResult::done;
}

/// A port's lock is taken before that of the names.
Vm::RegisterResult Vm::register_port(Term name, Term id) {
    const std::shared_ptr<Port> port = ports.find(id);
    if (port == nullptr) return RegisterResult::no_process;
    const std::lock_guard port_lock(port->mutex);
    if (port->state != Port::State::open) return RegisterResult::no_process;
    if (port->name.is_value()) return RegisterResult::process_has_name;
    {
        const std::lock_guard lock(names.mutex());
        if (names.find(name).is_value()) return RegisterResult::name_taken;
        port->name = name;
        names.set_locked(name, id);
    }
    port->trace(am::register_(), name);
    return RegisterResult::done;
}

bool Vm::unregister_name(Term name, Process& by) {
    if (!name.is_atom()) return false;
    const ForeignReader reader(epochs);
    const Term holder = names.find(name);
    const std::shared_ptr<Port> port = holder.is_value() && holder.is_local_port() ? ports.find(holder) : nullptr;
    std::unique_lock<std::mutex> port_lock;
    if (port != nullptr) port_lock = std::unique_lock(port->mutex);
    std::unique_lock lock(names.mutex());
    const Term pid = names.find(name);
    if (pid.is_none()) return false;
    if (pid.is_local_port() && (port == nullptr || pid != port->self)) return false;  // registered this moment
    const Process* const holder_process = pid.is_local_pid() ? processes.find(pid) : nullptr;
    const Tenant* const owner = port != nullptr             ? port->tenant.get()
                                : holder_process != nullptr ? holder_process->tenant
                                                            : nullptr;
    if (owner != nullptr && !controls(by, *owner)) {
        lock.unlock();
        if (port_lock.owns_lock()) port_lock.unlock();
        return deny(by, Right::control, atom_name(name));
    }
    names.set_locked(name, Term::none());
    if (port != nullptr) {
        port->name = Term::none();
        lock.unlock();
        port->trace(am::unregister(), name);
    }
    if (pid.is_local_pid()) {
        if (Process* p = processes.find(pid)) {
            p->name.store(0, std::memory_order_relaxed);
            lock.unlock();
            if (p->tracee.is_on(kTraceProcs))
                tracing.tell(p->tracee, kTraceProcs, pid, {am::unregister(), name}, nullptr);
        }
    }
    return true;
}

// ---- node

EtfContext Vm::etf_context(bool safe) { return {atoms, &code, safe, node_name(), creation()}; }

// ---- clocks, chance, output

namespace {
int64_t read_clock(clockid_t clock) {
    timespec t;
    clock_gettime(clock, &t);
    return static_cast<int64_t>(t.tv_sec) * 1000000000 + t.tv_nsec;
}
}  // namespace

int64_t Vm::raw_monotonic_ns() const {
    if (LINTEL_UNLIKELY(simulation != nullptr)) {
        const bool is_own = this_thread.vm == this && this_thread.kind == ThreadKind::scheduler;
        return is_own ? simulation->now_ns() : simulation->slice_began_ns();
    }
    const VmPlatform& p = config.platform;
    return p.monotonic_ns != nullptr ? p.monotonic_ns(p.context) : read_clock(CLOCK_MONOTONIC);
}

int64_t Vm::os_system_ns() const {
    const VmPlatform& p = config.platform;
    if (!knows_time()) return kHiddenTimeNs + raw_monotonic_ns() - raw_start_ns_;
    return p.system_ns != nullptr ? p.system_ns(p.context) : read_clock(CLOCK_REALTIME);
}

void Vm::random_bytes(void* bytes, size_t count) const {
    if (simulation != nullptr && simulation->has_seed()) return simulation->random_bytes(bytes, count);
    const VmPlatform& p = config.platform;
    if (p.random != nullptr) return p.random(p.context, bytes, count);
    auto* at = static_cast<uint8_t*>(bytes);
    while (count != 0) {
        const ssize_t got = getrandom(at, count, 0);
        if (got <= 0) continue;
        at += got;
        count -= static_cast<size_t>(got);
    }
}

uint64_t Vm::random_word() const {
    uint64_t w = 0;
    random_bytes(&w, sizeof w);
    return w;
}

int Vm::write(int stream, std::string_view text) {
    std::lock_guard lock(output_mutex_);
    const VmPlatform& p = config.platform;
    if (p.write != nullptr) return p.write(p.context, stream, text.data(), text.size());
    while (!text.empty()) {
        const ssize_t n = ::write(stream, text.data(), text.size());
        if (n < 0 &&
            errno == EAGAIN) {  // somebody has made the stream non-blocking: a terminal shared with another program
            pollfd ready{stream, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n > 0) text.remove_prefix(static_cast<size_t>(n));
    }
    return 0;
}

ptrdiff_t Vm::read_input(char* bytes, size_t count) {
    const VmPlatform& p = config.platform;
    return p.read != nullptr ? p.read(p.context, bytes, count) : ::read(0, bytes, count);
}

}  // namespace lintel
