/// Natives of prim_socket that send and receive.

#include <limits.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "stdlib/bytes_arg.h"
#include "stdlib/socket/address.h"
#include "stdlib/socket/control_message.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

constexpr size_t kBytesPerReduction = 256;
/// Buffers that are larger are only made so large if there is so much to be read.
constexpr size_t kLargeBuffer = size_t{1} << 20;
/// Most binaries that go at once.
constexpr size_t kMostPieces = 1024;
/// Most room for control messages, whatever {otp, rcvctrlbuf} and {otp, sndctrlbuf} say.
constexpr size_t kMostControlBytes = size_t{1} << 20;
/// With it the system would read memory after the call that no longer holds what was to be sent.
constexpr int kZeroCopy = 0x4000000;

/// The flags of a call that sends: it never blocks, and raises no signal.
int send_flags(int flags) { return (flags & ~kZeroCopy) | MSG_DONTWAIT | MSG_NOSIGNAL; }
int receive_flags(int flags) { return flags | MSG_DONTWAIT; }

void attach(ExecState& p, Socket& s) {
    if (p.self != s.owner) s.sockets->attach(s, p.self);
}

// ---- sending

/// Whether the caller may send. If not, *result is what he gets: it is the turn of another, or he waits already.
bool may_send(ExecState& p, Socket& s, Term operation, Term* result) {
    if (!s.connector.empty()) {
        *result = make_error_invalid(p, am::state());
        return false;
    }
    if (s.writers.empty() || s.writers.is_turn_of(p.self)) return true;
    if (s.writers.is_behind(p.self)) {
        *result = raise_invalid(p, am::state());
    } else {
        attach(p, s);
        s.writers.add(p.self, operation);
        *result = am::select();
    }
    return false;
}

void sent_all(Socket& s, size_t bytes) {
    s.writing.counters.done(bytes);
    s.next_turn(s.writing, s.writers);
}

/// It is the caller's turn until all has been sent.
void keep_turn(ExecState& p, Socket& s, Term operation) {
    if (s.writers.empty()) {
        attach(p, s);
        s.writers.add(p.self, operation);
    } else {
        s.writers.first().operation.set(operation);
    }
}

/// Only `sent` bytes went (-1: none): the caller is told when there is room for more.
Term send_later(ExecState& p, Socket& s, Term operation, ssize_t sent, bool is_cut) {
    if (sent >= 0 && s.origin.type != SOCK_STREAM) {
        sent_all(s, static_cast<size_t>(sent));
        return make_ok(p, Term::small(sent));
    }
    if (sent >= 0) s.writing.counters.current += static_cast<size_t>(sent);
    keep_turn(p, s, operation);
    if (is_cut) return make_tuple2(p, am::iov(), Term::small(sent));
    if (const int error = s.select(s.writing, p.self, operation); error != 0) {
        s.fail_all(s.writers, posix_atom(p.vm->atoms, error));
        return make_posix_error(p, error);
    }
    ++s.writing.counters.waits;
    return sent < 0 ? am::select() : make_tuple2(p, am::select(), Term::small(sent));
}

/// What the system said to `size` bytes. is_cut: there are more than could be given to it.
Term send_result(ExecState& p, Socket& s, Term operation, ssize_t sent, size_t size, bool is_cut) {
    const int error = sent < 0 ? errno : 0;
    if (error == EAGAIN || error == EINTR) return send_later(p, s, operation, -1, false);
    if (error != 0) {
        ++s.writing.counters.fails;
        if (error != EINVAL) s.fail_all(s.writers, posix_atom(p.vm->atoms, error));
        return make_posix_error(p, error);
    }
    p.charge(static_cast<size_t>(sent) / kBytesPerReduction);
    if (static_cast<size_t>(sent) < size) return send_later(p, s, operation, sent, false);
    if (is_cut) return send_later(p, s, operation, sent, true);
    sent_all(s, size);
    return am::ok();
}

