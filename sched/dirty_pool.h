#pragma once
/// DirtyPool: threads for BIFs that take long or block (files, heavy computing), so that no scheduler waits for them.
///
/// A process whose BIF is flagged kDirtyCpu or kDirtyIo ends its slice and is put here; a thread of the pool runs it until that BIF has
/// returned, then it goes back to the scheduler it came from. Threads are made up to the limit, and stay.
///
/// Most reads and writes of files are over in microseconds, and each thread that has allocated keeps memory: a second one that runs what waits a
/// moment costs more than it saves. So there is one thread more than there has been need for, the spare, which takes work only when
/// some has waited for the pool's patience. When the system refuses another thread, those that there are must do; without any the VM halts.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "sched/scheduler.h"

namespace lintel {

class DirtyPool {
public:
    /// Threads have the reader numbers `first_reader` … `first_reader + limit - 1`. limit 0: there is no such pool. `patience`: how long
    /// what is queued may wait before it gets a thread that has not been needed yet.
    DirtyPool(Vm& vm, ThreadKind threads, unsigned first_reader, unsigned limit, std::chrono::microseconds patience)
        : kind(threads), vm_(vm), first_reader_(first_reader), limit_(limit), patience_(patience), online_(limit) {}
    ~DirtyPool();
    DirtyPool(const DirtyPool&) = delete;
    DirtyPool& operator=(const DirtyPool&) = delete;

    const ThreadKind kind;  ///< of its threads
    unsigned limit() const { return limit_; }
    /// How many of its threads may work at the same time.
    unsigned online() const { return online_.load(std::memory_order_relaxed); }
    void set_online(unsigned count);
    /// Takes over a process that is queued (Process::kQueued). Any thread.
    void push(Process& p);
    /// Processes that wait for a thread.
    size_t queue_length() const { return queue_.size(); }
    /// Threads that run a process.
    unsigned busy() const { return busy_.load(std::memory_order_relaxed); }
    /// One of its threads is about to hand its process on, and then looks for the next. That thread.
    void note_finishing() { finishing_.fetch_add(1, std::memory_order_relaxed); }
    uint64_t total_reductions() const;
    /// Calls f(number from 0, ThreadTimes*) for each thread that there may be; nullptr: it has not been needed yet. Any thread.
    template <typename F>
    void for_each_thread(F f) {
        std::lock_guard lock(mutex_);
        for (unsigned i = 0; i < limit_; ++i) f(i, i < workers_.size() ? &workers_[i]->scheduler.times : nullptr);
    }
    /// Ends the threads when each has finished what it is doing. What is queued stays.
    void stop();

private:
    struct Worker {
        Worker(DirtyPool& of, unsigned reader) : pool(of), scheduler(of.vm_, reader, &of) {}
        DirtyPool& pool;
        Scheduler scheduler;
        Thread thread;
    };
    bool add_spare();
    bool is_needed(size_t threads) const;
    void await_need(std::unique_lock<std::mutex>& lock);
    void work(Scheduler& scheduler);

    Vm& vm_;
    const unsigned first_reader_, limit_;
    const std::chrono::microseconds patience_;
    std::atomic<unsigned> online_;
    std::atomic<unsigned> busy_{0}, finishing_{0};
    RunQueue queue_;
    mutable std::mutex mutex_;               // of all below
    std::condition_variable cv_, spare_cv_;  // idle threads but for the spare; the spare
    std::vector<std::unique_ptr<Worker>> workers_;
    unsigned idle_ = 0;
    bool has_spare_ = false;
    bool stopping_ = false;
};

}  // namespace lintel
