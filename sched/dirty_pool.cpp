#include "sched/dirty_pool.h"

#include "base/spin.h"
#include "sched/vm.h"

namespace lintel {

DirtyPool::~DirtyPool() { stop(); }

void DirtyPool::push(Process& p) {
    queue_.push(p, p.priority);
    {
        std::lock_guard lock(mutex_);
        // Who has just let its process go serves the queue next: a process that asks for one thing after the other needs one thread.
        if (is_needed(idle_ + finishing_.load(std::memory_order_relaxed))) {
            if (!has_spare_) add_spare();
            if (has_spare_) return spare_cv_.notify_one();
        }
    }
    cv_.notify_one();
}

/// Under the mutex: more processes wait than `threads` can take.
bool DirtyPool::is_needed(size_t threads) const { return queue_.size() > threads && busy() < online(); }

/// Under the mutex. False: the limit is reached, or the system refuses a thread, and others will do the work, or the VM halts.
bool DirtyPool::add_spare() {
    if (workers_.size() == limit_ || stopping_) return false;
    const unsigned reader = first_reader_ + static_cast<unsigned>(workers_.size());
    auto worker = std::make_unique<Worker>(*this, reader);
    const auto run = [](void* argument) -> void* {
        auto& self = *static_cast<Worker*>(argument);
        self.pool.work(self.scheduler);
        return nullptr;
    };
    const int error = worker->thread.start(run, worker.get());
    if (error == 0) {
        workers_.push_back(std::move(worker));
        has_spare_ = true;
    } else if (workers_.empty()) {
        vm_.halt_without_thread(error);
    }
    return error == 0;
}

/// The spare's life, until it is one no longer: something has waited for long enough. The first thread of all has no patience.
void DirtyPool::await_need(std::unique_lock<std::mutex>& lock) {
    const auto waits = [this] { return stopping_ || is_needed(idle_); };
    do {
        spare_cv_.wait(lock, waits);
        if (workers_.size() == 1 || stopping_) break;
        spare_cv_.wait_for(lock, patience_, [this] { return stopping_ || queue_.size() == 0; });
    } while (!waits());
    has_spare_ = false;
    // What is left may have to wait no less than this has.
    if (is_needed(idle_ + 1)) add_spare();
}

void DirtyPool::work(Scheduler& scheduler) {
    const MemoryScope scope(vm_.memory);
    std::unique_lock lock(mutex_);
    await_need(lock);
    while (!stopping_) {
        Process* p = busy() < online() ? queue_.take() : nullptr;
        if (p == nullptr) {
            ++idle_;
            if (vm_.may_spin) {
                // The process that has just been served often comes back at once.
                lock.unlock();
                spin_until([this] { return queue_.size() != 0; });
                lock.lock();
            }
            cv_.wait(lock, [this] { return stopping_ || (queue_.size() != 0 && busy() < online()); });
            --idle_;
            continue;
        }
        busy_.fetch_add(1, std::memory_order_relaxed);
        lock.unlock();
        scheduler.run_dirty(*p);
        lock.lock();
        finishing_.fetch_sub(1, std::memory_order_relaxed);
        busy_.fetch_sub(1, std::memory_order_relaxed);
    }
}

void DirtyPool::set_online(unsigned count) {
    {
        std::lock_guard lock(mutex_);
        online_.store(count, std::memory_order_relaxed);
    }
    cv_.notify_all();
    spare_cv_.notify_all();
}

uint64_t DirtyPool::total_reductions() const {
    std::lock_guard lock(mutex_);
    uint64_t sum = 0;
    for (const auto& w : workers_) sum += w->scheduler.total_reductions();
    return sum;
}

void DirtyPool::stop() {
    std::vector<std::unique_ptr<Worker>> workers;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        // Nobody makes another one from here on.
        workers.swap(workers_);
    }
    cv_.notify_all();
    spare_cv_.notify_all();
    for (const auto& w : workers) w->thread.join();
}

}  // namespace lintel
