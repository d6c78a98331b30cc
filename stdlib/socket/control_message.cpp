#include "stdlib/socket/control_message.h"

#include <linux/errqueue.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>

#include "stdlib/bytes_arg.h"
#include "stdlib/socket/address.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

struct NumberName {
    int number;
    const char* name;
};

template <size_t n>
Term name_of(ExecState& p, const NumberName (&names)[n], int number) {
    for (const NumberName& row : names) {
        if (row.number == number) return name_atom(p, row.name);
    }
    return Term::small(number);
}

template <size_t n>
bool number_of(const NumberName (&names)[n], Term t, int* number) {
    if (!t.is_atom()) return int_of(t, number);
    for (const NumberName& row : names) {
        if (!is_named(t, row.name)) continue;
        *number = row.number;
        return true;
    }
    return false;
}

// Sorted by name, as OTP lists them.
constexpr NumberName kMessageFlags[] = {
    {MSG_CMSG_CLOEXEC, "cmsg_cloexec"},
    {MSG_CONFIRM, "confirm"},
    {MSG_CTRUNC, "ctrunc"},
    {MSG_DONTROUTE, "dontroute"},
    {MSG_EOR, "eor"},
    {MSG_ERRQUEUE, "errqueue"},
    {MSG_MORE, "more"},
    {MSG_NOSIGNAL, "nosignal"},
    {MSG_OOB, "oob"},
    {MSG_PEEK, "peek"},
    {MSG_TRUNC, "trunc"},
};

constexpr NumberName kServiceTypes[] = {
    {IPTOS_LOWDELAY, "lowdelay"},
    {IPTOS_THROUGHPUT, "throughput"},
    {IPTOS_RELIABILITY, "reliability"},
    {IPTOS_MINCOST, "mincost"},
};

/// Of differentiated services: the upper six bits of the same byte.
constexpr NumberName kCodePoints[] = {
    {0, "cs0"},   {1, "le"},    {8, "cs1"},  {10, "af11"},        {12, "af12"}, {14, "af13"}, {16, "cs2"}, {18, "af21"},
    {20, "af22"}, {22, "af23"}, {24, "cs3"}, {26, "af31"},        {28, "af32"}, {30, "af33"}, {32, "cs4"}, {34, "af41"},
    {36, "af42"}, {38, "af43"}, {40, "cs5"}, {44, "voice_admit"}, {45, "nqb"},  {46, "ef"},   {48, "cs6"}, {56, "cs7"},
};
constexpr int kCodePointShift = 2, kPrecedenceShift = 5;
/// The first release in which a type of service is a map, and may be the name of a code point.
constexpr int kCodePointsSince = 29;

constexpr NumberName kDiscoveries[] = {
    {IP_PMTUDISC_WANT, "want"},
    {IP_PMTUDISC_DONT, "dont"},
    {IP_PMTUDISC_DO, "do"},
    {IP_PMTUDISC_PROBE, "probe"},
};
static_assert(IP_PMTUDISC_WANT == IPV6_PMTUDISC_WANT && IP_PMTUDISC_DONT == IPV6_PMTUDISC_DONT &&
              IP_PMTUDISC_DO == IPV6_PMTUDISC_DO && IP_PMTUDISC_PROBE == IPV6_PMTUDISC_PROBE);

constexpr NumberName kErrorOrigins[] = {
    {SO_EE_ORIGIN_NONE, "none"},     {SO_EE_ORIGIN_LOCAL, "local"},       {SO_EE_ORIGIN_ICMP, "icmp"},
    {SO_EE_ORIGIN_ICMP6, "icmp6"},   {SO_EE_ORIGIN_TXSTATUS, "txstatus"}, {SO_EE_ORIGIN_ZEROCOPY, "zerocopy"},
    {SO_EE_ORIGIN_TXTIME, "txtime"},
};
constexpr NumberName kIcmpTypes[] = {
    {ICMP_DEST_UNREACH, "dest_unreach"},
    {ICMP_TIME_EXCEEDED, "time_exceeded"},
};
constexpr NumberName kIcmpCodes[] = {
    {ICMP_NET_UNREACH, "net_unreach"}, {ICMP_HOST_UNREACH, "host_unreach"}, {ICMP_PORT_UNREACH, "port_unreach"},
    {ICMP_FRAG_NEEDED, "frag_needed"}, {ICMP_NET_UNKNOWN, "net_unknown"},   {ICMP_HOST_UNKNOWN, "host_unknown"},
};
constexpr NumberName kIcmp6Types[] = {
    {ICMPV6_DEST_UNREACH, "dest_unreach"},
    {ICMPV6_PKT_TOOBIG, "pkt_toobig"},
    {ICMPV6_TIME_EXCEED, "time_exceeded"},
};
constexpr NumberName kIcmp6Codes[] = {
    {ICMPV6_NOROUTE, "noroute"},
    {ICMPV6_ADM_PROHIBITED, "adm_prohibited"},
    {ICMPV6_NOT_NEIGHBOUR, "not_neighbour"},
    {ICMPV6_ADDR_UNREACH, "addr_unreach"},
    {ICMPV6_PORT_UNREACH, "port_unreach"},
    {ICMPV6_POLICY_FAIL, "policy_fail"},
    {ICMPV6_REJECT_ROUTE, "reject_route"},
};

