#include "base/network_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace lintel {

namespace {

constexpr std::string_view kLocal = "unix:";

template <typename T>
bool number(std::string_view text, unsigned most, T* n) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most) return false;
    *n = static_cast<T>(value);
    return true;
}

std::string_view local_name(const sockaddr* address, socklen_t size) {
    const auto* local = reinterpret_cast<const sockaddr_un*>(address);
    constexpr size_t kBefore = offsetof(sockaddr_un, sun_path);
    if (size <= kBefore) return {};
    const std::string_view name(local->sun_path, size - kBefore);
    return name.front() == 0 ? name : name.substr(0, name.find('\0'));
}

/// The bytes of an address of the Internet, and its port; nullptr: it is of another kind.
const uint8_t* bytes_of(const sockaddr* address, socklen_t size, uint16_t* port) {
    if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
        const auto* in = reinterpret_cast<const sockaddr_in*>(address);
        *port = ntohs(in->sin_port);
        return reinterpret_cast<const uint8_t*>(&in->sin_addr);
    }
    if (address->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
        const auto* in = reinterpret_cast<const sockaddr_in6*>(address);
        *port = ntohs(in->sin6_port);
        return in->sin6_addr.s6_addr;
    }
    return nullptr;
}

bool begins_alike(const uint8_t* a, const uint8_t* b, unsigned bits) {
    if (std::memcmp(a, b, bits / 8) != 0) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

}  // namespace

bool NetworkRules::parse(std::string_view text, std::string* wrong) {
    constexpr std::string_view kBetween = ", \t\n";
    while (true) {
        const size_t begin = text.find_first_not_of(kBetween);
        if (begin == std::string_view::npos) return true;
        text.remove_prefix(begin);
        const std::string_view one = text.substr(0, text.find_first_of(kBetween));
        text.remove_prefix(one.size());
        Rule rule;
        if (!parse_rule(one, &rule)) {
            *wrong = one;
            return false;
        }
        rules_.push_back(rule);
    }
}

bool NetworkRules::parse_rule(std::string_view text, Rule* rule) {
    if (text.starts_with(kLocal)) {
        rule->family = AF_UNIX;
        rule->is_prefix = text.ends_with('*');
        rule->name = text.substr(kLocal.size(), text.size() - kLocal.size() - (rule->is_prefix ? 1 : 0));
        return !rule->name.empty() || rule->is_prefix;
    }
    std::string_view address = text, ports;
    if (text.starts_with('[')) {
        const size_t end = text.find(']');
        if (end == std::string_view::npos) return false;
        address = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') return false;
        ports = text.empty() ? text : text.substr(1);
        if (!text.empty() && ports.empty()) return false;
        rule->family = AF_INET6;
    } else {
        const size_t colon = text.find(':');
        address = text.substr(0, colon);
        if (colon != std::string_view::npos) {
            ports = text.substr(colon + 1);
            if (ports.empty()) return false;
        }
        rule->family = address == "*" ? AF_UNSPEC : AF_INET;
    }
    if (!ports.empty() && ports != "*") {
        const size_t dash = ports.find('-');
        if (!number(ports.substr(0, dash), UINT16_MAX, &rule->first_port)) return false;
        rule->last_port = rule->first_port;
        if (dash != std::string_view::npos && !number(ports.substr(dash + 1), UINT16_MAX, &rule->last_port))
            return false;
        if (rule->last_port < rule->first_port) return false;
    }
    if (rule->family == AF_UNSPEC) return true;
    const unsigned most = rule->family == AF_INET ? 32 : 128;
    rule->bits = most;
    if (const size_t slash = address.find('/'); slash != std::string_view::npos) {
        if (!number(address.substr(slash + 1), most, &rule->bits)) return false;
        address = address.substr(0, slash);
    }
    return inet_pton(rule->family, std::string(address).c_str(), rule->address.data()) == 1;
}

bool NetworkRules::allows(const sockaddr* address, socklen_t size) const {
    if (address->sa_family == AF_UNIX) {
        const std::string_view name = local_name(address, size);
        return std::any_of(rules_.begin(), rules_.end(), [name](const Rule& r) {
            return r.family == AF_UNIX && (r.is_prefix ? name.starts_with(r.name) : name == r.name);
        });
    }
    uint16_t port = 0;
    const uint8_t* bytes = bytes_of(address, size, &port);
    if (bytes == nullptr) return false;
    int family = address->sa_family;
    // Sockets of IPv6 reach those of IPv4 by such addresses.
    static constexpr uint8_t kMapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (family == AF_INET6 && std::memcmp(bytes, kMapped, sizeof kMapped) == 0) {
        family = AF_INET;
        bytes += sizeof kMapped;
    }
    return std::any_of(rules_.begin(), rules_.end(), [=](const Rule& r) {
        if (port < r.first_port || port > r.last_port) return false;
        return r.family == AF_UNSPEC || (r.family == family && begins_alike(bytes, r.address.data(), r.bits));
    });
}

bool NetworkRules::allows_binding(const sockaddr* address, socklen_t size) const {
    uint16_t port = 1;
    if (address->sa_family == AF_UNIX && local_name(address, size).empty()) return true;
    return (bytes_of(address, size, &port) != nullptr && port == 0) || allows(address, size);
}

std::string address_text(const sockaddr* address, socklen_t size) {
    if (address->sa_family == AF_UNIX) return std::string(kLocal) + std::string(local_name(address, size));
    uint16_t port = 0;
    const uint8_t* const bytes = bytes_of(address, size, &port);
    char text[INET6_ADDRSTRLEN];
    if (bytes == nullptr || inet_ntop(address->sa_family, bytes, text, sizeof text) == nullptr) return "";
    return address->sa_family == AF_INET6 ? '[' + std::string(text) + "]:" + std::to_string(port)
                                          : std::string(text) + ':' + std::to_string(port);
}

}  // namespace lintel
