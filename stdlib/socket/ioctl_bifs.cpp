/// Natives of prim_socket that ask about network interfaces, and change them.

#include <linux/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <vector>

#include "stdlib/socket/address.h"
#include "stdlib/socket/interface_request.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

/// What a request gives or takes, beside the name of the interface.
enum class RequestType : uint8_t { all, name, index, flags, address, hardware_address, map, mtu, queue_length };

struct Request {
    const char* name;  ///< nullptr: it has a number only
    unsigned long number;
    RequestType type;
    bool is_set;
};

constexpr Request kRequests[] = {
    {"gifname", SIOCGIFNAME, RequestType::name, false},
    {"gifindex", SIOCGIFINDEX, RequestType::index, false},
    {"gifflags", SIOCGIFFLAGS, RequestType::flags, false},
    {"gifaddr", SIOCGIFADDR, RequestType::address, false},
    {"gifdstaddr", SIOCGIFDSTADDR, RequestType::address, false},
    {"gifbrdaddr", SIOCGIFBRDADDR, RequestType::address, false},
    {"gifnetmask", SIOCGIFNETMASK, RequestType::address, false},
    {"gifmtu", SIOCGIFMTU, RequestType::mtu, false},
    {"gifhwaddr", SIOCGIFHWADDR, RequestType::hardware_address, false},
    {"gifmap", SIOCGIFMAP, RequestType::map, false},
    {"giftxqlen", SIOCGIFTXQLEN, RequestType::queue_length, false},
    {"gifconf", SIOCGIFCONF, RequestType::all, false},
    {"sifflags", SIOCSIFFLAGS, RequestType::flags, true},
    {"sifaddr", SIOCSIFADDR, RequestType::address, true},
    {"sifdstaddr", SIOCSIFDSTADDR, RequestType::address, true},
    {"sifbrdaddr", SIOCSIFBRDADDR, RequestType::address, true},
    {nullptr, SIOCSIFNETMASK, RequestType::address, true},
    {"sifmtu", SIOCSIFMTU, RequestType::mtu, true},
    {"siftxqlen", SIOCSIFTXQLEN, RequestType::queue_length, true},
};

const Request* find_request(Term number, bool is_set, bool is_all) {
    for (const Request& r : kRequests) {
        if (static_cast<int64_t>(r.number) == number.to_small() && r.is_set == is_set &&
            (r.type == RequestType::all) == is_all)
            return &r;
    }
    return nullptr;
}

struct Flag {
    const char* name;
    unsigned number;
};

constexpr Flag kFlags[] = {
    {"up", IFF_UP},
    {"broadcast", IFF_BROADCAST},
    {"debug", IFF_DEBUG},
    {"loopback", IFF_LOOPBACK},
    {"pointopoint", IFF_POINTOPOINT},
    {"notrailers", IFF_NOTRAILERS},
    {"knowsepoch", 0},
    {"running", IFF_RUNNING},
    {"noarp", IFF_NOARP},
    {"promisc", IFF_PROMISC},
    {"allmulti", IFF_ALLMULTI},
    {"master", IFF_MASTER},
    {"oactive", 0},
    {"slave", IFF_SLAVE},
    {"simplex", 0},
    {"multicast", IFF_MULTICAST},
    {"link0", 0},
    {"link1", 0},
    {"link2", 0},
    {"portsel", IFF_PORTSEL},
    {"automedia", IFF_AUTOMEDIA},
    {"dynamic", IFF_DYNAMIC},
    {"cantconfig", 0},
    {"lower_up", IFF_LOWER_UP},
    {"ppromisc", 0},
    {"dormant", IFF_DORMANT},
    {"monitor", 0},
    {"echo", IFF_ECHO},
    {"staticarp", 0},
    {"dying", 0},
    {"renaming", 0},
    {"nogroup", 0},
};

bool read_name(Term list, ifreq* request) {
    std::string name;
    if (!read_c_string(list, &name)) return false;
    memset(request, 0, sizeof *request);
    memcpy(request->ifr_name, name.data(), std::min(name.size(), sizeof request->ifr_name - 1));
    return true;
}

Term interface_name(ExecState& p, const ifreq& r) {
    return make_c_string(p, {r.ifr_name, strnlen(r.ifr_name, sizeof r.ifr_name)});
}

Term make_interface_address(ExecState& p, const sockaddr& of_interface) {
    SocketAddress address;
    address.any = of_interface;
    return make_address(p, &address.any, -1);
}

Term make_memory_map(ExecState& p, const ifmap& m) {
    MapMaker map(p);
    map.add("mem_start", make_unsigned(p, m.mem_start));
    map.add("mem_end", make_unsigned(p, m.mem_end));
    map.add("base_addr", Term::small(m.base_addr));
    map.add("irq", Term::small(m.irq));
    map.add("dma", Term::small(m.dma));
    map.add("port", Term::small(m.port));
    return map.make();
}

Term make_answer(ExecState& p, RequestType type, const ifreq& r) {
    switch (type) {
        case RequestType::name: return interface_name(p, r);
        case RequestType::flags: return make_interface_flags(p, static_cast<uint16_t>(r.ifr_flags));
        case RequestType::address: return make_interface_address(p, r.ifr_addr);
        case RequestType::hardware_address: return make_hardware_address(p, r.ifr_hwaddr);
        case RequestType::map: return make_memory_map(p, r.ifr_map);
        default: return Term::small(r.ifr_ifindex);  // all of them the same member of a union
    }
}

