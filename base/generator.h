#pragma once
/// Generator: numbers that follow from a seed, the same on every machine (xoshiro256**, seeded by splitmix64; Blackman and Vigna, 2018). Not for
/// secrets.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace lintel {

class Generator {
public:
    /// Generators of the same seed and different `stream` have nothing to do with each other.
    explicit Generator(uint64_t seed, uint64_t stream = 0) {
        uint64_t x = mix(seed) ^ mix(~stream);
        for (uint64_t& word : state_) word = mix(x += kGolden);
    }

    uint64_t next() {
        const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// 0 to n - 1; n is not 0. A number is more likely than another by n in 2^64 at most.
    uint64_t below(uint64_t n) { return static_cast<uint64_t>(static_cast<Wide>(next()) * n >> 64); }

    void fill(void* bytes, size_t count) {
        auto* const to = static_cast<uint8_t*>(bytes);
        uint64_t word = 0;
        for (size_t i = 0; i < count; ++i, word >>= 8) {
            if (i % 8 == 0) word = next();
            to[i] = static_cast<uint8_t>(word);
        }
    }

    /// The last step of splitmix64: each bit of the result depends on each of `x`.
    static constexpr uint64_t mix(uint64_t x) {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
    uint64_t state_[4];
};

}  // namespace lintel