/// What the data of a control message are; `opaque` ones have no value.
enum class ControlType : uint8_t { opaque, time, tos, integer, byte, ip4_packet, ip6_packet, address, error };

struct ControlKind {
    int level;
    int type;
    const char* name;
    ControlType data;
    bool can_send;  ///< from a value; raw data can always be sent
};

constexpr ControlKind kControlKinds[] = {
    {SOL_SOCKET, SCM_CREDENTIALS, "credentials", ControlType::opaque, false},
    {SOL_SOCKET, SCM_RIGHTS, "rights", ControlType::opaque, false},
    {SOL_SOCKET, SCM_TIMESTAMP, "timestamp", ControlType::time, true},
    {SOL_IP, IP_TOS, "tos", ControlType::tos, true},
    {SOL_IP, IP_TTL, "ttl", ControlType::integer, true},
    {SOL_IP, IP_RECVTTL, "recvttl", ControlType::byte, false},
    {SOL_IP, IP_PKTINFO, "pktinfo", ControlType::ip4_packet, false},
    {SOL_IP, IP_ORIGDSTADDR, "origdstaddr", ControlType::address, false},
    {SOL_IP, IP_RECVTOS, "recvtos", ControlType::tos, false},
    {SOL_IP, IP_RECVERR, "recverr", ControlType::error, false},
    {SOL_IPV6, IPV6_PKTINFO, "pktinfo", ControlType::ip6_packet, false},
    {SOL_IPV6, IPV6_HOPLIMIT, "hoplimit", ControlType::integer, true},
    {SOL_IPV6, IPV6_TCLASS, "tclass", ControlType::integer, true},
    {SOL_IPV6, IPV6_RECVTCLASS, "recvtclass", ControlType::integer, false},
    {SOL_IPV6, IPV6_RECVERR, "recverr", ControlType::error, false},
};

const ControlKind* find_kind(int level, int type) {
    for (const ControlKind& k : kControlKinds) {
        if (k.level == level && k.type == type) return &k;
    }
    return nullptr;
}

const ControlKind* find_kind(int level, Term name) {
    for (const ControlKind& k : kControlKinds) {
        if (k.level == level && is_named(name, k.name)) return &k;
    }
    return nullptr;
}

// ---- receiving

/// Bytes of a control message.
struct Data {
    const unsigned char* bytes;
    size_t size;
    /// False: there are too few.
    template <typename T>
    bool read(T* out) const {
        if (size < sizeof *out) return false;
        memcpy(out, bytes, sizeof *out);
        return true;
    }
};

Term make_socket_error(ExecState& p, const Data& data) {
    sock_extended_err error;
    if (!data.read(&error)) return Term::none();
    Term type = Term::small(error.ee_type), code = Term::small(error.ee_code);
    if (error.ee_origin == SO_EE_ORIGIN_ICMP) {
        type = name_of(p, kIcmpTypes, error.ee_type);
        if (error.ee_type == ICMP_DEST_UNREACH) code = name_of(p, kIcmpCodes, error.ee_code);
    } else if (error.ee_origin == SO_EE_ORIGIN_ICMP6) {
        type = name_of(p, kIcmp6Types, error.ee_type);
        if (error.ee_type == ICMPV6_DEST_UNREACH) code = name_of(p, kIcmp6Codes, error.ee_code);
    }
    MapMaker map(p);
    map.add(am::error(), name_atom(p, posix_name(static_cast<int>(error.ee_errno))));
    map.add("origin", name_of(p, kErrorOrigins, error.ee_origin));
    map.add(am::type(), type);
    map.add("code", code);
    map.add("info", Term::small(static_cast<int32_t>(error.ee_info)));
    map.add(am::data(), Term::small(static_cast<int32_t>(error.ee_data)));
    if (data.size > sizeof error) {
        SocketAddress offender;
        offender.size = static_cast<socklen_t>(std::min(data.size - sizeof error, sizeof offender.storage));
        memcpy(&offender.storage, data.bytes + sizeof error, offender.size);
        map.add("offender", make_address(p, offender));
    }
    return map.make();
}

