/// Natives of prim_socket that tell of sockets and of what there is, and settings of all sockets.

#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include "stdlib/socket/address.h"
#include "stdlib/socket/control_message.h"
#include "stdlib/socket/interface_request.h"
#include "stdlib/socket/options.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

Term make_states(ExecState& p, unsigned state) {
    constexpr struct {
        unsigned state;
        const char* name;
    } kNames[] = {
        {Socket::kBound, "bound"},           {Socket::kListening, "listening"}, {Socket::kAccepting, "accepting"},
        {Socket::kConnecting, "connecting"}, {Socket::kConnected, "connected"}, {Socket::kSelected, "selected"},
        {Socket::kClosing, "closing"},       {Socket::kClosed, "closed"},
    };
    ListMaker list(p);
    for (const auto& row : kNames) {
        if ((state & row.state) != 0) list.add(name_atom(p, row.name));
    }
    return list.list();
}

Term make_counters(ExecState& p, const Socket& s) {
    const Socket::Counters &r = s.reading.counters, &w = s.writing.counters, &a = s.accepts;
    MapMaker map(p);
    const auto add = [&](const char* name, uint64_t value) { map.add(name, make_unsigned(p, value)); };
    add("read_byte", r.bytes);
    add("read_fails", r.fails);
    add("read_pkg", r.packets);
    add("read_pkg_max", r.largest);
    add("read_tries", r.tries);
    add("read_waits", r.waits);
    add("write_byte", w.bytes);
    add("write_fails", w.fails);
    add("write_pkg", w.packets);
    add("write_pkg_max", w.largest);
    add("write_tries", w.tries);
    add("write_waits", w.waits);
    add("acc_success", a.packets);
    add("acc_fails", a.fails);
    add("acc_tries", a.tries);
    add("acc_waits", a.waits);
    if (const auto* f = s.file_counters.get(); f != nullptr) {
        add("sendfile", f->calls);
        add("sendfile_byte", f->bytes);
        add("sendfile_fails", f->fails);
        add("sendfile_max", f->largest_file);
        add("sendfile_pkg", f->packets);
        add("sendfile_pkg_max", f->largest);
        add("sendfile_tries", f->tries);
        add("sendfile_waits", f->waits);
    }
    return map.make();
}

Term make_kind(ExecState& p, const Socket& s) {
    if (s.origin.from_fd <= 0) return name_atom(p, "normal");
    const Term from_fd = name_atom(p, "fromfd");
    return s.origin.is_owned ? make_tuple2(p, from_fd, Term::small(s.origin.from_fd)) : from_fd;
}

Term boolean_of(const std::atomic<bool>& flag) { return boolean(flag.load(std::memory_order_relaxed)); }

Term make_pairs(ExecState& p, std::initializer_list<const char*> names) {
    ListMaker list(p);
    for (const char* name : names) list.add_pair(name_atom(p, name), am::true_());
    return list.list();
}

