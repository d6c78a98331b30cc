#pragma once
/// Addresses of sockets, as the system has them and as prim_inet encodes them.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "stdlib/inet/byte_coder.h"

namespace lintel::inet {

struct SocketAddress {
    union {
        sockaddr any;
        sockaddr_in in;
        sockaddr_in6 in6;
        sockaddr_un local;
        sockaddr_storage storage;
    };
    socklen_t size = sizeof storage;  ///< before a system call: the room there is

    SocketAddress() : storage() {}

    /// Takes an address of a socket of the system's family `family` from `in`. 0, or an errno value.
    int decode(int family, ByteReader& in);
    /// Family, port, address; false: the system has given something else, and only the family (unspecified, undefined) has been written.
    bool encode(ByteWriter& out) const;
    /// 0 if it has none.
    uint16_t port() const;
};

}  // namespace lintel::inet
