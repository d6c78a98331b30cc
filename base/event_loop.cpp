#include "base/event_loop.h"

#include <unistd.h>
#include <uv.h>

#include <cerrno>

#include "base/assert.h"

namespace lintel {

struct EventLoop::Loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t timer;
    Noted* noted = nullptr;  ///< while it runs
};

struct EventLoop::Watch {
    uv_poll_t poll;
    EventLoop* owner;
    std::shared_ptr<Handler> handler;
    int fd;
    bool is_always_ready = false;  ///< a kind of file that the system does not tell of: a regular one, /dev/null
    std::atomic<unsigned> wanted{0};
    std::atomic<unsigned> armed{0};  ///< changed under the loop's lock
    bool in_inbox = false;           ///< under the inbox's lock
};

struct EventLoop::Child {
    uv_process_t process;
    EventLoop* owner;
    std::shared_ptr<Handler> handler;

    void close() { uv_close(reinterpret_cast<uv_handle_t*>(&process), free); }
    static void free(uv_handle_t* handle) { delete static_cast<Child*>(handle->data); }
};

/// While it lives, the calling thread has the loop for itself.
class EventLoop::Entry {
public:
    explicit Entry(EventLoop& of) : of_(of) {
        of.waiting_.fetch_add(1, std::memory_order_seq_cst);
        if (!of.mutex_.try_lock()) {
            if (of.is_open_.load(std::memory_order_acquire)) uv_async_send(&of.loop_->wake);
            of.mutex_.lock();
        }
        of.waiting_.fetch_sub(1, std::memory_order_seq_cst);
    }
    ~Entry() { of_.mutex_.unlock(); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

private:
    EventLoop& of_;
};

EventLoop::EventLoop() = default;

EventLoop::~EventLoop() {
    if (!is_open_.load(std::memory_order_acquire)) return;
    uv_walk(
        &loop_->uv,
        [](uv_handle_t* handle, void*) {
            if (uv_is_closing(handle)) return;
            uv_close(handle, handle->type == UV_PROCESS ? Child::free : nullptr);
        },
        nullptr);
    uv_run(&loop_->uv, UV_RUN_DEFAULT);
    [[maybe_unused]] const int closed = uv_loop_close(&loop_->uv);
    LINTEL_ASSERT(closed == 0);
}

/// Under the lock. The loop costs descriptors: made when it is first needed.
bool EventLoop::open() {
    if (is_open_.load(std::memory_order_relaxed)) return true;
    auto loop = std::make_unique<Loop>();
    if (uv_loop_init(&loop->uv) != 0) return false;
    if (uv_async_init(&loop->uv, &loop->wake, [](uv_async_t*) {}) != 0 || uv_timer_init(&loop->uv, &loop->timer) != 0) {
        uv_loop_close(&loop->uv);
        return false;
    }
    loop_ = std::move(loop);
    is_open_.store(true, std::memory_order_release);
    return true;
}

EventLoop::Watch* EventLoop::watch(int fd, std::shared_ptr<Handler> handler, int* error) {
    const Entry entry(*this);
    if (!open()) {
        *error = EMFILE;
        return nullptr;
    }
    auto* w = new Watch;
    if (const int refused = uv_poll_init(&loop_->uv, &w->poll, fd); refused == UV_EPERM) {
        w->is_always_ready = true;
    } else if (refused != 0) {
        *error = -refused;
        delete w;
        return nullptr;
    }
    w->poll.data = w;
    w->owner = this;
    w->handler = std::move(handler);
    w->fd = fd;
    used_.fetch_add(1, std::memory_order_relaxed);
    return w;
}

/// Under the lock: has the system tell of what is wanted.
void EventLoop::arm(Watch& watch) {
    const unsigned before = watch.armed.load(std::memory_order_relaxed);
    const unsigned armed = before | watch.wanted.load(std::memory_order_seq_cst);
    if (armed == before) return;
    watch.armed.store(armed, std::memory_order_seq_cst);
    const int events = ((armed & kReadable) != 0 ? UV_READABLE : 0) | ((armed & kWritable) != 0 ? UV_WRITABLE : 0);
    uv_poll_start(&watch.poll, events, [](uv_poll_t* poll, int status, int happened) {
        auto& w = *static_cast<Watch*>(poll->data);
        unsigned come =
            ((happened & UV_READABLE) != 0 ? kReadable : 0) | ((happened & UV_WRITABLE) != 0 ? kWritable : 0);
        if (status < 0) come = kReadable | kWritable;  // whatever is tried next gets the error
        const unsigned told = w.wanted.fetch_and(~come, std::memory_order_seq_cst) & come;
        if (told != 0) w.owner->loop_->noted->push_back({w.handler, told});
        if (told == come) return;
        // Nobody wants it any more: the system need not tell of it.
        uv_poll_stop(poll);
        w.armed.store(0, std::memory_order_seq_cst);
        w.owner->arm(w);
    });
}

void EventLoop::want(Watch* watch, unsigned events) {
    watch->wanted.fetch_or(events, std::memory_order_seq_cst);
    if ((watch->armed.load(std::memory_order_seq_cst) & events) == events) return;
    if (!watch->is_always_ready && waiting_.load(std::memory_order_relaxed) == 0 && mutex_.try_lock()) {
        arm(*watch);
        mutex_.unlock();
        return;
    }
    {
        const std::lock_guard lock(inbox_mutex_);
        if (!watch->in_inbox) inbox_.push_back(watch);
        watch->in_inbox = true;
    }
    uv_async_send(&loop_->wake);
}

void EventLoop::want_no_longer(Watch* watch, unsigned events) {
    watch->wanted.fetch_and(~events, std::memory_order_seq_cst);
}

void EventLoop::close(Watch* watch) { end(watch, true); }

void EventLoop::release(Watch* watch) { end(watch, false); }

void EventLoop::end(Watch* watch, bool close_descriptor) {
    const Entry entry(*this);
    {
        const std::lock_guard lock(inbox_mutex_);
        if (watch->in_inbox) std::erase(inbox_, watch);
    }
    used_.fetch_sub(1, std::memory_order_relaxed);
    if (watch->is_always_ready) {
        if (close_descriptor) ::close(watch->fd);
        delete watch;
        return;
    }
    uv_poll_stop(&watch->poll);
    if (close_descriptor) ::close(watch->fd);
    watch->handler.reset();
    uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), [](uv_handle_t* h) { delete static_cast<Watch*>(h->data); });
    uv_async_send(&loop_->wake);  // libuv lets go of it in a run
}

