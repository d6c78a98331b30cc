/// Natives of prim_socket that make, name, set and close sockets.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "stdlib/bytes_arg.h"
#include "stdlib/socket/address.h"
#include "stdlib/socket/options.h"
#include "stdlib/socket/socket_args.h"
#include "term/compare.h"

namespace lintel {

namespace {

bool int_option(int fd, int number, int* value) {
    socklen_t size = sizeof *value;
    return getsockopt(fd, SOL_SOCKET, number, value, &size) == 0;
}

/// The settings of a new socket, as the VM and the options of open want them.
SocketSettings new_settings(ExecState& p, Term options) {
    const Sockets& sockets = sockets_of(p);
    SocketSettings settings;
    settings.debug = bool_in(options, am::debug(), sockets.socket_debug.load(std::memory_order_relaxed));
    settings.is_registered = bool_in(options, am::use_registry(), sockets.use_registry.load(std::memory_order_relaxed));
    return settings;
}

/// {'$socket', add, {'$socket', Reference}} for the registry.
void tell_of_new(ExecState& p, const Socket& socket, Term reference) {
    if (!socket.settings.is_registered) return;
    const Term registry(sockets_of(p).registry.load(std::memory_order_relaxed));
    if (!registry.is_local_pid()) return;
    const Term message = make_tuple3(p, am::dollar_socket(), am::add(), make_tuple2(p, am::dollar_socket(), reference));
    const MemoryReserve reserve;
    Vm& vm = as_process(p).machine();
    bool no_memory = false;
    if (Process* to = vm.processes.find(registry)) vm.send_message(*to, message, &no_memory);
}

/// {ok, Reference} of a new socket that belongs to the caller.
Term make_new_socket(ExecState& p, int fd, const Socket::Origin& origin, const SocketSettings& settings,
                     unsigned write_state) {
    auto* socket = new Socket(stdlib_state(p).sockets, as_process(p).machine(), fd, origin, settings);
    socket->owner = p.self;
    socket->writing.state = write_state;
    socket->sockets->attach(*socket, p.self);
    const Term reference = socket->make_reference(p);
    socket->release_reference();  // the reference has its own
    tell_of_new(p, *socket, reference);
    return make_ok(p, reference);
}

/// Kinds of sockets to which one gives addresses of memory that the system is to use.
bool has_addresses(int domain) { return domain == AF_RDS || domain == AF_XDP; }

void set_non_blocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace

/// prim_socket:nif_open/2: {ok, Socket} for a descriptor that the program has. Without the option `dup => false` it is duplicated. {error, Posix}, {invalid, domain},
/// {invalid, type}, {invalid, {integer_range, FD}}. Fails: badarg.
Term prim_socket_nif_open_2(ExecState& p, Args a) {
    int fd;
    if (!int_of(a[0], &fd)) return bad_integer(p, a[0]);
    if (!a[1].is_map()) return p.badarg();
    if (!has_network(p) || !may(as_process(p), Right::programs)) return no_network(p);
    Socket::Origin origin{};
    if (!int_option(fd, SO_DOMAIN, &origin.domain) &&
        read_domain(value_of(a[1], am::domain()), &origin.domain) == DomainTerm::none)
        return make_invalid(p, am::domain());
    if (!int_option(fd, SO_TYPE, &origin.type) && !read_socket_type(value_of(a[1], am::type()), &origin.type))
        return make_invalid(p, am::type());
    if (!int_option(fd, SO_PROTOCOL, &origin.protocol) && !int_of(value_of(a[1], am::protocol()), &origin.protocol)) {
        origin.protocol = 0;
    }
    if (has_addresses(origin.domain)) return make_posix_error(p, EAFNOSUPPORT);
    origin.from_fd = fd;
    origin.is_owned = bool_in(a[1], p.vm->atoms.find("dup"), true);
    if (origin.is_owned) {
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0) return make_posix_error(p, errno);
    }
    struct stat info {};
    const int error = fstat(fd, &info) != 0 ? errno : !S_ISSOCK(info.st_mode) ? ENOTSOCK : 0;
    if (error != 0) {
        if (origin.is_owned) close(fd);
        return make_posix_error(p, error);
    }
    set_non_blocking(fd);
    SocketAddress peer;
    const bool is_connected = getpeername(fd, &peer.any, &peer.size) == 0;
    return make_new_socket(p, fd, origin, new_settings(p, a[1]), is_connected ? Socket::kConnected : 0);
}

/// prim_socket:nif_open/4: {ok, Socket}, which belongs to the caller: it is closed when that ends. {error, Posix}, {invalid, domain}, {invalid, type},
/// {invalid, {integer_range, Protocol}}. Fails: badarg.
Term prim_socket_nif_open_4(ExecState& p, Args a) {
    Socket::Origin origin{};
    if (!int_of(a[2], &origin.protocol)) return bad_integer(p, a[2]);
    if (!a[3].is_map()) return p.badarg();
    if (read_domain(a[0], &origin.domain) == DomainTerm::none) return make_invalid(p, am::domain());
    if (!read_socket_type(a[1], &origin.type)) return make_invalid(p, am::type());
    if (!has_network(p)) return no_network(p);
    if (has_addresses(origin.domain)) return make_posix_error(p, EAFNOSUPPORT);
    const BytesArg path(value_of(p, a[3], "netns"));
    const std::string file(reinterpret_cast<const char*>(path.data()), path ? path.size() : 0);
    NetworkNamespace space(path ? file.c_str() : nullptr);
    if (space.error() != 0) return make_posix_error(p, space.error());
    const int fd = socket(origin.domain, origin.type | SOCK_NONBLOCK | SOCK_CLOEXEC, origin.protocol);
    if (fd < 0) return make_posix_error(p, errno);
    if (const int error = space.leave(); error != 0) {
        close(fd);
        return make_posix_error(p, error);
    }
    if (origin.protocol == 0) int_option(fd, SO_PROTOCOL, &origin.protocol);
    return make_new_socket(p, fd, origin, new_settings(p, a[3]), 0);
}

/// prim_socket:nif_bind/2: ok, {error, Reason}, {invalid, sockaddr}. Fails: badarg.
Term prim_socket_nif_bind_2(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        SocketAddress address;
        if (!read_address(a[1], &address)) return make_invalid(p, am::sockaddr());
        return with_side(p, s, s.reading, [&] {
            if (!may_reach(as_process(p), &address.any, address.size, true)) return make_posix_error(p, EACCES);
            if (bind(s.fd(), &address.any, address.size) != 0) return make_posix_error(p, errno);
            s.reading.state |= Socket::kBound;
            return am::ok();
        });
    });
}