/// The value of `data`, or none: it has none.
Term make_control_value(ExecState& p, ControlType type, const Data& data) {
    switch (type) {
        case ControlType::opaque: return Term::none();
        case ControlType::time: {
            timeval time;
            if (!data.read(&time)) return Term::none();
            MapMaker map(p);
            map.add("sec", make_integer(p, time.tv_sec));
            map.add("usec", make_integer(p, time.tv_usec));
            return map.make();
        }
        case ControlType::tos: {
            uint8_t tos;
            return data.read(&tos) ? make_tos(p, tos) : Term::none();
        }
        case ControlType::integer: {
            int value;
            return data.read(&value) ? Term::small(value) : Term::none();
        }
        case ControlType::byte: {
            uint8_t value;
            return data.read(&value) ? Term::small(value) : Term::none();
        }
        case ControlType::ip4_packet: {
            in_pktinfo info;
            if (!data.read(&info)) return Term::none();
            MapMaker map(p);
            map.add("ifindex", Term::small(static_cast<uint32_t>(info.ipi_ifindex)));
            map.add("spec_dst", make_ip4(p, info.ipi_spec_dst));
            map.add(am::addr(), make_ip4(p, info.ipi_addr));
            return map.make();
        }
        case ControlType::ip6_packet: {
            struct {
                in6_addr address;
                int index;
            } info;
            static_assert(sizeof info == 20);
            if (!data.read(&info)) return Term::none();
            MapMaker map(p);
            map.add(am::addr(), make_ip6(p, info.address));
            map.add("ifindex", Term::small(info.index));
            return map.make();
        }
        case ControlType::address: {
            SocketAddress address;
            address.size = static_cast<socklen_t>(std::min(data.size, sizeof address.storage));
            memcpy(&address.storage, data.bytes, address.size);
            return make_address(p, address);
        }
        case ControlType::error: return make_socket_error(p, data);
    }
    return Term::none();
}

Term make_control_message(ExecState& p, const cmsghdr& header, const Data& data) {
    MapMaker map(p);
    map.add(am::level(), make_level(header.cmsg_level));
    map.add(am::data(), make_short_binary(p, data.bytes, data.size));
    const ControlKind* kind = find_kind(header.cmsg_level, header.cmsg_type);
    map.add(am::type(), kind == nullptr ? Term::small(header.cmsg_type) : name_atom(p, kind->name));
    if (const Term value = kind == nullptr ? Term::none() : make_control_value(p, kind->data, data); value.is_value())
        map.add(am::value(), value);
    return map.make();
}

// ---- sending

/// Control messages one after another in a buffer.
class ControlWriter {
public:
    ControlWriter(ExecState& p, char* buffer, size_t room) : p_(p), at_(buffer), room_(room) {}
    size_t used() const { return used_; }

