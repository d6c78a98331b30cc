/// Sending to a stream: at once if the system takes it; what it does not take waits in a queue, and if that is long, so does the sender.

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/pipe_signal.h"
#include "stdlib/inet/outgoing.h"
#include "stdlib/inet/tcp_driver.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"

namespace lintel::inet {

namespace {

constexpr size_t kMostSlots = 64;
constexpr uint64_t kMostFileBytes = (uint64_t{1} << 30) - 1;  // that are sent in one call

size_t prefix_bytes(Packet packet) {
    switch (packet) {
        case Packet::prefix1: return 1;
        case Packet::prefix2: return 2;
        case Packet::prefix4: return 4;
        default: return 0;
    }
}

/// Bytes that the system has taken, or -1 with errno set.
ssize_t send_slots(int fd, iovec* slots, size_t count) {
    msghdr message{};
    message.msg_iov = slots;
    message.msg_iovlen = count;
    return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

}  // namespace

bool TcpDriver::command(Port& port, Process& from, Term data) {
    Sender sender;
    Outgoing outgoing;
    if (!take_sender(port, from, &data, &sender) || !outgoing.gather(data)) return false;
    port.count_output(from, outgoing.size());
    if (phase == Phase::connected && !pending_shutdown_) {
        outgoing.add_prefix(prefix_bytes(settings.packet));
        send(port, sender, outgoing);
    } else if (phase == Phase::connected) {
        send_failed(port, EPIPE, sender);
    } else if (std::exchange(next_send_closed_, false)) {
        reply_error(port, sender, next_is_reset_ ? posix_atom(port.vm.atoms, ECONNRESET) : am::closed());
    } else {
        reply_error(port, sender, posix_atom(port.vm.atoms, ENOTCONN));
    }
    return true;
}

void TcpDriver::send(Port& port, const Sender& caller, const Outgoing& data) {
    sent.add(data.size());
    if (queue_.size() != 0 || file_) {
        const size_t before = queue_.size();
        enqueue(data, 0);
        if (before + data.size() < static_cast<size_t>(settings.high_watermark)) return reply_ok(port, caller);
        if (settings.send_timeout == 0) return reply_error(port, caller, am::timeout());
        port.is_busy = true;
        blocked_ = {caller, INT64_MAX};
        if (settings.send_timeout != -1) {
            blocked_->deadline = port.vm.monotonic_ms() + static_cast<uint32_t>(settings.send_timeout);
            port.call_at(blocked_->deadline);
        }
        return;
    }
    size_t done = 0;
    if (data.size() != 0 && !is_ignored && !delay_send) {
        iovec slots[1 + Outgoing::kMostPieces];
        for (size_t i = 0; i < data.count(); ++i) {
            slots[i] = {const_cast<void*>(data.piece(i).bytes), data.piece(i).size};
        }
        const ssize_t n = send_slots(fd(), slots, data.count());
        if (n < 0 && errno != EAGAIN && errno != EINTR) return send_failed(port, errno, caller);
        done = n < 0 ? 0 : static_cast<size_t>(n);
    }
    if (done != data.size()) {
        enqueue(data, done);
        want(port, EventLoop::kWritable);
    }
    reply_ok(port, caller);
}

void TcpDriver::write_packet(Port& port, std::string&& packet) {
    if (phase != Phase::connected || pending_shutdown_) return;
    uint32_t length = __builtin_bswap32(static_cast<uint32_t>(packet.size()));
    iovec slots[] = {{&length, sizeof length}, {packet.data(), packet.size()}};
    const size_t size = sizeof length + packet.size();
    sent.add(size);
    size_t done = 0;
    if (queue_.size() == 0 && !file_ && !is_ignored && !delay_send) {
        const ssize_t n = send_slots(fd(), slots, std::size(slots));
        if (n < 0 && errno != EAGAIN && errno != EINTR) return send_failed(port, errno, Sender{});
        done = n < 0 ? 0 : static_cast<size_t>(n);
    }
    if (done == size) return;
    for (const iovec& slot : slots) {
        const size_t skipped = std::min(done, slot.iov_len);
        done -= skipped;
        queue_.append({static_cast<const char*>(slot.iov_base) + skipped, slot.iov_len - skipped, nullptr});
    }
    want(port, EventLoop::kWritable);
    if (queue_.size() >= static_cast<size_t>(settings.high_watermark)) port.is_busy = true;
}

void TcpDriver::enqueue(const Outgoing& data, size_t from) {
    for (size_t i = 0; i < data.count(); ++i) {
        SendPiece piece = data.piece(i);
        const size_t skipped = std::min(from, piece.size);
        from -= skipped;
        piece.bytes = static_cast<const char*>(piece.bytes) + skipped;
        piece.size -= skipped;
        queue_.append(piece);
    }
}

/// The socket takes bytes again.
void TcpDriver::write_queue(Port& port) {
    while (queue_.size() != 0) {
        iovec slots[kMostSlots];
        const ssize_t n = send_slots(fd(), slots, queue_.first(slots, kMostSlots));
        if (n < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) return want(port, EventLoop::kWritable);
            return send_failed(port, errno, Sender{});
        }
        queue_.drop(static_cast<size_t>(n));
        if (queue_.size() <= static_cast<size_t>(settings.low_watermark)) unblock(port);
    }
    after_writing(port);
}

/// The queue is empty.
void TcpDriver::after_writing(Port& port) {
    tell_empty_queue(port);
    if (pending_shutdown_) {
        const int how = *pending_shutdown_;
        pending_shutdown_.reset();
        if (::shutdown(fd(), how) != 0) return send_failed(port, errno, Sender{});
        has_shut_down_ = true;
    }
    port.flushed();
}

void TcpDriver::unblock(Port& port) {
    if (!blocked_) {
        if (port.distribution && port.is_busy) port.not_busy();
        return;
    }
    const Sender caller = blocked_->caller;
    blocked_.reset();
    port.not_busy();
    reply_ok(port, caller);
}

/// `caller` has sent what cannot be sent; nobody: it has been waiting in the queue.
void TcpDriver::send_failed(Port& port, int error, Sender caller) {
    if (port.state != Port::State::open) return close_connection(port);
    // That the other side has closed is as if it had reset, unless this side does not want to send any more.
    if (error == EPIPE && !has_shut_down_ && !pending_shutdown_) error = ECONNRESET;
    const bool shows = error == ECONNRESET && settings.show_reset;
    const Term reason = shows ? posix_atom(port.vm.atoms, error) : am::closed();
    if (blocked_) {
        caller = blocked_->caller;
        blocked_.reset();
        port.not_busy();
    }
    if (active != Active::no) {
        if (shows) tell_error(port, port.owner, am::tcp_error(), reason);
        tell_closed(port);
        if (caller.pid.is_value() && !file_) reply_error(port, caller, reason);
        if (settings.exit_on_close != 0) {
            queue_.clear();
            return end_port(port, am::normal());
        }
        return close_connection(port);
    }
    answer_closed(port);
    if (caller.pid.is_none()) {
        next_send_closed_ = true;
    } else if (!file_) {
        reply_error(port, caller, reason);
    }
    close_connection(port);
    next_receive_closed_ = true;
    next_is_reset_ = shows;
}

// ---- files

/// {sendfile, Port, {ok, Low, High}} will come, or {sendfile, Port, {error, Reason}}.
void TcpDriver::start_sending_file(Port& port, Term from, ByteReader in, Reply& reply) {
    constexpr size_t kArgumentBytes = sizeof(int) + 2 * sizeof(uint64_t);
    if (in.size() != kArgumentBytes) return reply.error(EINVAL);
    if (phase != Phase::connected) return reply.error(ENOTCONN);
    if (file_ || is_ignored) return reply.error(EINVAL);
    int given;
    std::memcpy(&given, in.take(sizeof given).data(), sizeof given);
    const auto& state = *static_cast<StdlibState*>(port.vm.stdlib_state.get());
    const int copy = state.files->duplicate(from, given);
    if (copy < 0) return reply.error(errno);
    const uint64_t offset = in.u64(), length = in.u64();
    if (offset > INT64_MAX || length > INT64_MAX) {
        ::close(copy);
        return reply.error(EINVAL);
    }
    file_ = {copy, offset, length, 0, queue_.size()};
    reply.ok();
    send_file(port);
}

void TcpDriver::send_file(Port& port) {
    const auto failed = [&](int error) {
        abort_file(port, error);
        send_failed(port, error, Sender{});
    };
    while (file_->queued_before != 0) {
        iovec slots[kMostSlots];
        const ssize_t n = send_slots(fd(), slots, queue_.first(slots, kMostSlots, file_->queued_before));
        if (n >= 0) {
            queue_.drop(static_cast<size_t>(n));
            file_->queued_before -= static_cast<size_t>(n);
        } else if (errno == EAGAIN) {
            return want(port, EventLoop::kWritable);
        } else if (errno != EINTR) {
            return failed(errno);
        }
    }
    const NoPipeSignal quiet;
    while (file_->left != 0) {
        auto offset = static_cast<off_t>(file_->offset);
        const ssize_t n = ::sendfile(fd(), file_->fd, &offset, std::min(file_->left, kMostFileBytes));
        if (n > 0) {
            file_->sent += static_cast<uint64_t>(n);
            file_->offset += static_cast<uint64_t>(n);
            file_->left -= static_cast<uint64_t>(n);
        } else if (n == 0) {
            break;  // the file ends
        } else if (errno == EAGAIN) {
            return want(port, EventLoop::kWritable);
        } else if (errno != EINTR) {
            return failed(errno);
        }
    }
    file_sent(port);
}

void TcpDriver::file_sent(Port& port) {
    const uint64_t bytes = file_->sent;
    close_file();
    if (queue_.size() <= static_cast<size_t>(settings.low_watermark)) unblock(port);
    if (queue_.size() == 0) {
        after_writing(port);
    } else {
        want(port, EventLoop::kWritable);
    }
    port.tell(port.owner, 2 * tuple_words(3), [&](HeapBuilder& heap) {
        const Term result = heap.tuple(am::ok(), Term::small(static_cast<int64_t>(bytes & UINT32_MAX)),
                                       Term::small(static_cast<int64_t>(bytes >> 32)));
        return heap.tuple(am::sendfile(), port.self, result);
    });
}

void TcpDriver::abort_file(Port& port, int error) {
    const bool is_closed = error == ECONNRESET || error == ENOTCONN || error == EPIPE;
    const Term reason = is_closed ? am::closed() : posix_atom(port.vm.atoms, error);
    port.tell(port.owner, tuple_words(2) + tuple_words(3), [&](HeapBuilder& heap) {
        const Term result = heap.tuple(am::error(), reason);
        return heap.tuple(am::sendfile(), port.self, result);
    });
    close_file();
}

void TcpDriver::close_file() {
    if (file_) ::close(file_->fd);
    file_.reset();
}

}  // namespace lintel::inet
