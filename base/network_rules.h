#pragma once
/// NetworkRules: which addresses a program may reach.

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lintel {

class NetworkRules {
public:
    /// Rules between spaces or commas: ADDRESS[/BITS][:PORT[-PORT]], an IPv6 address in brackets; `*` is any address; unix:NAME is a local socket, and with a `*` at its end any whose
    /// name begins so. False: *wrong is the rule that makes no sense.
    bool parse(std::string_view text, std::string* wrong);
    bool allows(const sockaddr* address, socklen_t size) const;
    /// The same for an address to bind to; any port that the system chooses is allowed.
    bool allows_binding(const sockaddr* address, socklen_t size) const;

private:
    struct Rule {
        int family = AF_UNSPEC;  ///< AF_UNSPEC: of either kind
        std::array<uint8_t, 16> address{};
        unsigned bits = 0;
        uint16_t first_port = 0, last_port = UINT16_MAX;
        std::string name;  ///< of a local socket
        bool is_prefix = false;
    };
    static bool parse_rule(std::string_view text, Rule* rule);
    std::vector<Rule> rules_;
};

/// An address as text, for people: "127.0.0.1:80", "[::1]:80", "unix:/tmp/x".
std::string address_text(const sockaddr* address, socklen_t size);

}  // namespace lintel
