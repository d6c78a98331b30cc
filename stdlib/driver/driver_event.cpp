#include "stdlib/driver/driver_event.h"

#include <fcntl.h>

#include "sched/vm.h"

namespace lintel {

int DriverEvent::begin(EventLoop& in) {
    // The event loop makes descriptors non-blocking; drivers have them as they want them.
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return errno;
    int error = 0;
    events_ = &in;
    watch_ = in.watch(fd, shared_from_this(), &error);
    if (watch_ != nullptr) fcntl(fd, F_SETFL, flags);
    return watch_ != nullptr ? 0 : error;
}

void DriverEvent::want_no_longer(unsigned events) {
    wanted &= ~events;
    if (watch_ != nullptr) events_->want_no_longer(watch_, events);
}

void DriverEvent::end() {
    wanted = 0;
    if (watch_ != nullptr) events_->release(std::exchange(watch_, nullptr));
}

void DriverEvent::ready(unsigned events) {
    const std::shared_ptr<Port> port = port_.lock();
    if (port == nullptr) return;
    const std::lock_guard lock(port->mutex);
    if (port->state == Port::State::closed) return;
    const Port::Told told(*port, Port::operation_of(events));
    static_cast<DriverPort&>(port->driver()).event_ready(shared_from_this(), events);
}

}  // namespace lintel

using lintel::DriverCallback;
using lintel::DriverEvent;
using lintel::EventLoop;

namespace {

unsigned events_of(int mode) {
    return ((mode & ERL_DRV_READ) != 0 ? EventLoop::kReadable : 0u) |
           ((mode & ERL_DRV_WRITE) != 0 ? EventLoop::kWritable : 0u);
}

}  // namespace

int lintel_driver_port::select(int fd, int mode, bool on) {
    if (has_gone() || fd < 0) return -1;
    const auto found = events_.find(fd);
    std::shared_ptr<DriverEvent> event = found != events_.end() ? found->second : nullptr;
    const bool is_use = (mode & ERL_DRV_USE) != 0;
    if (on) {
        if (event == nullptr) {
            event = std::make_shared<DriverEvent>(port_->weak_from_this(), fd);
            if (event->begin(vm().events) != 0) return -1;
            events_[fd] = event;
        }
        event->is_used = event->is_used || is_use;
        event->wanted |= events_of(mode);
        event->want();
        return 0;
    }
    if (event != nullptr) {
        if (is_use) event->is_used = false;
        event->want_no_longer(is_use ? EventLoop::kReadable | EventLoop::kWritable : events_of(mode));
        if (event->wanted == 0 && !event->is_used) {
            events_.erase(fd);
            event->end();
        }
    }
    const bool calls = is_use && (mode & ERL_DRV_USE_NO_CALLBACK) != ERL_DRV_USE_NO_CALLBACK;
    if (calls && entry().stop_select != nullptr) {
        const DriverCallback callback(*this, caller);
        entry().stop_select(reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(fd)), nullptr);
    }
    return 0;
}

void lintel_driver_port::event_ready(const std::shared_ptr<DriverEvent>& event, unsigned events) {
    const auto handle = reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(event->fd));
    const auto tell = [&](unsigned what, void (*callback_of_entry)(ErlDrvData, ErlDrvEvent)) {
        // One callback may deselect what the other is for.
        if ((events & event->wanted & what) == 0 || has_gone()) return;
        if (callback_of_entry == nullptr) return event->want_no_longer(what);
        const DriverCallback callback(*this);
        callback_of_entry(data_, handle);
    };
    tell(EventLoop::kWritable, entry().ready_output);
    tell(EventLoop::kReadable, entry().ready_input);
    event->want();
}
