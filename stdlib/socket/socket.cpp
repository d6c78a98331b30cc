#include "stdlib/socket/socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "term/compare.h"

namespace lintel {

// ---- who waits

size_t Waiters::find_behind(Term pid) const {
    for (size_t i = 1; i < list_.size(); ++i) {
        if (list_[i].pid == pid) return i;
    }
    return list_.size();
}

bool Waiters::remove_behind(Term pid, Term operation) {
    const size_t i = find_behind(pid);
    if (i == list_.size()) return false;
    if (operation.is_value() && !exactly_equal(list_[i].operation.get(), operation)) return false;
    list_.erase(list_.begin() + static_cast<ptrdiff_t>(i));
    return true;
}

// ---- the socket

/// Holds the socket as long as the event loop watches it, so one that has ever been waited for lives until it is closed.
class Socket::Watcher final : public EventLoop::Handler {
public:
    explicit Watcher(Socket& socket) : socket_(socket) { socket.retain(); }
    ~Watcher() override { socket_.release_reference(); }
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    void ready(unsigned events) override {
        if ((events & EventLoop::kReadable) != 0) socket_.ready(socket_.reading);
        if ((events & EventLoop::kWritable) != 0) socket_.ready(socket_.writing);
    }
    void program_exited(int64_t, int) override {}

private:
    Socket& socket_;
};

Socket::Socket(std::shared_ptr<Sockets> table, Vm& machine, int fd, const Origin& from, const SocketSettings& with)
    : Magic(&kMagicType), vm(machine), sockets(std::move(table)), number(machine.next_reference_number()), origin(from),
      settings(with), fd_(fd) {
    sockets->count(*this, 1);
}

Socket::~Socket() {
    sockets->detach(*this);
    if (file >= 0) ::close(file);
    if ((reading.state & kClosed) != 0) return;
    sockets->count(*this, -1);
    if (origin.is_owned) ::close(fd_);
}

bool Socket::try_retain() {
    size_t now = references.load(std::memory_order_relaxed);
    while (now != 0) {
        if (references.compare_exchange_weak(now, now + 1, std::memory_order_acquire, std::memory_order_relaxed))
            return true;
    }
    return false;
}

Term Socket::make_reference(ExecState& p) {
    auto heap = p.reserve(kMagicRefWords);
    retain();
    return heap.magic_ref(this, number, 0);
}

// ---- messages

namespace {

constexpr size_t kSocketWords = tuple_words(2) + kMagicRefWords;

}  // namespace

/// {'$socket', Reference}: kSocketWords.
Term Socket::make_socket(HeapBuilder& heap) {
    retain();
    return heap.tuple(am::dollar_socket(), heap.magic_ref(this, number, 0));
}

/// {'$socket', Socket, abort, {Operation, Why}}
void Socket::tell_abort(const Waiter& waiter, Term why) {
    const Term operation = waiter.operation.get();
    const size_t words = flat_size(operation, nullptr) + flat_size(why, nullptr);
    tell_process(vm, waiter.pid, tuple_words(4) + kSocketWords + tuple_words(2) + words, [&](HeapBuilder& heap) {
        const Term of = copy_term(operation, heap, nullptr), reason = copy_term(why, heap, nullptr);
        const Term info = heap.tuple(of, reason);
        return heap.tuple(am::dollar_socket(), make_socket(heap), am::abort(), info);
    });
}

/// {'$socket', What, Socket}
void Socket::tell_registry(Term what) {
    const Term registry(sockets->registry.load(std::memory_order_relaxed));
    if (!settings.is_registered || !registry.is_local_pid()) return;
    tell_process(vm, registry, tuple_words(3) + kSocketWords,
                 [&](HeapBuilder& heap) { return heap.tuple(am::dollar_socket(), what, make_socket(heap)); });
}

// ---- waiting

int Socket::select(Side& side, Term pid, Term operation) {
    EventLoop::Watch* watch = watch_.load(std::memory_order_acquire);
    if (watch == nullptr) {
        const std::lock_guard lock(watch_mutex_);  // the other side may be at it
        watch = watch_.load(std::memory_order_acquire);
        int error = 0;
        if (watch == nullptr) watch = vm.events.watch(fd_, std::make_shared<Watcher>(*this), &error);
        if (watch == nullptr) return error;
        watch_.store(watch, std::memory_order_release);
    }
    side.selector = pid;
    side.select_operation.set(operation);
    side.is_selected = true;
    side.state |= kSelected;
    vm.events.want(watch, &side == &reading ? EventLoop::kReadable : EventLoop::kWritable);
    return 0;
}

bool Socket::cancel_select(Side& side) {
    if (!side.is_selected) return false;
    side.is_selected = false;
    side.select_operation.clear();
    vm.events.want_no_longer(watch_.load(std::memory_order_acquire),
                             &side == &reading ? EventLoop::kReadable : EventLoop::kWritable);
    return true;
}

void Socket::ready(Side& side) {
    const std::lock_guard lock(side.mutex);
    if (!side.is_selected || !side.is_open()) return;
    side.is_selected = false;
    const Term operation = side.select_operation.get();
    tell_process(vm, side.selector, tuple_words(4) + kSocketWords + flat_size(operation, nullptr),
                 [&](HeapBuilder& heap) {
                     const Term copy = copy_term(operation, heap, nullptr);
                     return heap.tuple(am::dollar_socket(), make_socket(heap), am::select(), copy);
                 });
    side.select_operation.clear();
}

bool Socket::next_turn(Side& side, Waiters& waiters) {
    if (!waiters.empty()) waiters.remove_first();
    while (!waiters.empty()) {
        Waiter& w = waiters.first();
        const int error = select(side, w.pid, w.operation.get());
        if (error == 0) return true;
        tell_abort(w, posix_atom(vm.atoms, error));
        waiters.remove_first();
    }
    return false;
}

void Socket::fail_all(Waiters& waiters, Term why) {
    if (!waiters.empty()) waiters.remove_first();
    for (; !waiters.empty(); waiters.remove_first()) tell_abort(waiters.first(), why);
}

/// Whoever waits learns that the socket is closed. Who has been told that it is ready will find out.
void Socket::abort_selected(Side& side, Waiters& waiters) {
    if (!waiters.empty() && !side.is_selected) waiters.remove_first();
    for (; !waiters.empty(); waiters.remove_first()) tell_abort(waiters.first(), am::closed());
}

void Socket::stop_waiting() {
    abort_selected(writing, writers);
    abort_selected(writing, connector);
    abort_selected(reading, readers);
    abort_selected(reading, acceptors);
    reading.is_selected = writing.is_selected = false;
}

// ---- the end. All of this under both locks

/// Nothing begins from now on.
void Socket::begin_end() {
    reading.state |= kClosing;
    writing.state |= kClosing;
    stop_waiting();
}

/// Makes it closed; the descriptor, which the caller closes, or -1.
int Socket::take_fd() {
    LINTEL_ASSERT(!is_in_use && (reading.state & kClosed) == 0);
    reading.state |= kClosed;
    writing.state |= kClosed;
    if (EventLoop::Watch* watch = watch_.load(std::memory_order_acquire); watch != nullptr) {
        vm.events.release(watch);
        watch_.store(nullptr, std::memory_order_release);
    }
    if (file >= 0) ::close(file);
    file = -1;
    // They may refer to this very socket.
    for (KeptTerm* term : {&meta, &reading.select_operation, &writing.select_operation}) term->clear();
    owner = closer_ = Term::none();
    sockets->count(*this, -1);
    sockets->detach(*this);
    const int fd = std::exchange(fd_, -1);
    return origin.is_owned ? fd : -1;
}

/// Closes the descriptor on a thread that must not block: what is still to be sent the system sends by itself.
void Socket::end_now() {
    const int fd = take_fd();
    if (fd >= 0) {
        linger how{};
        socklen_t size = sizeof how;
        if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &how, &size) == 0 && how.l_onoff != 0 && how.l_linger != 0) {
            how.l_onoff = 0;
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &how, sizeof how);
        }
        ::close(fd);
    }
    tell_registry(am::del());
}