namespace {

/// Several addresses for one socket, or several associations on it: only SCTP has them, and the system refuses that of sockets of other protocols. Those of
/// SCTP are not supported.
Term need_sctp(ExecState& p, const Socket& s) {
    return make_posix_error(p, s.origin.protocol == IPPROTO_SCTP ? EOPNOTSUPP : ENOPROTOOPT);
}

/// False: `list` is empty, or something of it is no address.
bool are_addresses(Term list) {
    SocketAddress address;
    if (!list.is_cons()) return false;
    for (; list.is_cons(); list = list.tail()) {
        if (!read_address(list.head(), &address)) return false;
    }
    return list.is_nil();
}

/// The addresses of an association, which is given by its number.
Term association_names(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int association;
        if (!int_of(a[1], &association)) return p.badarg();
        return with_side(p, s, s.reading, [&] { return make_posix_error(p, ENOTSUP); });
    });
}

}  // namespace

/// prim_socket:nif_bind/3 (OTP 29): adds or removes addresses of a socket: {error, Reason}, {invalid, sockaddr}. Fails: badarg.
Term prim_socket_nif_bind_3(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        if (a[2] != am::add() && !is_named(a[2], "remove")) return p.badarg();
        if (!are_addresses(a[1])) return make_invalid(p, am::sockaddr());
        return with_side(p, s, s.reading, [&] { return need_sctp(p, s); });
    });
}

