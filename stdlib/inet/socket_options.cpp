/// Options of sockets: those that the driver obeys itself, and those that the system has.

#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "stdlib/inet/inet_driver.h"

namespace lintel::inet {

namespace {

constexpr size_t kMostAnswerBytes = 65536;

/// An option of the system whose value is an int.
struct SystemOption {
    Option code;
    int level, name;
    bool is_told = false;  ///< whether Erlang learns that the system has refused it
};

constexpr SystemOption kSystemOptions[] = {
    {Option::reuse_address, SOL_SOCKET, SO_REUSEADDR},
    {Option::reuse_port, SOL_SOCKET, SO_REUSEPORT},
    {Option::reuse_port_balanced, SOL_SOCKET, SO_REUSEPORT},
    {Option::keep_alive, SOL_SOCKET, SO_KEEPALIVE},
    {Option::dont_route, SOL_SOCKET, SO_DONTROUTE},
    {Option::broadcast, SOL_SOCKET, SO_BROADCAST},
    {Option::out_of_band_inline, SOL_SOCKET, SO_OOBINLINE},
    {Option::send_buffer, SOL_SOCKET, SO_SNDBUF},
    {Option::receive_buffer, SOL_SOCKET, SO_RCVBUF},
    {Option::priority, SOL_SOCKET, SO_PRIORITY, true},
    {Option::tos, IPPROTO_IP, IP_TOS, true},
    {Option::traffic_class, IPPROTO_IPV6, IPV6_TCLASS, true},
    {Option::ttl, IPPROTO_IP, IP_TTL, true},
    {Option::receive_tos, IPPROTO_IP, IP_RECVTOS, true},
    {Option::receive_traffic_class, IPPROTO_IPV6, IPV6_RECVTCLASS, true},
    {Option::receive_ttl, IPPROTO_IP, IP_RECVTTL, true},
    {Option::no_delay, IPPROTO_TCP, TCP_NODELAY},
    {Option::no_push, IPPROTO_TCP, TCP_CORK},
    {Option::keep_count, IPPROTO_TCP, TCP_KEEPCNT},
    {Option::keep_idle, IPPROTO_TCP, TCP_KEEPIDLE},
    {Option::keep_interval, IPPROTO_TCP, TCP_KEEPINTVL},
    {Option::user_timeout, IPPROTO_TCP, TCP_USER_TIMEOUT},
    {Option::multicast_ttl, IPPROTO_IP, IP_MULTICAST_TTL},
    {Option::multicast_loop, IPPROTO_IP, IP_MULTICAST_LOOP},
    {Option::ipv6_only, IPPROTO_IPV6, IPV6_V6ONLY, true},
};

const SystemOption* system_option(Option code) {
    for (const SystemOption& o : kSystemOptions) {
        if (o.code == code) return &o;
    }
    return nullptr;
}

unsigned ancillary_flag(Option code) {
    switch (code) {
        case Option::receive_tos: return 1;
        case Option::receive_traffic_class: return 2;
        case Option::receive_ttl: return 4;
        default: return 0;
    }
}

/// setsockopt. The type of service makes the system choose a priority; here they are independent.
bool set(int fd, int level, int name, const void* value, size_t size) {
    int priority = 0;
    socklen_t priority_size = sizeof priority;
    const bool keeps_priority = level == IPPROTO_IP && name == IP_TOS &&
                                getsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, &priority_size) == 0;
    if (setsockopt(fd, level, name, value, static_cast<socklen_t>(size)) != 0) return false;
    if (keeps_priority) setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority);
    return true;
}

}  // namespace

// ---- setting

/// False: einval.
bool InetDriver::set_options(Port& port, ByteReader in) {
    const Active active_before = active;
    const Packet packet_before = settings.packet;
    while (in.has(5)) {
        const auto option = static_cast<Option>(in.u8());
        const int32_t value = in.i32();
        switch (set_own_option(port, option, value, in)) {
            case SetResult::done: break;
            case SetResult::bad: return false;
            case SetResult::end: return true;
            case SetResult::system:
                if (!set_system_option(option, value, in)) return false;
        }
    }
    options_changed(port, active_before, packet_before);
    return true;
}