bool Socket::close(ExecState& by, Term* operation) {
    const BothSides both(*this);
    *operation = Term::none();
    if (!reading.is_open()) return false;
    closer_ = by.self;
    if (closer_ != owner) sockets->attach(*this, closer_);
    begin_end();
    if (is_in_use) {
        close_number_ = vm.next_reference_number();
        *operation = by.reserve(kRefWords).ref(close_number_, 0);
    }
    return true;
}

Socket::Finalized Socket::finalize(Term pid, int* error) {
    int fd;
    {
        const BothSides both(*this);
        if ((reading.state & kClosed) != 0) return Finalized::not_open;
        if ((reading.state & kClosing) == 0 || is_in_use || closer_ != pid) return Finalized::bad_state;
        fd = take_fd();
    }
    *error = fd >= 0 && ::close(fd) != 0 ? errno : 0;
    tell_registry(am::del());
    return Finalized::done;
}

void Socket::set_owner(ExecState& by, Term pid) {
    owner = pid;
    sockets->attach(*this, pid);
    // It may have ended before it was attached: then it answers that it has gone, or nobody does.
    const auto answer = [](Vm&, Process* target, ControlSignal& s) {
        if (target == nullptr) as_magic<Socket>(s.term)->process_ended(s.from);
    };
    const MemoryReserve reserve;
    Process* const p = vm.processes.find(pid);
    if (p != nullptr && vm.call(*p, pid, 0, make_reference(by), answer)) return;
    owner = Term::none();
    begin_end();
    if (!is_in_use) end_now();
}

