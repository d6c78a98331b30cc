#pragma once
/// What prim_socket's natives have in common.

#include "stdlib/socket/socket.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

/// The release of the Erlang code that asks: what it expects of natives differs.
inline int otp_number(ExecState& p) { return as_process(p).machine().otp.number; }
/// Whether Erlang code may have sockets (Right::network).
inline bool has_network(ExecState& p) { return may(as_process(p), Right::network); }
inline Term no_network(ExecState& p) { return make_posix_error(p, EACCES); }
inline Term closed(ExecState& p) { return make_error(p, am::closed()); }
inline Sockets& sockets_of(ExecState& p) { return *stdlib_state(p).sockets; }

/// Calls f(socket), if `t` is a socket. Fails: badarg.
template <typename F>
Term with_socket(ExecState& p, Term t, F f) {
    auto* socket = as_magic<Socket>(t);
    return socket == nullptr ? p.badarg() : f(*socket);
}

/// The same under a side's lock, if the socket is open; {error, closed}.
template <typename F>
Term with_side(ExecState& p, Socket& socket, Socket::Side& side, F f) {
    const std::lock_guard lock(side.mutex);
    return side.is_open() ? f() : closed(p);
}

/// The network namespace of a file, for the calling thread, as long as it lives.
class NetworkNamespace {
public:
    /// nullptr: none; it stays as it is.
    explicit NetworkNamespace(const char* file);
    ~NetworkNamespace() { leave(); }
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;
    /// 0, or the errno value of the step that failed.
    int error() const { return error_; }
    /// Goes back; 0, or an errno value.
    int leave();

private:
    int before_ = -1;
    int error_ = 0;
};

}  // namespace lintel
