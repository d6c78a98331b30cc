#pragma once
/// DriverEvent: a file descriptor that a driver wants to be told of (driver_select).

#include "base/event_loop.h"
#include "stdlib/driver/driver_port.h"

namespace lintel {

class DriverEvent final : public EventLoop::Handler, public std::enable_shared_from_this<DriverEvent> {
public:
    DriverEvent(std::weak_ptr<Port> of, int descriptor) : fd(descriptor), port_(std::move(of)) {}

    const int fd;

    // ---- under the port's lock
    unsigned wanted = 0;   ///< EventLoop::kReadable, kWritable
    bool is_used = false;  ///< ERL_DRV_USE: the driver says when it is done with it
    /// 0, or an errno value.
    int begin(EventLoop& in);
    /// What is wanted is told of again.
    void want() {
        if (watch_ != nullptr && wanted != 0) events_->want(watch_, wanted);
    }
    void want_no_longer(unsigned events);
    /// The driver may close the descriptor.
    void end();

    // ---- EventLoop::Handler
    void ready(unsigned events) override;
    void program_exited(int64_t, int) override {}

private:
    const std::weak_ptr<Port> port_;
    EventLoop* events_ = nullptr;
    EventLoop::Watch* watch_ = nullptr;
};

}  // namespace lintel
