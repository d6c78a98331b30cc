/// Natives of prim_socket that send and receive.

#include <limits.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "base/byte_buffer.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/output_buffer.h"
#include "stdlib/socket/address.h"
#include "stdlib/socket/control_message.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

constexpr size_t kBytesPerReduction = 256;
/// Buffers that are larger are only made so large if there is so much to be read.
constexpr size_t kLargeBuffer = size_t{1} << 20;
/// Most binaries, and most messages, that go at once.
constexpr size_t kMostPieces = 1024, kMostMessages = 1024;
/// Most room for messages that come at once: of larger ones fewer are asked for.
constexpr size_t kMostBatchBytes = size_t{8} << 20;
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

/// A message as the system wants it; it stays where it is.
class OutgoingMessage {
public:
    Pieces pieces;
    msghdr header{};

    /// Reads the address and control messages of a map, and the bytes of a list of binaries. none, or which of the three is wrong.
    Term read(ExecState& p, const Socket& s, Term message, Term list) {
        if (const Term to = value_of(message, am::addr()); to.is_value()) {
            if (!read_address(to, &address_)) return am::addr();
            header.msg_name = &address_.storage;
            header.msg_namelen = address_.size;
        }
        if (!pieces.read(list) || (pieces.is_cut() && s.origin.type != SOCK_STREAM)) return am::iov();
        header.msg_iov = pieces.data();
        header.msg_iovlen = pieces.count();
        if (const Term messages = value_of(message, am::ctrl()); messages.is_value()) {
            const size_t room = std::min(s.settings.send_control_bytes, kMostControlBytes);
            control_.resize(room / sizeof(uint64_t) + 1);
            size_t used = 0;
            if (!write_control_messages(p, messages, reinterpret_cast<char*>(control_.data()), room, &used))
                return am::ctrl();
            header.msg_control = control_.data();
            header.msg_controllen = used;
        }
        return Term::none();
    }
    /// Whether the process may send to its address.
    bool is_allowed(ExecState& p) const {
        return header.msg_name == nullptr || may_reach(as_process(p), &address_.any, header.msg_namelen);
    }

private:
    SocketAddress address_;
    std::vector<uint64_t> control_;
};

Term send_message(ExecState& p, Socket& s, Term message, int flags, Term operation, Term list) {
    Term result;
    if (!may_send(p, s, operation, &result)) return result;
    OutgoingMessage outgoing;
    if (const Term wrong = outgoing.read(p, s, message, list); wrong.is_value()) return make_invalid(p, wrong);
    if (!outgoing.is_allowed(p)) return make_posix_error(p, EACCES);
    ++s.writing.counters.tries;
    const ssize_t sent = sendmsg(s.fd(), &outgoing.header, send_flags(flags));
    return send_result(p, s, operation, sent, outgoing.pieces.size(), outgoing.pieces.is_cut());
}

/// The messages of a list, as many as go at once. `total`: how many there are.
struct OutgoingMessages {
    std::vector<std::unique_ptr<OutgoingMessage>> messages;
    std::vector<mmsghdr> headers;
    size_t total = 0;

    /// False: the caller gets *result.
    bool read(ExecState& p, const Socket& s, Term list, Term* result) {
        for (Term rest = list; rest.is_cons(); rest = rest.tail(), ++total) {
            if (!rest.head().is_map() || !rest.tail().is_list()) return wrong(p.badarg(), result);
        }
        for (; list.is_cons() && messages.size() < kMostMessages; list = list.tail()) {
            auto& message = *messages.emplace_back(std::make_unique<OutgoingMessage>());
            const Term bytes = value_of(list.head(), am::iov());
            const Term part = bytes.is_none() ? am::iov() : message.read(p, s, list.head(), bytes);
            // A list that goes in part would look like a message that the system has cut.
            if (part == am::iov() || message.pieces.is_cut()) return wrong(p.badarg(), result);
            if (part.is_value()) return wrong(make_invalid(p, part), result);
            headers.push_back({message.header, 0});
        }
        return true;
    }

private:
    static bool wrong(Term answer, Term* result) {
        *result = answer;
        return false;
    }
};

/// ok, or {ok, [{Index, Sent}]} with the messages that did not go, or went in part.
Term sent_messages(ExecState& p, Socket& s, const OutgoingMessages& out, size_t sent) {
    ListMaker parts(p);
    size_t bytes = 0;
    for (size_t i = 0; i < out.total; ++i) {
        const size_t gone = i < sent ? out.headers[i].msg_len : 0;
        if (i >= sent || gone < out.messages[i]->pieces.size())
            parts.add_pair(Term::small(static_cast<int64_t>(i)), Term::small(static_cast<int64_t>(gone)));
        if (i < sent) s.writing.counters.done(gone);
        bytes += gone;
    }
    p.charge(bytes / kBytesPerReduction + sent);
    s.next_turn(s.writing, s.writers);
    return parts.list().is_nil() ? am::ok() : make_ok(p, parts.list());
}

