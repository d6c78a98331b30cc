#include "sched/dirty_pool.h"

#include "sched/vm.h"

namespace lintel {

DirtyPool::~DirtyPool() { stop(); }

void DirtyPool::push(Process& p) {
    queue_.push(p, p.priority);
    {
        std::lock_guard lock(mutex_);
        if (queue_.size() > idle_ && workers_.size() < limit_ && !stopping_ && add_worker()) return;
    }
    cv_.notify_one();
}

/// Under the mutex. False: the system refuses a thread, and others will do the work, or the VM halts.
bool DirtyPool::add_worker() {
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
    } else if (workers_.empty()) {
        vm_.halt_without_thread(error);
    }
    return error == 0;
}

void DirtyPool::work(Scheduler& scheduler) {
    const MemoryScope scope(vm_.memory);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        Process* p = busy() < online() ? queue_.take() : nullptr;
        if (p == nullptr) {
            ++idle_;
            cv_.wait(lock, [this] { return stopping_ || (queue_.size() != 0 && busy() < online()); });
            --idle_;
            continue;
        }
        busy_.fetch_add(1, std::memory_order_relaxed);
        lock.unlock();
        scheduler.run_dirty(*p);
        lock.lock();
        busy_.fetch_sub(1, std::memory_order_relaxed);
    }
}

void DirtyPool::set_online(unsigned count) {
    {
        std::lock_guard lock(mutex_);
        online_.store(count, std::memory_order_relaxed);
    }
    cv_.notify_all();
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
    for (const auto& w : workers) w->thread.join();
}

}  // namespace lintel