/// prim_socket:nif_peeloff/2 (OTP 29): a socket of its own for an association. Fails: badarg, also if the socket is none of SCTP.
Term prim_socket_nif_peeloff_2(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int association;
        if (!int_of(a[1], &association) || s.origin.protocol != IPPROTO_SCTP) return p.badarg();
        return with_side(p, s, s.reading, [&] { return need_sctp(p, s); });
    });
}

/// prim_socket:nif_socknames/2, nif_peernames/2 (OTP 29): {error, enotsup}. Fails: badarg.
Term prim_socket_nif_socknames_2(ExecState& p, Args a) { return association_names(p, a); }
Term prim_socket_nif_peernames_2(ExecState& p, Args a) { return association_names(p, a); }

/// prim_socket:nif_listen/2: ok, {error, Reason}, {invalid, {integer_range, Backlog}}. Fails: badarg.
Term prim_socket_nif_listen_2(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int backlog;
        if (!int_of(a[1], &backlog)) return bad_integer(p, a[1]);
        return with_side(p, s, s.reading, [&] {
            if (listen(s.fd(), backlog) != 0) return make_posix_error(p, errno);
            s.reading.state |= Socket::kListening;
            return am::ok();
        });
    });
}

// ---- connecting

namespace {

/// Begins to connect; `select`: the caller is told when he should call again.
Term connect_to(ExecState& p, Socket& s, Term operation, const SocketAddress& to) {
    int error = 0;
    if (!may_reach(as_process(p), &to.any, to.size)) return make_posix_error(p, EACCES);
    if (connect(s.fd(), &to.any, to.size) != 0) error = errno;
    if (error == 0) {
        s.writing.state |= Socket::kConnected;
        return am::ok();
    }
    if (error != EAGAIN && error != EINPROGRESS) return make_posix_error(p, error);
    if (const int refused = s.select(s.writing, p.self, operation); refused != 0) return make_posix_error(p, refused);
    if (p.self != s.owner) s.sockets->attach(s, p.self);
    s.connector.add(p.self, operation);
    s.writing.state |= Socket::kConnecting;
    return am::select();
}

/// How it came out.
Term connect_done(ExecState& p, Socket& s) {
    s.connector.clear();
    s.writing.state &= ~Socket::kConnecting;
    int error = 0;
    if (!int_option(s.fd(), SO_ERROR, &error)) error = errno;
    if (error != 0) return make_posix_error(p, error);
    s.writing.state |= Socket::kConnected;
    return am::ok();
}

}  // namespace

/// prim_socket:nif_connect/3: ok, `select`, {error, Reason}, {invalid, sockaddr}. Several addresses (OTP 29) are for SCTP. Fails: badarg.
Term prim_socket_nif_connect_3(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        SocketAddress address;
        if (!a[1].is_reference()) return p.badarg();
        if (a[2].is_list() && are_addresses(a[2])) return with_side(p, s, s.writing, [&] { return need_sctp(p, s); });
        if (!read_address(a[2], &address)) return make_invalid(p, am::sockaddr());
        return with_side(p, s, s.writing, [&] {
            if (!s.writers.empty()) return make_error_invalid(p, am::state());
            if (s.connector.empty()) return connect_to(p, s, a[1], address);
            return s.connector.is_turn_of(p.self) ? connect_done(p, s) : make_error(p, am::already());
        });
    });
}

/// prim_socket:nif_connect/1: after the message that nif_connect/3 has promised: ok, {error, Reason}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_connect_1(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        return with_side(p, s, s.writing, [&] {
            if (!s.writers.empty()) return make_error_invalid(p, am::state());
            return s.connector.is_turn_of(p.self) ? connect_done(p, s) : raise_invalid(p, am::state());
        });
    });
}

// ---- accepting

