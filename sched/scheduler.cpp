/// Scheduling.
///
/// A scheduler takes a process from its run queue, gives it the register file and a slice of reductions, lets it take over its
/// signals, runs the engine, and puts it where it belongs: back into the queue, idle, or away. docs/design/processes.md has
/// the state word and why no wake-up is lost.
///
/// Invariants:
///  1. A process is in at most one run queue, and only while its state has kQueued. Who sets kQueued pushes it.
///  2. Between state kRunning being set and taken back, only this thread touches what the owner owns.
///  3. After a process has gone idle or into a queue, this thread must not touch it: another may run it already.
///  4. A scheduler announces its epoch only when it holds no pointer from the process table.
///  5. A scheduler that goes to sleep first counts itself as a sleeper, then looks again for work; who makes work looks for
///     sleepers afterwards. So one of the two sees the other.

#include "sched/scheduler.h"

#include <optional>
#include <thread>

#include "base/memory_account.h"
#include "base/patience.h"
#include "sched/vm.h"

namespace lintel {

namespace {
/// Slices between two looks at the clock while there is work.
constexpr unsigned kSlicesPerClock = 16;
/// What Leftovers::free_some counts as, where somebody counts.
constexpr int64_t kLeftoverReductions = 1000;
/// How long it sleeps at most while there are processes to be freed.
constexpr int64_t kRetiredWaitNs = 10000000;
/// So many processes must have gone before an idle scheduler gives their memory back to the system.
constexpr uint64_t kGonePerTrim = 2000;
/// So many of the timers that are due at the same time chance chooses from.
constexpr size_t kTimersToDraw = 8;
/// Reductions that a scheduler spends while others wait before it has help.
constexpr uint64_t kSharedAfter = 1000;

/// What the thread sends while it runs `p`, it sends for the tenant for which that acts.
class ActingScope {
public:
    explicit ActingScope(const Process& p) {
        if (LINTEL_UNLIKELY(p.machine().tenants.any())) this_thread.tenant = p.acting_tenant().number;
    }
    ~ActingScope() { this_thread.tenant = 0; }
    ActingScope(const ActingScope&) = delete;
    ActingScope& operator=(const ActingScope&) = delete;
};

/// While it lives, walks of terms on this thread (base/patience.h) give up when `p` is to end, or has used what it may.
class WalkScope {
public:
    /// `grace`: how often walks may ask before it matters that there is no tenant any more.
    explicit WalkScope(Process& p, unsigned grace = 0) : p_(p), grace_(grace) {
        walk_patience = {[](void* scope) { return static_cast<WalkScope*>(scope)->may_go_on(); }, this};
    }
    ~WalkScope() { walk_patience = Patience(); }
    WalkScope(const WalkScope&) = delete;
    WalkScope& operator=(const WalkScope&) = delete;

    /// Runs the code of the process. If a walk is given up its slice ends, and it is killed: what it has got of the walk means nothing.
    RunResult run(Engine& engine) {
        std::jmp_buf way_out;
        if (setjmp(way_out) != 0) {
            p_.live = 0;
            end_if_given_up();
            return RunResult::yielded;
        }
        walk_patience.way_out = &way_out;
        const RunResult result = engine.run(p_);
        end_if_given_up();
        return result;
    }
    void end_if_given_up() {
        walk_patience.way_out = nullptr;
        if (LINTEL_UNLIKELY(walk_patience.has_ended)) p_.begin_exit(am::killed());
    }
    /// For what has been walked, beyond what it has counted itself.
    uint64_t reductions() const { return reductions_; }

private:
    static constexpr uint64_t kReductions = Walk::kSteps / 32;  // of the walk between two questions: about as long

    bool may_go_on() {
        reductions_ += kReductions;
        if (Simulation* const simulation = p_.machine().simulation.get()) simulation->walked(kReductions);
        if (has_right_to()) return true;
        p_.reductions = 0;
        return false;
    }

