#include "stdlib/inet/udp_driver.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include "stdlib/inet/received_data.h"
#include "stdlib/posix_error.h"
#include "vm/iolist.h"

namespace lintel::inet {

namespace {

constexpr size_t kUsualBuffer = 65536;
constexpr size_t kAncillaryBytes = 256;
constexpr size_t kMostAncillary = 4;  // items that are handed out

// ---- addresses as terms

constexpr size_t kAddressWords = tuple_words(8);

size_t address_words(const SocketAddress& a) {
    return a.any.sa_family == AF_INET || a.any.sa_family == AF_INET6 ? kAddressWords
                                                                     : tuple_words(2) + binary_words(sizeof a.local);
}

/// {A, B, C, D}, {A, …, H}, {local, Path}, {unspec, <<>>} or {undefined, <<>>}
Term address_term(HeapBuilder& heap, const SocketAddress& address) {
    std::string coded;
    ByteWriter out(&coded);
    const bool is_known = address.encode(out);
    ByteReader in(coded);
    const auto family = static_cast<Family>(in.u8());
    if (is_known && family != Family::local) {
        in.u16();
        const size_t n = family == Family::inet ? 4 : 8;
        Word* elements;
        const Term tuple = heap.tuple_of(n, &elements);
        for (size_t i = 0; i < n; ++i) elements[i] = Term::small(n == 4 ? in.u8() : in.u16()).word();
        return tuple;
    }
    if (is_known) in.u8();
    const Term path = heap.binary(in.rest());
    if (path.is_none()) stop_without_memory(in.size());
    const Term tag = is_known ? am::local() : family == Family::unspecified ? am::unspec() : am::undefined();
    return heap.tuple(tag, path);
}

// ---- ancillary data

constexpr size_t kAncillaryWords = kMostAncillary * (tuple_words(2) + kConsWords);

/// [{tos | tclass | ttl, Value}]
Term ancillary_term(HeapBuilder& heap, msghdr& message) {
    Term items[kMostAncillary];
    size_t n = 0;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr && n < kMostAncillary; c = CMSG_NXTHDR(&message, c)) {
        Term tag;
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
            tag = am::tos();
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
            tag = am::tclass();
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
            tag = am::ttl();
        } else {
            continue;
        }
        items[n++] = heap.tuple(tag, Term::small(ancillary_int(*c)));
    }
    return heap.list({items, n});
}

/// Puts what prim_inet has encoded into `message`, which has room for it. False: it cannot be.
bool put_ancillary(ByteReader in, msghdr* message) {
    cmsghdr* c = CMSG_FIRSTHDR(message);
    size_t used = 0;
    while (!in.empty()) {
        if (c == nullptr || !in.has(5)) return false;
        switch (static_cast<Option>(in.u8())) {
            case Option::tos:
                c->cmsg_level = IPPROTO_IP;
                c->cmsg_type = IP_TOS;
                break;
            case Option::ttl:
                c->cmsg_level = IPPROTO_IP;
                c->cmsg_type = IP_TTL;
                break;
            case Option::traffic_class:
                c->cmsg_level = IPPROTO_IPV6;
                c->cmsg_type = IPV6_TCLASS;
                break;
            default: return false;
        }
        const int value = in.i32();
        c->cmsg_len = CMSG_LEN(sizeof value);
        std::memcpy(CMSG_DATA(c), &value, sizeof value);
        used += CMSG_SPACE(sizeof value);
        c = CMSG_NXTHDR(message, c);
    }
    message->msg_controllen = used;
    return true;
}

}  // namespace

struct UdpDriver::Datagram {
    std::string_view bytes;
    SocketAddress from;
    msghdr* ancillary;  ///< nullptr: nobody wants it
};

bool UdpDriver::own_operation(Port& port, Term from, Operation operation, ByteReader in, Reply& reply) {
    switch (operation) {
        case Operation::connect: connect(port, from, in, reply); return true;
        case Operation::receive_packet: start_receive(port, from, in, reply); return true;
        case Operation::listen: reply.bad_port(); return true;
        case Operation::close:
            close_socket(port);
            reply.ok();
            return true;
        default: return false;
    }
}

void UdpDriver::opened(Port& port) {
    if (active != Active::no) want(port, EventLoop::kReadable);
}