InetDriver::SetResult InetDriver::set_own_option(Port& port, Option option, int32_t value, ByteReader& in) {
    const bool stream = is_stream() || system_type_ == SOCK_STREAM;
    switch (option) {
        case Option::header: settings.header = static_cast<uint32_t>(value); break;
        case Option::mode: settings.mode = value; break;
        case Option::deliver: settings.deliver = static_cast<Deliver>(value); break;
        case Option::buffer:
            settings.buffer = value < 1 ? 1 : value;
            settings.buffer_is_set = true;
            break;
        case Option::active: {
            bool is_end = false;
            if (!set_active(port, value, in, &is_end)) return SetResult::bad;
            if (is_end) return SetResult::end;
            break;
        }
        case Option::packet: settings.packet = static_cast<Packet>(value); break;
        case Option::packet_size: settings.packet_size = static_cast<uint32_t>(value); break;
        case Option::exit_on_close: settings.exit_on_close = value; break;
        case Option::line_delimiter: line_delimiter = static_cast<uint8_t>(value); break;
        case Option::high_watermark:
            settings.high_watermark = value < 0 ? 0 : value;
            if (settings.low_watermark > settings.high_watermark) settings.low_watermark = settings.high_watermark;
            break;
        case Option::low_watermark:
            settings.low_watermark = value < 0 ? 0 : value;
            if (settings.high_watermark < settings.low_watermark) settings.high_watermark = settings.low_watermark;
            break;
        case Option::high_queue_watermark:
            if (value < 1) return SetResult::bad;
            settings.high_queue_watermark = value;
            if (settings.low_queue_watermark > value) settings.low_queue_watermark = value;
            break;
        case Option::low_queue_watermark:
            if (value < 1) return SetResult::bad;
            settings.low_queue_watermark = value;
            if (settings.high_queue_watermark < value) settings.high_queue_watermark = value;
            break;
        case Option::send_timeout: settings.send_timeout = value; break;
        case Option::send_timeout_close: settings.send_timeout_close = value; break;
        case Option::delay_send: delay_send = value != 0; break;
        case Option::show_reset: settings.show_reset = value != 0; break;
        case Option::exclusive_address: break;  // of Windows
        case Option::read_ahead:
            if (stream) settings.read_ahead = value != 0;
            break;
        case Option::read_packets:
            if (stream) break;
            if (value <= 0) return SetResult::bad;
            read_packets = value;
            break;
        case Option::network_namespace:
            if (value < 0 || !in.has(static_cast<size_t>(value))) return SetResult::bad;
            network_namespace_ = in.take(static_cast<size_t>(value));
            break;
        case Option::debug: debug_ = value != 0 ? 1 : 0; break;
        default: return SetResult::system;
    }
    return SetResult::done;
}

/// False: einval.
bool InetDriver::set_active(Port& port, int32_t value, ByteReader& in, bool* is_end) {
    active = static_cast<Active>(value);
    if (active == Active::counted) {
        if (!in.has(2)) return false;
        const int32_t count = active_count + static_cast<int16_t>(in.u16());
        if (count > INT16_MAX || count < INT16_MIN) return false;
        active_count = count < 0 ? 0 : count;
        if (active_count == 0) {
            active = Active::no;
            tell_owner_of(port, passive_tag());
        }
    } else {
        active_count = 0;
    }
    *is_end = active != Active::no && !is_open() && is_stream() && activated_when_closed(port);
    return true;
}

/// False: einval. For most options nobody is told that the system has refused.
bool InetDriver::set_system_option(Option option, int32_t value, ByteReader& in) {
    switch (option) {
        case Option::linger: {
            if (!in.has(4)) return false;
            const linger how{value, in.i32()};
            settings.linger_zero = how.l_onoff != 0 && how.l_linger == 0;
            set(fd_, SOL_SOCKET, SO_LINGER, &how, sizeof how);
            return true;
        }
        case Option::multicast_interface: {
            if (family_ != AF_INET && family_ != AF_INET6) return false;
            const bool is_4 = family_ == AF_INET;
            const uint32_t wanted = is_4 ? htonl(static_cast<uint32_t>(value)) : static_cast<uint32_t>(value);
            set(fd_, is_4 ? IPPROTO_IP : IPPROTO_IPV6, is_4 ? IP_MULTICAST_IF : IPV6_MULTICAST_IF, &wanted,
                sizeof wanted);
            return true;
        }
        case Option::add_membership:
        case Option::drop_membership: return set_membership(option, value, in);
        case Option::raw: {
            if (!in.has(8)) return false;
            const int name = in.i32();
            const uint32_t size = in.u32();
            if (!in.has(size)) return false;
            set(fd_, value, name, in.take(size).data(), size);
            return true;
        }
        case Option::device: {
            char name[IFNAMSIZ] = {};
            if (value < 0 || !in.has(static_cast<size_t>(value)) || value > static_cast<int32_t>(sizeof name))
                return false;
            std::memcpy(name, in.take(static_cast<size_t>(value)).data(), static_cast<size_t>(value));
            return set(fd_, SOL_SOCKET, SO_BINDTODEVICE, name, sizeof name);
        }
        default: break;
    }
    const SystemOption* found = system_option(option);
    if (found == nullptr) return false;
    if (option == Option::receive_buffer && !settings.buffer_is_set) {
        // No more than the largest packet there can be.
        constexpr int32_t kMostDatagram = 65536;
        if (value > kMostDatagram && !is_stream()) {
            settings.buffer = kMostDatagram;
        } else if (value > settings.buffer) {
            settings.buffer = value;
        }
    }
    const bool done = set(fd_, found->level, found->name, &value, sizeof value);
    if (done && ancillary_flag(option) != 0) {
        ancillary_flags = (ancillary_flags & ~ancillary_flag(option)) | (value != 0 ? ancillary_flag(option) : 0);
    }
    return done || !found->is_told;
}

