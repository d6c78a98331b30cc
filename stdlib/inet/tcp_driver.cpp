/// Connections of stream sockets: how they are made and how they end.

#include "stdlib/inet/tcp_driver.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "stdlib/posix_error.h"

namespace lintel::inet {

namespace {

/// receive of more is refused.
constexpr int32_t kMostReceived = 0x4000000;

}  // namespace

TcpDriver::~TcpDriver() { close_file(); }

bool TcpDriver::own_operation(Port& port, Term from, Operation operation, ByteReader in, Reply& reply) {
    switch (operation) {
        case Operation::connect: connect(port, from, in, reply); return true;
        case Operation::listen: listen(in, reply); return true;
        case Operation::accept: accept(port, from, in, reply); return true;
        case Operation::receive: start_receive(port, from, in, reply); return true;
        case Operation::push_back: push_back(port, in, reply); return true;
        case Operation::shut_down: shut_down(in, reply); return true;
        case Operation::send_file: start_sending_file(port, from, in, reply); return true;
        case Operation::close:
            answer_closed(port);
            close_connection(port);
            reply.ok();
            return true;
        default: return false;
    }
}

unsigned TcpDriver::more_status(Port& port) {
    forget_dead_acceptors(port);
    if (acceptors_.empty()) return 0;
    return Status::kAccepting | (acceptors_.size() > 1 ? Status::kSeveralAcceptors : 0);
}

// ---- connecting

void TcpDriver::connect(Port& port, Term from, ByteReader in, Reply& reply) {
    if (!is_open()) return reply.bad_port();
    if (phase == Phase::connected) return reply.error(EISCONN);
    if (phase == Phase::connecting || in.size() < 6) return reply.error(EINVAL);
    const Request request = new_request(port, from, in);
    if (const int error = remote.decode(family(), in); error != 0) return reply.error(error);
    if (!may_reach(port, &remote.any, remote.size)) return reply.error(EACCES);
    if (::connect(fd(), &remote.any, remote.size) == 0) {
        phase = Phase::connected;
        if (active != Active::no) want(port, EventLoop::kReadable);
        answer_ok(port, request);
    } else if (errno == EINPROGRESS || errno == EAGAIN) {
        phase = Phase::connecting;
        request_ = request;
        want(port, EventLoop::kWritable);
        port.call_at(request.deadline);
    } else {
        return reply.error(errno);
    }
    reply.ok().u16(request.id);
}

void TcpDriver::finish_connect(Port& port) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    const std::optional<Request> request = std::exchange(request_, std::nullopt);
    phase = error == 0 ? Phase::connected : Phase::open;
    if (error == 0 && active != Active::no) want(port, EventLoop::kReadable);
    if (!request) return;
    if (error == 0) {
        answer_ok(port, *request);
    } else {
        answer_error(port, *request, posix_atom(port.vm.atoms, error));
    }
}

// ---- listening

void TcpDriver::listen(ByteReader in, Reply& reply) {
    if (!is_open()) return reply.bad_port();
    if (in.size() != 2) return reply.error(EINVAL);
    if (::listen(fd(), static_cast<int16_t>(in.u16())) != 0) return reply.error(errno);
    phase = Phase::listening;
    reply.ok();
}

void TcpDriver::accept(Port& port, Term from, ByteReader in, Reply& reply) {
    if (phase != Phase::listening || in.size() != 4) return reply.error(EINVAL);
    const Request request = new_request(port, from, in);
    forget_dead_acceptors(port);
    if (acceptors_.empty()) {
        SocketAddress address;
        const int fd = accept_one(&address);
        if (fd < 0 && errno != EAGAIN) return reply.error(errno);
        if (fd >= 0) {
            Term error;
            const Term made = make_port(port, fd, address, from, &error);
            if (made.is_none()) return reply.error(atom_name(error));
            answer(port, request, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(am::ok(), made); });
            reply.ok().u16(request.id);
            return;
        }
    }
    acceptors_.push_back(request);
    want(port, EventLoop::kReadable);
    port.call_at(request.deadline);
    reply.ok().u16(request.id);
}

/// A descriptor, or -1 with errno set.
int TcpDriver::accept_one(SocketAddress* address) {
    for (;;) {
        address->size = sizeof address->storage;
        const int fd = accept4(this->fd(), &address->any, &address->size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 || errno != EINTR) return fd;
    }
}