Term send_messages(ExecState& p, Socket& s, Term list, int flags, Term operation) {
    Term result;
    if (!may_send(p, s, operation, &result)) return result;
    OutgoingMessages out;
    if (!out.read(p, s, list, &result)) return result;
    if (out.headers.empty()) return sent_messages(p, s, out, 0);
    for (const mmsghdr& m : out.headers) {
        const auto* const to = static_cast<const sockaddr*>(m.msg_hdr.msg_name);
        if (to != nullptr && !may_reach(as_process(p), to, m.msg_hdr.msg_namelen)) return make_posix_error(p, EACCES);
    }
    ++s.writing.counters.tries;
    const int sent = sendmmsg(s.fd(), out.headers.data(), static_cast<unsigned>(out.headers.size()), send_flags(flags));
    if (sent < 0) return send_result(p, s, operation, sent, 0, false);
    return sent_messages(p, s, out, static_cast<size_t>(sent));
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
        if (is_poll(operation)) return otp_number(p) < 26 ? am::ok() : am::timeout();
        s.receives = 0;
        return receive_later(p, s, operation);
    }
    ++s.reading.counters.fails;
    if (!s.readers.empty()) s.fail_all(s.readers, posix_atom(p.vm->atoms, error));
    return make_posix_error(p, error);
}

/// The first `bytes` bytes as a term. None: an error is pending.
Term take(ExecState& p, OutputBuffer& buffer, size_t bytes) {
    p.charge(bytes / kBytesPerReduction);
    const Term t = buffer.take(p, bytes);
    return t.is_value() ? t : p.system_limit();
}

/// Bytes for a buffer in which `wanted` bytes (0: what the socket has set) fit, unless there are less to be read anyway.
size_t buffer_size(const Socket& s, size_t wanted) {
    const size_t bytes = wanted != 0 ? wanted : s.settings.receive_bytes;
    if (bytes <= kLargeBuffer) return bytes;
    int there = 0;
    if (ioctl(s.fd(), FIONREAD, &there) != 0 || there < 0) there = 0;
    return std::min(bytes, std::max(kLargeBuffer, static_cast<size_t>(there)));
}

/// {Tag, Bytes}
Term with_bytes(ExecState& p, Term tag, OutputBuffer& buffer, size_t bytes) {
    const Term t = take(p, buffer, bytes);
    return t.is_none() ? t : make_tuple2(p, tag, t);
}

