#include "stdlib/inet/inet_driver.h"

#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "loader/etf.h"
#include "stdlib/inet/interfaces.h"
#include "stdlib/local_terms.h"
#include "stdlib/posix_error.h"

namespace lintel::inet {

void Reply::error(int number) { error(posix_name(number)); }

void Statistics::add(size_t n) {
    ++count;
    bytes += n;
    max = std::max<uint64_t>(max, n);
    const double size = static_cast<double>(n), times = static_cast<double>(count);
    average += (size - average) / times;
    deviation += (size - average - deviation) / times;
}

// ---- the socket

InetDriver::~InetDriver() {
    if (fd_ >= 0) ::close(fd_);  // it has never been a port's
}

void InetDriver::take_socket(int fd, int family) {
    fd_ = fd;
    family_ = family;
    type_ = system_type_;
}

/// A descriptor, or -1 with errno set.
int InetDriver::make_socket(int family, int type, int protocol) {
    const NetworkNamespace there(network_namespace_.value_or(""));
    if (there.error() != 0) {
        errno = there.error();
        return -1;
    }
    return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, family == AF_UNIX ? 0 : protocol);
}

void InetDriver::want(Port& port, unsigned events) {
    if (fd_ < 0) return;
    if (is_ignored) {
        ignored_events |= events;
        return;
    }
    if (watch_ == nullptr) {
        int error = 0;
        watch_ = port.vm.events.watch(fd_, port.shared_from_this(), &error);
        if (watch_ == nullptr) return port.exit(posix_atom(port.vm.atoms, error));
    }
    port.vm.events.want(watch_, events);
}

void InetDriver::want_no_longer(Port& port, unsigned events) {
    ignored_events &= ~events;
    if (watch_ != nullptr) port.vm.events.want_no_longer(watch_, events);
}

void InetDriver::close_socket(Port& port) {
    if (watch_ != nullptr) {
        port.vm.events.close(watch_);
    } else if (fd_ >= 0) {
        ::close(fd_);
    }
    watch_ = nullptr;
    fd_ = -1;
    phase = Phase::closed;
    empty_queue_subscribers_.clear();
}

void InetDriver::stop(Port& port) { close_socket(port); }

void InetDriver::end_port(Port& port, Term reason) {
    port.send_unlink(port.owner);
    port.exit(reason);
}

// ---- messages

InetDriver::Request InetDriver::new_request(Port& port, Term from, ByteReader& timeout) {
    Request request{next_request_++, from};
    if (const int32_t ms = timeout.i32(); ms != -1)
        request.deadline = port.vm.monotonic_ms() + static_cast<uint32_t>(ms);
    return request;
}

void InetDriver::answer_ok(Port& port, const Request& request) {
    answer(port, request, 0, [](HeapBuilder&) { return am::ok(); });
}

void InetDriver::answer_error(Port& port, const Request& request, Term reason) {
    answer(port, request, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(am::error(), reason); });
}

void InetDriver::tell_error(Port& port, Term pid, Term tag, Term reason) {
    port.tell(pid, tuple_words(3), [&](HeapBuilder& heap) { return heap.tuple(tag, port.self, reason); });
}

namespace {

/// Of a reference, in any of its forms.
constexpr size_t kMostReferenceWords = 16;

}  // namespace