/// The data, flags and operation of a call that sends. Send: ssize_t(const BytesArg&, int flags).
template <typename Send>
Term send_bytes(ExecState& p, Socket& s, Term data, int flags, Term operation, Send send) {
    return with_side(p, s, s.writing, [&] {
        Term result;
        if (!may_send(p, s, operation, &result)) return result;
        const BytesArg bytes(data);
        if (!bytes) return make_posix_error(p, ENOMEM);
        ++s.writing.counters.tries;
        const ssize_t sent = send(bytes, send_flags(flags));
        return send_result(p, s, operation, sent, bytes.size(), false);
    });
}

/// Binaries for the system to send one after another.
class Pieces {
public:
    /// False: something of the list is no binary, or it does not end in [].
    bool read(Term list) {
        for (; list.is_cons(); list = list.tail()) {
            const BitsView v = as_binary(list.head());
            if (!v) {
                if (pieces_.size() == kMostPieces) break;  // so far nobody has looked
                return false;
            }
            if (v.byte_size() == 0) continue;
            if (pieces_.size() == kMostPieces) break;
            size_ += v.byte_size();
            if (v.is_aligned()) {
                pieces_.push_back({const_cast<uint8_t*>(v.bytes()), v.byte_size()});
            } else {
                const auto& copy = *copies_.emplace_back(std::make_unique<BytesArg>(v));
                if (!copy) return false;
                pieces_.push_back({const_cast<uint8_t*>(copy.data()), copy.size()});
            }
        }
        is_cut_ = !list.is_nil();
        return list.is_list();
    }
    iovec* data() { return pieces_.data(); }
    size_t count() const { return pieces_.size(); }
    size_t size() const { return size_; }
    /// There are more.
    bool is_cut() const { return is_cut_; }

private:
    std::vector<iovec> pieces_;
    std::vector<std::unique_ptr<BytesArg>> copies_;
    size_t size_ = 0;
    bool is_cut_ = false;
};

Term send_message(ExecState& p, Socket& s, Term message, int flags, Term operation, Term list) {
    Term result;
    if (!may_send(p, s, operation, &result)) return result;
    SocketAddress address;
    msghdr header{};
    if (const Term to = value_of(message, am::addr()); to.is_value()) {
        if (!read_address(to, &address)) return make_invalid(p, am::addr());
        header.msg_name = &address.storage;
        header.msg_namelen = address.size;
    }
    Pieces pieces;
    if (!pieces.read(list) || (pieces.is_cut() && s.origin.type != SOCK_STREAM)) return make_invalid(p, am::iov());
    header.msg_iov = pieces.data();
    header.msg_iovlen = pieces.count();
    std::vector<uint64_t> control;
    if (const Term messages = value_of(message, am::ctrl()); messages.is_value()) {
        const size_t room = std::min(s.settings.send_control_bytes, kMostControlBytes);
        control.resize(room / sizeof(uint64_t) + 1);
        size_t used = 0;
        if (!write_control_messages(p, messages, reinterpret_cast<char*>(control.data()), room, &used))
            return make_invalid(p, am::ctrl());
        header.msg_control = control.data();
        header.msg_controllen = used;
    }
    ++s.writing.counters.tries;
    const ssize_t sent = sendmsg(s.fd(), &header, send_flags(flags));
    return send_result(p, s, operation, sent, pieces.size(), pieces.is_cut());
}

// ---- receiving

/// An operation that does not wait: nobody is told when there is something.
bool is_poll(Term operation) { return is_named(operation, "zero"); }

/// Whether the caller may receive. If not, *result is what he gets.
bool may_receive(ExecState& p, Socket& s, Term operation, Term* result) {
    if (!s.acceptors.empty()) {
        *result = make_error_invalid(p, am::state());
        return false;
    }
    if (s.readers.empty() || s.readers.is_turn_of(p.self)) return true;
    if (s.readers.is_behind(p.self)) {
        *result = raise_invalid(p, am::state());
        return false;
    }
    if (is_poll(operation)) return true;
    attach(p, s);
    s.readers.add(p.self, operation);
    *result = am::select();
    return false;
}

/// It is the caller's turn until he has what he wants.
void keep_reading_turn(ExecState& p, Socket& s, Term operation) {
    if (s.readers.empty()) {
        attach(p, s);
        s.readers.add(p.self, operation);
    } else {
        s.readers.first().operation.set(operation);
    }
}