void UdpDriver::options_changed(Port& port, Active active_before, Packet) {
    if (!is_open() || active == active_before) return;
    if (active == Active::no) {
        want_no_longer(port, EventLoop::kReadable);
    } else {
        want(port, EventLoop::kReadable);
    }
}

// ---- one peer

void UdpDriver::disconnect() {
    sockaddr nobody{};
    nobody.sa_family = AF_UNSPEC;
    [[maybe_unused]] const int refused = ::connect(fd(), &nobody, sizeof nobody);
    phase = Phase::open;
}

void UdpDriver::connect(Port& port, Term from, ByteReader in, Reply& reply) {
    if (!is_open()) return reply.bad_port();
    if (in.empty()) {
        constexpr std::string_view kForEver("\xff\xff\xff\xff", 4);
        ByteReader no_timeout(kForEver);
        const Request request = new_request(port, from, no_timeout);
        disconnect();
        answer_ok(port, request);
        reply.ok().u16(request.id);
        return;
    }
    if (in.size() < 6) return reply.error(EINVAL);
    const Request request = new_request(port, from, in);
    if (const int error = remote.decode(family(), in); error != 0) return reply.error(error);
    if (!may_reach(port, &remote.any, remote.size)) return reply.error(EACCES);
    // The system keeps the source address of an association that goes on to somebody else.
    if (phase == Phase::connected) disconnect();
    if (::connect(fd(), &remote.any, remote.size) != 0) {
        const int error = errno;
        disconnect();
        return reply.error(error);
    }
    phase = Phase::connected;
    answer_ok(port, request);
    reply.ok().u16(request.id);
}

// ---- receiving

void UdpDriver::start_receive(Port& port, Term from, ByteReader in, Reply& reply) {
    if (!is_open()) return reply.bad_port();
    if (active != Active::no || in.size() != 8) return reply.error(EINVAL);
    if (request_) return reply.error(EALREADY);
    request_ = new_request(port, from, in);
    reply.ok().u16(request_->id);
    if (receive(port)) return;
    port.call_at(request_->deadline);
    want(port, EventLoop::kReadable);
}

void UdpDriver::ready(Port& port, unsigned) {
    if (port.state != Port::State::open || !is_open()) return;
    if (active == Active::no && !request_) return;
    receive(port);
    if (active != Active::no || request_) want(port, EventLoop::kReadable);
}

void UdpDriver::timeout(Port& port) {
    if (!request_) return;
    if (request_->deadline > port.vm.monotonic_ms()) return port.call_at(request_->deadline);
    const Request request = *request_;
    request_.reset();
    want_no_longer(port, EventLoop::kReadable);
    answer_error(port, request, am::timeout());
}

bool UdpDriver::receive(Port& port) {
    const auto room = static_cast<size_t>(settings.buffer);
    char usual[kUsualBuffer];
    std::unique_ptr<char[]> large;
    if (room > sizeof usual) large.reset(new (std::nothrow) char[room]);
    char* const buffer = large != nullptr ? large.get() : usual;
    for (int32_t i = 0; i < read_packets; ++i) {
        Datagram datagram{};
        datagram.from.size = sizeof datagram.from.storage;
        alignas(cmsghdr) char control[kAncillaryBytes];
        iovec slot{buffer, large != nullptr || room < sizeof usual ? room : sizeof usual};
        msghdr message{};
        message.msg_iov = &slot;
        message.msg_iovlen = 1;
        if (phase != Phase::connected) {
            message.msg_name = &datagram.from.any;
            message.msg_namelen = datagram.from.size;
        }
        if (ancillary_flags != 0) {
            message.msg_control = control;
            message.msg_controllen = sizeof control;
        }
        const ssize_t n = ::recvmsg(fd(), &message, 0);
        if (n < 0) {
            if (errno == EAGAIN || errno == EINTR) return !request_;
            const Term reason = posix_atom(port.vm.atoms, errno);
            if (active != Active::no) {
                tell_error(port, port.owner, am::udp_error(), reason);
            } else if (request_) {
                const Request request = *request_;
                request_.reset();
                answer_error(port, request, reason);
            }
            return true;
        }
        datagram.bytes = {buffer, static_cast<size_t>(n)};
        datagram.from.size = message.msg_namelen;
        if (phase == Phase::connected) datagram.from = remote;
        datagram.ancillary = ancillary_flags != 0 ? &message : nullptr;
        received.add(datagram.bytes.size());
        port.bytes_in += datagram.bytes.size();
        hand_out(port, datagram);
        if (active == Active::no) {
            want_no_longer(port, EventLoop::kReadable);
            return true;
        }
    }
    return true;
}

