#pragma once
/// RunQueue: processes that are ready to run on one scheduler, by priority. Any thread may push and take.
///
/// First in, first out; or, of a VM with a seed, in the order that its Simulation draws.

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "base/spin_mutex.h"
#include "sched/process.h"
#include "sched/simulation.h"

namespace lintel {

class RunQueue {
public:
    /// A low process is passed over so often before it runs.
    static constexpr uint8_t kLowTurns = 8;

    /// `priority`: as `p` has it, unless more has been lent to it.
    void push(Process& p, Priority priority) {
        std::lock_guard lock(mutex_);
        list_of(std::max(priority, p.lent_priority.load(std::memory_order_relaxed))).append(&p, chance_);
        // Who sleeps has said so before it looks here; who pushes looks for sleepers afterwards.
        counts_.store(counts_.load(std::memory_order_relaxed) + counts_of(p), std::memory_order_seq_cst);
    }

    /// The next process to run, or nullptr. max before high before the others.
    Process* take() {
        if (size() == 0) return nullptr;
        std::lock_guard lock(mutex_);
        if (LINTEL_UNLIKELY(chance_ != nullptr)) return taken(draw());
        Process* p = max_.take();
        if (p == nullptr) p = high_.take();
        if (p == nullptr) p = take_normal();
        return taken(p);
    }

    /// From now on, before anything is ready, `chance` decides who of those with the same priority is next. Nobody steals from such a queue.
    void draw_from(Simulation& chance) { chance_ = &chance; }

    /// As take, for another scheduler: none that is bound to this one.
    Process* steal() {
        if (unbound_size() == 0) return nullptr;
        if (unbound_size() == size()) return take();
        std::lock_guard lock(mutex_);
        Process* p = max_.take_unbound();
        if (p == nullptr) p = high_.take_unbound();
        if (p == nullptr) p = normal_.take_unbound();
        return taken(p);
    }

    /// If it holds `p` among those of less priority than this, `p` goes on to those. False: it does not hold `p` there.
    bool raise(Process& p, Priority priority) {
        std::lock_guard lock(mutex_);
        List& to = list_of(priority);
        for (List* from : {&normal_, &high_}) {
            if (from == &to) return false;
            if (!from->remove(&p)) continue;
            to.append(&p, chance_);
            return true;
        }
        return false;
    }

    size_t size() const { return static_cast<uint32_t>(counts_.load(std::memory_order_seq_cst)); }
    /// How many of them other schedulers may run.
    size_t unbound_size() const { return counts_.load(std::memory_order_seq_cst) >> 32; }

private:
    struct List {
        Process* first = nullptr;
        Process* last = nullptr;
        std::vector<Process*> drawn;  ///< instead, where chance decides
        void append(Process* p, const Simulation* chance) {
            if (LINTEL_UNLIKELY(chance != nullptr)) return drawn.push_back(p);
            append(p);
        }
        void append(Process* p) {
            p->run_next = nullptr;
            (last != nullptr ? last->run_next : first) = p;
            last = p;
        }
        bool remove(Process* p) {
            if (std::erase(drawn, p) != 0) return true;
            Process* before = nullptr;
            for (Process* i = first; i != p; before = i, i = i->run_next) {
                if (i == nullptr) return false;
            }
            (before != nullptr ? before->run_next : first) = p->run_next;
            if (last == p) last = before;
            return true;
        }
        Process* take() {
            Process* p = first;
            if (p != nullptr && (first = p->run_next) == nullptr) last = nullptr;
            return p;
        }
        Process* take_unbound() {
            Process* before = nullptr;
            Process* p = first;
            while (p != nullptr && is_bound(*p)) {
                before = p;
                p = p->run_next;
            }
            if (before == nullptr || p == nullptr) return p == nullptr ? nullptr : take();
            before->run_next = p->run_next;
            if (last == p) last = before;
            return p;
        }
    };
    static bool is_bound(const Process& p) { return p.bound_to.load(std::memory_order_relaxed) != 0; }
    static uint64_t counts_of(const Process& p) { return 1 | uint64_t{!is_bound(p)} << 32; }
    Process* taken(Process* p) {
        if (p == nullptr) return nullptr;
        counts_.store(counts_.load(std::memory_order_relaxed) - counts_of(*p), std::memory_order_release);
        return p;
    }
    Process* draw() {
        List& list = !max_.drawn.empty() ? max_ : !high_.drawn.empty() ? high_ : normal_;
        for (;;) {
            Process*& drawn = list.drawn[chance_->choose(list.drawn.size())];
            if (list.drawn.size() > 1 && ++drawn->passed_over < chance_->turns(*drawn)) continue;
            drawn->passed_over = 0;
            Process* const p = std::exchange(drawn, list.drawn.back());
            list.drawn.pop_back();
            return p;
        }
    }
    List& list_of(Priority priority) {
        return priority == Priority::max ? max_ : priority == Priority::high ? high_ : normal_;
    }
    Process* take_normal() {
        while (Process* p = normal_.take()) {
            if (p->priority != Priority::low || normal_.first == nullptr || ++p->passed_over >= kLowTurns) {
                p->passed_over = 0;
                return p;
            }
            normal_.append(p);
        }
        return nullptr;
    }

    SpinMutex mutex_;
    List max_, high_, normal_;
    Simulation* chance_ = nullptr;
    /// Processes, and in the upper half those that are not bound; changed under the mutex.
    std::atomic<uint64_t> counts_{0};
};

}  // namespace lintel
