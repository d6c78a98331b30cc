/// Natives of prim_net: names and addresses of hosts and interfaces.

#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "stdlib/socket/address.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

struct CodeName {
    int code;
    const char* name;
};

constexpr CodeName kLookupErrors[] = {
    {EAI_ADDRFAMILY, "eaddrfamily"}, {EAI_AGAIN, "eagain"},       {EAI_BADFLAGS, "ebadflags"}, {EAI_FAIL, "efail"},
    {EAI_FAMILY, "efamily"},         {EAI_MEMORY, "emem"},        {EAI_NODATA, "enodata"},     {EAI_NONAME, "enoname"},
    {EAI_SERVICE, "eservice"},       {EAI_SOCKTYPE, "esocktype"}, {EAI_OVERFLOW, "eoverflow"},
};

Term make_lookup_error(ExecState& p, int code) {
    for (const CodeName& row : kLookupErrors) {
        if (row.code == code) return make_error(p, name_atom(p, row.name));
    }
    return make_posix_error(p, EINVAL);
}

constexpr CodeName kNameFlags[] = {
    {NI_NAMEREQD, "namereqd"},       {NI_DGRAM, "dgram"}, {NI_NOFQDN, "nofqdn"}, {NI_NUMERICHOST, "numerichost"},
    {NI_NUMERICSERV, "numericserv"}, {NI_IDN, "idn"},
};

/// undefined, or a list of names. False: badarg.
bool read_name_flags(Term t, int* flags) {
    *flags = 0;
    if (t == am::undefined()) return true;
    if (!t.is_list()) return false;
    for (; t.is_cons(); t = t.tail()) {
        const CodeName* found = nullptr;
        for (const CodeName& row : kNameFlags) {
            if (is_named(t.head(), row.name)) found = &row;
        }
        if (found == nullptr) return false;
        *flags |= found->code;
    }
    return true;
}

/// Text, or undefined: none. False: badarg.
bool read_name(Term t, std::optional<std::string>* name) {
    if (t == am::undefined()) return true;
    return t.is_list() && read_c_string(t, &name->emplace());
}

/// Room for the strings of a service's entry.
using ServiceText = char[4096];

bool read_service_argument(Term t, std::string* text) {
    constexpr int64_t kMost = 255;
    return t.is_list() && list_length(t) <= kMost && read_c_string(t, text);
}

const char* protocol_or_any(const std::string& protocol) { return protocol == "any" ? nullptr : protocol.c_str(); }

Term make_address_info(ExecState& p, const addrinfo& info) {
    MapMaker map(p);
    map.add(am::family(), make_domain(info.ai_family));
    map.add(am::type(), make_socket_type(p, info.ai_socktype));
    map.add(am::protocol(), Term::small(info.ai_protocol));
    map.add(am::addr(), make_address(p, info.ai_addr, static_cast<int>(info.ai_addrlen)));
    return map.make();
}

constexpr CodeName kInterfaceFlags[] = {
    {IFF_UP, "up"},
    {IFF_BROADCAST, "broadcast"},
    {IFF_DEBUG, "debug"},
    {IFF_LOOPBACK, "loopback"},
    {IFF_POINTOPOINT, "pointopoint"},
    {IFF_NOTRAILERS, "notrailers"},
    {IFF_RUNNING, "running"},
    {IFF_NOARP, "noarp"},
    {IFF_PROMISC, "promisc"},
    {IFF_MASTER, "master"},
    {IFF_SLAVE, "slave"},
    {IFF_MULTICAST, "multicast"},
    {IFF_PORTSEL, "portsel"},
    {IFF_AUTOMEDIA, "automedia"},
    {IFF_DYNAMIC, "dynamic"},
};

Term make_interface(ExecState& p, const ifaddrs& i) {
    ListMaker flags(p);
    for (const CodeName& row : kInterfaceFlags) {
        if ((i.ifa_flags & static_cast<unsigned>(row.code)) != 0) flags.add(name_atom(p, row.name));
    }
    MapMaker map(p);
    map.add("name", make_c_string(p, i.ifa_name));
    map.add("flags", flags.list());
    const auto add = [&](std::string_view key, const sockaddr* address) {
        if (address != nullptr) map.add(key, make_address(p, address, -1));
    };
    add("addr", i.ifa_addr);
    add("netmask", i.ifa_netmask);
    if (i.ifa_dstaddr != nullptr && (i.ifa_flags & IFF_POINTOPOINT) != 0) {
        add("dstaddr", i.ifa_dstaddr);
    } else if (i.ifa_broadaddr != nullptr && (i.ifa_flags & IFF_BROADCAST) != 0) {
        add("broadaddr", i.ifa_broadaddr);
    }
    return map.make();
}