namespace {

/// {ok, Socket} of an accepted connection. Its settings are those of the one that listens.
Term accepted(ExecState& p, Socket& s, int fd) {
    ++s.accepts.packets;
    SocketSettings settings;
    {
        const std::lock_guard lock(s.writing.mutex);
        settings = s.settings;
        s.writing.state |= Socket::kConnected;  // of the one that listens: so says OTP
    }
    return make_new_socket(p, fd, {s.origin.domain, s.origin.type, s.origin.protocol}, settings, 0);
}

void end_accepting(Socket& s) {
    if (!s.next_turn(s.reading, s.acceptors)) s.reading.state &= ~Socket::kAccepting;
}

/// Nobody has come: the caller, whose turn it is, is told when somebody does.
Term accept_later(ExecState& p, Socket& s, Term operation) {
    if (const int error = s.select(s.reading, p.self, operation); error != 0) {
        end_accepting(s);
        return make_posix_error(p, error);
    }
    s.reading.state |= Socket::kAccepting;
    return am::select();
}

Term accept_now(ExecState& p, Socket& s, Term operation) {
    const bool is_waiting = !s.acceptors.empty();
    ++s.accepts.tries;
    const int fd = accept4(s.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int error = fd < 0 ? errno : 0;
    if (error == 0) {
        const Term result = accepted(p, s, fd);
        if (is_waiting) end_accepting(s);
        return result;
    }
    if (error == EAGAIN) {
        if (is_waiting) {
            ++s.accepts.waits;
        } else {
            if (p.self != s.owner) s.sockets->attach(s, p.self);
            s.acceptors.add(p.self, operation);
        }
        return accept_later(p, s, operation);
    }
    ++s.accepts.fails;
    if (is_waiting) s.fail_all(s.acceptors, posix_atom(p.vm->atoms, error));
    return make_posix_error(p, error);
}

}  // namespace

/// prim_socket:nif_accept/2: {ok, Socket}, which belongs to the caller, `select`, {error, Reason}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_accept_2(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        return with_side(p, s, s.reading, [&] {
            if (!s.readers.empty()) return make_error_invalid(p, am::state());
            if (s.acceptors.empty() || s.acceptors.is_turn_of(p.self)) return accept_now(p, s, a[1]);
            if (s.acceptors.is_behind(p.self)) return raise_invalid(p, am::state());
            if (p.self != s.owner) s.sockets->attach(s, p.self);
            s.acceptors.add(p.self, a[1]);
            return am::select();
        });
    });
}

// ---- cancelling

namespace {

Term outcome(bool cancelled) { return cancelled ? am::ok() : am::select_sent(); }

Term cancel_connect(Socket& s, Term pid, Term operation) {
    if (!s.connector.is_turn_of(pid) || !exactly_equal(s.connector.first().operation.get(), operation))
        return am::not_found();
    const bool cancelled = s.cancel_select(s.writing);
    s.connector.clear();
    s.writing.state &= ~Socket::kConnecting;
    return outcome(cancelled);
}

Term cancel_waiter(Socket& s, Socket::Side& side, Waiters& waiters, Term pid, Term operation) {
    if (!waiters.is_turn_of(pid)) return waiters.remove_behind(pid, operation) ? am::ok() : am::not_found();
    if (!exactly_equal(waiters.first().operation.get(), operation)) return am::not_found();
    // While sendfile works for him the turn is his.
    if (&waiters == &s.writers && s.is_in_use) return am::not_found();
    const bool cancelled = s.cancel_select(side);
    if (!s.next_turn(side, waiters) && &waiters == &s.acceptors) side.state &= ~Socket::kAccepting;
    return outcome(cancelled);
}

bool is_one_of(Term t, std::initializer_list<Term> terms) {
    return std::any_of(terms.begin(), terms.end(), [t](Term x) { return x == t; });
}

}  // namespace

