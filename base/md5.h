#pragma once
/// MD5 (RFC 1321): the fingerprint of modules, and erlang:md5/1 and its incremental relatives. Not for secrets.

#include <array>
#include <cstddef>
#include <cstdint>

namespace lintel {

/// A digest in the making. Trivially copyable: a copy goes on by itself (erlang:md5_update/2 returns a new context).
class Md5 {
public:
    using Digest = std::array<uint8_t, 16>;

    /// Adds `size` bytes.
    void update(const void* bytes, size_t size);
    /// The digest of all bytes so far. The object cannot be used afterwards.
    Digest finish();

    static Digest of(const void* bytes, size_t size) {
        Md5 md5;
        md5.update(bytes, size);
        return md5.finish();
    }

private:
    void block(const uint8_t* p);

    std::array<uint32_t, 4> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    uint64_t bytes_ = 0;
    std::array<uint8_t, 64> pending_{};
};

}  // namespace lintel
