#include "stdlib/driver/async_thread.h"

#include "sched/vm.h"
#include "stdlib/driver/driver_port.h"

namespace lintel {

long AsyncThread::push(Job job) {
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable()) {
        const int error = thread_.start(
            [](void* self) -> void* {
                static_cast<AsyncThread*>(self)->run();
                return nullptr;
            },
            this);
        if (error != 0) return -1;
    }
    jobs_.push_back(std::move(job));
    vm_.await_outside();
    cv_.notify_one();
    return ++last_number_;
}

void AsyncThread::run() {
    const MemoryScope memory(vm_.memory);
    const VmThreadScope here(vm_, ThreadKind::foreign);
    std::unique_lock lock(mutex_);
    for (;;) {
        cv_.wait(lock, [this] { return !jobs_.empty() || is_stopping_; });
        if (jobs_.empty()) return;
        is_busy_ = true;
        {
            Job job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            do_job(job);
        }
        lock.lock();
        is_busy_ = false;
        if (jobs_.empty()) idle_cv_.notify_all();
    }
}

void AsyncThread::do_job(Job& job) {
    job.work(job.data);
    const bool is_taken = static_cast<DriverPort&>(job.port->driver()).async_done(*job.port, job.data);
    if (!is_taken && job.forget != nullptr) job.forget(job.data);
    if (job.lock != nullptr) driver_pdl_dec_refc(job.lock);
    job.port->vm.outside_answered();
}

void AsyncThread::drain() {
    std::unique_lock lock(mutex_);
    idle_cv_.wait(lock, [this] { return jobs_.empty() && !is_busy_; });
}

void AsyncThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
        cv_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

}  // namespace lintel