/// `family` is that of the group.
bool InetDriver::set_membership(Option option, int32_t family, ByteReader& in) {
    const bool adds = option == Option::add_membership;
    if (family == static_cast<int32_t>(Family::inet) && family_ == AF_INET) {
        if (!in.has(12)) return false;
        ip_mreqn group{};
        group.imr_ifindex = in.i32();
        group.imr_multiaddr.s_addr = htonl(in.u32());
        group.imr_address.s_addr = htonl(in.u32());
        set(fd_, IPPROTO_IP, adds ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &group, sizeof group);
        return true;
    }
    if (family == static_cast<int32_t>(Family::inet6) && family_ == AF_INET6) {
        if (!in.has(20)) return false;
        ipv6_mreq group{};
        group.ipv6mr_interface = in.u32();
        std::memcpy(&group.ipv6mr_multiaddr, in.take(16).data(), 16);
        set(fd_, IPPROTO_IPV6, adds ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP, &group, sizeof group);
        return true;
    }
    return false;
}

// ---- reading

/// False: einval. What the system does not tell is left out.
bool InetDriver::get_options(ByteReader in, ByteWriter out) {
    while (!in.empty()) {
        const auto option = static_cast<Option>(in.u8());
        if (!get_own_option(option, out) && !get_system_option(option, in, out)) return false;
        if (out.size() > kMostAnswerBytes) return false;
    }
    return true;
}

/// False: it is none of the driver's.
bool InetDriver::get_own_option(Option option, ByteWriter& out) {
    const auto put = [&](int64_t value) {
        out.u8(static_cast<uint8_t>(option));
        out.u32(static_cast<uint32_t>(value));
    };
    const bool stream = is_stream();
    switch (option) {
        case Option::buffer: put(settings.buffer); break;
        case Option::header: put(settings.header); break;
        case Option::mode: put(settings.mode); break;
        case Option::deliver: put(static_cast<int32_t>(settings.deliver)); break;
        case Option::active:
            put(static_cast<int32_t>(active));
            if (active == Active::counted) out.u16(static_cast<uint16_t>(active_count));
            break;
        case Option::packet: put(static_cast<int32_t>(settings.packet)); break;
        case Option::packet_size: put(settings.packet_size); break;
        case Option::exit_on_close: put(settings.exit_on_close); break;
        case Option::high_queue_watermark: put(settings.high_queue_watermark); break;
        case Option::low_queue_watermark: put(settings.low_queue_watermark); break;
        case Option::debug: put(debug_); break;
        case Option::network_namespace:
            if (!network_namespace_) break;
            put(static_cast<int64_t>(network_namespace_->size()));
            out.bytes(*network_namespace_);
            break;
        // Of one kind of socket only; else nothing is said.
        case Option::high_watermark:
            if (stream) put(settings.high_watermark);
            break;
        case Option::low_watermark:
            if (stream) put(settings.low_watermark);
            break;
        case Option::send_timeout:
            if (stream) put(settings.send_timeout);
            break;
        case Option::send_timeout_close:
            if (stream) put(settings.send_timeout_close);
            break;
        case Option::delay_send:
            if (stream) put(delay_send ? 1 : 0);
            break;
        case Option::exclusive_address: put(0); break;
        case Option::read_ahead:
            if (stream) put(settings.read_ahead ? 1 : 0);
            break;
        case Option::show_reset:
            if (system_type_ == SOCK_STREAM) put(settings.show_reset ? 1 : 0);
            break;
        case Option::read_packets:
            if (type_ == SOCK_DGRAM) put(read_packets);
            break;
        default: return false;
    }
    return true;
}