int EventLoop::start(const Program& program, std::shared_ptr<Handler> handler, int* pid) {
    const Entry entry(*this);
    if (!open()) return EMFILE;
    auto child = std::make_unique<Child>();
    child->owner = this;
    child->handler = std::move(handler);
    std::vector<char*> arguments, environment;
    for (const std::string& a : program.arguments) arguments.push_back(const_cast<char*>(a.c_str()));
    arguments.push_back(nullptr);
    for (const std::string& e : program.environment) environment.push_back(const_cast<char*>(e.c_str()));
    environment.push_back(nullptr);
    std::vector<uv_stdio_container_t> stdio;
    for (const int fd : program.descriptors) {
        uv_stdio_container_t slot{};
        slot.flags = fd < 0 ? UV_IGNORE : UV_INHERIT_FD;
        if (fd >= 0) slot.data.fd = fd;
        stdio.push_back(slot);
    }
    uv_process_options_t options{};
    options.file = program.file.c_str();
    options.args = arguments.data();
    options.env = environment.data();
    options.cwd = program.directory.empty() ? nullptr : program.directory.c_str();
    options.stdio_count = static_cast<int>(stdio.size());
    options.stdio = stdio.data();
    options.exit_cb = [](uv_process_t* process, int64_t status, int signal) {
        auto& c = *static_cast<Child*>(process->data);
        c.owner->used_.fetch_sub(1, std::memory_order_relaxed);
        if (c.owner->loop_->noted != nullptr) c.owner->loop_->noted->push_back({c.handler, 0, true, status, signal});
        c.close();
    };
    Child* c = child.release();
    c->process.data = c;
    const int refused = uv_spawn(&loop_->uv, &c->process, &options);
    if (refused != 0) {
        // libuv has begun with the handle.
        c->handler.reset();
        c->close();
        uv_async_send(&loop_->wake);
        return -refused;
    }
    used_.fetch_add(1, std::memory_order_relaxed);
    *pid = c->process.pid;
    uv_async_send(&loop_->wake);
    return 0;
}

int EventLoop::descriptor() {
    if (is_open()) return uv_backend_fd(&loop_->uv);
    const Entry entry(*this);
    if (!open()) return -1;
    uv_run(&loop_->uv, UV_RUN_NOWAIT);  // libuv tells the system of its own descriptors in a run
    return uv_backend_fd(&loop_->uv);
}

void EventLoop::wake() {
    if (is_open_.load(std::memory_order_acquire)) uv_async_send(&loop_->wake);
}

bool EventLoop::collect(int64_t timeout_ms, Noted* noted) {
    if (waiting_.load(std::memory_order_seq_cst) != 0 || !mutex_.try_lock()) return false;
    const std::lock_guard lock(mutex_, std::adopt_lock);
    if (waiting_.load(std::memory_order_seq_cst) != 0 || !is_open_.load(std::memory_order_relaxed)) return false;
    {
        const std::lock_guard inbox_lock(inbox_mutex_);
        for (Watch* w : inbox_) {
            w->in_inbox = false;
            if (!w->is_always_ready) {
                arm(*w);
            } else if (const unsigned wanted = w->wanted.exchange(0); wanted != 0) {
                noted->push_back({w->handler, wanted});
            }
        }
        inbox_.clear();
    }
    if (!noted->empty()) timeout_ms = 0;
    loop_->noted = noted;
    if (timeout_ms > 0) {
        uv_update_time(&loop_->uv);
        // It may fire before the loop waits, which would then have no reason to come back.
        uv_timer_start(
            &loop_->timer, [](uv_timer_t* timer) { uv_stop(timer->loop); }, static_cast<uint64_t>(timeout_ms), 0);
    }
    uv_run(&loop_->uv, timeout_ms == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    if (timeout_ms > 0) uv_timer_stop(&loop_->timer);
    loop_->noted = nullptr;
    return true;
}

void EventLoop::dispatch(Noted& noted) {
    for (Event& e : noted) {
        if (e.has_exited) {
            e.handler->program_exited(e.status, e.signal);
        } else {
            e.handler->ready(e.events);
        }
    }
}

}  // namespace lintel