    bool has_right_to() {
        const Vm& vm = p_.machine();
        if (vm.is_ending()) return false;
        if (p_.is_vital) return true;
        if (grace_ != 0) {
            --grace_;
            return true;
        }
        if (p_.tenant->has_ended() || (p_.has_time_limit && p_.extra->life_timer.deadline < vm.ticks_now()))
            return false;
        if (!p_.is_metered) return true;
        const uint64_t own = p_.extra != nullptr ? p_.extra->max_reductions : 0;
        return (own == 0 || p_.reductions_done + reductions_ <= own) && !p_.tenant->is_beyond(p_, reductions_) &&
               !vm.own_tenant->is_beyond(p_, reductions_);
    }

    Process& p_;
    unsigned grace_;
    uint64_t reductions_ = 0;
};

/// Runs the code of `p`. A process that got memory beyond the VM's limit, because what it was doing could not be given up half-way, is
/// killed when it next collects, which is at the end of the slice at the latest.
RunResult run_engine(Engine& engine, Process& p, WalkScope& walks) {
    take_overdraft();
    const RunResult result = walks.run(engine);
    p.registers->writer = {};  // none of the next one's
    if (LINTEL_UNLIKELY(take_overdraft()) && !p.is_vital) p.no_memory = p.collect_on_return = true;
    return result;
}
}  // namespace

Scheduler::Scheduler(Vm& machine, unsigned i, DirtyPool* pool)
    : index(i), vm(machine), wheel_(machine.ticks_now()), simulation_(machine.simulation.get()), dirty_pool_(pool) {
    if (simulation_ != nullptr && simulation_->has_seed()) run_queue.draw_from(*simulation_);
    registers.reader = i;
    registers.times = &times;
}

Scheduler::~Scheduler() {
    LINTEL_CHECK(!thread_.joinable());
    bif_timers_.for_each([](Word, BifTimer*& t) {
        free_signal(t->message);
        destroy(t);
    });
    for (const Retired& r : retired_) destroy(r.process);
}

// ---- driving

ThreadKind Scheduler::kind() const { return dirty_pool_ != nullptr ? dirty_pool_->kind : ThreadKind::scheduler; }

void Scheduler::lie_dormant() {
    asleep_since_.store(vm.raw_monotonic_ns(), std::memory_order_relaxed);
    sleeping_.store(true, std::memory_order_seq_cst);
    dormant_.store(true, std::memory_order_release);
}

/// 0, or the errno value with which the system refuses a thread.
int Scheduler::start_thread() {
    sleeping_.store(false, std::memory_order_seq_cst);
    dormant_.store(false, std::memory_order_release);
    const auto run = [](void* scheduler) -> void* {
        static_cast<Scheduler*>(scheduler)->run_forever();
        return nullptr;
    };
    return thread_.start(run, this);
}

int64_t Scheduler::run(int64_t reductions) {
    const VmThreadScope thread(vm, kind());
    int64_t spent = 0;
    while (!vm.is_ending()) {
        vm.epochs.announce(index);
        if (slices_until_clock_-- == 0 || LINTEL_UNLIKELY(simulation_ != nullptr)) {
            serve_timers();
            slices_until_clock_ = kSlicesPerClock;
            if (index == 0 && vm.is_interrupted()) serve_interrupt();
            if (!retired_.empty()) reclaim(false);
            // Under a real-time policy of the system a thread keeps its processor from others of the same priority until it sleeps.
            if (dirty_work_waits()) std::this_thread::yield();
            if (vm.events.is_used()) vm.events.run(0, [] {});
        }
        Process* p = index < vm.multi_scheduling.active() ? next_process() : nullptr;
        if (LINTEL_UNLIKELY(vm.leftovers.any())) {
            vm.leftovers.free_some();
            spent += kLeftoverReductions;
        } else if (p == nullptr) {
            slices_until_clock_ = 0;
            break;
        }
        Tenant* const waits_for = p != nullptr && LINTEL_UNLIKELY(p->is_metered) ? tenant_to_wait_for(*p) : nullptr;
        if (LINTEL_UNLIKELY(waits_for != nullptr)) {
            waits_for->park(*p, *this);
        } else if (p != nullptr) {
            const uint64_t before = reductions_.load(std::memory_order_relaxed);
            run_process(*p);
            const uint64_t in_slice = reductions_.load(std::memory_order_relaxed) - before;
            if (LINTEL_UNLIKELY(simulation_ != nullptr)) simulation_->slice_ended(in_slice);
            spent += static_cast<int64_t>(in_slice);
            share(in_slice);
        }
        if (spent >= reductions) break;
    }
    return spent;
}

/// Whose reductions per second are used up for now; nullptr: nobody's.
Tenant* Scheduler::tenant_to_wait_for(const Process& p) const {
    if (p.is_vital || p.tenant->has_ended()) return nullptr;
    if (p.tenant->must_wait()) return p.tenant;
    return vm.own_tenant->must_wait() ? vm.own_tenant.get() : nullptr;
}

/// A slice of so many reductions is over. If others have been waiting for long, a scheduler that sleeps may take some: not at once, since
/// most often who makes another process ready is about to wait for it.
void Scheduler::share(uint64_t reductions) {
    if (run_queue.unbound_size() == 0) {
        waited_for_ = 0;
    } else if ((waited_for_ += reductions) >= kSharedAfter) {
        waited_for_ = 0;
        vm.wake_sleeper();
    }
}

void Scheduler::serve_interrupt() {
    while (!vm.runs_alone(*this)) {
        if (vm.is_ending()) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    vm.interrupt_.load(std::memory_order_seq_cst)(vm);
    vm.interrupt_.store(nullptr, std::memory_order_seq_cst);
    vm.multi_scheduling.unblock(Term::none(), MultiScheduling::Block::normal);
    vm.notify_all();
}

void Scheduler::run_forever() {
    const MemoryScope scope(vm.memory);
    const VmThreadScope thread(vm, kind());
    if (asleep_since_.load(std::memory_order_relaxed) != 0) count_sleep();
    while (!vm.is_ending()) {
        run(INT64_MAX);
        vm.epochs.announce(index);
        serve_timers();
        reclaim(false);
        const bool online = index < vm.multi_scheduling.active();
        // It has sent a process to dirty threads, which are most often done within microseconds.
        if (std::exchange(awaits_dirty_, false) && online && vm.may_spin) {
            spin_until([this] { return !is_idle() || vm.stopping_.load(std::memory_order_relaxed); });
        }
        if (!online) hand_over();
        if (is_idle() || !online) simulation_ != nullptr&& online ? rest() : sleep();
    }
    vm.epochs.go_offline(index);
}

/// It does not work any more: who waits for it goes to those that do.
void Scheduler::hand_over() {
    while (index < vm.scheduler_count() && vm.multi_scheduling.active() != 0 && index >= vm.multi_scheduling.active()) {
        Process* const p = run_queue.take();
        if (p == nullptr) return;
        vm.push_ready(*p, p->priority);
    }
}

/// Dirty threads are at work, or about to be.
bool Scheduler::dirty_work_waits() const {
    const auto waits = [](const DirtyPool& pool) { return pool.busy() != 0 || pool.queue_length() != 0; };
    return waits(vm.dirty_pool(DirtyKind::cpu)) || waits(vm.dirty_pool(DirtyKind::io));
}

Process* Scheduler::next_process() {
    Process* p = run_queue.take();
    return p != nullptr ? p : steal();
}

Process* Scheduler::steal() {
    const unsigned n = vm.scheduler_count();
    for (unsigned k = 1; k < n; ++k) {
        Scheduler& victim = vm.scheduler((index + steal_from_ + k) % n);
        if (&victim == this) continue;
        // Where no scheduler works any more, others do, whatever is bound to it.
        const bool works = victim.index < vm.multi_scheduling.active();
        if (Process* p = works ? victim.run_queue.steal() : victim.run_queue.take()) return p;
    }
    if (n > 2) steal_from_ = (steal_from_ + 1) % (n - 1);
    return nullptr;
}

void Scheduler::sleep() {
    vm.sleepers_.fetch_add(1, std::memory_order_seq_cst);
    sleeping_.store(true, std::memory_order_seq_cst);
    const bool online = index < vm.multi_scheduling.active();
    const auto is_work = [this, online] {
        bool work = false;
        for (unsigned i = 0; online && i < vm.scheduler_count() && !work; ++i) {
            const RunQueue& queue = vm.scheduler(i).run_queue;
            const bool is_shared = i != index && i < vm.multi_scheduling.active();
            work = (is_shared ? queue.unbound_size() : queue.size()) != 0;
        }
        return work;
    };
    bool work = is_work();
    const bool is_told = !work && LINTEL_UNLIKELY(vm.system_profile.schedulers.load(std::memory_order_relaxed));
    if (is_told) {
        vm.system_profile.scheduler(vm, index + 1, false);
        work = is_work();  // the profiler's
    }
    if (!work) {
        const int64_t wait_ns = serve_timers();
        vm.epochs.go_offline(index);
        if (retired_.empty()) trim();
        asleep_since_.store(vm.raw_monotonic_ns(), std::memory_order_relaxed);
        // Others must come to announce before what is retired can go: look again soon.
        if (!sleep_in_events(retired_.empty() ? wait_ns : kRetiredWaitNs, online)) {
            std::unique_lock lock(sleep_mutex_);
            const auto ready = [this, online] { return notified_ || must_wake(online); };
            if (!retired_.empty()) {
                sleep_cv_.wait_for(lock, std::chrono::nanoseconds(kRetiredWaitNs), ready);
            } else if (wait_ns >= 0) {
                sleep_cv_.wait_for(lock, std::chrono::nanoseconds(wait_ns), ready);
            } else {
                sleep_cv_.wait(lock, ready);
            }
            notified_ = false;
            lock.unlock();
            count_sleep();
        }
    }
    sleeping_.store(false, std::memory_order_seq_cst);
    vm.sleepers_.fetch_sub(1, std::memory_order_seq_cst);
    if (is_told) vm.system_profile.scheduler(vm, index + 1, true);
}

/// As sleep, in a VM with a virtual clock.
void Scheduler::rest() {
    if (skip_idle_time(-1)) return;
    // Read first: what has been answered since is ready.
    const bool awaits = vm.awaits_outside();
    if (!is_idle()) return;
    if (awaits) {
        simulation_->rest_begins();
        sleep();
        return simulation_->follow_world(serve_timers());
    }
    if (vm.is_deadlocked()) return vm.halt_because(vm.deadlock_text());
    sleep();
}

bool Scheduler::skip_idle_time(int64_t most) {
    const bool awaits = vm.awaits_outside();
    const int64_t next = serve_timers();
    if (!is_idle() || vm.is_halted()) return true;
    if (awaits) return false;
    const int64_t ns = most < 0 ? next : next < 0 ? most : std::min(next, most);
    if (ns < 0) return false;
    simulation_->pass(ns);
    serve_timers();
    return true;
}

bool Scheduler::must_wake(bool online) const {
    return (online && run_queue.size() != 0) || (index == 0 && vm.is_interrupted()) || vm.is_ending();
}

/// The present sleep is over.
void Scheduler::count_sleep() {
    const int64_t now = vm.raw_monotonic_ns();
    slept_ns_.fetch_add(now - asleep_since_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    if (vm.microstates.is_on()) times.add(times.sleep_ns, counted_sleep_ns(now));
    asleep_since_.store(0, std::memory_order_relaxed);
}

/// Sleeps where the system tells of files and programs. False, at once: there are none, or somebody else does.
bool Scheduler::sleep_in_events(int64_t wait_ns, bool online) {
    if (!vm.events.is_used() || vm.is_interrupted()) return false;
    in_events_.store(true, std::memory_order_seq_cst);
    bool at_once = must_wake(online);
    {
        const std::lock_guard lock(sleep_mutex_);
        at_once = at_once || notified_;
    }
    // Who notifies from here on sees in_events_.
    const bool slept = vm.events.run(at_once       ? 0
                                     : wait_ns < 0 ? -1
                                                   : (wait_ns + 999999) / 1000000,
                                     [this] {
                                         in_events_.store(false, std::memory_order_seq_cst);
                                         count_sleep();
                                         vm.epochs.announce(index);
                                     });
    in_events_.store(false, std::memory_order_seq_cst);
    if (!slept) return false;
    const std::lock_guard lock(sleep_mutex_);
    notified_ = false;
    return true;
}

void Scheduler::notify() {
    {
        std::lock_guard lock(sleep_mutex_);
        notified_ = true;
    }
    sleep_cv_.notify_one();
    if (in_events_.load(std::memory_order_seq_cst)) vm.events.wake();
}

/// After many processes have gone: their memory goes back to the system. Blocks belong to the thread that allocated them, so each
/// scheduler must look at its own.
void Scheduler::trim() {
    uint64_t gone = 0;
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) gone += vm.scheduler(i).ended_.load(std::memory_order_relaxed);
    if (gone - trimmed_at_ < kGonePerTrim) return;
    trimmed_at_ = gone;
    trim_memory();
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) {
        if (i != index && vm.scheduler(i).sleeping_.load(std::memory_order_relaxed)) vm.scheduler(i).notify();
    }
}

int64_t Scheduler::slept_ns(int64_t now) const {
    const int64_t since = asleep_since_.load(std::memory_order_relaxed);
    return slept_ns_.load(std::memory_order_relaxed) + (since != 0 && since < now ? now - since : 0);
}

int64_t Scheduler::counted_sleep_ns(int64_t now) const {
    const int64_t since = asleep_since_.load(std::memory_order_relaxed);
    return since != 0 && since < now ? vm.microstates.counted_ns(since, now) : 0;
}

// ---- one slice

void Scheduler::run_dirty(Process& p) {
    const VmThreadScope thread(vm, kind());
    vm.epochs.announce(index);
    run_process(p);
    vm.epochs.go_offline(index);
}

/// Ends `p`, or has the scheduler that it came from end it: what is retired is freed there.
void Scheduler::end_process(Process& p) {
    if (LINTEL_UNLIKELY(simulation_ != nullptr)) simulation_->slice_leads_to(p, Simulation::Outcome::exits);
    if (dirty_pool_ == nullptr) {
        constexpr unsigned kGrace = 1024;  // seconds: others wait to hear of it
        const WalkScope walks(p, kGrace);
        return vm.finish_exit(*this, p);
    }
    p.exiting = true;
    p.live = 0;
    requeue(p);
}

void Scheduler::run_process(Process& p) {
    std::optional<MemoryReserve> reserve;
    if (p.is_vital) reserve.emplace();
    std::optional<MemoryScope> scope;
    if (LINTEL_UNLIKELY(p.tenant->is_guest())) scope.emplace(p.tenant->memory);
    const ActingScope acting(p);
    // Who has put a signal in its queue, or has set timed_out, looks at the state then; it looks at them now.
    p.state.store(Process::kRunning, std::memory_order_release);
    if (LINTEL_UNLIKELY(p.lent_priority.load(std::memory_order_relaxed) != Priority::low))
        p.lent_priority.store(Priority::low, std::memory_order_seq_cst);
    Signal* const signals = p.signals.take_all();
    if (dirty_pool_ != nullptr) {
        p.scheduler = &vm.scheduler(p.home.load(std::memory_order_relaxed));
    } else {
        p.home.store(static_cast<uint16_t>(index), std::memory_order_relaxed);
        p.scheduler = this;
    }
    p.on_dirty = dirty_pool_ != nullptr;
    p.dirty_wanted = DirtyKind::none;
    p.registers = &registers;
    local_node = {vm.node_name(), vm.creation()};
    if (kStressBuild && p.stress.reds != 0) p.slice = 1 + static_cast<int32_t>(context_switches() % p.stress.reds);
    p.reductions = p.slice;
    p.unspent = 0;
    p.collected_at = 0;
    if (LINTEL_UNLIKELY(simulation_ != nullptr)) simulation_->slice_begins(p);
    p.load_x();
    add_own(switches_, 1);

    WalkScope walks(p);
    const bool was_waiting = p.waiting_for_message;
    if (signals != nullptr) {
        p.handle_signals(signals, true);
        walks.end_if_given_up();
    }
    bool idle = p.suspend_count != 0;
    if (!idle && was_waiting && *p.mailbox.save == nullptr) {
        // Only other signals came, or it was poked for nothing: it goes on waiting, unless its timer has fired.
        idle = !(p.receive_timer_active && p.extra->timed_out.load(std::memory_order_seq_cst));
    }
    // What others asked it for was built on its heap; nobody else collects that.
    if (idle && p.collect_on_return && !p.exiting) p.collect_garbage(0, p.live, Process::CollectKind::as_needed);
    if (p.exiting) return end_process(p);
    if (idle) {
        p.reductions_done += p.used_reductions();
        p.save_x();
        return go_idle(p);
    }
    p.waiting_for_message = false;
    p.waits = false;
    p.hibernated = false;
    const bool is_timed = vm.microstates.is_on();
    const int64_t begun = is_timed ? vm.raw_monotonic_ns() - times.collector_ns.load(std::memory_order_relaxed) : 0;
    if (LINTEL_UNLIKELY(p.tracee.is_any_on(kTraceOfSlices))) vm.tracing.slice_begins(p);
    const bool is_watched = vm.system_monitor.watches_slices();
    const int64_t watched_from = is_watched ? vm.raw_monotonic_ns() : 0;
    const CodeLocation began_in = is_watched ? vm.locate_process(p) : CodeLocation();
    const RunResult result = run_engine(vm.engine, p, walks);
    if (LINTEL_UNLIKELY(is_watched)) vm.system_monitor.ran(p, began_in, vm.raw_monotonic_ns() - watched_from);
    if (LINTEL_UNLIKELY(p.tracee.is_any_on(kTraceOfSlices))) vm.tracing.slice_ends(p, result == RunResult::exited);
    if (is_timed && vm.microstates.is_on()) {
        const int64_t ns = vm.raw_monotonic_ns() - times.collector_ns.load(std::memory_order_relaxed) - begun;
        if (ns > 0) times.add(times.engine_ns, ns);  // a reset in between
    }
    const auto used = walks.reductions() + p.used_reductions();
    p.reductions_done += used;
    add_own(reductions_, used + 1);
    p.reductions = p.slice;  // what is used from here on counts as nothing
    p.unspent = 0;
    if (LINTEL_UNLIKELY(p.is_metered)) meter(p, used);

    if (result == RunResult::exited) {
        if (!p.exiting) {
            p.exiting = true;
            p.exit_reason = p.reason;
            if (p.exception_class != ExceptionClass::exit) {
                vm.errors_reported.fetch_add(1, std::memory_order_relaxed);
                (vm.report_error != nullptr ? vm.report_error : default_error_report)(p, p.exit_reason);
            }
        }
        return end_process(p);
    }
    p.waits = result == RunResult::waiting;
    if (p.hibernating && !hibernate(p)) return end_process(p);
    if (p.extra != nullptr && p.extra->deferred != nullptr) p.run_deferred_calls();
    if (p.exiting) return end_process(p);
    // Messages taken from the mailbox pile up as fragments; a process that never fills its heap would keep them.
    if (p.collect_on_return || p.stress.collect_here()) {
        if (!p.collect_garbage(0, p.live, Process::CollectKind::as_needed)) return end_process(p);
    }
    p.save_x();
    if (p.waits || p.suspend_count != 0) return go_idle(p);
    requeue(p);
}

/// Counts what it has used, and sees to what is beyond limits.
void Scheduler::meter(Process& p, uint64_t reductions) {
    p.tenant->charge(p, reductions);
    if (p.tenant->is_guest() && vm.own_tenant->is_metered()) vm.own_tenant->charge(p, reductions);
    const uint64_t most = p.extra != nullptr ? p.extra->max_reductions : 0;
    if (most != 0 && p.reductions_done > most) p.begin_exit(am::reduction_limit());
}

/// In hibernate/3 the engine has stopped before the call with which the process goes on; nothing on the stack is wanted any more but the
/// address that ends the process. In hibernate/0 it waits for the BIF to be called again. False: the process ends.
bool Scheduler::hibernate(Process& p) {
    p.hibernating = false;
    if (p.trap_target == nullptr) return !p.exiting && p.collect_garbage(0, p.live, Process::CollectKind::hibernate);
    p.heap.stack_top = p.heap.end - 1;
    p.mailbox.peek = Mailbox::Peek::nothing;
    p.mailbox.save = &p.mailbox.first;
    if (!p.signals.empty()) p.fetch_signals(false);
    if (p.exiting || !p.collect_garbage(0, p.live, Process::CollectKind::hibernate)) return false;
    p.waits = p.mailbox.first == nullptr;
    p.waiting_for_message = p.waits;
    p.hibernated = p.waits;
    return true;
}

/// From here on it may be somebody else's: the last thing before its state says so.
void Scheduler::let_go(Process& p) {
    p.scheduler = nullptr;
    p.registers = nullptr;
    if (dirty_pool_ != nullptr) dirty_pool_->note_finishing();
}

/// Whether `p` can be queued here for its next slice.
bool Scheduler::may_keep(const Process& p) const {
    const unsigned active = vm.multi_scheduling.active();
    if (dirty_pool_ != nullptr || index >= active) return false;
    const unsigned bound_to = p.bound_to.load(std::memory_order_relaxed);
    return bound_to == 0 || bound_to == index + 1 || bound_to > active;
}

void Scheduler::requeue(Process& p) {
    if (LINTEL_UNLIKELY(simulation_ != nullptr)) simulation_->slice_leads_to(p, Simulation::Outcome::yields);
    let_go(p);
    const Priority priority = p.priority;
    const DirtyKind wanted = p.dirty_wanted;
    p.state.store(Process::kQueued, std::memory_order_seq_cst);
    if (wanted != DirtyKind::none) {
        awaits_dirty_ = true;
        return vm.dirty_pool(wanted).push(p);
    }
    if (!may_keep(p)) return vm.push_ready(p, priority);
    run_queue.push(p, priority);
}

void Scheduler::go_idle(Process& p) {
    if (LINTEL_UNLIKELY(simulation_ != nullptr)) simulation_->slice_leads_to(p, Simulation::Outcome::waits);
    let_go(p);
    const Priority priority = p.priority;
    uint32_t expected = Process::kRunning;
    if (LINTEL_UNLIKELY(vm.system_profile.runnable_procs.load(std::memory_order_relaxed)))
        vm.system_profile.process(p, false);
    if (p.state.compare_exchange_strong(expected, 0, std::memory_order_seq_cst)) return;
    p.state.store(Process::kQueued, std::memory_order_seq_cst);
    if (!may_keep(p)) return vm.push_ready(p, priority);
    run_queue.push(p, priority);
}

// ---- timers

int64_t Scheduler::serve_timers() {
    std::unique_lock lock(wheel_mutex_);
    if (LINTEL_UNLIKELY(simulation_ != nullptr)) {
        simulation_->fire_timers(true);
        wheel_.advance(vm.ticks_now(), this, simulation_->has_seed() ? draw_timer : nullptr);
        simulation_->fire_timers(false);
    } else {
        wheel_.advance(vm.ticks_now(), this);
    }
    while (!due_ports_.empty()) {
        // Who has a port's lock may want that of the wheel.
        const std::vector<std::shared_ptr<Port>> due = std::move(due_ports_);
        due_ports_.clear();
        lock.unlock();
        for (const auto& port : due) port->timeout();
        lock.lock();
    }
    while (LINTEL_UNLIKELY(!due_tenants_.empty())) {
        const std::vector<std::shared_ptr<Tenant>> due = std::move(due_tenants_);
        due_tenants_.clear();
        lock.unlock();
        for (const auto& tenant : due) tenant->timeout();
        lock.lock();
    }
    const uint64_t due = wheel_.next_due();
    if (due == TimerWheel::kNever) return -1;
    const int64_t ns = static_cast<int64_t>(due) * 1000000 - (vm.raw_monotonic_ns() - vm.raw_start_ns_);
    return ns < 0 ? 0 : ns;
}

/// Of those that are due at the same time chance says which is next.
Timer& Scheduler::draw_timer(Timer& first, void* context) {
    Timer* timer = &first;
    for (size_t n = static_cast<Scheduler*>(context)->simulation_->choose(kTimersToDraw); n > 0; --n)
        timer = timer->next;
    return *timer;
}

void Scheduler::start_timer(Timer& timer, uint64_t milliseconds) {
    {
        std::lock_guard lock(wheel_mutex_);
        timer.wheel = static_cast<uint16_t>(index);
        // The tick that has begun is partly over: one more, so that it never fires early.
        wheel_.start(timer, vm.ticks_now() + milliseconds + (milliseconds == 0 ? 0 : 1));
    }
    // A process on a dirty thread may start it while this scheduler sleeps.
    if (sleeping_.load(std::memory_order_seq_cst)) vm.rouse(*this);
}

void Scheduler::cancel_timer(Timer& timer) {
    std::lock_guard lock(wheel_mutex_);
    wheel_.cancel(timer);
}

/// Under the wheel's mutex.
void Scheduler::fire_port_timer(Timer& timer, void* context) {
    // Its timer leaves the wheel before a port goes.
    static_cast<Scheduler*>(context)->due_ports_.push_back(static_cast<Port*>(timer.data)->shared_from_this());
}

namespace {
/// Who pays for a timer that waits goes on to do so, whoever has it in the end.
void note_payer(Vm& vm, BifTimer& t) {
    if (LINTEL_LIKELY(!vm.tenants.any())) return;
    t.message->tenant = this_thread.tenant;
    if (const MemoryAccount* const creator = thread_account(); creator != nullptr && creator->tenant != 0)
        t.payer = vm.tenants.find(creator->tenant);
}
void take_from_payer(BifTimer& t) {
    if (t.payer == nullptr) return;
    transfer_memory(&t.payer->memory, thread_account(), signal_bytes(*t.message) + block_bytes(&t));
    t.payer = nullptr;
}
}  // namespace

void Scheduler::start_bif_timer(BifTimer* t) {
    note_payer(vm, *t);
    t->timer.fire = fire_bif_timer;
    t->timer.data = t;
    t->timer.wheel = static_cast<uint16_t>(index);
    // Ticks begin at kMonotonicStart, a whole number of milliseconds less 488 ns' worth; the sum is rounded up.
    const int64_t from_start_ns = t->due_ms * 1000000 - Vm::kMonotonicStart;
    const uint64_t tick = from_start_ns <= 0 ? 0 : static_cast<uint64_t>((from_start_ns + 999999) / 1000000);
    {
        std::lock_guard lock(wheel_mutex_);
        bif_timers_.insert(t->number) = t;
        wheel_.start(t->timer, tick);
    }
    // Somebody else's wheel may be asleep for longer than that.
    if (sleeping_.load(std::memory_order_seq_cst)) vm.rouse(*this);
}

BifTimer* Scheduler::take_bif_timer(Word number) {
    std::lock_guard lock(wheel_mutex_);
    BifTimer** found = bif_timers_.find(number);
    if (found == nullptr) return nullptr;
    BifTimer* t = *found;
    bif_timers_.erase(number);
    wheel_.cancel(t->timer);
    take_from_payer(*t);
    return t;
}

bool Scheduler::read_bif_timer(Word number, int64_t* due_ms, Term* destination) {
    std::lock_guard lock(wheel_mutex_);
    BifTimer** found = bif_timers_.find(number);
    if (found == nullptr) return false;
    *due_ms = (*found)->due_ms;
    *destination = (*found)->destination;
    return true;
}

/// Under the wheel's mutex.
void Scheduler::fire_bif_timer(Timer& timer, void* context) {
    auto& self = *static_cast<Scheduler*>(context);
    auto* t = static_cast<BifTimer*>(timer.data);
    self.bif_timers_.erase(t->number);
    take_from_payer(*t);
    const Term to = t->destination.is_atom() ? self.vm.names.find(t->destination) : t->destination;
    if (to.is_local_pid()) {
        self.vm.deliver(to, t->message);
    } else {
        free_signal(t->message);
    }
    destroy(t);
}

// ---- processes that have gone

void Scheduler::retire(Process* p) { retired_.push_back({p, vm.epochs.stamp()}); }

void Scheduler::reclaim(bool all) {
    if (retired_.empty()) return;
    const uint64_t safe = all ? UINT64_MAX : vm.epochs.safe_before();
    size_t n = 0;
    while (n < retired_.size() && retired_[n].stamp < safe) destroy(retired_[n++].process);
    retired_.erase(retired_.begin(), retired_.begin() + static_cast<ptrdiff_t>(n));
}

}  // namespace lintel