/// prim_socket:nif_cancel/3: ok, select_sent if the caller has been told already, not_found, {error, closed}. Fails: badarg.
Term prim_socket_nif_cancel_3(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        if (!a[1].is_atom() || !a[2].is_reference()) return p.badarg();
        const Term pid = p.self;
        if (a[1] == am::connect()) {
            return with_side(p, s, s.writing, [&] { return cancel_connect(s, pid, a[2]); });
        }
        if (is_one_of(a[1], {am::send(), am::sendto(), am::sendmsg(), am::sendmmsg(), am::sendv(), am::sendfile()})) {
            return with_side(p, s, s.writing, [&] { return cancel_waiter(s, s.writing, s.writers, pid, a[2]); });
        }
        const bool is_accept = a[1] == am::accept();
        if (is_accept || is_one_of(a[1], {am::recv(), am::recvfrom(), am::recvmsg(), am::recvmmsg()})) {
            Waiters& waiters = is_accept ? s.acceptors : s.readers;
            return with_side(p, s, s.reading, [&] { return cancel_waiter(s, s.reading, waiters, pid, a[2]); });
        }
        return with_side(p, s, s.reading, [&] { return p.badarg(); });
    });
}

// ---- the end

/// prim_socket:nif_close/1: ok if finalize_close may be called; {ok, Ref}: after {'$socket', Socket, close, Ref}; {error, closed}. Fails: badarg.
Term prim_socket_nif_close_1(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        Term operation;
        if (!s.close(p, &operation)) return closed(p);
        return operation.is_none() ? am::ok() : make_ok(p, operation);
    });
}

/// prim_socket:nif_finalize_close/1: ok, {error, Reason}. Fails: badarg, {invalid, state} unless the caller has called close.
Term prim_socket_nif_finalize_close_1(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int error = 0;
        switch (s.finalize(p.self, &error)) {
            case Socket::Finalized::done: break;
            case Socket::Finalized::not_open: return closed(p);
            case Socket::Finalized::bad_state: return raise_invalid(p, am::state());
        }
        return error == 0 ? am::ok() : make_posix_error(p, error);
    });
}

/// prim_socket:nif_shutdown/2: ok, {error, Reason}. Fails: badarg, {invalid, {how, How}}.
Term prim_socket_nif_shutdown_2(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        const int how = a[1] == am::read()         ? SHUT_RD
                        : a[1] == am::write()      ? SHUT_WR
                        : a[1] == am::read_write() ? SHUT_RDWR
                                                   : -1;
        if (how < 0) return raise_invalid(p, make_tuple2(p, name_atom(p, "how"), a[1]));
        return with_side(p, s, s.reading,
                         [&] { return shutdown(s.fd(), how) == 0 ? am::ok() : make_posix_error(p, errno); });
    });
}

// ---- names

namespace {

template <typename Get>
Term name_of_end(ExecState& p, Term socket, Get get) {
    return with_socket(p, socket, [&](Socket& s) {
        return with_side(p, s, s.reading, [&] {
            SocketAddress address;
            if (get(s.fd(), &address.any, &address.size) != 0) return make_posix_error(p, errno);
            return make_ok(p, make_address(p, address));
        });
    });
}

}  // namespace

/// prim_socket:nif_sockname/1: {ok, Address}, {error, Reason}. Fails: badarg.
Term prim_socket_nif_sockname_1(ExecState& p, Args a) {
    return name_of_end(p, a[0], [](int fd, sockaddr* to, socklen_t* size) { return getsockname(fd, to, size); });
}

/// prim_socket:nif_peername/1: {ok, Address}, {error, Reason}. Fails: badarg.
Term prim_socket_nif_peername_1(ExecState& p, Args a) {
    return name_of_end(p, a[0], [](int fd, sockaddr* to, socklen_t* size) { return getpeername(fd, to, size); });
}

// ---- options