/// All interfaces with an IPv4 address.
Term list_interfaces(ExecState& p, int fd) {
    std::vector<ifreq> all(64);
    ifconf request{};
    for (;; all.resize(all.size() * 2)) {
        request.ifc_len = static_cast<int>(all.size() * sizeof(ifreq));
        request.ifc_req = all.data();
        if (ioctl(fd, SIOCGIFCONF, &request) != 0) return make_posix_error(p, errno);
        if (static_cast<size_t>(request.ifc_len) < all.size() * sizeof(ifreq)) break;
    }
    ListMaker list(p);
    for (size_t i = 0; i < static_cast<size_t>(request.ifc_len) / sizeof(ifreq); ++i) {
        MapMaker map(p);
        map.add("name", interface_name(p, all[i]));
        map.add(am::addr(), make_interface_address(p, all[i].ifr_addr));
        list.add(map.make());
    }
    return make_ok(p, list.list());
}

/// #{Number => boolean()}
bool read_flags(Term map, short* flags) {
    if (!map.is_map()) return false;
    int now = *flags;
    MapIterator each(map);
    for (Term key, value; each.next(&key, &value);) {
        int flag;
        if (!int_of(key, &flag)) return false;
        now = value == am::true_() ? now | flag : now & ~flag;
    }
    *flags = static_cast<short>(now);
    return true;
}

/// ok, {error, Posix}, {invalid, What}.
Term set_interface(ExecState& p, int fd, const Request& request, ifreq& r, Term value) {
    int number;
    switch (request.type) {
        case RequestType::flags:
            if (ioctl(fd, SIOCGIFFLAGS, &r) != 0) return make_posix_error(p, errno);
            if (!read_flags(value, &r.ifr_flags)) return p.badarg();
            break;
        case RequestType::address: {
            SocketAddress address;
            if (!read_address(value, &address)) return make_invalid(p, am::sockaddr());
            memcpy(&r.ifr_addr, &address.storage, sizeof r.ifr_addr);
            break;
        }
        default:
            if (!int_of(value, &number)) {
                return make_invalid(p, name_atom(p, request.type == RequestType::mtu ? "mtu" : "txqlen"));
            }
            r.ifr_mtu = number;
    }
    return ioctl(fd, request.number, &r) == 0 ? am::ok() : make_posix_error(p, errno);
}

/// Calls f(socket), if `request` can be the number of one. {error, closed}. Fails: badarg.
template <typename F>
Term with_request(ExecState& p, Args a, F f) {
    return with_socket(p, a[0], [&](Socket& s) {
        uint64_t number;
        if (!uint64_of(a[1], &number)) return p.badarg();
        if (!a[1].is_small()) return make_posix_error(p, ENOTSUP);
        return with_side(p, s, s.reading, [&] { return f(s); });
    });
}

}  // namespace

Term list_interface_requests(ExecState& p) {
    Term list = Term::nil();
    for (const Request& r : kRequests) {
        if (r.name == nullptr) continue;
        list = make_cons(p, make_tuple2(p, name_atom(p, r.name), Term::small(static_cast<int64_t>(r.number))), list);
    }
    return list;
}

Term list_interface_flags(ExecState& p) {
    Term list = Term::nil();
    for (const Flag& f : kFlags) list = make_cons(p, make_tuple2(p, name_atom(p, f.name), Term::small(f.number)), list);
    return list;
}

Term make_interface_flags(ExecState& p, unsigned flags) {
    ListMaker list(p);
    for (const Flag& f : kFlags) {
        if (f.number == 0 || (flags & f.number) != f.number) continue;
        flags &= ~f.number;
        list.add(name_atom(p, f.name));
    }
    if (flags != 0) list.add(Term::small(flags));
    return list.list();
}

/// prim_socket:nif_ioctl/2: {ok, Answer}, {error, Reason}. Fails: badarg.
Term prim_socket_nif_ioctl_2(ExecState& p, Args a) {
    return with_request(p, a, [&](Socket& s) {
        return find_request(a[1], false, true) != nullptr ? list_interfaces(p, s.fd()) : make_posix_error(p, ENOTSUP);
    });
}

/// prim_socket:nif_ioctl/3: the same of an interface, by its name or its number. Fails: badarg.
Term prim_socket_nif_ioctl_3(ExecState& p, Args a) {
    return with_request(p, a, [&](Socket& s) {
        const Request* request = find_request(a[1], false, false);
        if (request == nullptr) return make_posix_error(p, ENOTSUP);
        ifreq r{};
        if (request->type == RequestType::name ? !int_of(a[2], &r.ifr_ifindex) : !read_name(a[2], &r))
            return p.badarg();
        if (ioctl(s.fd(), request->number, &r) != 0) return make_posix_error(p, errno);
        return make_ok(p, make_answer(p, request->type, r));
    });
}

/// prim_socket:nif_ioctl/4: sets something of an interface: ok, {error, Reason}, {invalid, What}. Fails: badarg.
Term prim_socket_nif_ioctl_4(ExecState& p, Args a) {
    return with_request(p, a, [&](Socket& s) {
        const Request* request = find_request(a[1], true, false);
        if (request == nullptr) return make_posix_error(p, ENOTSUP);
        ifreq r;
        return read_name(a[2], &r) ? set_interface(p, s.fd(), *request, r, a[3]) : p.badarg();
    });
}

}  // namespace lintel