    bool write(Term message) {
        int level;
        if (!read_level(value_of(message, am::level()), &level)) return false;
        const Term type = value_of(message, am::type());
        const Term data = value_of(message, am::data()), value = value_of(message, am::value());
        if (type.is_none() || data.is_none() == value.is_none()) return false;
        const ControlKind* kind = find_kind(level, type);
        if (data.is_none()) return kind != nullptr && kind->can_send && write_value(*kind, value);
        int number;
        if (kind != nullptr) {
            number = kind->type;
        } else if (!int_of(type, &number)) {
            return false;
        }
        return write_data(level, number, data);
    }

private:
    bool append(int level, int type, const void* bytes, size_t size) {
        const size_t space = CMSG_SPACE(size);
        if (size > room_ || room_ - used_ < space) return false;
        memset(at_, 0, space);
        auto* header = reinterpret_cast<cmsghdr*>(at_);
        header->cmsg_len = CMSG_LEN(size);
        header->cmsg_level = level;
        header->cmsg_type = type;
        if (size != 0) memcpy(CMSG_DATA(header), bytes, size);
        at_ += space;
        used_ += space;
        return true;
    }
    bool write_data(int level, int type, Term data) {
        if (const BytesArg bytes(data); bytes) return append(level, type, bytes.data(), bytes.size());
        int number;
        bool flag;
        if (bool_of(data, &flag)) {
            number = flag ? 1 : 0;
        } else if (!int_of(data, &number)) {
            return false;
        }
        return append(level, type, &number, sizeof number);
    }
    bool write_value(const ControlKind& kind, Term value) {
        int number;
        switch (kind.data) {
            case ControlType::time: {
                timeval time;
                if (!int64_of(value_of(p_, value, "sec"), &time.tv_sec) ||
                    !int64_of(value_of(p_, value, "usec"), &time.tv_usec))
                    return false;
                return append(kind.level, kind.type, &time, sizeof time);
            }
            case ControlType::tos:
                return read_tos(p_, value, &number) && append(kind.level, kind.type, &number, sizeof number);
            case ControlType::integer:
                return int_of(value, &number) && append(kind.level, kind.type, &number, sizeof number);
            default: return false;
        }
    }

    ExecState& p_;
    char* at_;
    const size_t room_;
    size_t used_ = 0;
};

}  // namespace

bool write_control_messages(ExecState& p, Term list, char* buffer, size_t room, size_t* used) {
    ControlWriter writer(p, buffer, room);
    for (; list.is_cons(); list = list.tail()) {
        if (!writer.write(list.head())) return false;
    }
    *used = writer.used();
    return list.is_nil();
}

Term make_control_messages(ExecState& p, const msghdr& message) {
    ListMaker list(p);
    const auto* const begin = static_cast<const unsigned char*>(message.msg_control);
    size_t at = 0;
    while (message.msg_controllen - at >= sizeof(cmsghdr)) {
        cmsghdr header;
        memcpy(&header, begin + at, sizeof header);
        if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > message.msg_controllen - at) {
            if (header.cmsg_len >= CMSG_LEN(0)) list.add(am::bad_data());
            break;
        }
        const Data data{begin + at + CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0)};
        list.add(make_control_message(p, header, data));
        const size_t step = CMSG_ALIGN(header.cmsg_len);
        if (step >= message.msg_controllen - at) break;
        at += step;
    }
    return list.list();
}

Term list_message_flags(ExecState& p) {
    Term list = Term::nil();
    for (const NumberName& row : kMessageFlags) {
        list = make_cons(p, make_tuple2(p, name_atom(p, row.name), Term::small(row.number)), list);
    }
    return list;
}

Term make_message_flags(ExecState& p, int flags) {
    ListMaker list(p);
    for (const NumberName& row : kMessageFlags) {
        if ((flags & row.number) != row.number) continue;
        flags &= ~row.number;
        list.add(name_atom(p, row.name));
    }
    if (flags != 0) list.add(Term::small(flags));
    return list.list();
}

bool read_tos(ExecState& p, Term t, int* value) {
    if (number_of(kServiceTypes, t, value)) return true;
    if (!t.is_atom() || otp_number(p) < kCodePointsSince || !number_of(kCodePoints, t, value)) return false;
    *value <<= kCodePointShift;
    return true;
}

Term make_tos(ExecState& p, int value) {
    const int type = IPTOS_TOS(value);
    const Term name = name_of(p, kServiceTypes, type);
    if (otp_number(p) < kCodePointsSince) return name.is_atom() ? name : Term::small(value);
    const int precedence = value >> kPrecedenceShift;
    MapMaker of_type(p);
    of_type.add("tos", name.is_atom() ? name : type == 0 ? am::default_() : Term::small(type >> 1));
    of_type.add("precedence", precedence == 0 ? name_atom(p, "routine") : Term::small(precedence));
    MapMaker map(p);
    map.add(am::native(), Term::small(value));
    map.add("tos", of_type.make());
    map.add("dscp", name_of(p, kCodePoints, value >> kCodePointShift));
    return map.make();
}

bool read_discovery(Term t, int* value) { return number_of(kDiscoveries, t, value); }
Term make_discovery(ExecState& p, int value) { return name_of(p, kDiscoveries, value); }

}  // namespace lintel
