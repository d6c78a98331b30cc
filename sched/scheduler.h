#pragma once
/// Scheduler: runs processes, one at a time, on whatever thread drives it. sched/scheduler.cpp tells how.

#include <condition_variable>
#include <memory>
#include <vector>

#include "base/spin_mutex.h"
#include "base/thread.h"
#include "sched/microstates.h"
#include "sched/run_queue.h"
#include "sched/tenant.h"
#include "sched/timer_wheel.h"

namespace lintel {

class DirtyPool;
class Engine;
class Port;
class Simulation;
class Vm;

/// What the calling thread is to a VM.
enum class ThreadKind : uint8_t { foreign, scheduler, dirty_cpu, dirty_io };

/// For code that is not told in which VM it runs: libraries of native functions.
struct VmThread {
    Vm* vm = nullptr;  ///< nullptr: none, or not known
    ThreadKind kind = ThreadKind::foreign;
    uint32_t tenant = 0;  ///< number of that for which the running process acts
};
inline thread_local VmThread this_thread;

/// What the thread is, while this lives.
class VmThreadScope {
public:
    VmThreadScope(Vm& vm, ThreadKind kind) : before_(this_thread) { this_thread = {&vm, kind}; }
    ~VmThreadScope() { this_thread = before_; }
    VmThreadScope(const VmThreadScope&) = delete;
    VmThreadScope& operator=(const VmThreadScope&) = delete;

private:
    const VmThread before_;
};

/// A timer of erlang:send_after/3 and start_timer/3.
struct BifTimer {
    Timer timer;                    ///< data: this
    Word number = 0;                ///< of its reference
    Term destination;               ///< local pid or atom
    Signal* message = nullptr;      ///< what will be sent
    int64_t due_ms = 0;             ///< Erlang monotonic time in milliseconds when it is due
    std::shared_ptr<Tenant> payer;  ///< for it and the message, as long as it waits; nullptr: the VM
};

class Scheduler {
public:
    /// `pool`: that whose thread it is of, where `index` is its reader number only.
    Scheduler(Vm& vm, unsigned index, DirtyPool* pool = nullptr);
    ~Scheduler();

    const unsigned index;
    Vm& vm;
    RegisterFile registers;
    RunQueue run_queue;
    ThreadTimes times;  ///< while microstate accounting is on

    // ---- driving: one thread at a time
    /// Runs processes until nothing is ready, about `reductions` are spent, or the VM halts. Returns the reductions spent.
    int64_t run(int64_t reductions);
    /// The body of a scheduler's own thread: runs and sleeps until the VM stops.
    void run_forever();
    /// On a thread of a DirtyPool: runs `p`, which is queued there, for one slice and hands it back.
    void run_dirty(Process& p);
    /// Fires what is due. Returns the nanoseconds until the next timer, -1 if there is none.
    int64_t serve_timers();
    /// Has no thread yet, and counts as asleep: nothing has been found for it to do.
    bool is_dormant() const { return dormant_.load(std::memory_order_acquire); }
    bool is_asleep() const { return sleeping_.load(std::memory_order_relaxed); }
    /// Nothing is ready to run here.
    bool is_idle() const { return run_queue.size() == 0; }
    /// Nothing is ready, in a VM with a virtual clock: it goes on to the next timer, by `most` nanoseconds (-1: any time) at most, and what is due
    /// fires. False: it stands still, since there is nothing to wait for, or something outside is waited for.
    bool skip_idle_time(int64_t most);

    // ---- any thread
    /// Ends its sleep.
    void notify();

    // ---- timers of its wheel: any thread
    /// Starts `timer` on this wheel so that it fires `milliseconds` from now or later.
    void start_timer(Timer& timer, uint64_t milliseconds);
    /// Timer::fire of a Port's timer: Port::timeout is called soon.
    static void fire_port_timer(Timer& timer, void* context);
    void cancel_timer(Timer& timer);
    /// Puts `t` in (takes it over); due when Erlang monotonic time reaches t->due_ms.
    void start_bif_timer(BifTimer* t);
    /// Takes the timer out, nullptr if there is none of this number (any more). The caller owns it.
    BifTimer* take_bif_timer(Word number);
    /// When it is due (Erlang monotonic milliseconds); nullopt if there is none.
    bool read_bif_timer(Word number, int64_t* due_ms, Term* destination);