bool InetDriver::take_sender(Port& port, Process& from, Term* data, Sender* sender) {
    sender->pid = from.self;
    if (port.vm.otp.number < 26) return true;
    if (!data->is_cons()) return false;
    const BitsView head = as_binary(data->head());
    if (!head || !head.is_aligned() || head.byte_size() < 2) return false;
    const std::span<const uint8_t> bytes(head.bytes(), head.byte_size());
    if (load_big_endian<uint16_t>(bytes.data()) != bytes.size() - 2) return false;
    const auto payload = local_payload(port.vm, bytes.subspan(2));
    if (!payload) return false;
    const EtfContext context{port.vm.atoms, nullptr, false, port.vm.node_name(), port.vm.creation()};
    const auto plan = plan_etf_payload(context, *payload);
    if (!plan || plan->words > kMostReferenceWords) return false;
    HeapFragment* fragment = HeapFragment::create(plan->words);
    if (fragment == nullptr) return false;
    Term reference;
    {
        HeapBuilder heap(fragment);
        reference = build_etf(context, *plan, *payload, heap);
    }
    sender->has_reference = reference.is_value() && reference.is_kind(Kind::ref);
    if (sender->has_reference) {
        sender->reference[0] = reference.boxed_words()[1];
        sender->reference[1] = reference.boxed_words()[2];
    }
    HeapFragment::destroy(fragment);
    *data = data->tail();
    return sender->has_reference;
}

/// ok, or {error, reason} unless `reason` is the non-value.
void InetDriver::reply(Port& port, const Sender& sender, Term reason) {
    port.tell(sender.pid, tuple_words(2) + tuple_words(4) + kRefWords, [&](HeapBuilder& heap) {
        const Term what = reason.is_none() ? am::ok() : heap.tuple(am::error(), reason);
        if (!sender.has_reference) return heap.tuple(am::inet_reply(), port.self, what);
        return heap.tuple(am::inet_reply(), port.self, what, heap.ref(sender.reference[0], sender.reference[1]));
    });
}

void InetDriver::reply_ok(Port& port, const Sender& sender) { reply(port, sender, Term::none()); }
void InetDriver::reply_error(Port& port, const Sender& sender, Term reason) { reply(port, sender, reason); }

void InetDriver::tell_owner_of(Port& port, Term tag) {
    port.tell(port.owner, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(tag, port.self); });
}

void InetDriver::count_active(Port& port) {
    if (active == Active::once) {
        active = Active::no;
    } else if (active == Active::counted && --active_count == 0) {
        active = Active::no;
        tell_owner_of(port, passive_tag());
    }
}

void InetDriver::tell_empty_queue(Port& port) {
    for (const Term pid : empty_queue_subscribers_) {
        port.tell(pid, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(am::empty_out_q(), port.self); });
    }
    empty_queue_subscribers_.clear();
}

// ---- control operations

namespace {

/// A text behind its size. False: there is none.
bool take_text(ByteReader& in, std::string* text) {
    if (!in.has(1)) return false;
    const size_t n = in.u8();
    if (!in.has(n)) return false;
    *text = in.take(n);
    return true;
}

constexpr size_t kServiceBytes = 2048;  // of names and aliases

void service_by_name(ByteReader in, Reply& reply) {
    std::string name, protocol;
    if (!take_text(in, &name) || !take_text(in, &protocol)) return reply.error(EINVAL);
    char buffer[kServiceBytes];
    servent entry, *found = nullptr;
    getservbyname_r(name.c_str(), protocol.c_str(), &entry, buffer, sizeof buffer, &found);
    if (found == nullptr) return reply.error(EINVAL);
    reply.ok().u16(ntohs(static_cast<uint16_t>(found->s_port)));
}

void service_by_port(ByteReader in, Reply& reply) {
    if (!in.has(2)) return reply.error(EINVAL);
    const uint16_t number = in.u16();
    std::string protocol;
    if (!take_text(in, &protocol)) return reply.error(EINVAL);
    char buffer[kServiceBytes];
    servent entry, *found = nullptr;
    getservbyport_r(htons(number), protocol.c_str(), &entry, buffer, sizeof buffer, &found);
    if (found == nullptr) return reply.error(EINVAL);
    reply.ok().bytes(found->s_name);
}

void host_name(ByteReader in, Reply& reply) {
    char name[256];
    if (!in.empty()) return reply.error(EINVAL);
    if (gethostname(name, sizeof name) != 0) return reply.error(errno);
    reply.ok().bytes({name, strnlen(name, sizeof name)});
}

}  // namespace