namespace {

/// Options of level otp, as prim_socket numbers them.
enum class OwnOption : int {
    debug = 1001,
    tells_wraps = 1002,
    owner = 1003,
    receive_bytes = 1004,
    receive_control_bytes = 1006,
    send_control_bytes = 1007,
    fd = 1008,
    meta = 1009,
    use_registry = 1010,
    select_read = 1011,
    domain = 1999,
};

/// A size of a buffer, or default.
bool read_size(Term t, size_t otherwise, size_t* size) {
    uint64_t value = otherwise;
    if (t != am::default_() && !uint64_of(t, &value)) return false;
    *size = value;
    return value != 0;
}

Term set_receive_bytes(ExecState& p, Socket& s, Term value) {
    const SocketSettings defaults;
    size_t bytes = 0;
    uint32_t count = 0;
    if (const TupleView pair = as_tuple(value, 2); pair) {
        if (!uint32_of(pair[0], &count) || count == 0 || !read_size(pair[1], defaults.receive_bytes, &bytes))
            return make_invalid(p, am::value());
    } else if (!read_size(value, defaults.receive_bytes, &bytes)) {
        return make_invalid(p, am::value());
    }
    s.settings.receive_bytes = bytes;
    s.settings.receive_count = count;
    return am::ok();
}

Term set_own_option(ExecState& p, Socket& s, int number, Term value) {
    const Socket::BothSides both(s);
    const SocketSettings defaults;
    const bool is_open = s.reading.is_open();
    bool flag = false;
    const auto set_flag = [&](bool* setting) {
        if (!bool_of(value, &flag)) return make_invalid(p, am::value());
        *setting = flag;
        return am::ok();
    };
    const auto set_size = [&](size_t otherwise, size_t* size) {
        size_t bytes;
        if (!read_size(value, otherwise, &bytes)) return make_invalid(p, am::value());
        *size = bytes;
        return am::ok();
    };
    switch (static_cast<OwnOption>(number)) {
        case OwnOption::debug: return is_open ? set_flag(&s.settings.debug) : closed(p);
        case OwnOption::tells_wraps: return is_open ? set_flag(&s.settings.tells_wraps) : closed(p);
        case OwnOption::select_read: return is_open ? set_flag(&s.settings.selects_after_read) : closed(p);
        case OwnOption::owner:
            if (!is_open) return closed(p);
            if (s.owner != p.self) return make_error_invalid(p, name_atom(p, "not_owner"));
            if (!value.is_local_pid()) return make_invalid(p, am::value());
            s.set_owner(p, value);
            return am::ok();
        case OwnOption::receive_bytes: return is_open ? set_receive_bytes(p, s, value) : closed(p);
        case OwnOption::receive_control_bytes:
            return is_open ? set_size(defaults.receive_control_bytes, &s.settings.receive_control_bytes) : closed(p);
        case OwnOption::send_control_bytes:
            return is_open ? set_size(defaults.send_control_bytes, &s.settings.send_control_bytes) : closed(p);
        case OwnOption::meta:
            if (!is_open) return closed(p);
            if (s.owner != p.self) return make_error_invalid(p, name_atom(p, "not_owner"));
            s.meta.set(value);
            return am::ok();
        case OwnOption::use_registry:
            if (!is_open) return closed(p);
            if (!bool_of(value, &flag) || !flag) return make_invalid(p, am::value());
            if (!s.settings.is_registered) {
                s.settings.is_registered = true;
                tell_of_new(p, s, s.make_reference(p));
            }
            return am::ok();
        case OwnOption::fd:
        case OwnOption::domain: break;
    }
    return raise_invalid(p, make_tuple2(p, name_atom(p, "otp_socket_option"), Term::small(number)));
}

Term get_own_option(ExecState& p, Socket& s, int number) {
    const Socket::BothSides both(s);
    const SocketSettings& now = s.settings;
    Term value;
    switch (static_cast<OwnOption>(number)) {
        case OwnOption::debug: value = boolean(now.debug); break;
        case OwnOption::tells_wraps: value = boolean(now.tells_wraps); break;
        case OwnOption::select_read: value = boolean(now.selects_after_read); break;
        case OwnOption::owner: value = s.owner.is_none() ? am::undefined() : s.owner; break;
        case OwnOption::receive_bytes:
            value = make_unsigned(p, now.receive_bytes);
            if (now.receive_count != 0) {
                value = make_tuple2(p, Term::small(static_cast<int32_t>(now.receive_count)), value);
            }
            break;
        case OwnOption::receive_control_bytes: value = make_unsigned(p, now.receive_control_bytes); break;
        case OwnOption::send_control_bytes: value = make_unsigned(p, now.send_control_bytes); break;
        case OwnOption::fd: value = Term::small(s.fd()); break;
        case OwnOption::meta: {
            const Term meta = s.meta.get();
            auto heap = p.reserve(flat_size(meta, nullptr));
            value = copy_term(meta, heap, nullptr);
            break;
        }
        case OwnOption::use_registry: return make_ok(p, boolean(now.is_registered));
        case OwnOption::domain: value = make_domain(s.origin.domain); break;
        default: return raise_invalid(p, make_tuple2(p, name_atom(p, "otp_socket_option"), Term::small(number)));
    }
    return s.reading.is_open() ? make_ok(p, value) : closed(p);
}

OptionTarget target_of(const Socket& s) { return {s.fd(), s.origin.domain, s.settings.receive_control_bytes}; }

/// A level that is no number of one.
Term bad_level(ExecState& p, Term level) { return bad_integer(p, level); }

/// `specification`: of a value of the system's; none: one of ours.
Term get_any_option(ExecState& p, Args a, Term specification = Term::none()) {
    const bool is_native = specification.is_value();
    return with_socket(p, a[0], [&](Socket& s) {
        int level, number;
        if (!int_of(a[2], &number)) return bad_integer(p, a[2]);
        if (!read_level(a[1], &level)) {
            return is_named(a[1], "otp") && !is_native ? get_own_option(p, s, number) : bad_level(p, a[1]);
        }
        return with_side(p, s, s.reading, [&] {
            return is_native ? get_native_option(p, target_of(s), level, number, specification)
                             : get_option(p, target_of(s), level, number);
        });
    });
}

}  // namespace