/// What a stream gave when it filled a buffer of {otp, rcvbuf}: there may be more at once.
Term received_full(ExecState& p, Socket& s, Term operation, OutputBuffer& buffer) {
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

/// One call that receives, if it is the caller's turn. Call: ssize_t(OutputBuffer&), the system's; Then: Term(OutputBuffer&, size_t),
/// with the bytes that came. The end of a stream is answered here.
template <typename Call, typename Then>
Term receive_once(ExecState& p, Socket& s, size_t wanted, int flags, Term operation, Call call, Then then) {
    Term result;
    if (!may_receive(p, s, operation, &result)) return result;
    OutputBuffer buffer(buffer_size(s, wanted));
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
    const auto call = [&](OutputBuffer& buffer) {
        const ssize_t n = recv(s.fd(), buffer.data(), buffer.size(), receive_flags(flags));
        if (n == 0 && s.origin.type == SOCK_STREAM && !s.readers.empty()) s.fail_all(s.readers, am::closed());
        return n;
    };
    return receive_once(p, s, wanted, flags, operation, call, [&](OutputBuffer& buffer, size_t got) {
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
    const auto call = [&](OutputBuffer& buffer) {
        return recvfrom(s.fd(), buffer.data(), buffer.size(), receive_flags(flags), &from.any, &from.size);
    };
    return receive_once(p, s, wanted, flags, operation, call, [&](OutputBuffer& buffer, size_t got) {
        received_all(s, got, false);
        const Term bytes = take(p, buffer, got);
        return bytes.is_none() ? bytes : make_ok(p, make_tuple2(p, make_address(p, from), bytes));
    });
}

/// Bytes for control messages, of which `wanted` are wanted; 0: what the socket has set.
size_t control_size(const Socket& s, size_t wanted) {
    return std::min(wanted != 0 ? wanted : s.settings.receive_control_bytes, kMostControlBytes);
}

/// #{iov := [Bytes], ctrl := …, flags := …, addr => …} of what has come with `flags`.
Term make_message(ExecState& p, Term bytes, msghdr& header, SocketAddress& from, int flags) {
    if ((flags & MSG_CMSG_CLOEXEC) == 0) header.msg_flags &= ~MSG_CMSG_CLOEXEC;
    MapMaker map(p);
    map.add(am::iov(), make_cons(p, bytes, Term::nil()));
    map.add(am::ctrl(), make_control_messages(p, header));
    map.add(am::flags(), make_message_flags(p, header.msg_flags));
    if (header.msg_namelen != 0) {
        from.size = header.msg_namelen;
        map.add(am::addr(), make_address(p, from));
    }
    return map.make();
}

Term receive_message(ExecState& p, Socket& s, size_t wanted, size_t wanted_control, int flags, Term operation) {
    const size_t room = control_size(s, wanted_control);
    std::vector<uint64_t> control(room / sizeof(uint64_t) + 1);
    SocketAddress from;
    iovec piece{};
    msghdr header{};
    const auto call = [&](OutputBuffer& buffer) {
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
    return receive_once(p, s, wanted, flags, operation, call, [&](OutputBuffer& buffer, size_t got) {
        received_all(s, got, false);
        const Term bytes = take(p, buffer, got);
        return bytes.is_none() ? bytes : make_ok(p, make_message(p, bytes, header, from, flags));
    });
}

/// Room for messages that come at once: for each its bytes, and then its control messages.
class IncomingMessages {
public:
    /// For `count` messages, or fewer if they are large. False: no memory.
    bool make(size_t count, size_t bytes, size_t control_bytes) {
        const size_t control_words = control_bytes / sizeof(uint64_t) + 1;
        bytes_ = bytes;
        step_ = (bytes + 7) / 8 * 8 + control_words * sizeof(uint64_t);
        count = std::min({count, kMostMessages, std::max<size_t>(kMostBatchBytes / step_, 1)});
        if (!room_.resize(count * step_)) return false;
        from_.resize(count);
        pieces_.resize(count);
        headers_.resize(count);
        for (size_t i = 0; i < count; ++i) {
            pieces_[i] = {data(i), bytes};
            msghdr& header = headers_[i].msg_hdr;
            header = {};
            header.msg_name = &from_[i].storage;
            header.msg_namelen = from_[i].size;
            header.msg_iov = &pieces_[i];
            header.msg_iovlen = 1;
            header.msg_control = data(i) + step_ - control_words * sizeof(uint64_t);
            header.msg_controllen = control_bytes;
        }
        return true;
    }
    /// So that what the system does not write is nobody else's.
    void clear() { memset(room_.data(), 0, room_.size()); }
    mmsghdr* headers() { return headers_.data(); }
    size_t count() const { return headers_.size(); }
    size_t size(size_t i) const { return std::min<size_t>(headers_[i].msg_len, bytes_); }
    uint8_t* data(size_t i) const { return room_.data() + i * step_; }
    SocketAddress& from(size_t i) { return from_[i]; }

private:
    ByteBuffer room_;
    size_t bytes_ = 0, step_ = 0;
    std::vector<SocketAddress> from_;
    std::vector<iovec> pieces_;
    std::vector<mmsghdr> headers_;
};

Term received_messages(ExecState& p, Socket& s, IncomingMessages& in, size_t count, int flags) {
    ListMaker messages(p);
    for (size_t i = 0; i < count; ++i) {
        const size_t got = in.size(i);
        ++s.reading.counters.packets;
        s.reading.counters.bytes += got;
        s.reading.counters.end(got);
        p.charge(got / kBytesPerReduction + 1);
        const Term bytes = make_binary(p, {reinterpret_cast<const char*>(in.data(i)), got});
        if (bytes.is_none()) return bytes;
        messages.add(make_message(p, bytes, in.headers()[i].msg_hdr, in.from(i), flags));
    }
    if (!s.readers.empty()) s.next_turn(s.reading, s.readers);
    return make_ok(p, messages.list());
}

Term receive_messages(ExecState& p, Socket& s, size_t count, size_t wanted, size_t wanted_control, int flags,
                      Term operation) {
    Term result;
    if (!may_receive(p, s, operation, &result)) return result;
    IncomingMessages in;
    if (!in.make(count, buffer_size(s, wanted), control_size(s, wanted_control))) return make_posix_error(p, ENOMEM);
    if ((flags & MSG_TRUNC) != 0) in.clear();
    ++s.reading.counters.tries;
    const int n = recvmmsg(s.fd(), in.headers(), static_cast<unsigned>(in.count()),
                           receive_flags(flags) | MSG_CMSG_CLOEXEC, nullptr);
    if (n >= 0) return received_messages(p, s, in, static_cast<size_t>(n), flags);
    return receive_failed(p, s, operation, errno);
}

bool is_operation(Term t) { return t.is_reference() || is_poll(t); }

/// Calls f, which receives, under the side's lock. With {otp, select_read} who has got something waits for more at once, unless others do: he gets
/// {select_read, What} instead of {ok, What}.
template <typename Receive>
Term receive_and_select(ExecState& p, Socket& s, Term operation, Receive f) {
    return with_side(p, s, s.reading, [&] {
        const Term result = f();
        if (!s.settings.selects_after_read || is_poll(operation) || !s.readers.empty() || result.is_none())
            return result;
        const TupleView answer = as_tuple(result, 2);
        if (!answer || answer[0] != am::ok() || receive_later(p, s, operation) != am::select()) return result;
        return make_tuple2(p, name_atom(p, "select_read"), answer[1]);
    });
}

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
        return receive_and_select(p, s, a[3], [&] { return f(p, s, size, flags, a[3]); });
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
        if (!may_reach(as_process(p), &to.any, to.size)) return make_posix_error(p, EACCES);
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

/// prim_socket:nif_sendmmsg/4 (OTP 29): ok if all messages of a list went, {ok, [{Index, Sent}]} with those that did not, or only in part, `select`, {error, Reason},
/// {invalid, addr | ctrl}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_sendmmsg_4(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int flags;
        if (!a[3].is_reference() || !a[1].is_list()) return p.badarg();
        if (!int_of(a[2], &flags)) return bad_integer(p, a[2]);
        return with_side(p, s, s.writing, [&] { return send_messages(p, s, a[1], flags, a[3]); });
    });
}

/// prim_socket:nif_sendv/3 (OTP 27): a list of binaries, answered as nif_sendmsg/5 does. Fails: badarg, {invalid, state}.
Term prim_socket_nif_sendv_3(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        if (!a[2].is_reference()) return p.badarg();
        return with_side(p, s, s.writing, [&] { return send_message(p, s, am::undefined(), 0, a[2], a[1]); });
    });
}