bool InetDriver::control(Port& port, Term from, uint32_t number, std::string_view bytes, std::string* out) {
    const auto operation = static_cast<Operation>(number - kFirstOperation);
    const ByteReader in(bytes);
    Reply reply(out);
    return own_operation(port, from, operation, in, reply) || common_operation(port, from, operation, in, reply);
}

/// False: badarg.
bool InetDriver::common_operation(Port& port, Term from, Operation operation, ByteReader in, Reply& reply) {
    switch (operation) {
        case Operation::open: open(port, in, reply); return true;
        case Operation::open_descriptor: open_descriptor(port, in, reply); return true;
        case Operation::bind: bind(port, in, reply); return true;
        case Operation::peer: peer_name(reply); return true;
        case Operation::name: socket_name(reply); return true;
        case Operation::set_peer: set_fake_name(&fake_peer_, in, reply); return true;
        case Operation::set_name: set_fake_name(&fake_name_, in, reply); return true;
        case Operation::set_options:
            if (set_options(port, in)) {
                reply.ok();
            } else {
                reply.error(EINVAL);
            }
            return true;
        case Operation::get_options:
            if (!get_options(in, reply.ok())) reply.error(EINVAL);
            return true;
        case Operation::get_statistics: return statistics(in, reply);
        case Operation::subscribe: return subscribe(from, in, reply);
        case Operation::get_type: type(reply); return true;
        case Operation::get_status: status(port, reply); return true;
        case Operation::get_descriptor:
            if (is_open()) {
                reply.ok().u32(static_cast<uint32_t>(given_fd_ >= 0 ? given_fd_ : fd_));
            } else {
                reply.error(EINVAL);
            }
            return true;
        case Operation::ignore_descriptor: ignore_descriptor(port, in, reply); return true;
        case Operation::get_host_name: host_name(in, reply); return true;
        case Operation::get_service_by_name: service_by_name(in, reply); return true;
        case Operation::get_service_by_port: service_by_port(in, reply); return true;
        case Operation::local_addresses: addresses(getsockname, in, reply); return true;
        case Operation::peer_addresses: addresses(getpeername, in, reply); return true;
        case Operation::list_interfaces:
        case Operation::get_interface:
        case Operation::set_interface:
        case Operation::get_interface_addresses:
            if (!is_open()) {
                reply.bad_port();
            } else if (operation == Operation::list_interfaces) {
                list_interfaces(fd_, reply);
            } else if (operation == Operation::get_interface) {
                get_interface(fd_, in, reply);
            } else if (operation == Operation::set_interface) {
                set_interface(fd_, in, reply);
            } else {
                get_interface_addresses(network_namespace_.value_or(""), reply);
            }
            return true;
        default: reply.bad_port(); return true;
    }
}

namespace {

/// The system's family; 0: none of those that there are.
int system_family(uint8_t coded) {
    switch (static_cast<Family>(coded)) {
        case Family::inet: return AF_INET;
        case Family::inet6: return AF_INET6;
        case Family::local: return AF_UNIX;
        default: return 0;
    }
}

/// 0: none.
int system_type(uint8_t coded) {
    switch (static_cast<SocketType>(coded)) {
        case SocketType::stream: return SOCK_STREAM;
        case SocketType::datagram: return SOCK_DGRAM;
        default: return 0;
    }
}

/// `own`: the driver's usual one. -1: it has none such.
int system_protocol(Protocol coded, int own) {
    switch (coded) {
        case Protocol::usual: return own;
        case Protocol::tcp: return own == IPPROTO_TCP ? own : -1;
        case Protocol::udp: return own == IPPROTO_UDP ? own : -1;
        case Protocol::mptcp: return own == IPPROTO_TCP ? IPPROTO_MPTCP : -1;
    }
    return -1;
}

}  // namespace

