#pragma once
/// Tenant: processes that share a budget and rights. docs/design/tenants.md. The VM itself is the first of them.

#include <lintel/lintel.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/memory_account.h"
#include "sched/rights.h"
#include "sched/timer_wheel.h"
#include "term/term.h"

namespace lintel {

class Process;
class Scheduler;
class Vm;
struct MaxHeapSize;

/// What there may be a limit to. The numbers are those of the C API (lintel_limit).
enum class Limit : uint8_t {
    memory = 1,     ///< bytes
    binaries,       ///< bytes in binaries outside of heaps
    processes,      ///< alive at once
    ports,          ///< open at once
    tables,         ///< ETS tables at once
    atoms,          ///< made, ever
    reductions,     ///< in all
    rate,           ///< reductions per second
    message_queue,  ///< messages that one process has not received
    process_heap,   ///< words, of one process: max_heap_size, which its processes cannot raise
    process_reductions,
    time,  ///< nanoseconds since it was made
};
inline constexpr size_t kLimits = 13;
using Limits = std::array<uint64_t, kLimits>;  ///< by Limit; 0: there is none

class Tenant : public std::enable_shared_from_this<Tenant> {
public:
    /// `number` 0: the VM's own. `handle`: what the host knows it by; goes with it.
    Tenant(Vm& machine, uint32_t number, const Limits& limits, Rights may, std::shared_ptr<lintel_tenant> handle);
    Tenant(const Tenant&) = delete;
    Tenant& operator=(const Tenant&) = delete;

    Vm& vm;
    const uint32_t number;
    const Rights rights;
    MemoryAccount memory;

    /// Another tenant than the VM itself.
    bool is_guest() const { return number != 0; }
    /// What its processes do is counted.
    bool is_metered() const { return metered_; }

    // ---- limits: any thread
    uint64_t limit(Limit which) const { return limits_[index(which)].load(std::memory_order_relaxed); }
    /// Those of memory, binaries, atoms, time take effect at once as the others do. Not for the VM's own tenant, unless it is metered.
    void set_limits(const Limits& limits);
    /// When scheduler 0 is there. set_limits does it, too.
    void start_time_limit();
    /// How much of it is in use; of limits per process: 0.
    uint64_t used(Limit which) const;
    /// One more process, port or table: false: that would be too many, and the host will be told. `leave`: one less.
    bool enter(Limit which) { return !metered_ || count_in(which); }
    void leave(Limit which) {
        if (metered_) count_out(which);
    }

    /// What a process has of its own wish, or by default, as far as the tenant may have that.
    MaxHeapSize heap_limit(MaxHeapSize wanted) const;

    // ---- reductions
    /// `p` has used so many in its slice. May end processes. On its thread, between two slices.
    void charge(Process& p, uint64_t reductions);
    /// `p`, with so many reductions more than what has been charged, is beyond a limit of reductions or time.
    bool is_beyond(const Process& p, uint64_t reductions) const;
    /// Its processes wait until there are reductions again.
    bool must_wait() const {
        return allowance_.load(std::memory_order_relaxed) <= 0 && limit(Limit::rate) != 0 && !has_ended();
    }
    /// Takes `p`, which is in no queue but has state kQueued, until then.
    void park(Process& p, Scheduler& scheduler);

    // ---- its end
    /// All of its processes are killed, and it gets no others. Any thread.
    void end();
    bool has_ended() const { return ended_.load(std::memory_order_seq_cst); }
    /// What erlang:halt/1 in one of its processes said; -1: nothing.
    std::atomic<int> exit_status{-1};

