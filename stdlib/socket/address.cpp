#include "stdlib/socket/address.h"

#include <arpa/inet.h>
#include <net/if_arp.h>

#include <cstddef>

#include "stdlib/bytes_arg.h"

namespace lintel {

namespace {

constexpr size_t kFamilyBytes = offsetof(sockaddr, sa_data);

/// What the system has a number for, and OTP a name.
struct NumberName {
    int number;
    const char* name;
};

constexpr NumberName kHardwareTypes[] = {
    {ARPHRD_NETROM, "netrom"},     {ARPHRD_ETHER, "ether"},     {ARPHRD_EETHER, "eether"},
    {ARPHRD_AX25, "ax25"},         {ARPHRD_PRONET, "pronet"},   {ARPHRD_CHAOS, "chaos"},
    {ARPHRD_IEEE802, "ieee802"},   {ARPHRD_ARCNET, "arcnet"},   {ARPHRD_APPLETLK, "appletlk"},
    {ARPHRD_DLCI, "dlci"},         {ARPHRD_ATM, "atm"},         {ARPHRD_METRICOM, "metricom"},
    {ARPHRD_IEEE1394, "ieee1394"}, {ARPHRD_EUI64, "eui64"},     {ARPHRD_INFINIBAND, "infiniband"},
    {ARPHRD_TUNNEL, "tunnel"},     {ARPHRD_TUNNEL6, "tunnel6"}, {ARPHRD_LOOPBACK, "loopback"},
    {ARPHRD_LOCALTLK, "localtlk"}, {ARPHRD_NONE, "none"},       {ARPHRD_VOID, "void"},
};

/// Those that are families of what SIOCGIFHWADDR answers.
constexpr NumberName kHardwareFamilies[] = {
    {ARPHRD_NETROM, "netrom"},     {ARPHRD_ETHER, "ether"},       {ARPHRD_IEEE802, "ieee802"}, {ARPHRD_DLCI, "dlci"},
    {ARPHRD_IEEE1394, "ieee1394"}, {ARPHRD_LOOPBACK, "loopback"}, {ARPHRD_NONE, "none"},
};

constexpr NumberName kPacketTypes[] = {
    {PACKET_HOST, "host"},
    {PACKET_BROADCAST, "broadcast"},
    {PACKET_MULTICAST, "multicast"},
    {PACKET_OTHERHOST, "otherhost"},
    {PACKET_OUTGOING, "outgoing"},
    {PACKET_LOOPBACK, "loopback"},
    {6, "user"},
    {7, "kernel"},
};

template <size_t n>
Term name_of(ExecState& p, const NumberName (&names)[n], int number) {
    for (const NumberName& row : names) {
        if (row.number == number) return name_atom(p, row.name);
    }
    return Term::small(number);
}

/// An address of which nothing is known but its family.
Term make_plain(ExecState& p, const sockaddr* address, int size, Term family) {
    const size_t bytes = size > static_cast<int>(kFamilyBytes) ? static_cast<size_t>(size) - kFamilyBytes : 0;
    MapMaker map(p);
    map.add(am::family(), family);
    const char* data = reinterpret_cast<const char*>(address) + kFamilyBytes;
    map.add(am::addr(), make_short_binary(p, data, bytes));
    return map.make();
}

bool read_plain(Term map, int family, SocketAddress* out) {
    const BytesArg bytes(value_of(map, am::addr()));
    if (!bytes || bytes.size() > sizeof out->storage - kFamilyBytes) return false;
    *out = SocketAddress();
    out->any.sa_family = static_cast<sa_family_t>(family);
    memcpy(reinterpret_cast<char*>(&out->storage) + kFamilyBytes, bytes.data(), bytes.size());
    out->size = static_cast<socklen_t>(kFamilyBytes + bytes.size());
    return true;
}

bool read_port(Term map, in_port_t* port) {
    int number;
    if (!int_of(value_of(map, am::port()), &number)) return false;
    *port = htons(static_cast<uint16_t>(number));
    return true;
}

bool read_in4(Term map, SocketAddress* out) {
    *out = SocketAddress();
    out->in4.sin_family = AF_INET;
    out->size = sizeof out->in4;
    return read_port(map, &out->in4.sin_port) && read_ip4(value_of(map, am::addr()), &out->in4.sin_addr);
}

bool read_in6(Term map, SocketAddress* out) {
    *out = SocketAddress();
    out->in6.sin6_family = AF_INET6;
    out->size = sizeof out->in6;
    return read_port(map, &out->in6.sin6_port) && uint32_of(value_of(map, am::flowinfo()), &out->in6.sin6_flowinfo) &&
           uint32_of(value_of(map, am::scope_id()), &out->in6.sin6_scope_id) &&
           read_ip6(value_of(map, am::addr()), &out->in6.sin6_addr);
}

/// A path has a zero behind it if there is room, unless it begins with one: such a name is in no file system.
bool read_local(Term map, SocketAddress* out) {
    const BytesArg path(value_of(map, am::path()));
    if (!path) return false;
    const bool is_abstract = path.size() > 0 && path.data()[0] == 0;
    *out = SocketAddress();
    if (path.size() + (is_abstract ? 0 : 1) > sizeof out->local.sun_path) return false;
    out->local.sun_family = AF_LOCAL;
    memcpy(out->local.sun_path, path.data(), path.size());
    out->size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    return true;
}

Term make_in4(ExecState& p, const sockaddr_in& a) {
    MapMaker map(p);
    map.add(am::family(), am::inet());
    map.add(am::port(), Term::small(ntohs(a.sin_port)));
    map.add(am::addr(), make_ip4(p, a.sin_addr));
    return map.make();
}

Term make_in6(ExecState& p, const sockaddr_in6& a) {
    MapMaker map(p);
    map.add(am::family(), am::inet6());
    map.add(am::port(), Term::small(ntohs(a.sin6_port)));
    map.add(am::addr(), make_ip6(p, a.sin6_addr));
    // As OTP: signed.
    map.add(am::flowinfo(), Term::small(static_cast<int32_t>(a.sin6_flowinfo)));
    map.add(am::scope_id(), Term::small(static_cast<int32_t>(a.sin6_scope_id)));
    return map.make();
}

Term make_local(ExecState& p, const sockaddr_un& a, size_t size) {
    const size_t most = size - offsetof(sockaddr_un, sun_path);
    size_t bytes = strnlen(a.sun_path, most);
    if (bytes == 0) bytes = most;
    MapMaker map(p);
    map.add(am::family(), am::local());
    map.add(am::path(), make_short_binary(p, a.sun_path, bytes));
    return map.make();
}

Term make_packet(ExecState& p, const sockaddr_ll& a) {
    const size_t bytes = std::min<size_t>(a.sll_halen, sizeof a.sll_addr);
    MapMaker map(p);
    map.add("family", name_atom(p, "packet"));
    map.add("protocol", Term::small(ntohs(a.sll_protocol)));
    map.add("ifindex", Term::small(a.sll_ifindex));
    map.add("hatype", name_of(p, kHardwareTypes, a.sll_hatype));
    map.add("pkttype", name_of(p, kPacketTypes, a.sll_pkttype));
    map.add(am::addr(), make_short_binary(p, a.sll_addr, bytes));
    return map.make();
}

}  // namespace

bool read_address(Term map, SocketAddress* address) {
    int family;
    switch (read_domain(value_of(map, am::family()), &family)) {
        case DomainTerm::none: return false;
        case DomainTerm::number: return read_plain(map, family, address);
        case DomainTerm::name: break;
    }
    switch (family) {
        case AF_INET: return read_in4(map, address);
        case AF_INET6: return read_in6(map, address);
        case AF_LOCAL: return read_local(map, address);
        default: return read_plain(map, family, address);
    }
}

Term make_address(ExecState& p, const sockaddr* address, int size) {
    if (size > 0 && size < static_cast<int>(kFamilyBytes)) {
        return make_short_binary(p, address, static_cast<size_t>(size));
    }
    const auto whole = [size](size_t bytes) { return size <= 0 || static_cast<size_t>(size) >= bytes; };
    switch (address->sa_family) {
        case AF_INET:
            if (!whole(sizeof(sockaddr_in))) return make_plain(p, address, size, am::inet());
            return make_in4(p, *reinterpret_cast<const sockaddr_in*>(address));
        case AF_INET6:
            if (!whole(sizeof(sockaddr_in6))) return make_plain(p, address, size, am::inet6());
            return make_in6(p, *reinterpret_cast<const sockaddr_in6*>(address));
        case AF_LOCAL: {
            const auto* local = reinterpret_cast<const sockaddr_un*>(address);
            return make_local(p, *local, size > 0 ? static_cast<size_t>(size) : offsetof(sockaddr_un, sun_path));
        }
        case AF_PACKET:
            if (!whole(sizeof(sockaddr_ll))) return make_plain(p, address, size, name_atom(p, "packet"));
            return make_packet(p, *reinterpret_cast<const sockaddr_ll*>(address));
        case AF_UNSPEC: return make_plain(p, address, size, am::unspec());
        default: return make_plain(p, address, size, Term::small(address->sa_family));
    }
}

Term make_hardware_address(ExecState& p, const sockaddr& address) {
    return make_plain(p, &address, sizeof address, name_of(p, kHardwareFamilies, address.sa_family));
}

bool read_ip4(Term t, in_addr* address) {
    if (t == am::any() || t == am::loopback() || t == am::broadcast()) {
        address->s_addr = htonl(t == am::any() ? INADDR_ANY : t == am::loopback() ? INADDR_LOOPBACK : INADDR_BROADCAST);
        return true;
    }
    const TupleView tuple = as_tuple(t, 4);
    if (!tuple) return false;
    uint8_t bytes[4];
    for (size_t i = 0; i < 4; ++i) {
        if (!tuple[i].is_small() || tuple[i].to_small() < 0 || tuple[i].to_small() > 255) return false;
        bytes[i] = static_cast<uint8_t>(tuple[i].to_small());
    }
    memcpy(address, bytes, sizeof bytes);
    return true;
}

bool read_ip6(Term t, in6_addr* address) {
    if (t == am::any() || t == am::loopback()) {
        *address = t == am::any() ? in6addr_any : in6addr_loopback;
        return true;
    }
    const TupleView tuple = as_tuple(t, 8);
    if (!tuple) return false;
    in6_addr result;
    for (size_t i = 0; i < 8; ++i) {
        if (!tuple[i].is_small() || tuple[i].to_small() < 0 || tuple[i].to_small() > 65535) return false;
        const auto word = static_cast<uint32_t>(tuple[i].to_small());
        result.s6_addr[2 * i] = static_cast<uint8_t>(word >> 8);
        result.s6_addr[2 * i + 1] = static_cast<uint8_t>(word);
    }
    *address = result;
    return true;
}

Term make_ip4(ExecState& p, const in_addr& address) {
    uint8_t bytes[4];
    memcpy(bytes, &address, sizeof bytes);
    return p.reserve(tuple_words(4))
        .tuple(Term::small(bytes[0]), Term::small(bytes[1]), Term::small(bytes[2]), Term::small(bytes[3]));
}

Term make_ip6(ExecState& p, const in6_addr& address) {
    auto heap = p.reserve(tuple_words(8));
    Word* words;
    const Term tuple = heap.tuple_of(8, &words);
    for (size_t i = 0; i < 8; ++i) {
        words[i] = Term::small(address.s6_addr[2 * i] << 8 | address.s6_addr[2 * i + 1]).word();
    }
    return tuple;
}

DomainTerm read_domain(Term t, int* domain) {
    if (int_of(t, domain)) return DomainTerm::number;
    if (t == am::inet()) {
        *domain = AF_INET;
    } else if (t == am::inet6()) {
        *domain = AF_INET6;
    } else if (t == am::local()) {
        *domain = AF_LOCAL;
    } else if (t == am::unspec()) {
        *domain = AF_UNSPEC;
    } else {
        return DomainTerm::none;
    }
    return DomainTerm::name;
}

Term make_domain(int domain) {
    switch (domain) {
        case AF_INET: return am::inet();
        case AF_INET6: return am::inet6();
        case AF_LOCAL: return am::local();
        case AF_UNSPEC: return am::unspec();
        default: return Term::small(domain);
    }
}

bool read_socket_type(Term t, int* type) {
    if (int_of(t, type)) return true;
    *type = t == am::stream()      ? SOCK_STREAM
            : t == am::dgram()     ? SOCK_DGRAM
            : t == am::raw()       ? SOCK_RAW
            : t == am::seqpacket() ? SOCK_SEQPACKET
                                   : 0;
    return *type != 0;
}

Term make_socket_type(ExecState& p, int type) {
    switch (type) {
        case SOCK_STREAM: return am::stream();
        case SOCK_DGRAM: return am::dgram();
        case SOCK_RAW: return am::raw();
        case SOCK_SEQPACKET: return am::seqpacket();
        case SOCK_RDM: return name_atom(p, "rdm");
        default: return Term::small(type);
    }
}

bool read_level(Term t, int* level) {
    if (t != am::socket()) return int_of(t, level);
    *level = SOL_SOCKET;
    return true;
}

Term make_level(int level) { return level == SOL_SOCKET ? am::socket() : Term::small(level); }

bool read_c_string(Term list, std::string* text) {
    for (; list.is_cons(); list = list.tail()) {
        const Term c = list.head();
        if (!c.is_small() || c.to_small() < 0 || c.to_small() > 255) return false;
        text->push_back(static_cast<char>(c.to_small()));
    }
    if (const size_t zero = text->find('\0'); zero != std::string::npos) text->resize(zero);
    return list.is_nil();
}

}  // namespace lintel
