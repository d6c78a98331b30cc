#include "base/network_rules.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/un.h>

#include <cstring>

namespace lintel {
namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    Address(const char* text, uint16_t port) {
        auto* in = reinterpret_cast<sockaddr_in*>(&storage);
        auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
        if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
            in->sin_family = AF_INET;
            in->sin_port = htons(port);
            size = sizeof *in;
        } else {
            inet_pton(AF_INET6, text, &in6->sin6_addr);
            in6->sin6_family = AF_INET6;
            in6->sin6_port = htons(port);
            size = sizeof *in6;
        }
    }
    explicit Address(const std::string& name) {
        auto* local = reinterpret_cast<sockaddr_un*>(&storage);
        local->sun_family = AF_UNIX;
        std::memcpy(local->sun_path, name.data(), name.size());
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    }
    const sockaddr* any() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

bool allows(const char* text, const Address& to) {
    NetworkRules rules;
    std::string wrong;
    EXPECT_TRUE(rules.parse(text, &wrong)) << wrong;
    return rules.allows(to.any(), to.size);
}

TEST(NetworkRules, NothingIsAllowedByNoRule) {
    EXPECT_FALSE(allows("", Address("127.0.0.1", 80)));
    EXPECT_FALSE(allows(" , ", Address(std::string("/tmp/x"))));
}

TEST(NetworkRules, AddressesAndPorts) {
    EXPECT_TRUE(allows("127.0.0.1", Address("127.0.0.1", 1)));
    EXPECT_FALSE(allows("127.0.0.1", Address("127.0.0.2", 1)));
    EXPECT_TRUE(allows("127.0.0.1:80", Address("127.0.0.1", 80)));
    EXPECT_FALSE(allows("127.0.0.1:80", Address("127.0.0.1", 81)));
    EXPECT_TRUE(allows("10.0.0.0/8:8000-8999 127.0.0.1", Address("10.9.8.7", 8999)));
    EXPECT_FALSE(allows("10.0.0.0/8:8000-8999", Address("10.9.8.7", 9000)));
    EXPECT_FALSE(allows("10.0.0.0/8", Address("11.0.0.1", 1)));
    EXPECT_TRUE(allows("10.128.0.0/9", Address("10.255.0.1", 1)));
    EXPECT_FALSE(allows("10.128.0.0/9", Address("10.127.0.1", 1)));
    EXPECT_TRUE(allows("0.0.0.0/0", Address("8.8.8.8", 53)));
    EXPECT_FALSE(allows("0.0.0.0/0", Address("::1", 53)));
    EXPECT_TRUE(allows("*:53", Address("::1", 53)));
    EXPECT_TRUE(allows("*:53,*:54", Address("1.2.3.4", 54)));
    EXPECT_FALSE(allows("*:53", Address("1.2.3.4", 54)));
    EXPECT_TRUE(allows("[::1]:*", Address("::1", 9)));
    EXPECT_TRUE(allows("[2001:db8::/32]:443", Address("2001:db8:1::5", 443)));
    EXPECT_FALSE(allows("[2001:db8::/32]:443", Address("2001:db9::5", 443)));
}

TEST(NetworkRules, AddressesOfIpv4ThatAreMapped) {
    EXPECT_TRUE(allows("10.0.0.0/8", Address("::ffff:10.1.1.1", 1)));
    EXPECT_FALSE(allows("[::/0]", Address("::ffff:10.1.1.1", 1)));
}

TEST(NetworkRules, LocalSockets) {
    EXPECT_TRUE(allows("unix:/tmp/x", Address(std::string("/tmp/x"))));
    EXPECT_TRUE(allows("unix:/tmp/x", Address(std::string("/tmp/x\0\0", 8))));
    EXPECT_FALSE(allows("unix:/tmp/x", Address(std::string("/tmp/xy"))));
    EXPECT_TRUE(allows("unix:/tmp/x*", Address(std::string("/tmp/xy"))));
    EXPECT_TRUE(allows("unix:*", Address(std::string("\0abstract", 9))));
    EXPECT_FALSE(allows("* unix:/tmp/*", Address(std::string("\0/tmp/", 6))));
}

TEST(NetworkRules, Binding) {
    NetworkRules rules;
    std::string wrong;
    ASSERT_TRUE(rules.parse("*:80", &wrong));
    const Address chosen("0.0.0.0", 0), web("0.0.0.0", 80), other("0.0.0.0", 81);
    EXPECT_TRUE(rules.allows_binding(chosen.any(), chosen.size));
    EXPECT_FALSE(rules.allows(chosen.any(), chosen.size));
    EXPECT_TRUE(rules.allows_binding(web.any(), web.size));
    EXPECT_FALSE(rules.allows_binding(other.any(), other.size));
}

TEST(NetworkRules, WhatMakesNoSense) {
    for (const char* text : {"10.0.0.0/33", "10.0.0", "example.org", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:9-8",
                             "[::1", "[::1]80", "[127.0.0.1]", "unix:", "127.0.0.1:1-", ":80", "127.0.0.1/8/9"}) {
        NetworkRules rules;
        std::string wrong;
        EXPECT_FALSE(rules.parse(std::string("*:1 ") + text, &wrong)) << text;
        EXPECT_EQ(wrong, text);
    }
}

TEST(NetworkRules, AddressesAsText) {
    const Address four("127.0.0.1", 80), six("::1", 81), local(std::string("/tmp/x"));
    EXPECT_EQ(address_text(four.any(), four.size), "127.0.0.1:80");
    EXPECT_EQ(address_text(six.any(), six.size), "[::1]:81");
    EXPECT_EQ(address_text(local.any(), local.size), "unix:/tmp/x");
}

}  // namespace
}  // namespace lintel
