#pragma once
/// Addresses, domains and types of sockets as OTP's socket module has them: maps and atoms, or numbers where it has no name.

#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "stdlib/socket/terms.h"

namespace lintel {

struct SocketAddress {
    union {
        sockaddr_storage storage;
        sockaddr any;
        sockaddr_in in4;
        sockaddr_in6 in6;
        sockaddr_un local;
        sockaddr_ll packet;
    };
    socklen_t size = sizeof(sockaddr_storage);

    SocketAddress() : storage{} {}
};

/// #{family := …, …}. False: it is none.
bool read_address(Term map, SocketAddress* address);
/// The map of an address; `size` as the system told it, or -1: what its family takes.
Term make_address(ExecState& p, const sockaddr* address, int size);
inline Term make_address(ExecState& p, const SocketAddress& a) {
    return make_address(p, &a.any, static_cast<int>(std::min<size_t>(a.size, sizeof a.storage)));
}
/// The hardware address that SIOCGIFHWADDR answers.
Term make_hardware_address(ExecState& p, const sockaddr& address);

/// A tuple of bytes or of words of 16 bits, or any, loopback, broadcast. False: it is none.
bool read_ip4(Term t, in_addr* address);
bool read_ip6(Term t, in6_addr* address);
Term make_ip4(ExecState& p, const in_addr& address);
Term make_ip6(ExecState& p, const in6_addr& address);

enum class DomainTerm : uint8_t { none, name, number };
/// inet, inet6, local, unspec, or a number.
DomainTerm read_domain(Term t, int* domain);
Term make_domain(int domain);
/// stream, dgram, raw, seqpacket, or a number.
bool read_socket_type(Term t, int* type);
Term make_socket_type(ExecState& p, int type);
/// socket, or the number of a protocol.
bool read_level(Term t, int* level);
Term make_level(int level);

/// Text of a list of bytes, as a C string: nothing behind a zero counts. False: it is none.
bool read_c_string(Term list, std::string* text);
/// A list of the bytes of `text`.
inline Term make_c_string(ExecState& p, std::string_view text) {
    return p.reserve(list_words(text.size())).byte_list(text);
}

}  // namespace lintel
