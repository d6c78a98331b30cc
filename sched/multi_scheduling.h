#pragma once
/// Which schedulers may run processes: how many are online, and who has blocked all but the first (erlang:system_flag/2,
/// multi_scheduling).

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "term/term.h"

namespace lintel {

/// Any thread may call everything here. Whoever changes something wakes the schedulers afterwards.
class MultiScheduling {
public:
    enum class Block : uint8_t {
        all,     ///< dirty threads stand still, too: a dirty BIF runs on the scheduler
        normal,  ///< schedulers only
    };

    explicit MultiScheduling(unsigned online) : active_(online), online_(online) {}

    /// Schedulers of which number may run processes; 0: none, for ever.
    unsigned active() const { return active_.load(std::memory_order_seq_cst); }
    bool is_blocked(Block what) const { return processes_[index(what)].load(std::memory_order_seq_cst) != 0; }

    unsigned online() const {
        const std::lock_guard lock(mutex_);
        return online_;
    }
    /// The number before.
    unsigned set_online(unsigned count) {
        const std::lock_guard lock(mutex_);
        const unsigned before = online_;
        online_ = count;
        update_locked();
        return before;
    }

    /// `pid` blocks once more.
    void block(Term pid, Block what) {
        const std::lock_guard lock(mutex_);
        auto found = find_locked(pid);
        if (found == blockers_.end()) found = blockers_.insert(found, {pid, {0, 0}});
        if (found->times[index(what)]++ == 0) processes_[index(what)].fetch_add(1, std::memory_order_seq_cst);
        update_locked();
    }
    /// Takes back one block of `pid`, if it has such.
    void unblock(Term pid, Block what) {
        const std::lock_guard lock(mutex_);
        const auto found = find_locked(pid);
        if (found == blockers_.end() || found->times[index(what)] == 0) return;
        if (--found->times[index(what)] == 0) processes_[index(what)].fetch_sub(1, std::memory_order_seq_cst);
        if (found->times[0] == 0 && found->times[1] == 0) blockers_.erase(found);
        update_locked();
    }
    /// No process runs any more.
    void stop() {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        update_locked();
    }
    /// Takes back whatever `pid` has blocked.
    void release(Term pid) {
        const std::lock_guard lock(mutex_);
        const auto found = find_locked(pid);
        if (found == blockers_.end()) return;
        for (size_t i = 0; i < 2; ++i) {
            if (found->times[i] != 0) processes_[i].fetch_sub(1, std::memory_order_seq_cst);
        }
        blockers_.erase(found);
        update_locked();
    }
    /// Who blocks, the last to begin first.
    std::vector<Term> blockers(Block what) const {
        const std::lock_guard lock(mutex_);
        std::vector<Term> pids;
        for (auto b = blockers_.rbegin(); b != blockers_.rend(); ++b) {
            if (b->times[index(what)] != 0) pids.push_back(b->pid);
        }
        return pids;
    }

private:
    struct Blocker {
        Term pid;
        uint32_t times[2];
    };
    static size_t index(Block what) { return static_cast<size_t>(what); }
    std::vector<Blocker>::iterator find_locked(Term pid) {
        return std::find_if(blockers_.begin(), blockers_.end(), [pid](const Blocker& b) { return b.pid == pid; });
    }
    void update_locked() {
        active_.store(is_stopped_ ? 0 : blockers_.empty() ? online_ : 1, std::memory_order_seq_cst);
    }

    std::atomic<unsigned> active_;
    std::atomic<unsigned> processes_[2] = {};  ///< that block
    mutable std::mutex mutex_;                 ///< of all below
    unsigned online_;
    bool is_stopped_ = false;
    std::vector<Blocker> blockers_;
};

}  // namespace lintel