/// [{[Name, Alias…], Number}]: the system's, behind those that there always are.
Term list_protocols(ExecState& p) {
    Term list = Term::nil();
    {
        // The C library has one place in its list for the whole program.
        static std::mutex mutex;
        const std::lock_guard lock(mutex);
        setprotoent(1);
        while (const protoent* entry = getprotoent()) {
            Term names = Term::nil();
            for (char** alias = entry->p_aliases; *alias != nullptr; ++alias)
                names = make_cons(p, name_atom(p, *alias), names);
            names = make_cons(p, name_atom(p, entry->p_name), names);
            list = make_cons(p, make_tuple2(p, names, Term::small(entry->p_proto)), list);
        }
        endprotoent();
    }
    constexpr struct {
        const char* name;
        int number;
    } kProtocols[] = {
        {"ip", SOL_IP}, {"ipv6", SOL_IPV6}, {"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP}};
    for (const auto& row : kProtocols) {
        const Term names = make_cons(p, name_atom(p, row.name), Term::nil());
        list = make_cons(p, make_tuple2(p, names, Term::small(row.number)), list);
    }
    return list;
}

}  // namespace

/// prim_socket:nif_info/0: the map of socket:info/0.
Term prim_socket_nif_info_0(ExecState& p, Args) {
    const Sockets& sockets = sockets_of(p);
    const Sockets::Counts n = sockets.counts();
    MapMaker counters(p);
    const auto add = [&](const char* name, uint64_t value) { counters.add(name, make_unsigned(p, value)); };
    add("num_cnt_bits", 64);
    add("num_sockets", n.all);
    add("num_tdgrams", n.dgram);
    add("num_tstreams", n.stream);
    add("num_tseqpkgs", n.seqpacket);
    add("num_dlocal", n.local);
    add("num_dinet", n.inet);
    add("num_dinet6", n.inet6);
    add("num_pip", n.ip);
    add("num_ptcp", n.tcp);
    add("num_pudp", n.udp);
    add("num_psctp", n.sctp);
    MapMaker map(p);
    map.add("debug", boolean_of(sockets.debug));
    map.add("socket_debug", boolean_of(sockets.socket_debug));
    map.add("use_registry", boolean_of(sockets.use_registry));
    map.add("iow", boolean_of(sockets.tells_wraps));
    map.add("counters", counters.make());
    map.add("iov_max", make_integer(p, sysconf(_SC_IOV_MAX)));
    if (otp_number(p) >= 27) {
        map.add("eei", am::true_());
        MapMaker backend(p);
        backend.add(am::name(), name_atom(p, "unix_essio"));
        map.add("io_backend", backend.make());
    }
    return map.make();
}

/// prim_socket:nif_info/1: the map of socket:info/1. Fails: badarg.
Term prim_socket_nif_info_1(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        const Socket::BothSides both(s);
        MapMaker map(p);
        map.add(am::domain(), make_domain(s.origin.domain));
        map.add(am::type(), make_socket_type(p, s.origin.type));
        map.add(am::protocol(), Term::small(s.origin.protocol));
        map.add("owner", s.owner.is_none() ? am::undefined() : s.owner);
        map.add("rstates", make_states(p, s.reading.state));
        map.add("wstates", make_states(p, s.writing.state));
        map.add("ctype", make_kind(p, s));
        map.add("counters", make_counters(p, s));
        map.add("num_readers", Term::small(static_cast<int64_t>(s.readers.size())));
        map.add("num_writers", Term::small(static_cast<int64_t>(s.writers.size())));
        map.add("num_acceptors", Term::small(static_cast<int64_t>(s.acceptors.size())));
        return map.make();
    });
}

/// prim_socket:nif_command/1: sets debug, socket_debug or use_registry for the VM. Fails: badarg, {invalid, {command, Command}}, {invalid, {data, Data}}.
Term prim_socket_nif_command_1(ExecState& p, Args a) {
    const Term command = value_of(p, a[0], "command"), data = value_of(a[0], am::data());
    if (command.is_none() || data.is_none()) return p.badarg();
    Sockets& sockets = sockets_of(p);
    std::atomic<bool>* const setting = is_named(command, "debug")          ? &sockets.debug
                                       : is_named(command, "socket_debug") ? &sockets.socket_debug
                                       : is_named(command, "use_registry") ? &sockets.use_registry
                                                                           : nullptr;
    if (setting == nullptr) return raise_invalid(p, make_tuple2(p, name_atom(p, "command"), command));
    bool value;
    if (!bool_of(data, &value)) return raise_invalid(p, make_tuple2(p, am::data(), data));
    setting->store(value, std::memory_order_relaxed);
    return am::ok();
}

/// prim_socket:nif_supports/0: [{What, boolean()}].
Term prim_socket_nif_supports_0(ExecState& p, Args) {
    return make_pairs(p, {"sctp", "ipv6", "local", "netns", "sendfile"});
}

/// prim_socket:nif_supports/1: what there is of protocols, options, msg_flags, ioctl_requests or ioctl_flags, with numbers; [] for anything else.
Term prim_socket_nif_supports_1(ExecState& p, Args a) {
    if (is_named(a[0], "protocols")) return list_protocols(p);
    if (is_named(a[0], "options")) return list_options(p);
    if (is_named(a[0], "msg_flags")) return list_message_flags(p);
    if (is_named(a[0], "ioctl_requests")) return list_interface_requests(p);
    if (is_named(a[0], "ioctl_flags")) return list_interface_flags(p);
    return Term::nil();
}

}  // namespace lintel