/// prim_socket:nif_recv/4: {ok, Bytes}, {more, Bytes}, {select, Bytes}, `select`, ok (before OTP 26) or timeout if there is nothing and the operation is zero, {error, Reason}, {invalid, {integer_range,
/// N}}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_recv_4(ExecState& p, Args a) { return receive_bytes(p, a, receive); }

/// prim_socket:nif_recvfrom/4: {ok, {Address, Bytes}}, `select`, ok, timeout, {error, Reason}, {invalid, …}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_recvfrom_4(ExecState& p, Args a) { return receive_bytes(p, a, receive_from); }

/// prim_socket:nif_recvmsg/5: {ok, Message}, `select`, ok, timeout, {error, Reason}, {invalid, …}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_recvmsg_5(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        size_t size, control;
        int flags;
        if (!is_operation(a[4]) || !a[1].is_integer() || !a[2].is_integer() || !a[3].is_integer()) return p.badarg();
        if (!size_of_buffer(a[1], &size)) return bad_integer(p, a[1]);
        if (!size_of_buffer(a[2], &control)) return bad_integer(p, a[2]);
        if (!int_of(a[3], &flags)) return bad_integer(p, a[3]);
        return receive_and_select(p, s, a[4], [&] { return receive_message(p, s, size, control, flags, a[4]); });
    });
}

/// prim_socket:nif_recvmmsg/6 (OTP 29): {ok, Messages}, as many as are there, but no more than asked for, `select`, `timeout`,
/// {error, Reason}, {invalid, …}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_recvmmsg_6(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        size_t count, size, control;
        int flags;
        if (!is_operation(a[5])) return p.badarg();
        for (size_t i = 1; i < 5; ++i) {
            if (!a[i].is_integer()) return p.badarg();
        }
        if (!size_of_buffer(a[1], &count)) return bad_integer(p, a[1]);
        if (!size_of_buffer(a[2], &size)) return bad_integer(p, a[2]);
        if (!size_of_buffer(a[3], &control)) return bad_integer(p, a[3]);
        if (!int_of(a[4], &flags)) return bad_integer(p, a[4]);
        return receive_and_select(p, s, a[5],
                                  [&] { return receive_messages(p, s, count, size, control, flags, a[5]); });
    });
}

}  // namespace lintel