/// is_counted: it counts for the largest packet; what recv gets does, in OTP.
void received_all(Socket& s, size_t bytes, bool is_counted) {
    ++s.reading.counters.packets;
    s.reading.counters.bytes += bytes;
    if (is_counted) s.reading.counters.end(bytes);
    if (!s.readers.empty()) s.next_turn(s.reading, s.readers);
}

Term receive_later(ExecState& p, Socket& s, Term operation) {
    keep_reading_turn(p, s, operation);
    if (const int error = s.select(s.reading, p.self, operation); error != 0) {
        s.next_turn(s.reading, s.readers);
        return make_posix_error(p, error);
    }
    return am::select();
}

Term receive_failed(ExecState& p, Socket& s, Term operation, int error) {
    if (error == EAGAIN) {
        if (is_poll(operation)) return am::ok();
        s.receives = 0;
        return receive_later(p, s, operation);
    }
    ++s.reading.counters.fails;
    if (!s.readers.empty()) s.fail_all(s.readers, posix_atom(p.vm->atoms, error));
    return make_posix_error(p, error);
}

/// A binary that the system fills.
class ReceiveBuffer {
public:
    /// No memory: empty (false).
    explicit ReceiveBuffer(size_t bytes) : data_(BinaryData::create(bytes)), size_(bytes) {}
    ~ReceiveBuffer() {
        if (data_ != nullptr) data_->release_reference();
    }
    ReceiveBuffer(const ReceiveBuffer&) = delete;
    ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;
    explicit operator bool() const { return data_ != nullptr; }
    uint8_t* data() const { return data_->bytes; }
    size_t size() const { return size_; }
    /// The first `bytes` bytes as a term. None: an error is pending.
    Term take(ExecState& p, size_t bytes) {
        p.charge(bytes / kBytesPerReduction);
        auto heap = p.reserve(binary_words(bytes));
        if (bytes > kMaxHeapBinaryBytes && bytes >= size_ / 2)
            return heap.refc_binary(std::exchange(data_, nullptr), bytes);
        const Term t = heap.binary(data_->bytes, bytes);
        return t.is_value() ? t : p.system_limit();
    }

private:
    BinaryData* data_;
    const size_t size_;
};

/// Bytes for a buffer in which `wanted` bytes (0: what the socket has set) fit, unless there are less to be read anyway.
size_t buffer_size(const Socket& s, size_t wanted) {
    const size_t bytes = wanted != 0 ? wanted : s.settings.receive_bytes;
    if (bytes <= kLargeBuffer) return bytes;
    int there = 0;
    if (ioctl(s.fd(), FIONREAD, &there) != 0 || there < 0) there = 0;
    return std::min(bytes, std::max(kLargeBuffer, static_cast<size_t>(there)));
}

/// {Tag, Bytes}
Term with_bytes(ExecState& p, Term tag, ReceiveBuffer& buffer, size_t bytes) {
    const Term t = buffer.take(p, bytes);
    return t.is_none() ? t : make_tuple2(p, tag, t);
}

/// What a stream gave when it filled a buffer of {otp, rcvbuf}: there may be more at once.
Term received_full(ExecState& p, Socket& s, Term operation, ReceiveBuffer& buffer) {
    s.reading.counters.bytes += buffer.size();
    s.reading.counters.current += buffer.size();
    if (++s.receives < s.settings.receive_count) {
        keep_reading_turn(p, s, operation);
        return with_bytes(p, am::more(), buffer, buffer.size());
    }
    s.receives = 0;
    ++s.reading.counters.packets;
    s.reading.counters.end(0);
    if (!s.readers.empty()) s.next_turn(s.reading, s.readers);
    return with_bytes(p, am::ok(), buffer, buffer.size());
}

/// One call that receives, if it is the caller's turn. Call: ssize_t(ReceiveBuffer&), the system's; Then: Term(ReceiveBuffer&, size_t),
/// with the bytes that came. The end of a stream is answered here.
template <typename Call, typename Then>
Term receive_once(ExecState& p, Socket& s, size_t wanted, int flags, Term operation, Call call, Then then) {
    Term result;
    if (!may_receive(p, s, operation, &result)) return result;
    ReceiveBuffer buffer(buffer_size(s, wanted));
    if (!buffer) return make_posix_error(p, ENOMEM);
    // With some flags the system does not write what it says it has.
    if ((flags & MSG_TRUNC) != 0) memset(buffer.data(), 0, buffer.size());
    ++s.reading.counters.tries;
    const ssize_t n = call(buffer);
    if (n < 0) return receive_failed(p, s, operation, errno);
    if (n == 0 && s.origin.type == SOCK_STREAM) {
        ++s.reading.counters.fails;
        return closed(p);
    }
    return then(buffer, std::min(static_cast<size_t>(n), buffer.size()));
}

