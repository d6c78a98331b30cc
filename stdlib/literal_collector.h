#pragma once
/// LiteralCollector: frees the literals of purged code once no process refers to them. stdlib/literal_collector.cpp tells how.

#include <deque>
#include <mutex>

#include "sched/vm.h"

namespace lintel {

class LiteralCollector {
public:
    explicit LiteralCollector(Vm& vm) : vm_(vm) {}
    ~LiteralCollector();
    LiteralCollector(const LiteralCollector&) = delete;
    LiteralCollector& operator=(const LiteralCollector&) = delete;

    /// The process that does the work: runs OTP's erts_literal_area_collector.
    void set_process(Term pid) { process_.store(pid.word(), std::memory_order_release); }
    bool is_process(Term pid) const { return process_.load(std::memory_order_acquire) == pid.word(); }

    /// Takes `area` over: nothing but terms of processes, messages and timers refers to it. Tells the process. Any thread.
    void add(LiteralArea* area);

    /// Areas are waiting to be freed, and there is a process that does it. Any thread.
    bool is_at_work() const {
        const std::lock_guard lock(mutex_);
        return Term(process_.load(std::memory_order_acquire)).is_local_pid() &&
               (area_.load() != nullptr || !waiting_.empty());
    }

    enum class Switch : uint8_t {
        wait,  ///< ask again: other threads have not come to the end of their slices
        none,  ///< nothing to collect
        done,  ///< the next area is to be collected; `clean` each process
    };
    /// Frees the area in work, which no process refers to any more, and goes on to the next. Only the process calls it.
    Switch switch_area();

    unsigned tries = 0;  ///< how often `wait` was the answer; for the caller

    /// Gives `p` copies of what it still uses of the area in work. On the thread that runs `p`, at the edge of a slice.
    void clean(Process& p);

private:
    enum class Step : uint8_t { idle, counting, copying, working, freeing };

    Vm& vm_;
    std::atomic<Word> process_{0};
    mutable std::mutex mutex_;
    std::deque<LiteralArea*> waiting_;  // under mutex_
    Step step_ = Step::idle;
    uint64_t stamp_ = 0;
    std::atomic<LiteralArea*> area_{nullptr};
    std::atomic<bool> in_use_{false};  // there was no memory for somebody's copy: the area stays for ever
};

}  // namespace lintel