void Socket::in_use_no_more(std::unique_lock<std::mutex>& writing_lock) {
    is_in_use = false;
    if (writing.is_open()) return;
    writing_lock.unlock();
    const BothSides both(*this);
    if ((writing.state & kClosed) != 0) return;
    if (closer_.is_none()) return end_now();
    const Word operation = std::exchange(close_number_, 0);
    tell_process(vm, closer_, tuple_words(4) + kSocketWords + kRefWords, [&](HeapBuilder& heap) {
        return heap.tuple(am::dollar_socket(), make_socket(heap), am::close(), heap.ref(operation, 0));
    });
}

/// `pid`, which has ended, waits no more.
void Socket::forget_waiter(Side& side, Waiters& waiters, Term pid) {
    if (!waiters.is_turn_of(pid)) {
        waiters.remove_behind(pid, Term::none());
    } else if (!next_turn(side, waiters) && &waiters == &acceptors) {
        side.state &= ~kAccepting;
    }
}

void Socket::process_ended(Term pid) {
    const BothSides both(*this);
    if ((reading.state & kClosed) != 0) return;
    if (closer_ == pid) {
        closer_ = Term::none();
        if (!is_in_use) end_now();
        return;
    }
    if (owner == pid) {
        owner = Term::none();
        if (!reading.is_open()) return;  // whoever closes it goes on
        begin_end();
        if (!is_in_use) end_now();
        return;
    }
    if (!reading.is_open()) return;
    if (connector.is_turn_of(pid)) {
        connector.clear();
        writing.state &= ~kConnecting;
    }
    forget_waiter(reading, readers, pid);
    forget_waiter(reading, acceptors, pid);
    forget_waiter(writing, writers, pid);
}

void Socket::abandon() {
    const BothSides both(*this);
    if ((reading.state & kClosed) != 0) return;
    for (Waiters* w : {&readers, &acceptors, &writers, &connector}) w->clear();
    reading.is_selected = writing.is_selected = false;
    const int fd = take_fd();
    if (fd >= 0) ::close(fd);
}

}  // namespace lintel