/// prim_socket:nif_setopt/5: ok, {error, Reason}, {invalid, socket_option}, {invalid, value}. Native is not 0: the value is the system's. Fails: badarg,
/// {invalid, {otp_socket_option, Option}}.
Term prim_socket_nif_setopt_5(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        int level, number, is_native;
        if (!int_of(a[4], &is_native)) return p.badarg();
        if (!int_of(a[2], &number)) return bad_integer(p, a[2]);
        if (!read_level(a[1], &level)) {
            return is_named(a[1], "otp") && is_native == 0 ? set_own_option(p, s, number, a[3]) : bad_level(p, a[1]);
        }
        return with_side(p, s, s.writing, [&] {
            return is_native != 0 ? set_native_option(p, target_of(s), level, number, a[3])
                                  : set_option(p, target_of(s), level, number, a[3]);
        });
    });
}

/// prim_socket:nif_getopt/3: {ok, Value}, {error, Reason}, {invalid, socket_option}. Fails: badarg, {invalid, {otp_socket_option, Option}}.
Term prim_socket_nif_getopt_3(ExecState& p, Args a) { return get_any_option(p, a); }

/// prim_socket:nif_getopt/4: the same for a value of the system's, which ValueSpec describes. {invalid, value}. Fails: badarg.
Term prim_socket_nif_getopt_4(ExecState& p, Args a) { return get_any_option(p, a, a[3]); }
/// prim_socket:nif_getopt/5 (OTP 29): as nif_getopt/4 with `native`; as nif_getopt/3 with `value`, which only options of SCTP take. Fails: badarg.
Term prim_socket_nif_getopt_5(ExecState& p, Args a) {
    if (a[3] == am::native()) return get_any_option(p, a, a[4]);
    return a[3] == am::value() ? get_any_option(p, a) : p.badarg();
}

}  // namespace lintel
