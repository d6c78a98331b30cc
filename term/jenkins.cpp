#include "term/jenkins.h"

#include <cstring>

#include "term/bits.h"

namespace lintel {

namespace {

constexpr uint32_t kBinaryOffset = golden(13);
constexpr uint32_t kLastBitsOffset = golden(15);

uint32_t load(const uint8_t* p) {
    uint32_t word;
    std::memcpy(&word, p, 4);
    return word;
}

/// As load where only `bytes` bytes are left (none or less: 0).
uint32_t load_left(const uint8_t* p, ptrdiff_t bytes) {
    if (bytes >= 4) return load(p);
    if (bytes <= 0) return 0;
    const auto n = static_cast<size_t>(bytes);
    return p[0] | uint32_t{p[n / 2]} << (8 * (n / 2)) | uint32_t{p[n - 1]} << (8 * (n - 1));
}

}  // namespace

uint32_t jenkins_bytes(BitsView v, size_t bytes, uint32_t initial) {
    uint32_t a = golden(1);
    uint32_t b = golden(1);
    uint32_t c = initial;
    constexpr size_t kBlock = 12;
    uint8_t scratch[kBlock * 32];
    const bool direct = v.is_aligned();
    for (size_t done = 0;;) {
        const size_t chunk = direct || bytes - done < sizeof scratch ? bytes - done : sizeof scratch;
        const uint8_t* p = scratch;
        if (direct) {
            p = v.bytes();
        } else {
            copy_bits(scratch, 0, v.base, v.offset + done * 8, chunk * 8);
        }
        const uint8_t* const end = p + chunk;
        for (; end - p >= static_cast<ptrdiff_t>(kBlock); p += kBlock) {
            a += load(p);
            b += load(p + 4);
            c += load(p + 8);
            jenkins_mix(a, b, c);
        }
        done += chunk;
        if (done < bytes) continue;
        // The rest: as a block, but the lowest byte of the third lane is taken by the length.
        const ptrdiff_t left = end - p;
        a += load_left(p, left);
        b += load_left(p + 4, left - 4);
        c += static_cast<uint32_t>(bytes) + (load_left(p + 8, left - 8) << 8);
        jenkins_mix(a, b, c);
        return c;
    }
}

uint32_t jenkins_bits(BitsView v, uint32_t hash) {
    hash += kBinaryOffset;
    if (v.size == 0) return hash;
    const size_t bytes = v.size / 8;
    hash = jenkins_bytes(v, bytes, hash);
    if (const size_t rest = v.size % 8; rest != 0) {
        uint8_t last = 0;
        copy_bits(&last, 8 - rest, v.base, v.offset + bytes * 8, rest);
        hash = jenkins_add(hash, static_cast<uint32_t>(rest), last, kLastBitsOffset);
    }
    return hash;
}

}  // namespace lintel
