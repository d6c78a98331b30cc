#pragma once
/// AsyncThread: where drivers have work done that would block (driver_async), one piece after the other, as OTP's one asynchronous thread does it.

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "base/thread.h"
#include "sched/port.h"

struct lintel_port_data_lock;

namespace lintel {

/// Any thread.
class AsyncThread {
public:
    /// How many there are, as drivers are told.
    static constexpr int kThreads = 1;

    struct Job {
        std::shared_ptr<Port> port;   ///< keeps the driver in memory
        lintel_port_data_lock* lock;  ///< one reference, or nullptr
        void (*work)(void*);
        void* data;
        void (*forget)(void*);
    };

    explicit AsyncThread(Vm& vm) : vm_(vm) {}
    ~AsyncThread() { stop(); }
    AsyncThread(const AsyncThread&) = delete;
    AsyncThread& operator=(const AsyncThread&) = delete;

    /// The job's number; -1: the system refuses the thread.
    long push(Job job);
    /// Waits until all is done.
    void drain();
    /// The same, and ends the thread.
    void stop();

private:
    void run();
    static void do_job(Job& job);

    Vm& vm_;
    std::mutex mutex_;                      // of all below
    std::condition_variable cv_, idle_cv_;  // work has come; all is done
    std::deque<Job> jobs_;
    long last_number_ = 0;
    bool is_busy_ = false;
    bool is_stopping_ = false;
    Thread thread_;
};

}  // namespace lintel