/// What OTP has on Windows only.
Term windows_only(ExecState& p) { return p.notsup(); }

}  // namespace

/// prim_net:nif_info/0: #{debug => boolean()}.
Term prim_net_nif_info_0(ExecState& p, Args) {
    MapMaker map(p);
    map.add(am::debug(), boolean(sockets_of(p).net_debug.load(std::memory_order_relaxed)));
    return map.make();
}

/// prim_net:nif_command/1: {debug, boolean()}: ok. {error, einval}.
Term prim_net_nif_command_1(ExecState& p, Args a) {
    const TupleView command = as_tuple(a[0], 2);
    bool value;
    if (!command || command[0] != am::debug() || !bool_of(command[1], &value)) return make_posix_error(p, EINVAL);
    sockets_of(p).net_debug.store(value, std::memory_order_relaxed);
    return am::ok();
}

/// prim_net:nif_gethostname/0: {ok, Name}, {error, Reason}.
Term prim_net_nif_gethostname_0(ExecState& p, Args) {
    char name[HOST_NAME_MAX + 1] = {};
    if (gethostname(name, sizeof name - 1) != 0) return make_posix_error(p, errno);
    return make_ok(p, make_c_string(p, name));
}

/// prim_net:nif_getnameinfo/2: {ok, #{host, service}} of an address, {error, Reason}. Fails: badarg.
Term prim_net_nif_getnameinfo_2(ExecState& p, Args a) {
    SocketAddress address;
    int flags;
    if (!read_address(a[0], &address)) return make_posix_error(p, EINVAL);
    if (!read_name_flags(a[1], &flags)) return p.badarg();
    if (!has_network(p)) return no_network(p);
    char host[256], service[256];
    const int code = getnameinfo(&address.any, address.size, host, sizeof host, service, sizeof service, flags);
    if (code == EAI_SYSTEM) return make_posix_error(p, errno);
    if (code != 0) return make_lookup_error(p, code);
    MapMaker map(p);
    map.add("host", make_c_string(p, host));
    map.add("service", make_c_string(p, service));
    return make_ok(p, map.make());
}

/// prim_net:nif_getaddrinfo/3: {ok, [#{family, type, protocol, addr}]} of a host and a service, of which one may be undefined; {error, Reason}. Fails: badarg.
Term prim_net_nif_getaddrinfo_3(ExecState& p, Args a) {
    std::optional<std::string> host, service;
    if (!read_name(a[0], &host) || !read_name(a[1], &service) || (!host && !service)) return p.badarg();
    if (!has_network(p)) return no_network(p);
    addrinfo* found = nullptr;
    const int code = getaddrinfo(host ? host->c_str() : nullptr, service ? service->c_str() : nullptr, nullptr, &found);
    if (code == EAI_SYSTEM) return make_error(p, name_atom(p, "esystem"));
    if (code != 0) return make_lookup_error(p, code);
    ListMaker list(p);
    for (const addrinfo* i = found; i != nullptr; i = i->ai_next) list.add(make_address_info(p, *i));
    freeaddrinfo(found);
    return make_ok(p, list.list());
}

/// prim_net:nif_getifaddrs/1: {ok, [#{name, flags, …}]}, of the network namespace of a file if the map has netns; {error, Reason}. Fails: badarg.
Term prim_net_nif_getifaddrs_1(ExecState& p, Args a) {
    if (!a[0].is_map()) return p.badarg();
    std::optional<std::string> file;
    if (const Term netns = value_of(p, a[0], "netns"); map_size(a[0]) == 1 && netns.is_value()) {
        if (!netns.is_list() || !read_c_string(netns, &file.emplace())) return p.badarg();
    }
    if (!has_network(p)) return no_network(p);
    NetworkNamespace space(file ? file->c_str() : nullptr);
    if (space.error() != 0) return make_posix_error(p, space.error());
    ifaddrs* found = nullptr;
    if (getifaddrs(&found) != 0) return make_posix_error(p, errno);
    ListMaker list(p);
    for (const ifaddrs* i = found; i != nullptr; i = i->ifa_next) list.add(make_interface(p, *i));
    freeifaddrs(found);
    if (const int error = space.leave(); error != 0) return make_posix_error(p, error);
    return make_ok(p, list.list());
}

