#include "stdlib/inet/address.h"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "stdlib/inet/codes.h"

namespace lintel::inet {

namespace {

constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);

/// An abstract name begins with a zero byte, and its size counts; a path ends with one.
size_t path_size(const char* path, size_t n) {
    const size_t text = strnlen(path, n);
    return text == 0 ? n : text;
}

}  // namespace

int SocketAddress::decode(int family, ByteReader& r) {
    if (!r.has(1)) return EINVAL;
    const auto tag = static_cast<Family>(r.u8());
    switch (tag) {
        case Family::inet: family = AF_INET; break;
        case Family::inet6: family = AF_INET6; break;
        case Family::local: family = AF_UNIX; break;
        case Family::any:
        case Family::loopback: break;
        default: return EAFNOSUPPORT;
    }
    const bool is_named = tag == Family::any || tag == Family::loopback;
    storage = {};
    if (family == AF_INET) {
        if (!r.has(is_named ? 2 : 2 + 4)) return EINVAL;
        in.sin_family = AF_INET;
        in.sin_port = htons(r.u16());
        if (is_named) {
            in.sin_addr.s_addr = htonl(tag == Family::any ? INADDR_ANY : INADDR_LOOPBACK);
        } else {
            std::memcpy(&in.sin_addr, r.take(4).data(), 4);
        }
        size = sizeof in;
    } else if (family == AF_INET6) {
        if (!r.has(is_named ? 2 : 2 + 16 + 8)) return EINVAL;
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(r.u16());
        if (is_named) {
            in6.sin6_addr = tag == Family::any ? in6addr_any : in6addr_loopback;
        } else {
            std::memcpy(&in6.sin6_addr, r.take(16).data(), 16);
            in6.sin6_flowinfo = r.u32();
            in6.sin6_scope_id = r.u32();
        }
        size = sizeof in6;
    } else if (family == AF_UNIX && !is_named) {
        if (!r.has(1)) return EINVAL;
        const size_t n = r.u8();
        if (!r.has(n)) return EINVAL;
        const std::string_view path = r.take(n);
        const bool is_abstract = n != 0 && path[0] == '\0';
        if (n + (is_abstract ? 0 : 1) > sizeof local.sun_path) return EINVAL;
        local.sun_family = AF_UNIX;
        std::memcpy(local.sun_path, path.data(), n);
        size = static_cast<socklen_t>(kPathOffset + n);
    } else {
        return EINVAL;
    }
    return 0;
}

bool SocketAddress::encode(ByteWriter& out) const {
    const auto tag = [&out](Family f) { out.u8(static_cast<uint8_t>(f)); };
    if (any.sa_family == AF_INET && size >= sizeof in) {
        tag(Family::inet);
        out.u16(ntohs(in.sin_port));
        out.bytes(&in.sin_addr, 4);
        return true;
    }
    if (any.sa_family == AF_INET6 && size >= sizeof in6) {
        tag(Family::inet6);
        out.u16(ntohs(in6.sin6_port));
        out.bytes(&in6.sin6_addr, 16);
        return true;
    }
    if (any.sa_family == AF_UNIX && size >= kPathOffset && size <= sizeof local) {
        const size_t n = path_size(local.sun_path, size - kPathOffset);
        tag(Family::local);
        out.u8(n);
        out.bytes(local.sun_path, n);
        return true;
    }
    tag(any.sa_family == AF_UNSPEC ? Family::unspecified : Family::undefined);
    return false;
}

uint16_t SocketAddress::port() const {
    if (any.sa_family == AF_INET) return ntohs(in.sin_port);
    return any.sa_family == AF_INET6 ? ntohs(in6.sin6_port) : 0;
}

}  // namespace lintel::inet