    /// A Process refers to it, and does no more. Any thread.
    void hold() { holders_.fetch_add(1, std::memory_order_relaxed); }
    void let_go() { holders_.fetch_sub(1, std::memory_order_release); }
    /// Nothing of it is left, and the host has let go of it.
    bool is_gone() const;
    /// The host lets go of it: none of its callbacks runs any more, unless this thread is in one.
    void abandon();
    /// f(handle) for a callback of the host; what it gives, or `otherwise` if the host has let go.
    template <typename R, typename F>
    R tell_host(R otherwise, F f) const {
        const std::lock_guard lock(telling_);
        return is_abandoned_.load(std::memory_order_relaxed) ? otherwise : f(handle_.get());
    }

    // ---- on scheduler threads, outside of locks
    /// A timer of it has fired.
    void timeout();
    /// None fires any more.
    void stop_timers();

private:
    static constexpr size_t index(Limit which) { return static_cast<size_t>(which); }
    std::atomic<int64_t>& count(Limit which) { return counts_[index(which)]; }
    /// Tells the host, if it wants to hear of it. `p` runs on this thread, between two slices; nullptr: nobody in particular.
    lintel_reaction reached(Limit which, Process* p);
    void react(Limit which, lintel_reaction usual, Process* p, Term reason);
    void tell_refusals(Process& p);
    void store_limits(const Limits& limits);
    bool count_in(Limit which);
    void count_out(Limit which);
    void refill_locked();
    /// Its processes go on if they may, or else a timer of `scheduler` runs for them.
    void serve_parked(Scheduler& scheduler);
    void release_parked(Process* list);

    struct PaidBinaries : BinaryKeeper {
        MemoryAccount* payer;
    } keeper_;
    bool metered_;
    std::atomic<bool> ended_{false};
    std::atomic<size_t> holders_{0};
    const std::shared_ptr<lintel_tenant> handle_;
    mutable std::recursive_mutex telling_;
    std::atomic<bool> is_abandoned_{false};
    std::array<std::atomic<uint64_t>, kLimits> limits_{};
    std::array<std::atomic<int64_t>, kLimits> counts_{};  ///< of processes, ports, tables, reductions
    std::atomic<uint32_t> refused_{0};                    ///< bits by Limit that the host has not been told of
    const int64_t made_ns_;

    std::atomic<int64_t> allowance_{0};  ///< reductions until its processes wait; less than 0: beyond it
    std::mutex mutex_;
    Process* parked_ = nullptr;  ///< list by run_next
    int64_t filled_ns_ = 0;      ///< when reductions were added last
    bool timer_runs_ = false;
    /// Its owner is told on a scheduler's thread, outside of locks, that it has fired.
    struct TenantTimer : Timer {
        Tenant* tenant = nullptr;
        std::atomic<bool> is_due{false};
    };
    TenantTimer rate_timer_, time_timer_;
};

/// The tenants of a VM.
class Tenants {
public:
    /// The VM has others than its own.
    bool any() const { return (watched_.load(std::memory_order_relaxed) & kForTenants) != 0; }
    /// Somebody is to see each signal before it is delivered: because there are tenants, or it is recorded.
    bool watches_signals() const { return watched_.load(std::memory_order_relaxed) != 0; }
    void record_signals() { watched_.fetch_or(kForRecord, std::memory_order_relaxed); }
    std::shared_ptr<Tenant> make(Vm& vm, const Limits& limits, Rights rights, std::shared_ptr<lintel_tenant> handle);
    /// nullptr: it has gone. Any thread.
    std::shared_ptr<Tenant> find(uint32_t number);
    /// One without rights and processes, which stands for those that have gone.
    std::shared_ptr<Tenant> nobody(Vm& vm);
    /// Lets go of those that have gone.
    void sweep();
    /// No timer of theirs fires any more.
    void stop_timers();

private:
    static constexpr uint8_t kForTenants = 1, kForRecord = 2;
    std::atomic<uint8_t> watched_{0};
    std::mutex mutex_;
    std::vector<std::shared_ptr<Tenant>> all_;
    std::shared_ptr<Tenant> nobody_;
    uint32_t next_ = 1;
};

}  // namespace lintel
