#include "loader/pack/signature.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace lintel {

namespace {

/// No signature of anything else is one of a pack.
constexpr std::string_view kContext = "lintel pack 1";

std::vector<uint8_t> in_context(std::span<const uint8_t> head) {
    std::vector<uint8_t> message(kContext.size() + head.size());
    std::copy(kContext.begin(), kContext.end(), message.begin());
    std::copy(head.begin(), head.end(), message.begin() + kContext.size());
    return message;
}

/// libsodium's secret key: seed and public key. Gone when this is.
struct SecretKey {
    uint8_t bytes[crypto_sign_SECRETKEYBYTES];
    std::array<uint8_t, 32> public_key;

    explicit SecretKey(std::span<const uint8_t, 32> seed) {
        crypto_sign_seed_keypair(public_key.data(), bytes, seed.data());
    }
    ~SecretKey() { sodium_memzero(bytes, sizeof bytes); }
};

static_assert(crypto_sign_BYTES == 64 && crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_SEEDBYTES == 32);

}  // namespace

std::array<uint8_t, 32> pack_digest(std::span<const uint8_t> bytes) {
    std::array<uint8_t, crypto_hash_sha512_BYTES> whole;
    crypto_hash_sha512(whole.data(), bytes.data(), bytes.size());
    std::array<uint8_t, 32> half;
    std::copy_n(whole.begin(), half.size(), half.begin());
    return half;
}

bool is_pack_signature(std::span<const uint8_t> head, std::span<const uint8_t, 64> signature,
                       std::span<const uint8_t, 32> public_key) {
    const auto message = in_context(head);
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), public_key.data()) == 0;
}

std::array<uint8_t, 64> sign_pack(std::span<const uint8_t> head, std::span<const uint8_t, 32> seed) {
    const auto message = in_context(head);
    const SecretKey key(seed);
    std::array<uint8_t, 64> signature;
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), key.bytes);
    return signature;
}

std::array<uint8_t, 32> public_key_of(std::span<const uint8_t, 32> seed) { return SecretKey(seed).public_key; }

}  // namespace lintel