Term receive(ExecState& p, Socket& s, size_t wanted, int flags, Term operation) {
    const auto call = [&](ReceiveBuffer& buffer) {
        const ssize_t n = recv(s.fd(), buffer.data(), buffer.size(), receive_flags(flags));
        if (n == 0 && s.origin.type == SOCK_STREAM && !s.readers.empty()) s.fail_all(s.readers, am::closed());
        return n;
    };
    return receive_once(p, s, wanted, flags, operation, call, [&](ReceiveBuffer& buffer, size_t got) {
        const bool is_stream = s.origin.type == SOCK_STREAM;
        const bool is_full = wanted != 0 ? got == wanted : got == buffer.size();
        if (is_stream && wanted == 0 && is_full) return received_full(p, s, operation, buffer);
        if (!is_full) s.receives = 0;
        if (is_stream && wanted != 0 && !is_full && !is_poll(operation)) {
            s.reading.counters.bytes += got;
            const Term result = receive_later(p, s, operation);
            return result == am::select() ? with_bytes(p, am::select(), buffer, got) : result;
        }
        received_all(s, got, true);
        return with_bytes(p, am::ok(), buffer, got);
    });
}

Term receive_from(ExecState& p, Socket& s, size_t wanted, int flags, Term operation) {
    SocketAddress from;
    const auto call = [&](ReceiveBuffer& buffer) {
        return recvfrom(s.fd(), buffer.data(), buffer.size(), receive_flags(flags), &from.any, &from.size);
    };
    return receive_once(p, s, wanted, flags, operation, call, [&](ReceiveBuffer& buffer, size_t got) {
        received_all(s, got, false);
        const Term bytes = buffer.take(p, got);
        return bytes.is_none() ? bytes : make_ok(p, make_tuple2(p, make_address(p, from), bytes));
    });
}

Term receive_message(ExecState& p, Socket& s, size_t wanted, size_t wanted_control, int flags, Term operation) {
    const size_t room =
        std::min(wanted_control != 0 ? wanted_control : s.settings.receive_control_bytes, kMostControlBytes);
    std::vector<uint64_t> control(room / sizeof(uint64_t) + 1);
    SocketAddress from;
    iovec piece{};
    msghdr header{};
    const auto call = [&](ReceiveBuffer& buffer) {
        piece = {buffer.data(), buffer.size()};
        header.msg_name = &from.storage;
        header.msg_namelen = from.size;
        header.msg_iov = &piece;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = room;
        // Descriptors that come are not for programs that the VM starts.
        return recvmsg(s.fd(), &header, receive_flags(flags) | MSG_CMSG_CLOEXEC);
    };
    return receive_once(p, s, wanted, flags, operation, call, [&](ReceiveBuffer& buffer, size_t got) {
        received_all(s, got, false);
        if ((flags & MSG_CMSG_CLOEXEC) == 0) header.msg_flags &= ~MSG_CMSG_CLOEXEC;
        const Term bytes = buffer.take(p, got);
        if (bytes.is_none()) return bytes;
        MapMaker map(p);
        map.add(am::iov(), make_cons(p, bytes, Term::nil()));
        map.add(am::ctrl(), make_control_messages(p, header));
        map.add(am::flags(), make_message_flags(p, header.msg_flags));
        if (header.msg_namelen != 0) {
            from.size = header.msg_namelen;
            map.add(am::addr(), make_address(p, from));
        }
        return make_ok(p, map.make());
    });
}

bool is_operation(Term t) { return t.is_reference() || is_poll(t); }

/// A size of a buffer, at most what a call can say it has received.
bool size_of_buffer(Term t, size_t* size) {
    uint64_t value;
    if (!uint64_of(t, &value) || value > static_cast<uint64_t>(SSIZE_MAX)) return false;
    *size = value;
    return true;
}