    /// Calls f(BifTimer&) for every one of them, under the wheel's lock.
    template <typename F>
    void for_each_bif_timer(F f) {
        std::lock_guard lock(wheel_mutex_);
        bif_timers_.for_each([&f](Word, BifTimer*& t) { f(*t); });
    }

    // ---- this scheduler's thread
    void count_ended() { add_own(ended_, 1); }
    /// Frees `p`'s struct when nobody can hold it any more.
    void retire(Process* p);
    /// Counts heap memory that a process of this scheduler has gained or given back. Any thread.
    void count_heap(int64_t words) { heap_words_.fetch_add(words, std::memory_order_relaxed); }
    int64_t heap_words() const { return heap_words_.load(std::memory_order_relaxed); }
    /// A timer of the tenant has fired: it is told soon. Under the wheel's mutex.
    void tenant_is_due(Tenant& tenant) {
        if (auto there = tenant.weak_from_this().lock()) due_tenants_.push_back(std::move(there));
    }
    /// Nanoseconds of the present sleep that microstate accounting counts. Any thread.
    int64_t counted_sleep_ns(int64_t now) const;
    /// Nanoseconds that it has been asleep, the present sleep included; monotonic time `now`.
    int64_t slept_ns(int64_t now) const;
    uint64_t total_reductions() const { return reductions_.load(std::memory_order_relaxed); }
    uint64_t context_switches() const { return switches_.load(std::memory_order_relaxed); }

private:
    friend class Vm;
    struct Retired {
        Process* process;
        uint64_t stamp;
    };
    void share(uint64_t reductions);
    void lie_dormant();
    int start_thread();
    bool dirty_work_waits() const;
    Process* next_process();
    Process* steal();
    void hand_over();
    void run_process(Process& p);
    bool hibernate(Process& p);
    void meter(Process& p, uint64_t reductions);
    Tenant* tenant_to_wait_for(const Process& p) const;
    void end_process(Process& p);
    void let_go(Process& p);
    ThreadKind kind() const;
    void go_idle(Process& p);
    bool may_keep(const Process& p) const;
    void requeue(Process& p);
    void reclaim(bool all);
    /// Vm::interrupt: waits for the others, and calls it.
    static void add_own(std::atomic<uint64_t>& counter, uint64_t n) {
        counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void serve_interrupt();
    void sleep();
    void rest();
    bool must_wake(bool online) const;
    void count_sleep();
    bool sleep_in_events(int64_t wait_ns, bool online);
    void trim();
    static void fire_bif_timer(Timer& timer, void* context);
    static Timer& draw_timer(Timer& first, void* context);

    SpinMutex wheel_mutex_;
    TimerWheel wheel_;
    WordMap<BifTimer*> bif_timers_;
    std::vector<std::shared_ptr<Port>> due_ports_;  ///< whose timers have fired
    std::vector<std::shared_ptr<Tenant>> due_tenants_;

    std::vector<Retired> retired_;
    unsigned slices_until_clock_ = 0;
    bool awaits_dirty_ = false;
    uint32_t steal_from_ = 0;
    uint64_t waited_for_ = 0;                                       ///< reductions spent here while others were ready
    std::atomic<uint64_t> reductions_{0}, switches_{0}, ended_{0};  ///< counters that only its thread writes
    std::atomic<int64_t> heap_words_{0};
    std::atomic<int64_t> slept_ns_{0}, asleep_since_{0};  ///< asleep_since_ 0: awake
    uint64_t trimmed_at_ = 0;                             ///< processes that had gone when it last gave memory back
    Simulation* const simulation_;                        ///< the VM's, if it has one
    DirtyPool* const dirty_pool_;                         ///< whose thread this is of, nullptr: a normal scheduler

    std::mutex sleep_mutex_;
    std::condition_variable sleep_cv_;
    bool notified_ = false;
    std::atomic<bool> sleeping_{false};
    std::atomic<bool> dormant_{false};
    std::atomic<bool> in_events_{false};  ///< sleeps in Vm::events
    Thread thread_;
};

}  // namespace lintel