/// prim_net:nif_getservbyname/2 (OTP 26): {ok, Port} of a service and a protocol, or "any"; {error, einval}.
Term prim_net_nif_getservbyname_2(ExecState& p, Args a) {
    std::string name, protocol;
    servent entry;
    ServiceText text;
    if (!read_service_argument(a[0], &name) || !read_service_argument(a[1], &protocol))
        return make_posix_error(p, EINVAL);
    servent* found = nullptr;
    (void)getservbyname_r(name.c_str(), protocol_or_any(protocol), &entry, text, sizeof text, &found);
    return found == nullptr ? make_posix_error(p, EINVAL)
                            : make_ok(p, Term::small(ntohs(static_cast<uint16_t>(found->s_port))));
}

/// prim_net:nif_getservbyport/2 (OTP 26): {ok, Name}, {error, einval}.
Term prim_net_nif_getservbyport_2(ExecState& p, Args a) {
    uint32_t port;
    std::string protocol;
    servent entry;
    ServiceText text;
    if (!uint32_of(a[0], &port) || !read_service_argument(a[1], &protocol)) return make_posix_error(p, EINVAL);
    servent* found = nullptr;
    (void)getservbyport_r(htons(static_cast<uint16_t>(port)), protocol_or_any(protocol), &entry, text, sizeof text,
                          &found);
    return found == nullptr ? make_posix_error(p, EINVAL) : make_ok(p, make_c_string(p, found->s_name));
}

/// prim_net:nif_if_name2index/1: {ok, Index} of an interface, {error, Reason}.
Term prim_net_nif_if_name2index_1(ExecState& p, Args a) {
    std::string name;
    if (!a[0].is_list() || list_length(a[0]) > IF_NAMESIZE || !read_c_string(a[0], &name))
        return make_posix_error(p, EINVAL);
    if (!has_network(p)) return no_network(p);
    const unsigned index = if_nametoindex(name.c_str());
    return index == 0 ? make_posix_error(p, errno) : make_ok(p, Term::small(index));
}

/// prim_net:nif_if_index2name/1: {ok, Name} of an interface, {error, enxio}. Fails: badarg.
Term prim_net_nif_if_index2name_1(ExecState& p, Args a) {
    uint32_t index;
    if (!uint32_of(a[0], &index)) return p.badarg();
    if (!has_network(p)) return no_network(p);
    char name[IF_NAMESIZE + 1] = {};
    return if_indextoname(index, name) == nullptr ? make_posix_error(p, ENXIO) : make_ok(p, make_c_string(p, name));
}

/// prim_net:nif_if_names/0: {ok, [{Index, Name}]}, {error, Reason}.
Term prim_net_nif_if_names_0(ExecState& p, Args) {
    if (!has_network(p)) return no_network(p);
    struct if_nameindex* const all = if_nameindex();
    if (all == nullptr) return make_posix_error(p, errno);
    ListMaker list(p);
    for (const auto* i = all; i->if_index != 0 || i->if_name != nullptr; ++i) {
        list.add_pair(Term::small(i->if_index), make_c_string(p, i->if_name));
    }
    if_freenameindex(all);
    return make_ok(p, list.list());
}

/// prim_net:nif_get_adapters_addresses/1. Fails: notsup.
Term prim_net_nif_get_adapters_addresses_1(ExecState& p, Args) { return windows_only(p); }

/// prim_net:nif_get_if_entry/1. Fails: notsup.
Term prim_net_nif_get_if_entry_1(ExecState& p, Args) { return windows_only(p); }

/// prim_net:nif_get_interface_info/1. Fails: notsup.
Term prim_net_nif_get_interface_info_1(ExecState& p, Args) { return windows_only(p); }

/// prim_net:nif_get_ip_address_table/1. Fails: notsup.
Term prim_net_nif_get_ip_address_table_1(ExecState& p, Args) { return windows_only(p); }

}  // namespace lintel
