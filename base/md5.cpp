/// MD5 as RFC 1321 defines it: blocks of 64 bytes, four rounds of sixteen steps over a state of four words. The
/// constants of the steps are floor(2^32 * |sin(i)|), i from 1 to 64.

#include "base/md5.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace lintel {

namespace {

constexpr uint32_t kSines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

// Words are little-endian in the message; on the machines we run on a load is enough.
static_assert(std::endian::native == std::endian::little);

template <int Round>
inline uint32_t mix(uint32_t b, uint32_t c, uint32_t d) {
    if constexpr (Round == 0) return d ^ (b & (c ^ d));
    if constexpr (Round == 1) return c ^ (d & (b ^ c));
    if constexpr (Round == 2) return b ^ c ^ d;
    return c ^ (b | ~d);
}

/// Four steps; the roles of the state's words rotate.
template <int Round>
inline void quad(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d, const uint32_t* m, int i) {
    constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    constexpr int kStep[4] = {1, 5, 3, 7};
    constexpr int kStart[4] = {0, 1, 5, 0};
    const auto word = [&](int n) { return m[(kStart[Round] + kStep[Round] * n) & 15]; };
    const uint32_t* sine = kSines + Round * 16;
    a = b + std::rotl(a + mix<Round>(b, c, d) + word(i) + sine[i], kShifts[Round][0]);
    d = a + std::rotl(d + mix<Round>(a, b, c) + word(i + 1) + sine[i + 1], kShifts[Round][1]);
    c = d + std::rotl(c + mix<Round>(d, a, b) + word(i + 2) + sine[i + 2], kShifts[Round][2]);
    b = c + std::rotl(b + mix<Round>(c, d, a) + word(i + 3) + sine[i + 3], kShifts[Round][3]);
}

template <int Round>
inline void round(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d, const uint32_t* m) {
    for (int i = 0; i < 16; i += 4) quad<Round>(a, b, c, d, m, i);
}

}  // namespace

void Md5::block(const uint8_t* p) {
    uint32_t m[16];
    std::memcpy(m, p, sizeof m);
    uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
    round<0>(a, b, c, d, m);
    round<1>(a, b, c, d, m);
    round<2>(a, b, c, d, m);
    round<3>(a, b, c, d, m);
    state_[0] += a;
    state_[1] += b;
    state_[2] += c;
    state_[3] += d;
}

void Md5::update(const void* bytes, size_t size) {
    const auto* p = static_cast<const uint8_t*>(bytes);
    const size_t held = bytes_ % 64;
    bytes_ += size;
    if (held != 0) {
        const size_t n = std::min(size, 64 - held);
        if (n != 0) std::memcpy(pending_.data() + held, p, n);
        if (held + n < 64) return;
        block(pending_.data());
        p += n;
        size -= n;
    }
    for (; size >= 64; p += 64, size -= 64) block(p);
    if (size != 0) std::memcpy(pending_.data(), p, size);
}

Md5::Digest Md5::finish() {
    const uint64_t bits = bytes_ * 8;
    const uint8_t padding[64] = {0x80};
    const size_t held = bytes_ % 64;
    update(padding, held < 56 ? 56 - held : 120 - held);
    update(&bits, sizeof bits);
    Digest digest;
    std::memcpy(digest.data(), state_.data(), digest.size());
    return digest;
}

}  // namespace lintel