/// Size and flags of a call that receives, then f(socket, size, flags) under the side's lock.
template <typename Receive>
Term receive_bytes(ExecState& p, Args a, Receive f) {
    return with_socket(p, a[0], [&](Socket& s) {
        size_t size;
        int flags;
        if (!is_operation(a[3])) return p.badarg();
        if (!a[1].is_integer() || !a[2].is_integer()) return p.badarg();
        if (!size_of_buffer(a[1], &size)) return bad_integer(p, a[1]);
        if (!int_of(a[2], &flags)) return bad_integer(p, a[2]);
        return with_side(p, s, s.reading, [&] { return f(p, s, size, flags, a[3]); });
    });
}

}  // namespace

/// prim_socket:nif_send/4: ok, {ok, Sent}, `select`, {select, Sent}, {error, Reason}, {invalid, {integer_range, Flags}}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_send_4(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int flags;
        if (!a[3].is_reference() || !as_binary(a[1])) return p.badarg();
        if (!int_of(a[2], &flags)) return bad_integer(p, a[2]);
        return send_bytes(p, s, a[1], flags, a[3],
                          [&](const BytesArg& b, int how) { return send(s.fd(), b.data(), b.size(), how); });
    });
}

/// prim_socket:nif_sendto/5: the same, to an address; {invalid, sockaddr}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_sendto_5(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int flags;
        SocketAddress to;
        if (!a[4].is_reference() || !as_binary(a[1])) return p.badarg();
        if (!int_of(a[3], &flags)) return bad_integer(p, a[3]);
        if (!read_address(a[2], &to)) return make_invalid(p, am::sockaddr());
        return send_bytes(p, s, a[1], flags, a[4], [&](const BytesArg& b, int how) {
            return sendto(s.fd(), b.data(), b.size(), how, &to.any, to.size);
        });
    });
}

/// prim_socket:nif_sendmsg/5: as nif_send/4 for a list of binaries, to the address of a message, with its control messages. {iov, Sent}: the list is longer than what
/// can go at once; {invalid, addr | iov | ctrl}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_sendmsg_5(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int flags;
        if (!a[3].is_reference() || !a[1].is_map()) return p.badarg();
        if (!int_of(a[2], &flags)) return bad_integer(p, a[2]);
        return with_side(p, s, s.writing, [&] { return send_message(p, s, a[1], flags, a[3], a[4]); });
    });
}

/// prim_socket:nif_sendv/3 (OTP 27): a list of binaries, answered as nif_sendmsg/5 does. Fails: badarg, {invalid, state}.
Term prim_socket_nif_sendv_3(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        if (!a[2].is_reference()) return p.badarg();
        return with_side(p, s, s.writing, [&] { return send_message(p, s, am::undefined(), 0, a[2], a[1]); });
    });
}

/// prim_socket:nif_recv/4: {ok, Bytes}, {more, Bytes}, {select, Bytes}, `select`, ok if there is nothing and the operation is zero, {error, Reason}, {invalid, {integer_range,
/// N}}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_recv_4(ExecState& p, Args a) { return receive_bytes(p, a, receive); }

/// prim_socket:nif_recvfrom/4: {ok, {Address, Bytes}}, `select`, ok, {error, Reason}, {invalid, …}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_recvfrom_4(ExecState& p, Args a) { return receive_bytes(p, a, receive_from); }

/// prim_socket:nif_recvmsg/5: {ok, Message}, `select`, ok, {error, Reason}, {invalid, …}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_recvmsg_5(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        size_t size, control;
        int flags;
        if (!is_operation(a[4]) || !a[1].is_integer() || !a[2].is_integer() || !a[3].is_integer()) return p.badarg();
        if (!size_of_buffer(a[1], &size)) return bad_integer(p, a[1]);
        if (!size_of_buffer(a[2], &control)) return bad_integer(p, a[2]);
        if (!int_of(a[3], &flags)) return bad_integer(p, a[3]);
        return with_side(p, s, s.reading, [&] { return receive_message(p, s, size, control, flags, a[4]); });
    });
}

}  // namespace lintel
