#include "stdlib/inet/interfaces.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace lintel::inet {

// ---- namespaces

NetworkNamespace::NetworkNamespace(const std::string& name) {
    if (name.empty()) return;
    before_ = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    const int wanted = before_ < 0 ? -1 : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (wanted < 0 || setns(wanted, CLONE_NEWNET) != 0) {
        error_ = errno;
        if (before_ >= 0) ::close(before_);
        before_ = -1;
    }
    if (wanted >= 0) ::close(wanted);
}

NetworkNamespace::~NetworkNamespace() {
    if (before_ < 0) return;
    // Who may go there may come back.
    [[maybe_unused]] const int refused = setns(before_, CLONE_NEWNET);
    LINTEL_ASSERT(refused == 0);
    ::close(before_);
}

namespace {

unsigned coded_flags(unsigned flags) {
    return ((flags & IFF_UP) != 0 ? InterfaceFlag::kUp | InterfaceFlag::kRunning : 0) |
           ((flags & IFF_BROADCAST) != 0 ? InterfaceFlag::kBroadcast : 0) |
           ((flags & IFF_LOOPBACK) != 0 ? InterfaceFlag::kLoopback : 0) |
           ((flags & IFF_POINTOPOINT) != 0 ? InterfaceFlag::kPointToPoint : 0) |
           ((flags & IFF_MULTICAST) != 0 ? InterfaceFlag::kMulticast : 0);
}

void put_option(ByteWriter& out, InterfaceOption option) { out.u8(static_cast<uint8_t>(option)); }

/// False: it has a kind of address that Erlang knows nothing of; nothing has been written.
bool put_address(ByteWriter& out, InterfaceOption option, const sockaddr* address) {
    if (address->sa_family == AF_INET || address->sa_family == AF_UNSPEC) {
        put_option(out, option);
        out.u8(static_cast<uint8_t>(Family::inet));
        out.bytes(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        put_option(out, option);
        out.u8(static_cast<uint8_t>(Family::inet6));
        out.bytes(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
    } else if (address->sa_family == AF_PACKET) {
        const auto* link = reinterpret_cast<const sockaddr_ll*>(address);
        if (link->sll_halen <= 1) return false;
        put_option(out, option);
        out.u16(link->sll_halen);
        out.bytes(link->sll_addr, link->sll_halen);
    } else {
        return false;
    }
    return true;
}

/// Takes an interface's name. False: malformed.
bool take_name(ByteReader& in, ifreq* request) {
    if (!in.has(1)) return false;
    const size_t n = in.u8();
    if (!in.has(n)) return false;
    const std::string_view name = in.take(n);
    std::memset(request, 0, sizeof *request);
    std::memcpy(request->ifr_name, name.data(), name.size() < IFNAMSIZ ? name.size() : IFNAMSIZ - 1);
    return true;
}

bool take_address(ByteReader& in, sockaddr* address) {
    // An ifreq has no room for more.
    if (!in.has(5) || in.u8() != static_cast<uint8_t>(Family::inet)) return false;
    auto* to = reinterpret_cast<sockaddr_in*>(address);
    to->sin_family = AF_INET;
    std::memcpy(&to->sin_addr, in.take(4).data(), 4);
    return true;
}

bool set_flags(int socket, ifreq* request, unsigned wanted) {
    const bool known = ioctl(socket, SIOCGIFFLAGS, request) == 0;
    const unsigned before = known ? static_cast<unsigned short>(request->ifr_flags) : 0;
    unsigned flags = before;
    const auto change = [&](unsigned on, unsigned off, unsigned flag) {
        if ((wanted & on) != 0) flags |= flag;
        if ((wanted & off) != 0) flags &= ~flag;
    };
    change(InterfaceFlag::kUp, InterfaceFlag::kDown, IFF_UP);
    change(InterfaceFlag::kBroadcast, InterfaceFlag::kNoBroadcast, IFF_BROADCAST);
    change(InterfaceFlag::kPointToPoint, InterfaceFlag::kNoPointToPoint, IFF_POINTOPOINT);
    if (flags == before) return true;
    request->ifr_flags = static_cast<short>(flags);
    return ioctl(socket, SIOCSIFFLAGS, request) == 0;
}

}  // namespace

// ---- operations

void list_interfaces(int socket, Reply& reply) {
    ifconf all{};
    std::vector<char> buffer;
    for (size_t room = 16 * sizeof(ifreq);; room *= 2) {
        buffer.resize(room);
        all.ifc_len = static_cast<int>(room);
        all.ifc_buf = buffer.data();
        if (ioctl(socket, SIOCGIFCONF, &all) < 0) return reply.error(errno);
        if (static_cast<size_t>(all.ifc_len) + sizeof(ifreq) <= room) break;
    }
    ByteWriter out = reply.ok();
    for (size_t at = 0; at + sizeof(ifreq) <= static_cast<size_t>(all.ifc_len); at += sizeof(ifreq)) {
        ifreq one;
        std::memcpy(&one, buffer.data() + at, sizeof one);
        if (one.ifr_addr.sa_family != AF_INET && one.ifr_addr.sa_family != AF_INET6) continue;
        out.bytes({one.ifr_name, strnlen(one.ifr_name, IFNAMSIZ)});
        out.u8(0);
    }
}

void get_interface(int socket, ByteReader in, Reply& reply) {
    ifreq request;
    if (!take_name(in, &request)) return reply.error(EINVAL);
    ByteWriter out = reply.ok();
    while (!in.empty()) {
        const auto option = static_cast<InterfaceOption>(in.u8());
        const auto address = [&](unsigned long question) {
            if (ioctl(socket, question, &request) == 0) put_address(out, option, &request.ifr_addr);
        };
        switch (option) {
            case InterfaceOption::address: address(SIOCGIFADDR); break;
            case InterfaceOption::broadcast: address(SIOCGIFBRDADDR); break;
            case InterfaceOption::destination: address(SIOCGIFDSTADDR); break;
            case InterfaceOption::netmask: address(SIOCGIFNETMASK); break;
            case InterfaceOption::mtu:
                if (ioctl(socket, SIOCGIFMTU, &request) != 0) break;
                put_option(out, option);
                out.u32(static_cast<uint32_t>(request.ifr_mtu));
                break;
            case InterfaceOption::flags: {
                const bool known = ioctl(socket, SIOCGIFFLAGS, &request) == 0;
                put_option(out, option);
                out.u32(known ? coded_flags(static_cast<unsigned short>(request.ifr_flags)) : 0);
                break;
            }
            case InterfaceOption::hardware_address:
                if (ioctl(socket, SIOCGIFHWADDR, &request) != 0) break;
                put_option(out, option);
                out.u16(IFHWADDRLEN);
                out.bytes(request.ifr_hwaddr.sa_data, IFHWADDRLEN);
                break;
            default: return reply.error(EINVAL);
        }
    }
}

void set_interface(int socket, ByteReader in, Reply& reply) {
    ifreq request;
    if (!take_name(in, &request)) return reply.error(EINVAL);
    while (!in.empty()) {
        // As in OTP, nobody is told what the system refuses.
        const auto set = [&](unsigned long question) {
            [[maybe_unused]] const int done = ioctl(socket, question, &request);
        };
        const auto address = [&](unsigned long question) {
            if (!take_address(in, &request.ifr_addr)) return false;
            set(question);
            return true;
        };
        bool is_good = true;
        switch (static_cast<InterfaceOption>(in.u8())) {
            case InterfaceOption::address: is_good = address(SIOCSIFADDR); break;
            case InterfaceOption::broadcast: is_good = address(SIOCSIFBRDADDR); break;
            case InterfaceOption::destination: is_good = address(SIOCSIFDSTADDR); break;
            case InterfaceOption::netmask: is_good = address(SIOCSIFNETMASK); break;
            case InterfaceOption::mtu:
                if (!in.has(4)) return reply.error(EINVAL);
                request.ifr_mtu = in.i32();
                set(SIOCSIFMTU);
                break;
            case InterfaceOption::flags:
                if (!in.has(4)) return reply.error(EINVAL);
                set_flags(socket, &request, in.u32());
                break;
            case InterfaceOption::hardware_address: {
                const size_t n = in.has(2) ? in.u16() : SIZE_MAX;
                if (!in.has(n) || n > sizeof request.ifr_hwaddr.sa_data) return reply.error(EINVAL);
                std::memset(&request.ifr_hwaddr, 0, sizeof request.ifr_hwaddr);
                std::memcpy(request.ifr_hwaddr.sa_data, in.take(n).data(), n);
                set(SIOCSIFHWADDR);
                break;
            }
            default: is_good = false;
        }
        if (!is_good) return reply.error(EINVAL);
    }
    reply.ok();
}

void get_interface_addresses(const std::string& network_namespace, Reply& reply) {
    ifaddrs* all = nullptr;
    {
        const NetworkNamespace there(network_namespace);
        if (there.error() != 0) return reply.error(there.error());
        if (getifaddrs(&all) != 0) return reply.error(errno);
    }
    ByteWriter out = reply.ok();
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
        // prim_inet takes the name for UTF-8.
        for (const char* c = one->ifa_name; *c != '\0'; ++c) {
            const auto byte = static_cast<uint8_t>(*c);
            if (byte >= 0x80) out.u8(0xc0u | byte >> 6);
            out.u8(byte >= 0x80 ? 0x80u | (byte & 0x3fu) : byte);
        }
        out.u8(0);
        put_option(out, InterfaceOption::flags);
        out.u32(coded_flags(one->ifa_flags));
        if (const sockaddr* address = one->ifa_addr; address != nullptr && address->sa_family == AF_PACKET) {
            put_address(out, InterfaceOption::hardware_address, address);
        } else if (address != nullptr && (address->sa_family == AF_INET || address->sa_family == AF_INET6)) {
            put_address(out, InterfaceOption::address, address);
            if (one->ifa_netmask != nullptr) put_address(out, InterfaceOption::netmask, one->ifa_netmask);
            if (one->ifa_dstaddr != nullptr && (one->ifa_flags & IFF_POINTOPOINT) != 0) {
                put_address(out, InterfaceOption::destination, one->ifa_dstaddr);
            } else if (one->ifa_broadaddr != nullptr && (one->ifa_flags & IFF_BROADCAST) != 0) {
                put_address(out, InterfaceOption::broadcast, one->ifa_broadaddr);
            }
        }
        out.u8(0);
    }
    freeifaddrs(all);
}

}  // namespace lintel::inet