/// A port for an accepted connection, with what its listener has. Takes over the descriptor. The non-value: *error.
Term TcpDriver::make_port(Port& port, int fd, const SocketAddress& address, Term owner, Term* error) {
    auto driver = std::make_unique<TcpDriver>();
    driver->take_socket(fd, family());
    driver->phase = Phase::connected;
    driver->settings = settings;
    driver->remote = address;
    int number = 0;
    const std::shared_ptr<Port> made = port.vm.ports.open_for(*port.tenant, owner, std::move(driver), &number);
    if (made != nullptr) return made->self;
    *error = number == 0 ? am::system_limit() : posix_atom(port.vm.atoms, number);
    return Term::none();
}

void TcpDriver::forget_dead_acceptors(Port& port) {
    const ForeignReader reader(port.vm.epochs);
    std::erase_if(acceptors_, [&](const Request& r) {
        const Process* p = port.vm.processes.find(r.caller);
        return p == nullptr || p->is_exiting.load(std::memory_order_relaxed);
    });
}

void TcpDriver::serve_acceptors(Port& port) {
    forget_dead_acceptors(port);
    while (!acceptors_.empty()) {
        SocketAddress address;
        const int fd = accept_one(&address);
        if (fd < 0 && errno == EAGAIN) {
            want(port, EventLoop::kReadable);
            break;
        }
        const Request request = acceptors_.front();
        acceptors_.pop_front();
        if (fd < 0) {
            answer_error(port, request, posix_atom(port.vm.atoms, errno));
            continue;
        }
        Term error;
        const Term made = make_port(port, fd, address, request.caller, &error);
        if (made.is_none()) {
            answer_error(port, request, error);
        } else {
            answer(port, request, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(am::ok(), made); });
        }
    }
}

// ---- receiving on demand

void TcpDriver::start_receive(Port& port, Term from, ByteReader in, Reply& reply) {
    if (phase != Phase::connected) {
        if (!next_receive_closed_) return reply.error(ENOTCONN);
        next_receive_closed_ = next_send_closed_ = false;
        return reply.error(std::exchange(next_is_reset_, false) ? "econnreset" : "closed");
    }
    if (active != Active::no || in.size() != 8) return reply.error(EINVAL);
    const bool waits = ByteReader(in.rest()).u32() != 0;
    const Request request = new_request(port, from, in);
    const int32_t length = in.i32();
    if (settings.packet != Packet::raw && length != 0) return reply.error(EINVAL);
    if (length > kMostReceived) return reply.error(ENOMEM);
    if (request_) return reply.error(EALREADY);
    reply.ok().u16(request.id);
    request_ = request;
    if (!is_ignored && receive(port, length < 0 ? 0 : static_cast<size_t>(length)) != Progress::waiting) return;
    if (waits) {
        port.call_at(request.deadline);
        want(port, EventLoop::kReadable);
    } else {
        request_.reset();
        answer_error(port, request, am::timeout());
    }
}

/// What has been received is put back: it is received again first.
void TcpDriver::push_back(Port& port, ByteReader in, Reply& reply) {
    if (phase != Phase::connected) return reply.error(ENOTCONN);
    missing_ = 0;
    if (!in.empty() && !input_.push_front(in.rest())) return reply.error(ENOMEM);
    reply.ok();
    if (active != Active::no) deliver_what_is_there(port);
}

// ---- events

void TcpDriver::ready(Port& port, unsigned events) {
    if ((events & EventLoop::kWritable) != 0) {
        if (phase == Phase::connecting) {
            finish_connect(port);
        } else if (phase == Phase::connected && file_ && port.state == Port::State::open) {
            send_file(port);
        } else if (phase == Phase::connected) {
            write_queue(port);
        }
    }
    if ((events & EventLoop::kReadable) == 0 || port.state != Port::State::open) return;
    if (phase == Phase::listening) {
        serve_acceptors(port);
    } else if (phase == Phase::connected && (active != Active::no || request_)) {
        const Progress progress = receive(port, 0);
        if (progress != Progress::failed && (active != Active::no || request_)) want(port, EventLoop::kReadable);
    }
}