void InetDriver::open(Port& port, ByteReader in, Reply& reply) {
    if (in.size() != 2 && in.size() != 3) return reply.error(EINVAL);
    const int family = system_family(in.u8()), type = system_type(in.u8());
    if (family == 0) return reply.error(EAFNOSUPPORT);
    // A port for datagrams also takes other types.
    if (type == 0 || (system_type_ == SOCK_STREAM && type != SOCK_STREAM)) return reply.error(EINVAL);
    if (is_open()) return reply.error("exbadseq");
    if (!may(port, Right::network)) return reply.error(EPERM);
    // OTP 29 says the protocol, too.
    const int protocol = in.empty() ? protocol_ : system_protocol(static_cast<Protocol>(in.u8()), protocol_);
    if (protocol < 0) return reply.error(EPROTONOSUPPORT);
    const int fd = make_socket(family, type, protocol);
    if (fd < 0) return reply.error(errno);
    take_socket(fd, family);
    type_ = type;
    phase = Phase::open;
    opened(port);
    reply.ok();
}

/// A descriptor that somebody else has opened, who also closes it: the socket has a copy.
void InetDriver::open_descriptor(Port& port, ByteReader in, Reply& reply) {
    if (in.size() != 6 && in.size() != 10) return reply.error(EINVAL);
    const int family = system_family(in.u8()), type = system_type(in.u8());
    if (family == 0) return reply.error(EAFNOSUPPORT);
    if (type == 0 || (system_type_ == SOCK_STREAM && type != SOCK_STREAM)) return reply.error(EINVAL);
    if (is_open()) return reply.error("exbadseq");
    if (!may(port, Right::network) || !may(port, Right::programs)) return reply.error(EPERM);
    const int given = in.i32();
    const bool is_bound = in.empty() || in.u32() != 0;
    SocketAddress address;
    if (is_bound && getsockname(given, &address.any, &address.size) != 0) return reply.error(errno);
    if (is_bound && address.any.sa_family != family) return reply.error(EINVAL);
    const int fd = fcntl(given, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) return reply.error(errno);
    if (const int flags = fcntl(fd, F_GETFL); flags >= 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    take_socket(fd, family);
    type_ = type;
    given_fd_ = given;
    phase = Phase::open;
    address.size = sizeof address.storage;
    if (is_stream() && getpeername(fd, &address.any, &address.size) == 0) phase = Phase::connected;
    opened(port);
    reply.ok();
}

void InetDriver::bind(Port& port, ByteReader in, Reply& reply) {
    if (in.size() < 2) return reply.error(EINVAL);
    if (phase != Phase::open) return reply.bad_port();
    SocketAddress address;
    if (const int error = address.decode(family_, in); error != 0) return reply.error(error);
    if (!may_reach(port, &address.any, address.size, true)) return reply.error(EACCES);
    if (::bind(fd_, &address.any, address.size) != 0) return reply.error(errno);
    if (address.port() == 0) {
        address.size = sizeof address.storage;
        getsockname(fd_, &address.any, &address.size);
    }
    reply.ok().u16(address.port());
}

void InetDriver::reply_address(const SocketAddress& address, Reply& reply) {
    ByteWriter out = reply.ok();
    if (!address.encode(out)) reply.error(EINVAL);
}

void InetDriver::peer_name(Reply& reply) {
    SocketAddress address;
    if (phase != Phase::connected) return reply.error(ENOTCONN);
    if (fake_peer_) return reply_address(*fake_peer_, reply);
    if (getpeername(fd_, &address.any, &address.size) != 0) return reply.error(errno);
    reply_address(address, reply);
}

void InetDriver::socket_name(Reply& reply) {
    SocketAddress address;
    if (fake_name_) return reply_address(*fake_name_, reply);
    if (getsockname(fd_, &address.any, &address.size) != 0) return reply.error(errno);
    reply_address(address, reply);
}

/// Several there are with SCTP only.
void InetDriver::addresses(int (*ask)(int, sockaddr*, socklen_t*), ByteReader in, Reply& reply) {
    SocketAddress address;
    if (in.size() != 4) return reply.error(EINVAL);
    if (!is_open()) return reply.bad_port();
    if (ask(fd_, &address.any, &address.size) != 0) return reply.error(errno);
    ByteWriter out = reply.ok();
    if (!address.encode(out)) reply.ok();
}

void InetDriver::set_fake_name(std::optional<SocketAddress>* name, ByteReader in, Reply& reply) {
    if (in.empty()) {
        name->reset();
        reply.ok();
        return;
    }
    SocketAddress address;
    if (in.size() < 2) return reply.error(EINVAL);
    if (const int error = address.decode(family_, in); error != 0) return reply.error(error);
    *name = address;
    reply.ok();
}

void InetDriver::type(Reply& reply) {
    const Family family = family_ == AF_INET    ? Family::inet
                          : family_ == AF_INET6 ? Family::inet6
                          : family_ == AF_UNIX  ? Family::local
                                                : Family::undefined;
    if (family == Family::undefined) return reply.error(EINVAL);
    ByteWriter out = reply.ok();
    out.u32(static_cast<uint8_t>(family));
    out.u32(static_cast<uint8_t>(is_stream() ? SocketType::stream : SocketType::datagram));
}

void InetDriver::status(Port& port, Reply& reply) {
    unsigned bits = port.is_busy ? Status::kBusy : 0;
    switch (phase) {
        case Phase::closed: break;
        case Phase::open: bits |= Status::kOpen; break;
        case Phase::connecting: bits |= Status::kOpen | Status::kConnecting; break;
        case Phase::connected: bits |= Status::kOpen | Status::kConnected; break;
        case Phase::listening: bits |= Status::kOpen | Status::kListening; break;
    }
    reply.ok().u32(bits | more_status(port));
}

bool InetDriver::statistics(ByteReader in, Reply& reply) {
    ByteWriter out = reply.ok();
    while (!in.empty()) {
        const uint8_t code = in.u8();
        out.u8(code);
        switch (static_cast<Statistic>(code)) {
            case Statistic::receive_count: out.u32(received.count); break;
            case Statistic::receive_max: out.u32(received.max); break;
            case Statistic::receive_average: out.u32(static_cast<uint64_t>(received.average)); break;
            case Statistic::receive_deviation: out.u32(static_cast<uint64_t>(std::fabs(received.deviation))); break;
            case Statistic::send_count: out.u32(sent.count); break;
            case Statistic::send_max: out.u32(sent.max); break;
            case Statistic::send_average: out.u32(static_cast<uint64_t>(sent.average)); break;
            case Statistic::send_pending: out.u32(queued_bytes()); break;
            case Statistic::receive_bytes: out.u64(received.bytes); break;
            case Statistic::send_bytes: out.u64(sent.bytes); break;
            default: return false;
        }
    }
    return true;
}

bool InetDriver::subscribe(Term from, ByteReader in, Reply& reply) {
    ByteWriter out = reply.ok();
    while (!in.empty()) {
        if (in.u8() != kSubscribeEmptyQueue) return false;
        if (queued_bytes() != 0) empty_queue_subscribers_.push_back(from);
        out.u8(kSubscribeEmptyQueue);
        out.u32(queued_bytes());
    }
    return true;
}

void InetDriver::ignore_descriptor(Port& port, ByteReader in, Reply& reply) {
    if (phase != Phase::connected) return reply.error(ENOTCONN);
    if (!is_stream() || !in.has(1)) return reply.error(EINVAL);
    const uint8_t on = in.u8();
    if (on == 1 && !is_ignored) {
        want_no_longer(port, EventLoop::kReadable | EventLoop::kWritable);
        is_ignored = true;
        ignored_events = active == Active::no ? 0 : EventLoop::kReadable;
    } else if (on == 0 && is_ignored) {
        is_ignored = false;
        if (const unsigned events = ignored_events; events != 0) want(port, events);
        ignored_events = 0;
    } else {
        return reply.error(EINVAL);
    }
    reply.ok();
}

}  // namespace lintel::inet