void UdpDriver::hand_out(Port& port, const Datagram& datagram) {
    if (active == Active::no || settings.deliver == Deliver::port) {
        // The address, encoded, stands before the data.
        std::string head;
        ByteWriter out(&head);
        datagram.from.encode(out);
        Settings as = settings;
        as.header = 0;
        const ReceivedData data(as, datagram.bytes);
        const size_t words = list_words(head.size()) + data.words() + tuple_words(2) * 2 + kAncillaryWords;
        const auto build = [&](HeapBuilder& heap) {
            const Term rest = data.make(heap);
            return heap.byte_list(head, rest);
        };
        if (active != Active::no) {
            port.tell_owner(words, [&](HeapBuilder& heap) {
                const Term bytes = build(heap);
                return heap.tuple(am::data(), bytes);
            });
            return count_active(port);
        }
        if (!request_) return;
        const Request request = *request_;
        request_.reset();
        return answer(port, request, words, [&](HeapBuilder& heap) {
            Term result = build(heap);
            if (datagram.ancillary != nullptr) {
                const Term ancillary = ancillary_term(heap, *datagram.ancillary);
                result = heap.tuple(result, ancillary);
            }
            return heap.tuple(am::ok(), result);
        });
    }
    const ReceivedData data(settings, datagram.bytes);
    const size_t words = tuple_words(6) + address_words(datagram.from) + data.words() + kAncillaryWords;
    port.tell(port.owner, words, [&](HeapBuilder& heap) {
        const Term address = address_term(heap, datagram.from);
        const Term number = Term::small(datagram.from.port());
        if (datagram.ancillary == nullptr) {
            const Term bytes = data.make(heap);
            return heap.tuple(am::udp(), port.self, address, number, bytes);
        }
        const Term ancillary = ancillary_term(heap, *datagram.ancillary);
        const Term bytes = data.make(heap);
        return heap.tuple(am::udp(), port.self, address, number, ancillary, bytes);
    });
    count_active(port);
}

// ---- sending

/// Address, size of ancillary data, ancillary data, bytes.
bool UdpDriver::command(Port& port, Process& from, Term data) {
    Sender sender;
    std::string bytes;
    if (!take_sender(port, from, &data, &sender) || !append_iolist(data, &bytes)) return false;
    port.count_output(from, bytes.size());
    ByteReader in(bytes);
    SocketAddress to;
    if (!is_open()) {
        reply_error(port, sender, posix_atom(port.vm.atoms, EINVAL));
        return true;
    }
    if (const int error = to.decode(family(), in); error != 0) {
        reply_error(port, sender, posix_atom(port.vm.atoms, error));
        return true;
    }
    const size_t ancillary_bytes = in.has(4) ? in.u32() : SIZE_MAX;
    if (!in.has(ancillary_bytes)) {
        reply_error(port, sender, posix_atom(port.vm.atoms, EINVAL));
        return true;
    }
    const ByteReader ancillary(in.take(ancillary_bytes));
    const std::string_view payload = in.rest();
    alignas(cmsghdr) char control[2 * CMSG_SPACE(sizeof(int))] = {};
    iovec slot{const_cast<char*>(payload.data()), payload.size()};
    msghdr message{};
    message.msg_iov = &slot;
    message.msg_iovlen = 1;
    if (phase != Phase::connected) {
        message.msg_name = &to.any;
        message.msg_namelen = to.size;
    }
    if (!ancillary.empty()) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        if (!put_ancillary(ancillary, &message)) {
            reply_error(port, sender, posix_atom(port.vm.atoms, EINVAL));
            return true;
        }
    }
    if (phase != Phase::connected && !may_reach(port, &to.any, to.size)) {
        reply_error(port, sender, posix_atom(port.vm.atoms, EACCES));
        return true;
    }
    sent.add(payload.size());
    if (::sendmsg(fd(), &message, MSG_NOSIGNAL) < 0) {
        reply_error(port, sender, posix_atom(port.vm.atoms, errno));
    } else {
        reply_ok(port, sender);
    }
    return true;
}

void UdpDriver::stop(Port& port) {
    InetDriver::stop(port);
    if (!request_) return;
    const Request request = *request_;
    request_.reset();
    answer_error(port, request, am::closed());
}

}  // namespace lintel::inet