void TcpDriver::timeout(Port& port) {
    const int64_t now = port.vm.monotonic_ms();
    if (request_ && request_->deadline <= now) {
        const Request request = *request_;
        request_.reset();
        if (phase == Phase::connecting) {
            close_connection(port);
        } else {
            missing_ = 0;
            want_no_longer(port, EventLoop::kReadable);
        }
        answer_error(port, request, am::timeout());
    }
    const bool had_acceptors = !acceptors_.empty();
    std::erase_if(acceptors_, [&](const Request& request) {
        if (request.deadline > now) return false;
        answer_error(port, request, am::timeout());
        return true;
    });
    if (had_acceptors && acceptors_.empty()) want_no_longer(port, EventLoop::kReadable);
    if (blocked_ && blocked_->deadline <= now) {
        // The queue may still be long: whoever sends next waits for a time of its own.
        fail_blocked_send(port, am::timeout());
        if (settings.send_timeout_close != 0) close_connection(port);
    }
    if (request_) port.call_at(request_->deadline);
    for (const Request& request : acceptors_) port.call_at(request.deadline);
    if (blocked_) port.call_at(blocked_->deadline);
}

void TcpDriver::options_changed(Port& port, Active active_before, Packet packet_before) {
    if (phase != Phase::connected || port.state != Port::State::open) return;
    const bool was_passive = active_before == Active::no, same_packet = settings.packet == packet_before;
    if (was_passive && same_packet && (active == Active::once || active == Active::counted)) {
        if (is_ignored) {
            ignored_events |= EventLoop::kReadable;
        } else if (receive(port, 0) != Progress::failed && active != Active::no) {
            want(port, EventLoop::kReadable);
        }
        return;
    }
    if (active != active_before && active == Active::no) want_no_longer(port, EventLoop::kReadable);
    if (active == Active::no) return;
    if (active != active_before) want(port, EventLoop::kReadable);
    if (was_passive || !same_packet) deliver_what_is_there(port);
}

// ---- the end

bool TcpDriver::activated_when_closed(Port& port) {
    if (std::exchange(next_is_reset_, false))
        tell_error(port, port.owner, am::tcp_error(), posix_atom(port.vm.atoms, ECONNRESET));
    tell_closed(port);
    if (settings.exit_on_close == 0) return false;
    end_port(port, am::normal());
    return true;
}

void TcpDriver::tell_closed(Port& port) {
    if (!std::exchange(has_told_closed_, true)) tell_owner_of(port, am::tcp_closed());
}

void TcpDriver::answer_closed(Port& port) {
    if (request_) {
        const Request request = *request_;
        request_.reset();
        answer_error(port, request, am::closed());
    }
    for (const Request& request : acceptors_) answer_error(port, request, am::closed());
    acceptors_.clear();
}

bool TcpDriver::fail_blocked_send(Port& port, Term reason) {
    if (!blocked_) return false;
    const Sender caller = blocked_->caller;
    blocked_.reset();
    port.not_busy();
    reply_error(port, caller, reason);
    return true;
}

void TcpDriver::close_connection(Port& port) {
    input_.clear();
    missing_ = 0;
    queue_.clear();
    close_file();
    close_socket(port);
    if (port.state == Port::State::closing) port.flushed();
}

void TcpDriver::shut_down(ByteReader in, Reply& reply) {
    if (phase != Phase::connected) return reply.error(ENOTCONN);
    if (in.size() != 1) return reply.error(EINVAL);
    const int how = in.u8();
    if (how != SHUT_RD && queue_.size() != 0) {
        if (how == SHUT_WR || how == SHUT_RDWR) pending_shutdown_ = how;
        reply.ok();
        return;
    }
    if (::shutdown(fd(), how) == 0) {
        reply.ok();
        return;
    }
    const int error = errno;
    has_shut_down_ = has_shut_down_ || how != SHUT_RD;
    reply.error(error);
}

/// What has been sent goes out first, unless nobody waits for it or the host is to forget it.
bool TcpDriver::flush(Port&) {
    if (queue_.size() == 0 || phase != Phase::connected) return true;
    if (!settings.linger_zero && !file_ && !is_ignored) return false;
    queue_.clear();
    return true;
}

void TcpDriver::stop(Port& port) {
    answer_closed(port);
    input_.clear();
    queue_.clear();
    close_file();
    InetDriver::stop(port);
}

}  // namespace lintel::inet