/// False: einval.
bool InetDriver::get_system_option(Option option, ByteReader& in, ByteWriter& out) {
    const auto tag = [&] { out.u8(static_cast<uint8_t>(option)); };
    switch (option) {
        case Option::linger: {
            linger how{};
            socklen_t size = sizeof how;
            if (getsockopt(fd_, SOL_SOCKET, SO_LINGER, &how, &size) != 0) return true;
            tag();
            out.u32(static_cast<uint32_t>(how.l_onoff));
            out.u32(static_cast<uint32_t>(how.l_linger));
            return true;
        }
        case Option::multicast_interface: {
            if (family_ != AF_INET && family_ != AF_INET6) return false;
            const bool is_4 = family_ == AF_INET;
            uint32_t value = 0;
            socklen_t size = sizeof value;
            const int refused = is_4 ? getsockopt(fd_, IPPROTO_IP, IP_MULTICAST_IF, &value, &size)
                                     : getsockopt(fd_, IPPROTO_IPV6, IPV6_MULTICAST_IF, &value, &size);
            if (refused != 0) return true;
            tag();
            out.u32(is_4 ? ntohl(value) : value);
            out.u32(static_cast<uint32_t>(is_4 ? Family::inet : Family::inet6));
            return true;
        }
        case Option::raw: return get_raw_option(in, out);
        case Option::device: {
            char name[IFNAMSIZ] = {};
            socklen_t size = sizeof name;
            if (getsockopt(fd_, SOL_SOCKET, SO_BINDTODEVICE, name, &size) != 0) return true;
            const std::string_view text(name, strnlen(name, size));
            tag();
            out.u32(text.size());
            out.bytes(text);
            return true;
        }
        case Option::packet_options: return get_packet_options(out);
        default: break;
    }
    const SystemOption* found = system_option(option);
    if (found == nullptr) return false;
    int value = 0;
    socklen_t size = sizeof value;
    if (getsockopt(fd_, found->level, found->name, &value, &size) != 0) return true;
    tag();
    out.u32(static_cast<uint32_t>(value));
    return true;
}

/// Level, name, whether there is data to begin with, size, data.
bool InetDriver::get_raw_option(ByteReader& in, ByteWriter& out) {
    if (!in.has(13)) return false;
    const int level = in.i32(), name = in.i32();
    const bool has_data = in.u8() != 0;
    const uint32_t room = in.u32();
    if (room > kMostAnswerBytes || (has_data && !in.has(room))) return false;
    std::string value(room, '\0');
    if (has_data) value = in.take(room);
    auto size = static_cast<socklen_t>(room);
    if (getsockopt(fd_, level, name, value.data(), &size) != 0) return true;
    out.u8(static_cast<uint8_t>(Option::raw));
    out.u32(static_cast<uint32_t>(level));
    out.u32(static_cast<uint32_t>(name));
    out.u32(size);
    out.bytes({value.data(), size});
    return true;
}

/// What came with the packets that made a connection.
bool InetDriver::get_packet_options(ByteWriter& out) {
    if (family_ != AF_INET && family_ != AF_INET6) return false;
    const bool is_4 = family_ == AF_INET;
    alignas(cmsghdr) char buffer[2 * CMSG_SPACE(sizeof(int))] = {};
    socklen_t size = sizeof buffer;
    constexpr int kIpv6PacketOptions = 6;  // IPV6_2292PKTOPTIONS
    const int refused = is_4 ? getsockopt(fd_, IPPROTO_IP, IP_PKTOPTIONS, buffer, &size)
                             : getsockopt(fd_, IPPROTO_IPV6, kIpv6PacketOptions, buffer, &size);
    if (refused != 0) return true;
    std::string all;
    ByteWriter inner(&all);
    msghdr message{};
    message.msg_control = buffer;
    message.msg_controllen = size;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        Option code;
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
            code = Option::tos;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
            code = Option::traffic_class;
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
            code = Option::ttl;
        } else {
            continue;
        }
        inner.u8(static_cast<uint8_t>(code));
        inner.u32(ancillary_int(*c));
    }
    out.u8(static_cast<uint8_t>(Option::packet_options));
    out.u32(all.size());
    out.bytes(all);
    return true;
}

uint32_t ancillary_int(const cmsghdr& c) {
    const size_t size = c.cmsg_len - CMSG_LEN(0);
    const unsigned char* data = CMSG_DATA(&c);
    uint32_t value = 0;
    if (size == 1) return *data;
    if (size == sizeof(uint16_t) || size >= sizeof value)
        std::memcpy(&value, data, size < sizeof value ? size : sizeof value);
    return value;
}

}  // namespace lintel::inet
