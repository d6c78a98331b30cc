#pragma once
/// DirtyPool: threads for BIFs that take long or block (files, heavy computing), so that no scheduler waits for them.
///
/// A process whose BIF is flagged kDirtyCpu or kDirtyIo ends its slice and is put here; a thread of the pool runs it until that BIF has
/// returned, then it goes back to the scheduler it came from. Threads are made when there is work and all others are busy, up to
/// the limit, and stay. When the system refuses another one, those that there are must do; without any the VM halts.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "sched/scheduler.h"

namespace lintel {

class DirtyPool {
public:
    /// Threads have the reader numbers `first_reader` … `first_reader + limit - 1`. limit 0: there is no such pool.
    DirtyPool(Vm& vm, unsigned first_reader, unsigned limit)
        : vm_(vm), first_reader_(first_reader), limit_(limit), online_(limit) {}
    ~DirtyPool();
    DirtyPool(const DirtyPool&) = delete;
    DirtyPool& operator=(const DirtyPool&) = delete;

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
        Worker(DirtyPool& of, unsigned reader) : pool(of), scheduler(of.vm_, reader, true) {}
        DirtyPool& pool;
        Scheduler scheduler;
        Thread thread;
    };
    bool add_worker();
    void work(Scheduler& scheduler);

    Vm& vm_;
    const unsigned first_reader_, limit_;
    std::atomic<unsigned> online_;
    std::atomic<unsigned> busy_{0};
    RunQueue queue_;
    mutable std::mutex mutex_;  // of all below
    std::condition_variable cv_;
    std::vector<std::unique_ptr<Worker>> workers_;
    unsigned idle_ = 0;
    bool stopping_ = false;
};

}  // namespace lintel
