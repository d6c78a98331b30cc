#pragma once
/// Bob Jenkins' 96-bit mix (lookup2, 1996), of which OTP's hashes of terms are made: three lanes, of which `c` is the running hash
/// and the others take two words in, each offset by a multiple of the golden ratio that tells what they are.

#include <cstddef>
#include <cstdint>

namespace lintel {

struct BitsView;

constexpr uint32_t golden(uint32_t multiple) { return multiple * 0x9e3779b9u; }

constexpr void jenkins_mix(uint32_t& a, uint32_t& b, uint32_t& c) {
    a = (a - b - c) ^ (c >> 13);
    b = (b - c - a) ^ (a << 8);
    c = (c - a - b) ^ (b >> 13);
    a = (a - b - c) ^ (c >> 12);
    b = (b - c - a) ^ (a << 16);
    c = (c - a - b) ^ (b >> 5);
    a = (a - b - c) ^ (c >> 3);
    b = (b - c - a) ^ (a << 10);
    c = (c - a - b) ^ (b >> 15);
}

/// `hash` with two words taken in.
constexpr uint32_t jenkins_add(uint32_t hash, uint32_t x, uint32_t y, uint32_t offset) {
    uint32_t a = offset + x;
    uint32_t b = offset + y;
    jenkins_mix(a, b, hash);
    return hash;
}

/// The hash of the first `bytes` bytes of `v`, in blocks of twelve.
uint32_t jenkins_bytes(BitsView v, size_t bytes, uint32_t initial);
/// The same of all bits of `v` as both of OTP's hashes take binaries in. `hash`: that of what came before.
uint32_t jenkins_bits(BitsView v, uint32_t hash);

}  // namespace lintel
